"""The ECS agent gave up waiting for the pull."""

from __future__ import annotations

from diagnostics.faults.host.pull_timeout import PULL_TIMEOUT
from tests.build import ec2, stopped, unavailable
from tests.faults.host.worlds import INSTANCE, bottlerocket, managed, windows
from tests.faults.judging import Table, case

TIMED_OUT = "DockerTimeoutError: Could not transition to pulled; timed out after waiting 2h0m0s"
INACTIVE = "CannotPullContainerError: inactivity time exceeded timeout while pulling image"
MANIFEST = "DockerTimeoutError: Could not transition to MANIFEST_PULLED; timed out after waiting 1m0s"
BEGIN = "DockerTimeoutError: Could not transition to pullBegin; timed out after waiting 5m0s"

TABLE = Table(
    PULL_TIMEOUT,
    (
        case("in all", "warn", stopped(TIMED_OUT), start=ec2, resources=(INSTANCE,), says="(ECS_IMAGE_PULL_TIMEOUT, 2 hours)"),
        case("no progress", "warn", stopped(INACTIVE), start=ec2, says="ECS_IMAGE_PULL_INACTIVITY_TIMEOUT"),
        case("the manifest", "warn", stopped(MANIFEST), start=ec2, says="ECS_MANIFEST_PULL_TIMEOUT"),
        case("its turn", "warn", stopped(BEGIN), start=ec2, says="no variable changes"),
        case("on Windows", "warn", stopped(INACTIVE), windows, start=ec2),
        case("on Bottlerocket", "warn", stopped(INACTIVE), bottlerocket, start=ec2),
        case("on Managed Instances", "warn", stopped(INACTIVE), managed, start=ec2),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={
        "host": "no progress", "host/in_all": "in all", "host/its_turn": "its turn", "host/windows": "on Windows",
        "host/bottlerocket": "on Bottlerocket", "host/managed": "on Managed Instances",
    },
)  # fmt: skip
