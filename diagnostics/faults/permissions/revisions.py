"""A new revision of the task definition, which names another execution role."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import Fix
from diagnostics.write import named, quoted


def new_revision(world: World, family: str, text: str, change: str, role_arn: str | None = None) -> Fix:
    """A revision of which `change` says what to do to executionRoleArn; `role_arn` is what to name, where that is known."""
    describe = f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {world.region}"
    argument, value = "aws_iam_role.execution.arn", "!GetAtt ExecutionRole.Arn"
    if role_arn is not None:
        argument, value = f'"{named(role_arn)}"', named(role_arn)
    return Fix(
        text=text,
        cli=f"{describe} --query taskDefinition > taskdef.json\n# {change}, drop the read-only fields, then:\n"
        f"aws ecs register-task-definition --cli-input-json file://taskdef.json --region {world.region}",
        terraform=f"# In the aws_ecs_task_definition:\n#   execution_role_arn = {argument}",
        cloudformation=f"# In the AWS::ECS::TaskDefinition:\n#   ExecutionRoleArn: {value}",
        verify=f"{describe} --query taskDefinition.executionRoleArn",
    )
