"""Findings made by hand, for what ranks them, and the worlds they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.base import World, clause_of
from diagnostics.finding import Cause, Evidence, Fault, FaultKind, Finding, Fix, Status, Unsettled, Verdict
from diagnostics.snapshot import Snapshot
from diagnostics.stop_reason import Stage, Symptom
from diagnostics.verdict import rank
from tests.build.facts import changed
from tests.build.healthy import fargate, stopped
from tests.build.judging import symptom, world_of

USED, OTHER = "subnet-private-a", "subnet-private-b"


def _fault(name: str, kind: FaultKind, text_only: bool = False) -> Fault:
    return Fault(
        id=name, kind=kind, title=f"No {name}", why="Why.", how="How.", source="https://docs.aws.amazon.com/",
        explains=ALL_FAULTS[name].explains, text_only=text_only,
    )  # fmt: skip


FAULTS: Mapping[str, Fault] = {
    fault.id: fault
    for fault in (
        _fault("route-no-egress", "network"),
        _fault("endpoint-missing-s3", "network"),
        _fault("endpoint-missing-logs", "network"),
        _fault("endpoint-missing-ssm", "network"),
        _fault("endpoint-sg-ingress-blocked", "network"),
        _fault("sg-egress-blocked", "network"),
        _fault("nacl-ephemeral-return-blocked", "network"),
        _fault("firewall-inspection", "network", text_only=True),
        _fault("vpc-dns-off", "dns"),
        _fault("dns-server-unusable", "dns", text_only=True),
        _fault("role-missing", "role"),
        _fault("role-trust-denies", "role"),
        _fault("role-permission-missing", "permission"),
        _fault("role-explicit-deny", "permission"),
        _fault("boundary-denies", "permission"),
        _fault("scp-denies", "permission"),
        _fault("repo-policy-denies", "permission"),
        _fault("endpoint-policy-denies", "permission"),
        _fault("s3-endpoint-policy-denies", "permission"),
        _fault("tag-not-found", "image"),
        _fault("repo-not-found", "image"),
        _fault("platform-mismatch", "platform"),
        _fault("container-secret-missing", "secret"),
        _fault("docker-hub-rate-limit", "limit", text_only=True),
        _fault("registry-outage", "limit", text_only=True),
        _fault("disk-full", "host", text_only=True),
    )
}

STAGES: Mapping[str, Stage] = {
    "endpoint-missing-s3": "layers", "endpoint-missing-logs": "secrets", "endpoint-missing-ssm": "secrets",
    "role-missing": "role", "role-trust-denies": "role", "repo-policy-denies": "manifest",
    "s3-endpoint-policy-denies": "layers", "tag-not-found": "manifest", "repo-not-found": "manifest",
    "platform-mismatch": "manifest", "container-secret-missing": "secrets", "docker-hub-rate-limit": "manifest",
    "registry-outage": "manifest", "disk-full": "unpack",
}  # fmt: skip
"""Where the faults of these tests show; the others at the log-in."""


def found(fault: str, status: Status = Status.FAIL, **fields: Any) -> Finding:
    """A finding; `fields` are those of `Finding`."""
    defaults: dict[str, Any] = {
        "check": "made.up", "fault": fault, "status": status, "stage": STAGES.get(fault, "login"),
        "summary": f"The {fault} is there. More about it.", "resources": (f"res-{fault}",),
        "evidence": (Evidence(what=f"seen {fault}", source="ec2:DescribeX"),), "fix": Fix(text="Repair it."),
    }  # fmt: skip
    first = fields.get("summary", f"The {fault} is there.")
    return Finding(**{**defaults, "clause": clause_of(first), **fields})


def unknown(fault: str, **fields: Any) -> Finding:
    """What could not be decided."""
    nothing: dict[str, Any] = {
        "resources": (),
        "evidence": (),
        "fix": None,
        "unsettled": Unsettled(words="denied"),
    }
    return found(fault, Status.UNKNOWN, **{**nothing, **fields})


def might(fault: str, **fields: Any) -> Finding:
    """What may stop a pull."""
    return found(fault, Status.WARN, **fields)


def on_leg(fault: str, leg: str, subnet: str = USED, **fields: Any) -> Finding:
    """A fault on one leg from one subnet."""
    stages = {"login": "login", "manifest": "manifest", "layers": "layers"}
    given = {"leg": leg, "stage": stages.get(leg, "secrets"), "subnet": subnet, "used_path": subnet == USED}
    return found(fault, **{**given, **fields})


TIMED_OUT = symptom("ecr-api-unreachable", "login", address="44.213.79.50")
NOT_FOUND = symptom("image-not-found", "manifest")
FORBIDDEN = symptom("ecr-403-unspecified", "manifest")
LAYERS = symptom("s3-layers-unreachable", "layers")
CANCELED = symptom("pull-context-canceled")
STRANGE = symptom("unrecognised", about_pull=False)


def world(*symptoms: Symptom, snapshot: Snapshot | None = None) -> World:
    """A stopped Fargate task with these symptoms; without any, a running one."""
    base = snapshot or (changed(fargate(), stopped("text")) if symptoms else fargate())
    return world_of(base, *symptoms)


def judged(where: World, *findings: Finding) -> tuple[Verdict, tuple[Cause, ...]]:
    """The verdict on these findings."""
    return rank(where, findings, FAULTS)


def shown(causes: tuple[Cause, ...]) -> list[str]:
    """The causes as "role certainty id"."""
    return [f"{item.role} {item.certainty} {item.id}" for item in causes]
