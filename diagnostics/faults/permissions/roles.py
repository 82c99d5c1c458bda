"""What was read of a role, by what a task definition or a container instance calls it."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import Fix
from diagnostics.pull import execution_role
from diagnostics.snapshot import Absent, RoleFacts, need


def named_role(world: World) -> str | None:
    """The task's override of the execution role, else the task definition's.

    Raises:
        UnavailableError: the task or its definition could not be read.
    """
    role = need(execution_role(world.snapshot))
    return role.role_arn if role else None


def role_facts(world: World, role_arn: str) -> RoleFacts:
    """What was read of a role."""
    return world.snapshot.roles.get(role_arn) or RoleFacts(role_arn=role_arn)


def is_gone(facts: RoleFacts) -> bool:
    """True if any call that asked for the role was told that there is none."""
    asked = (facts.role, facts.inline_policy_names, facts.attached_policy_arns)
    return any(isinstance(fact, Absent) for fact in asked)


def pulls_from_ecr(world: World) -> bool:
    """True if an image is in private ECR, so that a role is needed to pull it."""
    return any(image.reference is not None and image.reference.is_ecr for image in world.pull.images)


_SERVICE_LINKED = ":role/aws-service-role/"


def is_service_linked(role_arn: str) -> bool:
    """AWS refuses every change of such a role but by its service.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    """
    return _SERVICE_LINKED in role_arn


def another_role(role_arn: str) -> Fix:
    """What to do where the role itself cannot be changed."""
    name = role_arn.rsplit("/", 1)[-1]
    return Fix(
        text=f"{name} is a service-linked role, which AWS lets nobody change. Name another role as the execution role of the task definition: one that trusts ecs-tasks.amazonaws.com and may pull."
    )
