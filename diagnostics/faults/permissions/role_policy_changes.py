"""Repairs of a role's own policies, its boundary and its trust policy, with how to verify and undo them."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.faults.permissions.policy_changes import changed_policy
from diagnostics.faults.permissions.policy_proofs import Proof, equals, holds, simulated
from diagnostics.finding import Fix
from diagnostics.snapshot import ManagedPolicy
from diagnostics.write import captured, chain, named, quoted
from diagnostics.write.policies import Json, PolicyHolder, cloudformation
from diagnostics.write.snippets import hcl


def only_if(name: str, value: str, words: str) -> str:
    """Stops, with what is then said, unless a variable holds this value."""
    return f'{{ [ "${name}" = {quoted(value)} ] || ! echo {quoted(words)} >&2; }}'


def simulate(role_arn: str, requests: Iterable[tuple[str, str]]) -> str:
    """Asks IAM itself what it says of these requests."""
    return simulated(role_arn, requests)[0]


def _inline(role_arn: str, policy_name: str) -> PolicyHolder:
    role = _name(role_arn)
    which = f"--role-name {quoted(role)} --policy-name {quoted(policy_name)}"
    return PolicyHolder(
        put=f"aws iam put-role-policy {which} --policy-document",
        delete=f"aws iam delete-role-policy {which}",
        called=f"{policy_name} of role {role}",
        terraform=("aws_iam_role_policy", "image_pull", {"name": policy_name, "role": role}, "policy"),
        cloudformation=(
            "ImagePullPolicy",
            "AWS::IAM::RolePolicy",
            {"RoleName": role, "PolicyName": policy_name},
            "PolicyDocument",
        ),
        gone=(
            f"# Delete the aws_iam_role_policy {named(policy_name)} of role {named(role)}.",
            f"# Delete the policy {named(policy_name)} of role {named(role)}.",
        ),
    )


def inline_proof(role_arn: str, policy_name: str, document: Json | None) -> Proof:
    """An inline policy is what it was made, or is gone."""
    role = f"--role-name {quoted(_name(role_arn))}"
    if document is None:
        query = quoted(f"contains(PolicyNames, '{policy_name}')")
        return f"aws iam list-role-policies {role} --query {query} --output json", "false"
    which = f"{role} --policy-name {quoted(policy_name)}"
    return equals(f"aws iam get-role-policy {which}", "PolicyDocument", document)


def put_role_policy(
    role_arn: str,
    policy_name: str,
    document: Json,
    *,
    text: str,
    verify: str,
    expect: str | None = None,
    title: str | None = None,
    warning: str | None = None,
) -> Fix:
    """A new inline policy for a role."""
    holder = _inline(role_arn, policy_name)
    terraform, cloud = holder.code(document, new=True)
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=holder.command(document),
        verify=verify,
        expect=expect,
        undo=holder.command(None),
        terraform=terraform,
        cloudformation=cloud,
    )


def change_inline_policy(
    role_arn: str,
    policy_name: str,
    old: Json,
    new: Json | None,
    *,
    title: str,
    text: str,
    warning: str | None,
    proof: Proof | None = None,
) -> Fix:
    """Another text for an inline policy; `None` takes the policy away."""
    proof = proof or inline_proof(role_arn, policy_name, new)
    return changed_policy(
        _inline(role_arn, policy_name), old, new, proof, title=title, text=text, warning=warning
    )


def change_managed_policy(
    policy_arn: str,
    old: Json,
    new: Json,
    facts: ManagedPolicy | None,
    *,
    title: str,
    text: str,
    warning: str | None,
) -> Fix:
    """A new default version of a customer managed policy. There can be five: where there are, AWS refuses a sixth.

    The former version is the default again after `undo`, and the new one is gone. `facts` name the former.
    """
    name, which = _name(policy_arn), f"--policy-arn {quoted(policy_arn)}"
    holder = PolicyHolder(
        put=f"aws iam create-policy-version {which} --policy-document",
        after=" --set-as-default",
        called=name,
        of_its_own=(False, False),
        terraform=("aws_iam_policy", "this", {"name": name}, "policy"),
        cloudformation=("Policy", "AWS::IAM::ManagedPolicy", {"ManagedPolicyName": name}, "PolicyDocument"),
    )
    terraform, cloud = holder.code(new, new=False)
    current = captured("POLICY_VERSION", f"aws iam get-policy {which}", "Policy.DefaultVersionId")
    read = f'aws iam get-policy-version {which} --version-id "$POLICY_VERSION"'
    check, expect = equals(read, "PolicyVersion.Document", new)
    former = quoted(facts.default_version_id) if facts else '"$FORMER_VERSION"'
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=holder.command(new),
        verify=chain(current, check),
        expect=expect,
        undo=chain(
            current,
            f"IS_OURS=$({check})",
            only_if("IS_OURS", "true", "The default version is not the one that the repair made."),
            *(() if facts else _former(which, old)),
            f"aws iam set-default-policy-version {which} --version-id {former}",
            f'aws iam delete-policy-version {which} --version-id "$POLICY_VERSION"',
        ),
        terraform=terraform,
        cloudformation=cloud,
    )


def _former(which: str, old: Json) -> tuple[str, ...]:
    """The version before the newest, if it is the text that was read."""
    newest = "sort_by(Versions[?!IsDefaultVersion], &CreateDate)[-1].VersionId"
    read = f'aws iam get-policy-version {which} --version-id "$FORMER_VERSION"'
    return (
        captured("FORMER_VERSION", f"aws iam list-policy-versions {which}", newest),
        f"IS_FORMER=$({equals(read, 'PolicyVersion.Document', old)[0]})",
        only_if("IS_FORMER", "true", "The version before is not the one that was the default."),
    )


def exchange_policy(
    role_arn: str, policy_arn: str, name: str, document: Json, *, title: str, text: str, warning: str | None
) -> Fix:
    """A copy of a managed policy with another text for this role, in place of the one that others keep."""
    role = f"--role-name {quoted(_name(role_arn))}"
    old, arn = quoted(policy_arn), _own_arn(role_arn, name)
    new = quoted(arn)
    there = f"contains(AttachedPolicies[].PolicyArn, '{arn}')"
    still = f"contains(AttachedPolicies[].PolicyArn, '{policy_arn}')"
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=chain(
            f"aws iam create-policy --policy-name {quoted(name)} --policy-document {quoted(document)}",
            f"aws iam attach-role-policy {role} --policy-arn {new}",
            f"aws iam detach-role-policy {role} --policy-arn {old}",
        ),
        verify=f"aws iam list-attached-role-policies {role} --query {quoted(f'{there} && !{still}')} --output json",
        expect="true",
        undo=chain(
            f"aws iam attach-role-policy {role} --policy-arn {old}",
            f"aws iam detach-role-policy {role} --policy-arn {new}",
            f"aws iam delete-policy --policy-arn {new}",
        ),
        terraform=f"{hcl('aws_iam_policy', 'narrowed', name=name, policy=document)}\n\n"
        f"# In the aws_iam_role_policy_attachment of {named(policy_arn)} to role {named(_name(role_arn))}, which exists:\n"
        "policy_arn = aws_iam_policy.narrowed.arn",
        cloudformation=cloudformation(
            "NarrowedPolicy", "AWS::IAM::ManagedPolicy", ManagedPolicyName=name, PolicyDocument=document
        )
        + f"\n# In ManagedPolicyArns of role {named(_name(role_arn))}, in place of {named(policy_arn)}:\n#   - !Ref NarrowedPolicy",
    )


def replace_boundary(
    role_arn: str, boundary_arn: str, name: str, document: Json, *, title: str, text: str, warning: str | None
) -> Fix:
    """A boundary for this role alone, in place of one that others have too, or that AWS manages."""
    role, arn = _name(role_arn), _own_arn(role_arn, name)
    put = f"aws iam put-role-permissions-boundary --role-name {quoted(role)} --permissions-boundary"
    code = hcl("aws_iam_policy", "boundary", name=name, policy=document)
    resource = cloudformation(
        "Boundary", "AWS::IAM::ManagedPolicy", ManagedPolicyName=name, PolicyDocument=document
    )
    get = f"aws iam get-role --role-name {quoted(role)} --query"
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=chain(
            f"aws iam create-policy --policy-name {quoted(name)} --policy-document {quoted(document)}",
            f"{put} {quoted(arn)}",
        ),
        verify=f"{get} Role.PermissionsBoundary.PermissionsBoundaryArn --output text",
        expect=arn,
        undo=chain(f"{put} {quoted(boundary_arn)}", f"aws iam delete-policy --policy-arn {quoted(arn)}"),
        terraform=f"{code}\n\n# In the aws_iam_role {named(role)}, which exists:\npermissions_boundary = aws_iam_policy.boundary.arn",
        cloudformation=f"{resource}\n# In the AWS::IAM::Role {named(role)}, which exists:\n#   PermissionsBoundary: !Ref Boundary",
    )


def _own_arn(role_arn: str, name: str) -> str:
    partition, account = role_arn.split(":")[1], role_arn.split(":")[4]
    return f"arn:{partition}:iam::{account}:policy/{name}"


def change_trust(
    role_arn: str, old: Json, new: Json, *, title: str, text: str, warning: str | None = None
) -> Fix:
    """Another trust policy for a role."""
    role = _name(role_arn)
    holder = PolicyHolder(
        put=f"aws iam update-assume-role-policy --role-name {quoted(role)} --policy-document",
        called=role,
        of_its_own=(False, False),
        terraform=("aws_iam_role", "execution", {"name": role}, "assume_role_policy"),
        cloudformation=("ExecutionRole", "AWS::IAM::Role", {"RoleName": role}, "AssumeRolePolicyDocument"),
    )
    # IAM writes the principals of a trust policy in its own way.
    get = f"aws iam get-role --role-name {quoted(role)}"
    proof = holds(get, "to_string(Role.AssumeRolePolicyDocument)", old, new)
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
