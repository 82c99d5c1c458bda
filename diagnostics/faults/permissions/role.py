"""Is there a role to pull with, and can it be taken on?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console, pull
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions import edits, fixes
from diagnostics.faults.permissions.asking import (
    full_role_arn,
    is_foreign_role,
    repository_arn,
    role_facts,
)
from diagnostics.faults.permissions.documents import parsed
from diagnostics.faults.permissions.faults import (
    INSTANCE_PROFILE_MISSING,
    ROLE_MISSING,
    ROLE_NOT_ASSUMABLE,
    ROLE_TRUST_DENIES,
)
from diagnostics.faults.permissions.questions import not_told
from diagnostics.faults.permissions.role_side import allow
from diagnostics.faults.permissions.wording import near_misses, statement_resource
from diagnostics.finding import Evidence, Fix, Outcome
from diagnostics.policy import (
    PULL_ACTIONS,
    CannotTell,
    Denied,
    Document,
    Missing,
    StatementRef,
    at_moment,
    evaluate_trust,
    service_context,
)
from diagnostics.snapshot import Instance, InstanceProfile, Role, known_value, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import named, quoted

ECS = "ecs-tasks.amazonaws.com"
FAULTS = (ROLE_MISSING, ROLE_TRUST_DENIES, ROLE_NOT_ASSUMABLE)


@check("permissions.execution_role", "task", *FAULTS)
def execution_role(world: World, subject: Subject) -> Iterator[Outcome]:
    """The execution role must exist, in the task's own account, and trust ECS.

    ECS assumes it for every task that names one, whichever role pulls in the end.
    """
    named = named_role(world)
    if named is None:
        yield from _without_role(world)
        return
    if is_foreign_role(world.snapshot, named):
        reason = f"the role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
        yield skipped(ROLE_MISSING, reason)
        yield skipped(ROLE_TRUST_DENIES, reason)
        yield _of_another_account(world, named)
        return
    yield passes(ROLE_NOT_ASSUMABLE, "The execution role belongs to the task's own account")
    arn = full_role_arn(world.snapshot, named)
    role = need(role_facts(world, named).role)
    if role is None or role.arn != arn:
        yield _missing(world, arn, role)
        yield skipped(ROLE_TRUST_DENIES, f"the role does not exist: {ROLE_MISSING.id}")
        return
    yield passes(ROLE_MISSING, f"{role.role_name} exists")
    yield _trust(world, role)


def named_role(world: World) -> str | None:
    """The task's override of the execution role, else the task definition's.

    Raises:
        UnavailableError: the task or its definition could not be read.
    """
    role = need(pull.execution_role(world.snapshot))
    return role.role_arn if role else None


def _needs_role(world: World) -> bool:
    return any(image.reference is not None and image.reference.is_ecr for image in world.pull.images)


def _without_role(world: World) -> Iterator[Outcome]:
    """Without an execution role there is none to judge; on Fargate nothing of ECR can be pulled then."""
    reason = "the task definition names no execution role"
    definition = need(world.snapshot.task_definition)
    launch = need(world.pull.launch)
    for fault in (ROLE_TRUST_DENIES, ROLE_NOT_ASSUMABLE):
        yield skipped(fault, reason)
    if definition is None:
        yield skipped(ROLE_MISSING, "the task definition is gone")
    elif launch == "ec2":
        yield skipped(ROLE_MISSING, f"{reason}, and on EC2 the instance role pulls")
    elif not _needs_role(world):
        yield skipped(ROLE_MISSING, f"{reason}, and no image is in private ECR")
    else:
        yield _none_named(world, definition.task_definition_arn, definition.family or "FAMILY")


def _none_named(world: World, definition_arn: str, family: str) -> Outcome:
    region = world.region
    describe = f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {region}"
    revision = definition_arn.rsplit(":", 1)[-1]
    return fails(
        ROLE_MISSING,
        f"The task definition {family}:{revision} names no execution role, and without one nothing can be pulled from private ECR here.",
        stage="role",
        # No role is assumed, so that nothing shows before the requests that go without credentials.
        also_at=("login", "manifest"),
        resources=(definition_arn,),
        evidence=(Evidence(what="executionRoleArn is empty", source="ecs:DescribeTaskDefinition"),),
        fix=Fix(
            text="Register a revision of the task definition that names an execution role.",
            cli=f"{describe} --query taskDefinition > taskdef.json\n# set executionRoleArn, drop the read-only fields, then:\n"
            f"aws ecs register-task-definition --cli-input-json file://taskdef.json --region {region}",
            terraform="# In the aws_ecs_task_definition:\n#   execution_role_arn = aws_iam_role.execution.arn",
            cloudformation="# In the AWS::ECS::TaskDefinition:\n#   ExecutionRoleArn: !GetAtt ExecutionRole.Arn",
            verify=f"{describe} --query taskDefinition.executionRoleArn",
        ),
        console_url=console.task_definition(region, family, revision),
    )


def _of_another_account(world: World, named: str) -> Outcome:
    arn = full_role_arn(world.snapshot, named)
    account = world.snapshot.account_id or ""
    definition = known_value(world.snapshot.task_definition)
    family = (definition.family if definition else None) or "FAMILY"
    describe = f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {world.region}"
    return fails(
        ROLE_NOT_ASSUMABLE,
        f"The execution role {arn} belongs to account {arn.split(':')[4]}, and the task to account {account}: ECS cannot be given a role of another account.",
        stage="role",
        resources=(arn, *((definition.task_definition_arn,) if definition else ())),
        evidence=(Evidence(what=f"executionRoleArn is {arn}", source="ecs:DescribeTaskDefinition"),),
        fix=Fix(
            text=f"Register a revision of the task definition that names an execution role of account {account}.",
            cli=f"{describe} --query taskDefinition > taskdef.json\n# correct executionRoleArn, drop the read-only fields, then:\n"
            f"aws ecs register-task-definition --cli-input-json file://taskdef.json --region {world.region}",
            terraform="# In the aws_ecs_task_definition:\n#   execution_role_arn = aws_iam_role.execution.arn",
            cloudformation="# In the AWS::ECS::TaskDefinition:\n#   ExecutionRoleArn: !GetAtt ExecutionRole.Arn",
            verify=f"{describe} --query taskDefinition.executionRoleArn",
        ),
        console_url=console.task_definition(world.region, family, definition.revision)
        if definition and definition.revision
        else None,
    )


# --- a role that is gone -----------------------------------------------------------------------------


def _missing(world: World, arn: str, other: Role | None) -> Outcome:
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
    definition = known_value(world.snapshot.task_definition)
    family = (definition.family if definition else None) or "FAMILY"
    describe = f"aws ecs describe-task-definition --task-definition {quoted(family)} --region {world.region}"
    return Fix(
        text=f"Name {other.arn} as the execution role, with its path.",
        cli=f"{describe} --query taskDefinition > taskdef.json\n# set executionRoleArn to {named(other.arn)}, drop the read-only fields, then:\n"
        f"aws ecs register-task-definition --cli-input-json file://taskdef.json --region {world.region}",
        terraform=f'# In the aws_ecs_task_definition:\n#   execution_role_arn = "{named(other.arn)}"',
        cloudformation=f"# In the AWS::ECS::TaskDefinition:\n#   ExecutionRoleArn: {named(other.arn)}",
        verify=f"{describe} --query taskDefinition.executionRoleArn",
    )


def _create(world: World, arn: str) -> Fix:
    """The role anew, with what this task's pull needs; the rest of its permissions is not known any more."""
    path, _, name = arn.split(":role/", 1)[-1].rpartition("/")
    trust = edits.added(None, trust_statement())
    requests = [("ecr:GetAuthorizationToken", "*")]
    for image in world.pull.images:
        if image.reference is not None and image.reference.is_ecr:
            requests.extend((action, repository_arn(image.reference)) for action in PULL_ACTIONS)
    policy = edits.added(None, *allow(dict.fromkeys(requests)))
    where = f" --path {quoted(f'/{path}/')}" if path else ""
    put = fixes.put_role_policy(
        arn, "ecr-pull", policy, text="", verify=f"aws iam get-role --role-name {quoted(name)}"
    )
    arguments = {"name": name, **({"path": f"/{path}/"} if path else {}), "assume_role_policy": trust}
    properties = {
        "RoleName": name,
        **({"Path": f"/{path}/"} if path else {}),
        "AssumeRolePolicyDocument": trust,
        "Policies": [{"PolicyName": "ecr-pull", "PolicyDocument": policy}],
    }
    return Fix(
        text=f"Create {name} again with what the pull needs, or name a role that exists in the task definition. Add what else it could do before (logs, secrets).",
        cli=f"aws iam create-role --role-name {quoted(name)}{where} --assume-role-policy-document {quoted(trust)}\n{put.cli}",
        terraform=f"{fixes.terraform('aws_iam_role', 'execution', **arguments)}\n\n{put.terraform}",
        cloudformation=fixes.cloudformation("ExecutionRole", "AWS::IAM::Role", **properties),
        verify=put.verify,
        undo=f"{put.undo}\naws iam delete-role --role-name {quoted(name)}",
    )


# --- trust -------------------------------------------------------------------------------------------


def trust_statement() -> edits.Json:
    """The statement of a trust policy that lets ECS assume the role."""
    return {"Effect": "Allow", "Principal": {"Service": ECS}, "Action": "sts:AssumeRole"}


def _trust(world: World, role: Role) -> Outcome:
    fault = ROLE_TRUST_DENIES
    what = f"the trust policy of {role.role_name}"
    document: Document | Missing = Missing(what=what, why="iam:GetRole did not answer with it")
    if role.assume_role_policy_document:
        document = parsed("trust", role.arn, role.assume_role_policy_document, what)
    snapshot = world.snapshot
    account = snapshot.account_id or role.arn.split(":")[4]
    context = {
        **service_context(snapshot.partition, world.region, account),
        **{key: value for key, value in at_moment(snapshot.taken_at).items() if key != "aws:TokenIssueTime"},
    }
    decision = evaluate_trust(document, ECS, context)
    if isinstance(decision, CannotTell):
        return unknown(
            fault,
            not_told("sts:AssumeRole", decision).model_copy(update={"words": decision.reason}),
            "role",
            (role.arn,),
        )
    if not isinstance(decision, Denied):
        return passes(fault, f"{role.role_name} trusts {ECS}")
    assert isinstance(document, Document)
    return fails(
        fault,
        f"The trust policy of {role.role_name} {_how(decision)}.",
        stage="role",
        resources=(role.arn, *statement_resource(decision.statement)),
        evidence=(
            Evidence(
                what=edits.as_json(decision.statement.text) if decision.statement else _trusted(document),
                source="iam:GetRole",
            ),
            *near_misses(decision, "sts:AssumeRole", "iam:GetRole"),
        ),
        fix=_repair_trust(role, document, decision),
        console_url=console.role(world.region, role.role_name),
    )


def _how(decision: Denied) -> str:
    if decision.statement is not None:
        return f"denies {ECS} to assume it ({decision.statement.label})"
    return f"does not let {ECS} assume it"


def _trusted(document: Document) -> str:
    names = [
        name
        for item in document.statements
        if item.allow and item.principal is not None
        for _, name in item.principal.values
    ]
    return f"the trust policy names {', '.join(dict.fromkeys(names)) or 'nobody'}"


def _repair_trust(role: Role, document: Document, decision: Denied) -> Fix:
    old = edits.replaced(document, edits.statements_of(document))
    statement: StatementRef | None = decision.statement
    if statement is None:
        new = edits.added(document, trust_statement())
        text = f"Let {ECS} assume {role.role_name}; whoever is trusted already stays so."
    else:
        new = edits.removed(document, statement.index) or edits.added(None, trust_statement())
        text = f"Remove {statement.label} from the trust policy of {role.role_name}."
    return fixes.change_trust(role.arn, old, new, text=text)


# --- container instances -----------------------------------------------------------------------------


@check("permissions.instance_profile", "task", INSTANCE_PROFILE_MISSING)
def instance_profile(world: World, subject: Subject) -> Iterator[Outcome]:
    """The container instance must have an instance profile, with a role that exists."""
    fault = INSTANCE_PROFILE_MISSING
    launch = need(world.pull.launch)
    if launch != "ec2":
        yield skipped(fault, "the task does not run on a container instance of EC2")
        return
    if not _needs_role(world):
        yield skipped(fault, "no image is in private ECR")
        return
    instance = need(world.snapshot.instance)
    if instance is None:
        yield skipped(fault, "the container instance is gone")
        return
    profile = need(world.snapshot.instance_profile)
    lack = _what_lacks(instance, profile)
    if lack is None:
        yield passes(fault)
        return
    if named_role(world) is not None and not world.text_shows(SymptomId.INSTANCE_ROLE_MISSING):
        why = "the task has an execution role too, and it is not known which of the two roles pulls"
        yield unknown(fault, f"{lack} {why}", "login", (instance.instance_id,))
        return
    yield _no_profile(world, instance, profile, lack)


def _what_lacks(instance: Instance, profile: InstanceProfile | None) -> str | None:
    attached = instance.iam_instance_profile
    if attached is None:
        return f"Instance {instance.instance_id} has no instance profile."
    if profile is None:
        return f"Instance profile {attached.arn} of instance {instance.instance_id} does not exist."
    if not profile.roles:
        return f"Instance profile {profile.instance_profile_name} of instance {instance.instance_id} holds no role."
    # A role cannot be deleted while a profile holds it.
    return None


def _no_profile(world: World, instance: Instance, profile: InstanceProfile | None, lack: str) -> Outcome:
    name = instance.instance_id
    attached = instance.iam_instance_profile
    region = f"--region {world.region}"
    current = f"aws ec2 describe-iam-instance-profile-associations --filters Name=instance-id,Values={quoted(name)} {region}"
    associate = f"aws ec2 associate-iam-instance-profile --instance-id {quoted(name)} --iam-instance-profile Name=ecsInstanceRole {region}"
    find = f"association=$({current} --query 'IamInstanceProfileAssociations[0].AssociationId' --output text)"
    undo: str | None = (
        f'{find}\naws ec2 disassociate-iam-instance-profile --association-id "$association" {region}'
    )
    cli = associate
    if profile is not None:
        add = f"--instance-profile-name {quoted(profile.instance_profile_name)} --role-name ecsInstanceRole"
        cli, undo = (f"aws iam {verb}-instance-profile {add}" for verb in ("add-role-to", "remove-role-from"))
    elif attached is not None:
        cli = f'{find}\naws ec2 replace-iam-instance-profile-association --association-id "$association" --iam-instance-profile Name=ecsInstanceRole {region}'
        undo = None
    return fails(
        INSTANCE_PROFILE_MISSING,
        lack,
        stage="login",
        resources=(name, *((attached.arn,) if attached else ())),
        evidence=(
            Evidence(
                what=lack, source="ec2:DescribeInstances" if attached is None else "iam:GetInstanceProfile"
            ),
        ),
        fix=Fix(
            text="Give the instance a profile whose role has AmazonEC2ContainerServiceforEC2Role (ecsInstanceRole, if the account has the usual one), and its launch template too.",
            cli=cli,
            terraform="# In the aws_instance or aws_launch_template:\n#   iam_instance_profile = aws_iam_instance_profile.ecs.name",
            cloudformation="# In the AWS::EC2::Instance or the launch template's data:\n#   IamInstanceProfile: ecsInstanceRole",
            verify=current,
            undo=undo,
        ),
        console_url=console.instance(world.region, name),
    )
