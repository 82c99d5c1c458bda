"""What the checks of who may pull say of a world, by fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.faults import permissions, secrets
from diagnostics.faults.base import Check, Subject, World
from diagnostics.finding import Fault, Outcome, Status, UndecidedError
from diagnostics.snapshot import UnavailableError

CHECKS = (*permissions.CHECKS, *secrets.CHECKS)


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
