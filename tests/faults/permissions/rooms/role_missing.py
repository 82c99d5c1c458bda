"""An execution role that is gone, misspelt or not named."""

from __future__ import annotations

from tests.build import (
    ACCOUNT,
    REGION,
    ROLE_ARN,
    World,
    ec2,
    role_of,
    task_of,
)
from tests.build.permissions import OTHER, named_role, no_execution_role, public_image, role_gone, unread
from tests.faults.permissions.tables import Case


def role_without_path(world: World) -> None:
    role_of(world)["role"]["value"]["Arn"] = f"arn:aws:iam::{ACCOUNT}:role/team/payments-execution"


def overridden(world: World) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/one-off"
    world["service"] = {"kind": "absent", "call": None}
    task_of(world).update(group="family:payments-api", overrides={"executionRoleArn": other})
    world["roles"][other] = {
        **role_of(world),
        "role_arn": other,
        "role": {"kind": "absent", "call": "iam:GetRole"},
    }


TABLE = (
    Case("deleted", "role-missing", "fail", (role_gone,), resources=(ROLE_ARN,), stage="role"),
    Case("another path", "role-missing", "fail", (role_without_path,), resources=(ROLE_ARN,), says="role/team/payments-execution"),
    Case("the override is what counts", "role-missing", "fail", (overridden,), resources=(f"arn:aws:iam::{ACCOUNT}:role/one-off",)),
    Case("there", "role-missing", "pass"),
    Case("not readable", "role-missing", "unknown", (unread("role", "iam:GetRole"),), says="iam:GetRole"),
    Case("none on Fargate", "role-missing", "fail", (no_execution_role,), says="names no execution role", resources=(f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7",)),
    Case("none on Fargate, and none needed", "role-missing", "skipped", (no_execution_role, public_image)),
    Case("none on EC2", "role-missing", "skipped", base=ec2),
    Case("of another account", "role-missing", "skipped", (named_role(f"arn:aws:iam::{OTHER}:role/x"),), alone=False),
)  # fmt: skip
