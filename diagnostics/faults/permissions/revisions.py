"""A new revision of the task definition, which names another execution role."""

from __future__ import annotations

import json

from diagnostics.faults.base import World
from diagnostics.faults.service import update_service
from diagnostics.faults.task_definition import READ_ONLY_FIELDS, back_to_old, family_of
from diagnostics.finding import Fix
from diagnostics.snapshot import known_value
from diagnostics.write import Variable, asked, captured, chain, code_string, quoted, yaml_string

ROLE = asked("EXECUTION_ROLE_ARN", "the ARN of a role of this account that trusts ECS and may pull")


def new_revision(world: World, *, title: str, text: str, role_arn: str | None, was: str | None = None) -> Fix:
    """A revision with another execution role; `None`: only a person knows which, and it is not `was`."""
    definition = known_value(world.snapshot.task_definition)
    which = definition.task_definition_arn if definition else family_of(world)
    region = f"--region {world.region}"
    describe = f"aws ecs describe-task-definition --task-definition {quoted(which)} {region} --query taskDefinition --output json"
    program = f"del(.{READ_ONLY_FIELDS}) | .executionRoleArn = $role"
    role = quoted(role_arn if role_arn is not None else ROLE)
    register = f'aws ecs register-task-definition --cli-input-json "$DEFINITION" {region}'
    revision = Variable("REVISION")
    deploy = update_service(world, f"--task-definition {quoted(revision)}")
    family = family_of(world)
    newest = f"aws ecs describe-task-definition --task-definition {quoted(family)} {region}"
    return Fix(
        title=title,
        text=text,
        cli=chain(
            *(() if role_arn is not None else (ROLE,)),
            f"DEFINITION=$({describe} | jq --arg role {role} {quoted(program)})",
            captured(revision, register, "taskDefinition.taskDefinitionArn"),
            deploy,
        ),
        verify=f"{newest} --query taskDefinition.executionRoleArn --output text"
        if role_arn
        else f"{newest} --query {quoted(f'taskDefinition.executionRoleArn != `{json.dumps(was)}`')} --output json",
        expect=role_arn or "true",
        then="The service starts tasks of the new revision at once."
        if deploy
        else "Whoever starts the next task has to name the new revision.",
        undo=chain(*_back(world, region)),
        undo_note=None if definition else "Which revision there was before could not be read.",
        terraform=f"# In the aws_ecs_task_definition, which exists:\nexecution_role_arn = {code_string(role_arn)}"
        if role_arn
        else None,
        cloudformation=f"# In the AWS::ECS::TaskDefinition, which exists:\nExecutionRoleArn: {yaml_string(role_arn)}"
        if role_arn
        else None,
    )


def _back(world: World, region: str) -> tuple[str | None, ...]:
    """Deploys the revision of before again, and deregisters the one that was made, if that is still the newest."""
    definition = known_value(world.snapshot.task_definition)
    if definition is None:
        return ()
    old, family = quoted(definition.task_definition_arn), quoted(family_of(world))
    newest = f"aws ecs describe-task-definition --task-definition {family} {region}"
    return (
        captured("REVISION", newest, "taskDefinition.taskDefinitionArn"),
        f'{{ [ "$REVISION" != {old} ] || ! echo {quoted("There is no newer revision.")} >&2; }}',
        back_to_old(world),
        f'aws ecs deregister-task-definition --task-definition "$REVISION" {region}',
    )
