"""A container that AWS added to the task is named as such, and the task's own are not accused."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from tests.build import Edit, changed, fargate, stopped, task_of

PULL = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
NOT_OURS = "The task's own images are not what failed."


def beside(name: str, image: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        reason = f"{PULL}{image}: unexpected status from HEAD request to https://{image.partition('/')[0]}/v2/: 403 Forbidden"
        task_of(world)["containers"].append({"name": name, "image": image, "reason": reason})
        task_of(world).update(
            lastStatus="STOPPED", stopCode="TaskFailedToStart", stoppedReason="Task failed to start"
        )

    return edit


@pytest.mark.parametrize(
    ("name", "image", "who"),
    [
        ("aws-guardduty-agent-ab12", "593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1", "GuardDuty Runtime Monitoring added it"),
        ("ecs-service-connect-Xy12", "593207742271.dkr.ecr.us-east-1.amazonaws.com/ecs-service-connect-agent:v1", "ECS Service Connect added it"),
        ("scanner", "593207742271.dkr.ecr.us-east-1.amazonaws.com/scanner:v1", "it was added to the task"),
    ],
)  # fmt: skip
def test_it_is_named(name: str, image: str, who: str) -> None:
    caveats = report.build(changed(fargate(), beside(name, image))).verdict.caveats
    assert f"Container {name} is none of the task definition's: {who}. {NOT_OURS}" in caveats


def test_it_is_named_where_the_text_stands_at_the_task() -> None:
    image = "593207742271.dkr.ecr.us-east-1.amazonaws.com/aws-guardduty-agent-fargate:v1"

    def at_the_task(world: dict[str, Any]) -> None:
        reason = task_of(world)["containers"][-1].pop("reason")
        task_of(world)["stoppedReason"] = reason

    caveats = report.build(
        changed(fargate(), beside("aws-guardduty-agent-ab12", image), at_the_task)
    ).verdict.caveats
    assert any("GuardDuty Runtime Monitoring added it" in item and NOT_OURS in item for item in caveats)


def test_a_container_of_the_task_definition_is_accused_itself() -> None:
    text = f"{PULL}111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.2: not found"
    caveats = report.build(changed(fargate(), stopped(text, container="app"))).verdict.caveats
    assert not any(NOT_OURS in item for item in caveats)
