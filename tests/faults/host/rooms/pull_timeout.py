"""The ECS agent gave up waiting for the pull."""

from __future__ import annotations

from diagnostics.faults.host.pull_timeout import PULL_TIMEOUT
from tests.build import ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case

TIMED_OUT = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"

TABLE = Table(
    PULL_TIMEOUT,
    (
        case("the text shows it", "warn", stopped(TIMED_OUT), start=ec2, resources=(INSTANCE,)),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
