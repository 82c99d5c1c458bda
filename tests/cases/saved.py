"""The saved cases: what was read of every world of the emulated AWS, and what a diagnosis must say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from diagnostics import engine, report, verdict
from diagnostics.faults.base import World
from diagnostics.finding import Finding, Report, Status
from diagnostics.snapshot import Known, Snapshot, Unavailable
from diagnostics.snapshot.facts import Model
from tests.build.saved import FOLDER, case

EXPECTED: Mapping[str, Mapping[str, Any]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
NAMES = tuple(EXPECTED)

HIDDEN = Unavailable(why="denied", call="test:Hidden")


@cache
def judged(name: str) -> Report:
    """Its report."""
    return report.build(case(name))


@dataclass(frozen=True)
class Judgement:
    """The parts of a report that a missing fact may change.

    `folded` is what fails as a consequence of something else that fails, and so is no cause of its own.
    """

    findings: tuple[Finding, ...]
    causes: frozenset[tuple[str, tuple[str, ...]]]
    folded: frozenset[tuple[str, tuple[str, ...]]]
    outcome: str


def judgement(snapshot: Snapshot) -> Judgement:
    """What is judged, without what is only shown."""
    world: World = engine.world_of(snapshot)
    findings = engine.run(world)
    answer, causes = verdict.rank(world, findings)
    named = frozenset((item.id, item.resources) for item in causes if item.role == "cause")
    folded = frozenset(
        (item.fault, item.resources)
        for item in findings
        if item.status is Status.FAIL and item.follows_from in {fault for fault, _ in named}
    )
    return Judgement(findings, named, folded, answer.outcome)


def without_one(snapshot: Snapshot) -> Iterator[tuple[str, Snapshot]]:
    """The snapshot without each of its known facts in turn, with the place of the fact."""
    for path, changed in _without_one(snapshot):
        assert isinstance(changed, Snapshot)
        yield path, changed


def _without_one(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Known):
        yield "", HIDDEN
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            for path, item in _without_one(getattr(value, name)):
                yield f".{name}{path}", value.model_copy(update={name: item})
    elif isinstance(value, Mapping):
        for key in value:
            for path, item in _without_one(value[key]):
                yield f"[{key}]{path}", {**value, key: item}
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            for path, item in _without_one(one):
                yield f"[{place}]{path}", (*value[:place], item, *value[place + 1 :])
