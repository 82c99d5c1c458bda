"""A new revision of the task definition, which names another execution role."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.faults.revision import revised
from diagnostics.finding import Fix
from diagnostics.write import asked, code_string, literal, yaml_string

ROLE = asked("EXECUTION_ROLE_ARN", "the ARN of a role of this account that trusts ECS and may pull")


def new_revision(world: World, *, title: str, text: str, role_arn: str | None, was: str | None = None) -> Fix:
    """A revision with another execution role; `None`: only a person knows which, and it is not `was`."""
    role = literal(role_arn if role_arn is not None else ROLE)
    old = literal(was or "")
    code = (
        (None, None)
        if role_arn is None
        else (
            f"# In the aws_ecs_task_definition, which exists:\nexecution_role_arn = {code_string(role_arn)}",
            f"# In the AWS::ECS::TaskDefinition, which exists:\nExecutionRoleArn: {yaml_string(role_arn)}",
        )
    )
    return revised(
        world,
        title=title,
        text=text,
        change=("", "", (f"{{executionRoleArn: {role}}}",)),
        shows="executionRoleArn" if role_arn is not None else f"[executionRoleArn != {old}]",
        expect=role_arn if role_arn is not None else "True",
        first=(ROLE,) if role_arn is None else (),
        code=code,
    )
