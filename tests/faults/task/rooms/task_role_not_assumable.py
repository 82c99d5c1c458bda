"""The task role is missing, or does not trust ECS."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.task.task_role_not_assumable import TASK_ROLE_NOT_ASSUMABLE
from tests.build import ACCOUNT, Edit, absent, definition_of, known, stopped, unavailable
from tests.faults.judging import Table, case

ROLE = f"arn:aws:iam::{ACCOUNT}:role/reports-task"
TEXT = f"ECS was unable to assume the role '{ROLE}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role."
TRUST = '{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"Service": "{}"}}, "Action": "sts:AssumeRole"}}}}'


def task_role(fact: Any) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        definition_of(world)["taskRoleArn"] = ROLE
        world["task_role"] = fact

    return edit


def trusting(service: str) -> Edit:
    return task_role(
        known({"RoleName": "reports-task", "Arn": ROLE, "AssumeRolePolicyDocument": TRUST.format(service)})
    )


GONE = task_role(absent("iam:GetRole"))

TABLE = Table(
    TASK_ROLE_NOT_ASSUMABLE,
    (
        case("it is gone", "fail", GONE, stopped(TEXT), resources=(ROLE,), says="The task role reports-task does not exist"),
        case("it trusts another service", "fail", trusting("ec2.amazonaws.com"), stopped(TEXT), resources=(ROLE,)),
        case("it trusts ECS", "pass", trusting("ecs-tasks.amazonaws.com"), stopped(TEXT)),
        case("it was not read", "unknown", task_role(unavailable("denied", "iam:GetRole")), stopped(TEXT)),
        case("the text names another role", "skipped", GONE, stopped(TEXT.replace("reports-task", "other"))),
        case("no text", "skipped", GONE),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
