"""The saved cases, judged by the checks of permissions alone: the fault that is theirs, and nothing of anybody else's."""

from __future__ import annotations

import json
from pathlib import Path

from diagnostics.engine import run, world_of
from diagnostics.faults.permissions import CHECKS
from diagnostics.finding import Finding, Status
from diagnostics.snapshot import Snapshot
from tests.rows import every_row

MINE = {fault.id for check in CHECKS for fault in check.faults}


def failing(findings: tuple[Finding, ...]) -> dict[str, tuple[str, ...]]:
    return {item.fault: item.resources for item in findings if item.status in (Status.FAIL, Status.WARN)}


CASES = Path(__file__).parents[2] / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text("utf-8"))


@every_row("name", EXPECTED)
def test_a_saved_case(name: str) -> None:
    expected = EXPECTED[name]
    snapshot = Snapshot.model_validate_json((CASES / f"{name}.json").read_text("utf-8"))
    found = failing(run(world_of(snapshot), CHECKS))
    if expected["fault"] in MINE:
        assert set(found) == {expected["fault"]}
        assert set(expected["resources"]) <= set(found[expected["fault"]])
    else:
        assert found == {}
