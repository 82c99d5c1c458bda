"""The execution role belongs to another account, which ECS cannot be given."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails
from diagnostics.faults.permissions.revisions import new_revision
from diagnostics.faults.task_definition import family_of
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.pull import full_role_arn
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId

ROLE_NOT_ASSUMABLE = Fault(
    id="role-not-assumable",
    kind="role",
    title="Nothing besides its trust policy keeps ECS from assuming the execution role",
    short="ECS cannot assume its execution role",
    why="ECS can only be given a role of the task's own account: iam:PassRole does not reach into another one, whatever the trust policy there says.",
    how="Name an execution role of the task's own account in the task definition.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    explains=Explains(symptoms=(SymptomId.ROLE_NOT_ASSUMABLE, SymptomId.EXECUTION_ROLE_MISSING)),
)


def of_another_account(world: World, named: str) -> Outcome:
    """The finding about a role of another account."""
    arn = full_role_arn(world.snapshot, named)
    account = world.snapshot.account_id or ""
    definition = known_value(world.snapshot.task_definition)
    family = family_of(world)
    return fails(
        ROLE_NOT_ASSUMABLE,
        f"The execution role {arn} belongs to account {arn.split(':')[4]}, and the task to account {account}: ECS cannot be given a role of another account.",
        stage="role",
        resources=(arn, *((definition.task_definition_arn,) if definition else ())),
        evidence=(Evidence(what=f"executionRoleArn is {arn}", source="ecs:DescribeTaskDefinition"),),
        fix=new_revision(
            world,
            title=f"Name an execution role of account {account}",
            text=f"Register a revision of the task definition that names an execution role of account {account}, and deploy it.",
            role_arn=None,
            was=named,
        ),
        console_url=console.task_definition(world.region, family, definition.revision)
        if definition and definition.revision
        else None,
    )
