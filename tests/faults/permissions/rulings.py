"""What the checks of who may pull say of a world, by fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.faults import permissions, secrets
from diagnostics.faults.base import Check, Subject, World
from diagnostics.finding import Fault, Finding, Outcome, Status, UndecidedError
from diagnostics.snapshot import Snapshot, UnavailableError
from diagnostics.stop_reason import Symptom
from tests.build.judging import world_of
from tests.cases.rejudging import Rejudging
from tests.cases.saved import Path, without_one

WORST_FIRST = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIPPED)
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
    return worst(outcomes(world, checks), fault)


def worst(said: Iterable[Outcome], fault: str) -> Outcome:
    """The worst of what is said of one fault."""
    found = [item for item in said if item.fault.id == fault]
    return min(found, key=lambda item: WORST_FIRST.index(item.status))


def failing(world: World, checks: tuple[Check, ...] = CHECKS) -> set[str]:
    """The faults that are there."""
    return accused(outcomes(world, checks))


def accused(said: Iterable[Outcome]) -> set[str]:
    """The faults that are said to be there."""
    return {item.fault.id for item in said if item.status in (Status.FAIL, Status.WARN)}


def checks_of(fault: str) -> tuple[Check, ...]:
    """The one check that answers for a fault; what the others say plays no part in it."""
    return tuple(check for check in CHECKS if any(item.id == fault for item in check.faults))


Key = tuple[tuple[str, ...], str]
"""The containers of an image, and a fault."""


def worst_by_image(findings: Iterable[Finding]) -> dict[Key, Status]:
    """The worst status of each fault, by the image that it is about, over the interface that was used."""
    result: dict[Key, Status] = {}
    for item in findings:
        assert not (item.reason or "").startswith("this check "), (item.check, item.reason)
        if item.used_path:
            key = (item.containers, item.fault)
            result[key] = min(result.get(key, item.status), item.status, key=WORST_FIRST.index)
    return result


def a_fact_less(
    snapshot: Snapshot, symptoms: tuple[Symptom, ...]
) -> Iterator[tuple[Path, Key, Status, Status | None]]:
    """Each known fact's path, with each fault of each image: what is said of it without the fact, and with it."""
    world = Rejudging(snapshot, CHECKS, world_of=lambda facts: world_of(facts, *symptoms))
    whole = worst_by_image(world.findings)
    for path, less in without_one(snapshot):
        for key, status in worst_by_image(world.findings_of(less)).items():
            yield path, key, status, whole.get(key)
