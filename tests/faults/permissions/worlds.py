"""Worlds for the checks of who may pull, and their outcomes by fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics import pull
from diagnostics.faults import permissions, secrets
from diagnostics.faults.base import Check, Subject, World
from diagnostics.finding import Fault, Outcome, Status, UndecidedError
from diagnostics.snapshot import Snapshot, UnavailableError
from diagnostics.stop_reason import Denial, Symptom
from tests.build import TASK_ID

CHECKS = (*permissions.CHECKS, *secrets.CHECKS)
SESSION = f"arn:aws:sts::111122223333:assumed-role/payments-execution/{TASK_ID}"
HOST_SESSION = "arn:aws:sts::111122223333:assumed-role/ecsInstanceRole/i-0aaaabbbbccccdddd"


def denied(
    policy: str = "identity",
    action: str = "ecr:BatchGetImage",
    *,
    explicit: bool = False,
    principal: str | None = SESSION,
    symptom: str = "ecr-pull-denied-identity",
) -> Symptom:
    """A text that names what was denied and by which kind of policy."""
    denial = Denial.model_validate(
        {"principal": principal, "action": action, "policy": policy, "explicit": explicit}
    )
    return Symptom(id=symptom, stage="manifest", text="…", about_pull=True, denial=denial)


def forbidden() -> Symptom:
    """A 403 that says nothing of why."""
    return Symptom(id="ecr-403-unspecified", stage="manifest", text="…", about_pull=True, http_status=403)


def world(snapshot: Snapshot, *symptoms: Symptom) -> World:
    """A world with these texts, in which the denied ARN of a text says who pulled."""
    principals = (item.denial.principal for item in symptoms if item.denial is not None)
    described = pull.describe(snapshot, next((item for item in principals if item), None))
    return World(snapshot=snapshot, pull=described, symptoms=symptoms)


def subjects(world: World, kind: str) -> Iterable[Subject]:
    """What a check judges, as the engine gives it."""
    used = world.pull.used_interface
    if kind == "task":
        yield Subject(kind="task")
    for image in world.pull.images:
        if kind == "image":
            yield Subject(kind="image", image=image)
        if kind == "role":
            yield Subject(kind="role", image=image, interface=used)
        if kind == "path" and used is not None:
            yield Subject(kind="path", image=image, interface=used)


def rulings(world: World, checks: tuple[Check, ...] = CHECKS) -> Iterator[tuple[Subject, Outcome]]:
    """What the checks say of each subject; what could not be read makes the rest of a check's faults unknown."""
    for check in checks:
        for subject in subjects(world, check.subject):
            ruled: set[Fault] = set()
            reason = None
            try:
                for outcome in check.judge(world, subject):
                    ruled.add(outcome.fault)
                    yield subject, outcome
            except (UnavailableError, UndecidedError) as error:
                reason = str(error)
            missing = [fault for fault in check.faults if fault not in ruled]
            assert not missing or reason is not None, missing
            for fault in missing:
                yield subject, Outcome(fault=fault, status=Status.UNKNOWN, summary="", reason=reason)


def outcomes(world: World, checks: tuple[Check, ...] = CHECKS) -> tuple[Outcome, ...]:
    """What the checks say."""
    return tuple(outcome for _, outcome in rulings(world, checks))


def of_fault(world: World, fault: str, checks: tuple[Check, ...] = CHECKS) -> Outcome:
    """The outcome of one fault; the worst where there are several."""
    order = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIPPED)
    found = [item for item in outcomes(world, checks) if item.fault.id == fault]
    return min(found, key=lambda item: order.index(item.status))


def failing(world: World, checks: tuple[Check, ...] = CHECKS) -> set[str]:
    """The faults that are there."""
    return {item.fault.id for item in outcomes(world, checks) if item.status in (Status.FAIL, Status.WARN)}
