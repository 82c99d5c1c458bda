"""The container instance's ECS agent does not know the form of ECR's host that the image is named with."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.host.agent_too_old import AGENT_TOO_OLD
from tests.build import ACCOUNT, Edit, definition_of, ec2, image_of, stopped, task_of, unavailable
from tests.faults.host.worlds import INSTANCE, bottlerocket
from tests.faults.judging import Table, case

OLD = f"CannotPullECRContainerError: ecr auth: AuthorizationData is malformed for {ACCOUNT}.dkr-ecr.us-east-1.on.aws/payments-api:1.4.2"

DUAL_STACK = f"{ACCOUNT}.dkr-ecr.us-east-1.on.aws/payments-api:1.4.2"
DENIED = unavailable("denied", "ecs:DescribeContainerInstances")


def version(text: str | None) -> Edit:
    return lambda world: world["container_instance"]["value"].update(versionInfo={"agentVersion": text})


def dual_stack(world: dict[str, Any]) -> None:
    task_of(world)["containers"][0]["image"] = DUAL_STACK
    definition_of(world)["containerDefinitions"][0]["image"] = DUAL_STACK
    image_of(world)["image"] = DUAL_STACK


TABLE = Table(
    AGENT_TOO_OLD,
    (
        case("an old agent", "fail", dual_stack, version("1.94.0"), start=ec2, resources=(INSTANCE,), says="does not know the form"),
        case("the text shows it", "warn", stopped(OLD), start=ec2, resources=(INSTANCE,), says="does not know the form"),
        case("the text shows it, and the agent is old", "warn", stopped(OLD), version("v1.91.2"), start=ec2),
        case("the text shows it, and the agent was updated", "warn", stopped(OLD), version("1.105.1"), start=ec2),
        case("on Bottlerocket", "fail", dual_stack, version("1.94.0"), bottlerocket, start=ec2),
        case("a newer agent", "pass", dual_stack, version("1.95.0"), start=ec2),
        case("the ordinary host", "skipped", version("1.94.0"), start=ec2),
        case("the version is not told", "unknown", dual_stack, start=ec2),
        case("a version of another form", "unknown", dual_stack, version("latest"), start=ec2),
        case("the agent is denied", "unknown", dual_stack, lambda world: world.update(container_instance=DENIED), start=ec2),
        case("Fargate", "skipped", dual_stack),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={"host": "an old agent", "host/bottlerocket": "on Bottlerocket"},
    statuses=frozenset({"pass", "fail", "warn", "unknown", "skipped"}),
)  # fmt: skip
