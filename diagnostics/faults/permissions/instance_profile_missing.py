"""The container instance has no instance profile, or one without a role."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.permissions.roles import named_role, pulls_from_ecr
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.snapshot import Instance, InstanceProfile, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

INSTANCE_PROFILE_MISSING = Fault(
    id="instance-profile-missing",
    kind="role",
    title="The container instance has an instance profile with a role",
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
