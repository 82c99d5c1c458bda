"""The task was stopped while it waited for its turn to pull, and no pull failed."""

from __future__ import annotations

from diagnostics.faults.task.stopped_before_pull import STOPPED_BEFORE_PULL
from tests.build import ec2, stopped
from tests.faults.judging import Table, case

BEFORE = "TaskStoppedBeforePullBeginError: Task stopped before image pull could begin for task: arn:aws:ecs:us-east-1:111122223333:task/payments/0123"

TABLE = Table(
    STOPPED_BEFORE_PULL,
    (
        case("the text shows it", "pass", stopped(BEFORE), start=ec2, says="no pull failed"),
        case("no text", "skipped"),
    ),
    statuses=frozenset({"pass", "skipped"}), repairs={},
)  # fmt: skip
