"""Knowing less never decides more: a fact that could not be read turns an answer into *unknown*, or changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.faults.base import World
from diagnostics.finding import Status
from diagnostics.snapshot import Snapshot
from tests.build import changed, known_facts
from tests.build.judging import world_of
from tests.faults.permissions.rooms import TABLE
from tests.faults.permissions.rulings import rulings
from tests.faults.permissions.tables import Case

ORDER = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIPPED)
# The first world of each fault in which it is there, and the first in which it is not.
CASES = tuple(
    {(item.fault, item.status): item for item in reversed(TABLE) if item.status in ("fail", "pass")}.values()
)


BY_TEXT = {
    "repo-policy-cross-account-missing": {Status.WARN},
    "repo-policy-principal-orphaned": {Status.SKIPPED},
    "repo-policy-denies": {Status.WARN},
}


def answers(found: World) -> dict[tuple[str, str], Status]:
    """The worst status of each fault, by the image that it is about."""
    result: dict[tuple[str, str], Status] = {}
    for subject, item in rulings(found):
        key = (subject.image.image if subject.image else "", item.fault.id)
        result[key] = min(result.get(key, item.status), item.status, key=ORDER.index)
    return result


def without(text: str, path: tuple[str | int, ...]) -> Snapshot:
    facts: Any = json.loads(text)
    place = facts
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = {"kind": "unavailable", "why": "AccessDenied", "call": "x:Read", "resource": None}
    return Snapshot.model_validate(facts)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda item: f"{item.fault}-{item.status}-{item.name.replace(' ', '_')}"
)
def test_a_fact_less(case: Case) -> None:
    snapshot = changed(case.base(), *case.edits)
    text = snapshot.model_dump_json(by_alias=True)
    whole = answers(world_of(snapshot, *case.symptoms))
    for path in known_facts(json.loads(text)):
        for key, status in answers(world_of(without(text, path), *case.symptoms)).items():
            allowed = {Status.UNKNOWN, whole.get(key, Status.UNKNOWN)}
            if key[1] == "scp-denies" and str(path[-1]).startswith("simulated_"):
                # Without the simulator the error text alone tells of an organization's policies, or nothing does.
                allowed |= {Status.WARN, Status.SKIPPED}
            if path[-1] == "repository_policy" and key[1] in BY_TEXT:
                # Without the policy the error text alone tells that it refused, and which repair it needs is its owner's.
                allowed |= BY_TEXT[key[1]]
            assert status in allowed, (path, key)
