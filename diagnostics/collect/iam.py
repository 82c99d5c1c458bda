"""Reads a role and every policy that speaks about it.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader, hanging_on
from diagnostics.collect.simulation import Scope, simulate
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    Instance,
    InstanceProfile,
    Known,
    Role,
    RoleFacts,
    Why,
    known_or,
    known_value,
)


def read_role(reader: Reader, role_arn: str, scope: Scope | None = None) -> RoleFacts:
    """The facts of one role. Listing its policies needs only its name, so it does not wait for the role.

    `scope` says what IAM's simulator is asked about.
    """
    name = {"RoleName": name_of(role_arn)}
    role = reader.read(calls.GET_ROLE, name, about=role_arn)
    inline = reader.read(calls.LIST_ROLE_POLICIES, name, about=role_arn)
    attached = reader.read(calls.LIST_ATTACHED_ROLE_POLICIES, name, about=role_arn)
    boundary: Fact[str]
    if isinstance(role, Known):
        limit = role.value.permissions_boundary
        boundary = (
            read_policy(reader, limit.permissions_boundary_arn)
            if limit is not None and limit.permissions_boundary_arn
            else Absent(call=calls.GET_ROLE.action)
        )
    else:
        boundary = hanging_on(role, Why.ROLE_ABSENT)
    managed = [*known_or(attached, ())]
    if isinstance(role, Known) and (limit := role.value.permissions_boundary) is not None:
        managed += [limit.permissions_boundary_arn] if limit.permissions_boundary_arn else []
    return RoleFacts(
        role_arn=role_arn,
        role=role,
        inline_policy_names=inline,
        inline_policies={
            item: reader.read(
                calls.GET_ROLE_POLICY, {**name, "PolicyName": item}, about=f"{role_arn}, policy {item}"
            )
            for item in known_or(inline, ())
        },
        attached_policy_arns=attached,
        attached_policies={item: read_policy(reader, item) for item in known_or(attached, ())},
        boundary_policy=boundary,
        managed_policies={
            item: reader.read(calls.GET_POLICY, {"PolicyArn": item}, about=item) for item in managed
        },
        **simulate(reader, role_arn, role, scope),
    )


def read_task_role(reader: Reader, role_arn: str | None) -> Fact[Role]:
    """The task role itself, without its policies: it pulls nothing."""
    if role_arn is None:
        return NOT_ASKED
    return reader.read(calls.GET_ROLE, {"RoleName": name_of(role_arn)}, about=role_arn)


def read_policy(reader: Reader, policy_arn: str) -> Fact[str]:
    """The default version of a managed policy, as JSON text."""
    policy = reader.read(calls.GET_POLICY, {"PolicyArn": policy_arn}, about=policy_arn)
    if not isinstance(policy, Known):
        return policy
    version = policy.value.default_version_id
    return reader.read(
        calls.GET_POLICY_VERSION, {"PolicyArn": policy_arn, "VersionId": version}, about=policy_arn
    )


def read_instance_profile(reader: Reader, profile_arn: str) -> Fact[InstanceProfile]:
    """An instance profile with its role."""
    return reader.read(
        calls.GET_INSTANCE_PROFILE, {"InstanceProfileName": name_of(profile_arn)}, about=profile_arn
    )


def name_of(arn: str) -> str:
    """The name at the end of an IAM ARN, without its path."""
    return arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def read_profile(reader: Reader, instance: Fact[Instance]) -> Fact[InstanceProfile]:
    """The instance profile of an instance."""
    known = known_value(instance)
    if known is None:
        return hanging_on(instance, Why.INSTANCE_GONE)
    if known.iam_instance_profile is None:
        return Absent(call=calls.DESCRIBE_INSTANCES.action)
    return read_instance_profile(reader, known.iam_instance_profile.arn)
