"""Knowing less never decides more: a fact that could not be read turns an answer into *unknown*, or changes nothing."""

from __future__ import annotations

import pytest

from diagnostics.finding import Status
from tests.build import changed
from tests.faults.permissions.rooms import TABLE
from tests.faults.permissions.rulings import a_fact_less
from tests.faults.permissions.tables import Case

# The first world of each fault in which it is there, and the first in which it is not.
CASES = tuple(
    {(item.fault, item.status): item for item in reversed(TABLE) if item.status in ("fail", "pass")}.values()
)


BY_TEXT = {
    "repo-policy-cross-account-missing": {Status.WARN},
    "repo-policy-principal-orphaned": {Status.SKIPPED},
    "repo-policy-denies": {Status.WARN},
}


@pytest.mark.parametrize(
    "case", CASES, ids=lambda item: f"{item.fault}-{item.status}-{item.name.replace(' ', '_')}"
)
def test_nothing_more_is_decided(case: Case) -> None:
    for path, (image, fault), status, whole in a_fact_less(changed(case.base(), *case.edits), case.symptoms):
        allowed = {Status.UNKNOWN, whole or Status.UNKNOWN}
        if fault == "scp-denies" and str(path[-1]).startswith("simulated_"):
            # Without the simulator the error text alone tells of an organization's policies, or nothing does.
            allowed |= {Status.WARN, Status.SKIPPED}
        if path[-1] == "repository_policy" and fault in BY_TEXT:
            # Without the policy the error text alone tells that it refused, and which repair it needs is its owner's.
            allowed |= BY_TEXT[fault]
        assert status in allowed, (path, image, fault)
