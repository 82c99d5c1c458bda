"""The container instance has no instance profile, or one without a role."""

from __future__ import annotations

import json
from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions.roles import named_role, pulls_from_ecr
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.snapshot import Instance, InstanceProfile, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import chain, found, free_name, named, quoted

INSTANCE_PROFILE_MISSING = Fault(
    id="instance-profile-missing",
    kind="role",
    title="The container instance has an instance profile with a role",
    short="its container instance has no instance profile",
    why="Without an instance profile the ECS agent on the host finds no credentials, so it cannot ask ECR for a login token.",
    how="Associate an instance profile whose role may pull; the agent picks it up without a restart of the instance.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html",
    explains=Explains(
        symptoms=(
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.NO_BASIC_AUTH,
            SymptomId.EXECUTION_ROLE_MISSING,
            SymptomId.INSTANCE_ROLE_MISSING,
        )
    ),
)


@check("permissions.instance_profile", "task", INSTANCE_PROFILE_MISSING)
def instance_profile(world: World, subject: Subject) -> Iterator[Outcome]:
    """The container instance must have an instance profile, with a role that exists."""
    fault = INSTANCE_PROFILE_MISSING
    launch = need(world.pull.launch)
    if launch != "ec2":
        yield skipped(fault, "the task does not run on a container instance of EC2")
        return
    if not pulls_from_ecr(world):
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
    attached = instance.iam_instance_profile
    return fails(
        INSTANCE_PROFILE_MISSING,
        lack,
        stage="login",
        resources=(instance.instance_id, *((attached.arn,) if attached else ())),
        evidence=(
            Evidence(
                what=lack, source="ec2:DescribeInstances" if attached is None else "iam:GetInstanceProfile"
            ),
        ),
        fix=_into(world, instance, profile) if profile is not None else _given(world, instance),
        console_url=console.instance(world.region, instance.instance_id),
    )


_USUAL = "ecsInstanceRole"
"""The role that the console makes for container instances.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
"""
_ENOUGH = "arn:{}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
_ALSO = "Change its launch template too, so that the next instance has one. The ECS agent takes the credentials up by itself, within minutes."


def _into(world: World, instance: Instance, profile: InstanceProfile) -> Fix:
    """The usual role into a profile that is there and holds none."""
    name = profile.instance_profile_name
    which = f"--instance-profile-name {quoted(name)} --role-name {_USUAL}"
    return Fix(
        title=f"Put {_USUAL} into instance profile {name}",
        text=f"Put {_USUAL}, the usual role of container instances, into instance profile {name}; where the account has none, the first command stops. The ECS agent takes the credentials up by itself, within minutes.",
        warning="Every instance with this profile gets the role.",
        cli=f"aws iam add-role-to-instance-profile {which}",
        terraform=f'# In the aws_iam_instance_profile {named(name)}, which exists:\nrole = "{_USUAL}"',
        cloudformation=f"# In the AWS::IAM::InstanceProfile {named(name)}, which exists:\nRoles: [{_USUAL}]",
        verify=f"aws iam get-instance-profile --instance-profile-name {quoted(name)} --query 'InstanceProfile.Roles[].RoleName' --output text",
        expect=_USUAL,
        undo=f"aws iam remove-role-from-instance-profile {which}",
    )


def _given(world: World, instance: Instance) -> Ways:
    """A profile for an instance that has none, or one that is gone: that of the usual role, else a new one."""
    name = instance.instance_id
    made = free_name("ecs-instance", None, name)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    policy = _ENOUGH.format(world.snapshot.partition)
    code = "# In the aws_instance or aws_launch_template, which exists:\niam_instance_profile = {}"
    usual = Fix(
        title=f"Give the instance the profile of {_USUAL}",
        text=f"Give instance {name} the instance profile of {_USUAL}, the usual role of container instances; where the account has none, it stops. {_ALSO}",
        cli=chain(
            found(
                "PROFILE_NAME",
                f"aws iam list-instance-profiles-for-role --role-name {_USUAL}",
                "InstanceProfiles[0].InstanceProfileName",
                f"instance profile of {_USUAL}",
            ),
            *_associate(world, instance, '"Name=$PROFILE_NAME"'),
        ),
        terraform=code.format(f'"{_USUAL}"'),
        cloudformation=f"# In the AWS::EC2::Instance, or the launch template's data, which exists:\nIamInstanceProfile: {_USUAL}",
        **_seen(world, instance),
    )
    new = Fix(
        title="Make an instance profile for it",
        text=f"Make a role and an instance profile {made} with AmazonEC2ContainerServiceforEC2Role, and give them to instance {name}. {_ALSO}",
        cli=chain(
            f"aws iam create-role --role-name {made} --assume-role-policy-document {quoted(trust)}",
            f"aws iam attach-role-policy --role-name {made} --policy-arn {policy}",
            f"aws iam create-instance-profile --instance-profile-name {made}",
            f"aws iam add-role-to-instance-profile --instance-profile-name {made} --role-name {made}",
            f"aws iam wait instance-profile-exists --instance-profile-name {made}",
            *_once_known(_associate(world, instance, f"Name={made}")),
        ),
        **{
            **_seen(world, instance),
            "undo": chain(
                _seen(world, instance)["undo"],
                f"aws iam remove-role-from-instance-profile --instance-profile-name {made} --role-name {made}",
                f"aws iam delete-instance-profile --instance-profile-name {made}",
                f"aws iam detach-role-policy --role-name {made} --policy-arn {policy}",
                f"aws iam delete-role --role-name {made}",
            ),
        },
        terraform=code.format("aws_iam_instance_profile.ecs.name"),
    )
    return usual, new


def _association(world: World, instance: Instance) -> str:
    return f"aws ec2 describe-iam-instance-profile-associations --filters {quoted(f'Name=instance-id,Values={instance.instance_id}')} Name=state,Values=associating,associated --region {world.region}"


def _associate(world: World, instance: Instance, profile: str) -> tuple[str, ...]:
    """Gives the instance a profile, in place of one that is gone."""
    region = f"--region {world.region}"
    if instance.iam_instance_profile is None:
        which = f"--instance-id {quoted(instance.instance_id)} --iam-instance-profile {profile}"
        return (f"aws ec2 associate-iam-instance-profile {which} {region}",)
    return (
        found(
            "ASSOCIATION_ID",
            _association(world, instance),
            "IamInstanceProfileAssociations[0].AssociationId",
            "association of the instance with a profile",
        ),
        f'aws ec2 replace-iam-instance-profile-association --association-id "$ASSOCIATION_ID" --iam-instance-profile {profile} {region}',
    )


def _once_known(commands: tuple[str, ...]) -> tuple[str, ...]:
    """Tries again for a minute: EC2 knows a new profile some seconds after IAM does, and refuses it until then."""
    *before, last = commands
    given = f"GIVEN=$({last} --query IamInstanceProfileAssociation.State --output text)"
    return (
        *before,
        f'for LOOK in {{1..6}}; do {given} && break; sleep 10; done && [ -n "$GIVEN" ]',
    )


def _seen(world: World, instance: Instance) -> dict[str, str | None]:
    """How to see that it has one, and to take it away again."""
    gone = instance.iam_instance_profile
    name = f"aws ec2 describe-instances --instance-ids {quoted(instance.instance_id)} --region {world.region}"
    return {
        "verify": f"{_association(world, instance)} --query 'length(IamInstanceProfileAssociations)' --output text"
        if gone is None
        else f"{name} --query {quoted(f'Reservations[0].Instances[0].IamInstanceProfile.Arn != `{json.dumps(gone.arn)}`')} --output json",
        "expect": "1" if gone is None else "true",
        "undo": chain(
            found(
                "ASSOCIATION_ID",
                _association(world, instance),
                "IamInstanceProfileAssociations[0].AssociationId",
                "association of the instance with a profile",
            ),
            f'aws ec2 disassociate-iam-instance-profile --association-id "$ASSOCIATION_ID" --region {world.region}',
        ),
        "undo_note": None
        if gone is None
        else f"The instance then has no profile: {gone.arn}, which it had, was deleted.",
    }
