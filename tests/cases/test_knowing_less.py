"""Knowing less never decides more: a fact that cannot be read may only turn findings into `unknown`.

Each known fact of each saved case is taken away in turn. Every finding must then say what it said before, or that it is
not known; the verdict may name no new cause (what it had folded under a cause is not new), and may not say that nothing is
wrong where something was.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

from diagnostics.finding import Status
from tests.cases.saved import NAMES, Judgement, case, judgement, without_one

Key = tuple[str, str, tuple[str, ...], str | None, str | None]


def statuses(judged: Judgement) -> dict[Key, set[Status]]:
    """What was said of each fault of each subject."""
    found: dict[Key, set[Status]] = defaultdict(set)
    for item in judged.findings:
        found[(item.check, item.fault, item.containers, item.leg, item.subnet)].add(item.status)
    return found


def violations(before: Judgement, after: Judgement) -> list[str]:
    """What is decided without the fact that was not decided with it."""
    known = statuses(before)
    any_subject: dict[tuple[str, str], set[Status]] = defaultdict(set)
    for (check, fault, *_), found in known.items():
        any_subject[(check, fault)] |= found
    wrong = []
    for key, found in statuses(after).items():
        # A fact may be what tells the subjects apart: then any of them may have said it.
        allowed = known.get(key) or any_subject[key[:2]]
        for status in found - allowed - {Status.UNKNOWN}:
            said = ", ".join(sorted(allowed))
            wrong.append(f"{key[1]} ({key[0]} {key[3] or ''} {key[4] or ''}) is {status}, was {said}")
    wrong.extend(f"new cause {item}" for item in sorted(after.causes - before.causes - before.folded))
    if after.outcome == "nothing_wrong" != before.outcome:
        wrong.append(f"nothing is wrong, was {before.outcome}")
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_without_one_fact(name: str) -> None:
    before = judgement(case(name))
    wrong = {
        path: found
        for path, snapshot in without_one(case(name))
        if (found := violations(before, judgement(snapshot)))
    }
    assert wrong == {}
