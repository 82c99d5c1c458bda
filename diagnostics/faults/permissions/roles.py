"""What was read of a role, by what a task definition or a container instance calls it."""

from __future__ import annotations

import re

from diagnostics.faults.base import World
from diagnostics.snapshot import Absent, Known, RoleFacts, Snapshot, known_value, need

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[^:]+:role/.+")


def named_role(world: World) -> str | None:
    """The task's override of the execution role, else the task definition's.

    Raises:
        UnavailableError: the task or its definition could not be read.
    """
    task = known_value(world.snapshot.task)
    if task is not None and task.overrides.execution_role_arn:
        return task.overrides.execution_role_arn
    if not isinstance(world.snapshot.service, Known):
        # Only a task that no service started can have an override.
        need(world.snapshot.task)
    definition = need(world.snapshot.task_definition)
    return definition.execution_role_arn if definition else None


def role_facts(world: World, role_arn: str) -> RoleFacts:
    """What was read of a role."""
    return world.snapshot.roles.get(role_arn, RoleFacts(role_arn=role_arn))


def full_role_arn(snapshot: Snapshot, role: str) -> str:
    """The ARN of a role that a task definition names; it may name it by its name alone.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    if _ROLE_ARN.fullmatch(role):
        return role
    return f"arn:{snapshot.partition}:iam::{snapshot.account_id or 'ACCOUNT'}:role/{role.removeprefix('/')}"


def is_foreign_role(snapshot: Snapshot, role: str) -> bool:
    """True if a role belongs to another account than the task, so that what was read by its name is not about it."""
    account = full_role_arn(snapshot, role).split(":")[4]
    return snapshot.account_id is not None and account != snapshot.account_id


def is_gone(facts: RoleFacts) -> bool:
    """True if any call that asked for the role was told that there is none."""
    asked = (facts.role, facts.inline_policy_names, facts.attached_policy_arns)
    return any(isinstance(fact, Absent) for fact in asked)


def pulls_from_ecr(world: World) -> bool:
    """True if an image is in private ECR, so that a role is needed to pull it."""
    return any(image.reference is not None and image.reference.is_ecr for image in world.pull.images)
