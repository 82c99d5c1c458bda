"""What others rely on: the ids of causes, the explanations behind them, and the JSON Schema of the report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from diagnostics.faults import ALL_CHECKS, ALL_FAULTS
from diagnostics.finding import Fault
from diagnostics.report import build
from tests import build as build_package
from tests.build import ec2, endpoints, fargate, public, saved
from tests.rows import every_row

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text(encoding="utf-8"))
CHANGES = jsonschema.Draft202012Validator({"$defs": SCHEMA["$defs"], **SCHEMA["properties"]["changes"]})
"""What a first answer has none of; tests/cases judges all else of each saved case by the schema."""

IDS = (
    "route-no-egress",
    "route-blackhole",
    "nat-gateway-unusable",
    "nat-subnet-no-igw",
    "public-subnet-no-public-ip",
    "sg-egress-blocked",
    "sg-egress-s3-blocked",
    "nacl-egress-blocked",
    "nacl-ephemeral-return-blocked",
    "vpc-block-public-access",
    "endpoint-missing-ecr-api",
    "endpoint-missing-ecr-dkr",
    "endpoint-missing-s3",
    "endpoint-missing-secretsmanager",
    "endpoint-missing-ssm",
    "endpoint-missing-logs",
    "endpoint-s3-not-on-route-table",
    "endpoint-sg-ingress-blocked",
    "endpoint-private-dns-off",
    "endpoint-not-available",
    "vpc-dns-off",
    "dns-server-unusable",
    "endpoint-policy-denies",
    "s3-endpoint-policy-denies",
    "image-region-unreachable",
    "ipv6-mismatch",
    "firewall-inspection",
    "role-missing",
    "role-trust-denies",
    "role-permission-missing",
    "role-explicit-deny",
    "boundary-denies",
    "scp-denies",
    "instance-profile-missing",
    "instance-profile-permission-missing",
    "repo-policy-denies",
    "repo-policy-cross-account-missing",
    "repo-policy-principal-orphaned",
    "registry-policy-denies",
    "guardduty-sidecar-denied",
    "role-not-assumable",
    "repo-not-found",
    "wrong-region",
    "tag-not-found",
    "digest-not-found",
    "platform-mismatch",
    "invalid-image-reference",
    "pull-through-cache-rule-missing",
    "pull-through-cache-permission-missing",
    "docker-hub-rate-limit",
    "registry-credentials-missing",
    "private-registry-secret-missing",
    "secret-access-denied",
    "kms-denied",
    "disk-full",
    "image-archived",
    "image-digest-expired",
    "unsupported-artifact",
    "repository-key-unusable",
    "pull-through-cache-library-prefix",
    "pull-through-cache-secret-unusable",
    "pull-through-cache-needs-internet",
    "registry-credentials-invalid",
    "container-secret-missing",
    "container-secret-access-denied",
    "ecr-throttled",
    "ecr-public-rate-limit",
    "registry-outage",
    "pull-timeout",
    "stopped-before-pull",
    "firelens-config-unreadable",
)
"""The ids that were promised; more may come, none may go."""


def test_every_promised_cause_is_judged() -> None:
    assert set(IDS) <= set(ALL_FAULTS)


def test_no_cause_is_judged_in_two_places() -> None:
    every = [fault.id for check in ALL_CHECKS for fault in check.faults]
    assert sorted(every) == sorted(set(every))
    assert len({check.name for check in ALL_CHECKS}) == len(ALL_CHECKS)


@every_row("fault", ALL_FAULTS.values(), ids=lambda fault: fault.id)
def test_every_cause_explains_itself(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", fault.id)
    assert not fault.title.endswith(".")
    for text in (fault.why, fault.how):
        assert len(text.split()) >= 5
        assert text.endswith(".")
    assert fault.source.startswith(
        ("https://docs.aws.amazon.com/", "https://docs.docker.com/", "https://repost.aws/")
    )


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@every_row("name", saved.NAMES)
def test_every_second_report_follows_the_schema(name: str) -> None:
    snapshot = saved.case(name)
    report = json.loads(build(snapshot, previous=snapshot).to_json())
    CHANGES.validate(report["changes"])
    assert isinstance(report["changes"], list)
    assert set(report) == {
        "schema_version", "task", "pulled_by", "verdict", "causes", "findings", "network", "unavailable", "impact",
        "changes", "second_opinion", "snapshot",
    }  # fmt: skip


def test_builders_make_what_they_say() -> None:
    for make in (fargate, endpoints, public, ec2):
        assert make().source == "live"


def test_the_package_of_builders_says_what_each_of_its_modules_is_for() -> None:
    modules = {path.stem for path in (ROOT / "tests" / "build").glob("*.py")} - {"__init__"}
    assert {name for name in modules if f"`{name}" not in (build_package.__doc__ or "")} == set()
