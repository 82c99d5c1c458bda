"""What the checks of who may pull say of a world, by fault."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from diagnostics.faults import permissions, secrets
from diagnostics.faults.base import Check, Subject, World
from diagnostics.finding import Fault, Outcome, Status, UndecidedError
from diagnostics.snapshot import Snapshot, UnavailableError
from diagnostics.stop_reason import Symptom
from tests.build import known_facts, unavailable
from tests.build.judging import world_of

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
    found = [item for item in outcomes(world, checks) if item.fault.id == fault]
    return min(found, key=lambda item: WORST_FIRST.index(item.status))


def failing(world: World, checks: tuple[Check, ...] = CHECKS) -> set[str]:
    """The faults that are there."""
    return {item.fault.id for item in outcomes(world, checks) if item.status in (Status.FAIL, Status.WARN)}


def worst_by_image(world: World) -> dict[tuple[str, str], Status]:
    """The worst status of each fault, by the image that it is about."""
    result: dict[tuple[str, str], Status] = {}
    for subject, item in rulings(world):
        key = (subject.image.image if subject.image else "", item.fault.id)
        result[key] = min(result.get(key, item.status), item.status, key=WORST_FIRST.index)
    return result


def a_fact_less(
    snapshot: Snapshot, symptoms: tuple[Symptom, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[str, str], Status, Status | None]]:
    """Each known fact's path, with each fault of each image: what is said of it without the fact, and with it."""
    whole = worst_by_image(world_of(snapshot, *symptoms))
    text = snapshot.model_dump_json(by_alias=True)
    for path in known_facts(json.loads(text)):
        facts: Any = json.loads(text)
        place = facts
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = unavailable("AccessDenied", "x:Read")
        less = world_of(Snapshot.model_validate(facts), *symptoms)
        for key, status in worst_by_image(less).items():
            yield path, key, status, whole.get(key)
