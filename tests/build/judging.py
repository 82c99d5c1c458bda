"""A task as the judges see it: its facts, who pulls, and what the error texts show."""

from __future__ import annotations

from typing import Any

from diagnostics import pull
from diagnostics.faults.base import World
from diagnostics.snapshot import Snapshot
from diagnostics.stop_reason import Denial, Stage, Symptom
from tests.build.names import TASK_ID

SESSION = f"arn:aws:sts::111122223333:assumed-role/payments-execution/{TASK_ID}"
HOST_SESSION = "arn:aws:sts::111122223333:assumed-role/ecsInstanceRole/i-0aaaabbbbccccdddd"


def world_of(snapshot: Snapshot, *symptoms: Symptom) -> World:
    """A world with these symptoms and no others; the ARN that a denial names says who pulled.

    `engine.world_of` reads the symptoms from the texts of the snapshot instead.
    """
    principals = (item.denial.principal for item in symptoms if item.denial is not None)
    described = pull.describe(snapshot, next((item for item in principals if item), None))
    return World(snapshot=snapshot, pull=described, symptoms=symptoms)


def symptom(name: str, stage: Stage | None = None, **fields: Any) -> Symptom:
    """What an error text shows; `fields` are those of `Symptom`."""
    return Symptom(**{"id": name, "stage": stage, "text": f"text of {name}", "about_pull": True, **fields})


def denied(
    policy: str = "identity",
    action: str = "ecr:BatchGetImage",
    *,
    explicit: bool = False,
    principal: str | None = SESSION,
    symptom: str = "ecr-pull-denied-identity",
    resource: str | None = None,
) -> Symptom:
    """A text that names what was denied and by which kind of policy."""
    denial = Denial.model_validate(
        {
            "principal": principal,
            "action": action,
            "policy": policy,
            "explicit": explicit,
            "resource": resource,
        }
    )
    return Symptom(id=symptom, stage="manifest", text="…", about_pull=True, denial=denial)


def forbidden() -> Symptom:
    """A 403 that says nothing of why."""
    return Symptom(id="ecr-403-unspecified", stage="manifest", text="…", about_pull=True, http_status=403)
