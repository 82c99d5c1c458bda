"""The execution role is gone or misspelt, or none is named where one is needed."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.revisions import new_revision
from diagnostics.faults.permissions.role_policy_changes import put_role_policy
from diagnostics.faults.permissions.roles import is_service_linked, pulls_from_ecr
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.policy import PULL_ACTIONS
from diagnostics.snapshot import Role, TaskDefinition, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import chain, quoted
from diagnostics.write.policies import cloudformation
from diagnostics.write.snippets import hcl

ROLE_MISSING = Fault(
    id="role-missing",
    kind="role",
    title="The execution role exists",
    short="its execution role does not exist",
    why="ECS assumes the execution role before it does anything else for the task. The ARN that the task definition names leads to no role: it was deleted, never created, or is misspelt (a path counts); or no role is named at all, without which Fargate can pull nothing from a private ECR registry.",
    how="Create the role with the permissions that the pull needs, or name one that exists in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html",
    explains=Explains(
        symptoms=(
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.NO_BASIC_AUTH,
            SymptomId.ROLE_NOT_ASSUMABLE,
            SymptomId.EXECUTION_ROLE_MISSING,
            SymptomId.INSTANCE_ROLE_MISSING,
            SymptomId.REGISTRY_CREDS_INVALID,
        )
    ),
)


def without_role(world: World, definition: TaskDefinition | None, reason: str) -> Outcome:
    """What there is to say where no execution role is named; on Fargate nothing of ECR can be pulled then.

    Raises:
        UnavailableError: it is not known how the task runs.
    """
    launch = need(world.pull.launch)
    if definition is None:
        return skipped(ROLE_MISSING, "the task definition is gone")
    if launch == "ec2":
        return skipped(ROLE_MISSING, f"{reason}, and on EC2 the instance role pulls")
    if not pulls_from_ecr(world):
        return skipped(ROLE_MISSING, f"{reason}, and no image is in private ECR")
    return _none_named(world, definition.task_definition_arn, definition.family or "FAMILY")


def _none_named(world: World, definition_arn: str, family: str) -> Outcome:
    region = world.region
    revision = definition_arn.rsplit(":", 1)[-1]
    return fails(
        ROLE_MISSING,
        f"The task definition {family}:{revision} names no execution role, and without one nothing can be pulled from private ECR here.",
        stage="role",
        # No role is assumed, so that nothing shows before the requests that go without credentials.
        also_at=("login", "manifest"),
        resources=(definition_arn,),
        evidence=(Evidence(what="executionRoleArn is empty", source="ecs:DescribeTaskDefinition"),),
        fix=new_revision(
            world,
            title="Name an execution role in the task definition",
            text="Register a revision of the task definition that names an execution role, and deploy it.",
            role_arn=None,
        ),
        console_url=console.task_definition(region, family, revision),
    )


def no_such_role(world: World, arn: str, other: Role | None) -> Outcome:
    """The finding that there is no role of this ARN; `other` is one of the same name with another path."""
    name = arn.rsplit("/", 1)[-1]
    summary = f"The execution role {name} does not exist."
    evidence = [Evidence(what=f"there is no role {arn}", source="iam:GetRole")]
    if other is not None:
        summary = f"No role has the ARN {arn}; the role {name} is {other.arn}."
        evidence.append(Evidence(what=f"the role {name} has the ARN {other.arn}", source="iam:GetRole"))
    return fails(
        ROLE_MISSING,
        summary,
        stage="role",
        resources=(arn,),
        evidence=tuple(evidence),
        fix=_name_the_other(world, other) if other is not None else _create(world, arn),
        console_url=console.role(world.region, name),
    )


def _name_the_other(world: World, other: Role) -> Fix:
    return new_revision(
        world,
        title=f"Name {other.arn} in the task definition",
        text=f"Name {other.arn} as the execution role, with its path.",
        role_arn=other.arn,
    )


def _create(world: World, arn: str) -> Ways:
    """Create the role again with what this task's pull needs; what else it could do is not known any more."""
    path, _, name = arn.split(":role/", 1)[-1].rpartition("/")
    other = new_revision(
        world,
        title="Name a role that exists in the task definition",
        text="Register a revision of the task definition that names an execution role which exists, and deploy it.",
        role_arn=None,
        was=arn,
    )
    if is_service_linked(arn):
        return other
    trust = policy_edits.added(None, policy_edits.TRUST_ECS)
    references = (image.reference for image in world.pull.images if image.reference is not None)
    repositories = (item.repository_arn for item in references if item.is_ecr)
    pulls = ((action, item) for item in repositories if item for action in PULL_ACTIONS)
    requests = dict.fromkeys((("ecr:GetAuthorizationToken", "*"), *pulls))
    policy = policy_edits.added(None, *policy_edits.allowing(requests))
    where = f" --path {quoted(f'/{path}/')}" if path else ""
    put = put_role_policy(arn, "ecr-pull", policy, text="", verify="")
    arguments = {"name": name, **({"path": f"/{path}/"} if path else {}), "assume_role_policy": trust}
    properties = {
        "RoleName": name,
        **({"Path": f"/{path}/"} if path else {}),
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "ecr-pull", "PolicyDocument": policy}],
    }
    create = Fix(
        title=f"Create {name} again",
        text=f"Create {name} again with what the pull needs. Add what else it could do before (logs, secrets).",
        warning="A role of that name may have been deleted on purpose: policies elsewhere that named it keep the old role's id, and do not fit the new one.",
        cli=chain(
            f"aws iam create-role --role-name {quoted(name)}{where} --assume-role-policy-document {quoted(trust)}",
            put.cli,
        ),
        terraform=f"{hcl('aws_iam_role', 'execution', **arguments)}\n\n{put.terraform}",
        cloudformation=cloudformation("ExecutionRole", "AWS::IAM::Role", **properties),
        verify=f"aws iam get-role --role-name {quoted(name)} --query Role.Arn --output text",
        expect=arn,
        undo=chain(put.undo, f"aws iam delete-role --role-name {quoted(name)}"),
    )
    return create, other
