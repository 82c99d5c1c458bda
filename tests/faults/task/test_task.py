"""A task that was stopped before its pull began."""

from __future__ import annotations

from tests.faults.judging import judged
from tests.faults.task.rooms.stopped_before_pull import TABLE


def test_a_task_that_was_stopped_before_its_pull_has_nothing_to_repair() -> None:
    finding = judged(TABLE.cases[0], TABLE)
    assert finding.fix is None
    assert "stopCode is TaskFailedToStart" in [item.what for item in finding.evidence]
