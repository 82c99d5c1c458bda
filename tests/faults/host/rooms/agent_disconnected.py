"""The ECS agent of the container instance is not connected."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.host.agent_disconnected import AGENT_DISCONNECTED
from tests.build import Edit, absent, ec2, stopped, task_of, unavailable
from tests.faults.host.rooms.pull_timeout import BEGIN
from tests.faults.host.worlds import INSTANCE
from tests.faults.judging import Table, case


def connected(value: bool | None) -> Edit:
    return lambda world: world["container_instance"]["value"].update(agentConnected=value)


def pending(world: dict[str, Any]) -> None:
    task_of(world).update(lastStatus="PENDING")


TABLE = Table(
    AGENT_DISCONNECTED,
    (
        case("connected", "pass", start=ec2),
        case("not connected", "warn", connected(False), start=ec2, resources=(INSTANCE,), says="not connected to ECS"),
        case("not connected, and the task waits", "fail", connected(False), pending, start=ec2),
        case("not connected, and the pull did not begin", "warn", connected(False), stopped(BEGIN), start=ec2),
        case("not told", "unknown", connected(None), start=ec2),
        case(
            "denied", "unknown",
            lambda world: world.update(container_instance=unavailable("denied", "ecs:DescribeContainerInstances")), start=ec2,
        ),
        case("gone", "skipped", lambda world: world.update(container_instance=absent()), start=ec2),
        case("Fargate", "skipped"),
    ),
    statuses=frozenset({"pass", "fail", "warn", "unknown", "skipped"}),
)  # fmt: skip
