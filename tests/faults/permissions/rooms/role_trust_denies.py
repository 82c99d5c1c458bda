"""A trust policy that does not let ECS assume the execution role."""

from __future__ import annotations

from tests.build import (
    ACCOUNT,
    REGION,
    ROLE_ARN,
)
from tests.build.permissions import OTHER, role_gone, trusting, unread
from tests.faults.permissions.tables import Case

ECS = {"Service": "ecs-tasks.amazonaws.com"}
ASSUME = {"Effect": "Allow", "Principal": ECS, "Action": "sts:AssumeRole"}

TABLE = (
    Case("trusts EC2", "role-trust-denies", "fail", (trusting({**ASSUME, "Principal": {"Service": "ec2.amazonaws.com"}}),), resources=(ROLE_ARN,), says="ec2.amazonaws.com", stage="role"),
    Case("a Deny", "role-trust-denies", "fail", (trusting(ASSUME, {**ASSUME, "Effect": "Deny", "Sid": "Frozen"}),), resources=(ROLE_ARN, "statement 'Frozen'")),
    Case("another account's tasks only", "role-trust-denies", "fail", (trusting({**ASSUME, "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}}}),), says="aws:SourceAccount"),
    Case("the own account's tasks only", "role-trust-denies", "pass", (trusting({**ASSUME, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),)),
    Case("one cluster's tasks only", "role-trust-denies", "unknown", (trusting({**ASSUME, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/x"}}}),)),
    Case("not readable", "role-trust-denies", "unknown", (unread("role", "iam:GetRole"),)),
    Case("a role that is gone", "role-trust-denies", "skipped", (role_gone,), says="role-missing", alone=False),
)  # fmt: skip
REPAIRS = (
    Case("a trust policy with a Deny alone", "role-trust-denies", "fail", (trusting({**ASSUME, "Effect": "Deny"}),)),
)  # fmt: skip
