"""The repairs: one change to one policy, as AWS CLI, Terraform and CloudFormation, with how to verify and undo it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from diagnostics.finding import Fix
from diagnostics.write import code_json, named, quoted, yaml_quoted

Json = dict[str, Any]


def terraform(kind: str, label: str, /, **arguments: Any) -> str:
    """A Terraform resource; a dictionary becomes a `jsonencode` expression."""
    width = max(len(key) for key in arguments)
    lines = [f"  {key.ljust(width)} = {_expression(value)}" for key, value in arguments.items()]
    return "\n".join((f'resource "{kind}" "{label}" {{', *lines, "}"))


def _expression(value: Any) -> str:
    if isinstance(value, dict):
        body = code_json(value, indent=2).replace("\n", "\n  ")
        return f"jsonencode({body})"
    return code_json(value)


def cloudformation(label: str, kind: str, /, **properties: Any) -> str:
    """A CloudFormation resource in YAML, whose policy documents are JSON (which YAML includes)."""
    lines = [f"    {key}: {yaml_quoted(value)}" for key, value in properties.items()]
    return "\n".join((f"{label}:", f"  Type: {kind}", "  Properties:", *lines))


# --- roles -------------------------------------------------------------------------------------------


def simulate(role_arn: str, requests: Iterable[tuple[str, str]]) -> str:
    """Asks IAM itself whether the role may; one command for each resource, because each action goes with its own."""
    by_resource: dict[str, list[str]] = {}
    for action, resource in requests:
        by_resource.setdefault(resource, []).append(action)
    return "\n".join(
        f"aws iam simulate-principal-policy --policy-source-arn {quoted(role_arn)}"
        f" --action-names {' '.join(map(quoted, actions))}"
        + (f" --resource-arns {quoted(resource)}" if resource != "*" else "")
        + " --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output text"
        for resource, actions in by_resource.items()
    )


def put_role_policy(role_arn: str, policy_name: str, document: Json, *, text: str, verify: str) -> Fix:
    """A new inline policy for a role."""
    role = _name(role_arn)
    return Fix(
        text=text,
        cli=_put_inline(role, policy_name, document),
        terraform=terraform(
            "aws_iam_role_policy", "image_pull", name=policy_name, role=role, policy=document
        ),
        cloudformation=cloudformation(
            "ImagePullPolicy",
            "AWS::IAM::RolePolicy",
            RoleName=role,
            PolicyName=policy_name,
            PolicyDocument=document,
        ),
        verify=verify,
        undo=f"aws iam delete-role-policy --role-name {quoted(role)} --policy-name {quoted(policy_name)}",
    )


def change_inline_policy(
    role_arn: str, policy_name: str, old: Json, new: Json | None, *, text: str, verify: str
) -> Fix:
    """Another text for an inline policy; `None` takes the policy away."""
    role = _name(role_arn)
    gone = f"aws iam delete-role-policy --role-name {quoted(role)} --policy-name {quoted(policy_name)}"
    return Fix(
        text=text,
        cli=gone if new is None else _put_inline(role, policy_name, new),
        terraform=f'# Delete the aws_iam_role_policy "{named(policy_name)}" of role {named(role)}.'
        if new is None
        else terraform("aws_iam_role_policy", "this", name=policy_name, role=role, policy=new),
        cloudformation=f"# Delete the policy {named(policy_name)} of role {named(role)}."
        if new is None
        else cloudformation(
            "RolePolicy", "AWS::IAM::RolePolicy", RoleName=role, PolicyName=policy_name, PolicyDocument=new
        ),
        verify=verify,
        undo=_put_inline(role, policy_name, old),
    )


def _put_inline(role: str, policy_name: str, document: Json) -> str:
    return (
        f"aws iam put-role-policy --role-name {quoted(role)} --policy-name {quoted(policy_name)}"
        f" --policy-document {quoted(document)}"
    )


def change_managed_policy(policy_arn: str, old: Json, new: Json, *, text: str, verify: str) -> Fix:
    """A new default version of a customer managed policy (there can be five versions)."""
    return Fix(
        text=text,
        cli=_new_version(policy_arn, new),
        terraform=terraform("aws_iam_policy", "this", name=_name(policy_arn), policy=new),
        cloudformation=cloudformation(
            "Policy", "AWS::IAM::ManagedPolicy", ManagedPolicyName=_name(policy_arn), PolicyDocument=new
        ),
        verify=verify,
        undo=_new_version(policy_arn, old),
    )


def _new_version(policy_arn: str, document: Json) -> str:
    return (
        f"aws iam create-policy-version --policy-arn {quoted(policy_arn)}"
        f" --policy-document {quoted(document)} --set-as-default"
    )


def detach(role_arn: str, policy_arn: str, *, text: str, verify: str) -> Fix:
    """Takes a managed policy off the role."""
    which = f"--role-name {quoted(_name(role_arn))} --policy-arn {quoted(policy_arn)}"
    return Fix(
        text=text,
        cli=f"aws iam detach-role-policy {which}",
        terraform=f"# Delete the aws_iam_role_policy_attachment of {named(policy_arn)} to role {named(_name(role_arn))}.",
        cloudformation=f"# Take {named(policy_arn)} out of ManagedPolicyArns of role {named(_name(role_arn))}.",
        verify=verify,
        undo=f"aws iam attach-role-policy {which}",
    )


def replace_boundary(role_arn: str, boundary_arn: str, document: Json, *, text: str, verify: str) -> Fix:
    """Another boundary in place of one that AWS manages and nobody else can change."""
    partition, account = boundary_arn.split(":")[1], role_arn.split(":")[4]
    role, name = _name(role_arn), f"{_name(boundary_arn)}-and-image-pull"
    arn = f"arn:{partition}:iam::{account}:policy/{name}"
    put = f"aws iam put-role-permissions-boundary --role-name {quoted(role)} --permissions-boundary"
    return Fix(
        text=text,
        cli=f"aws iam create-policy --policy-name {quoted(name)} --policy-document {quoted(document)}\n{put} {quoted(arn)}",
        terraform="\n\n".join(
            (
                terraform("aws_iam_policy", "boundary", name=name, policy=document),
                f"# In the aws_iam_role {named(role)}:\n#   permissions_boundary = aws_iam_policy.boundary.arn",
            )
        ),
        cloudformation=cloudformation(
            "Boundary", "AWS::IAM::ManagedPolicy", ManagedPolicyName=name, PolicyDocument=document
        )
        + f"\n# In the AWS::IAM::Role {named(role)}:\n#   PermissionsBoundary: !Ref Boundary",
        verify=verify,
        undo=f"{put} {quoted(boundary_arn)}\naws iam delete-policy --policy-arn {quoted(arn)}",
    )


def change_trust(role_arn: str, old: Json | None, new: Json, *, text: str) -> Fix:
    """Another trust policy for a role."""
    role = _name(role_arn)
    update = f"aws iam update-assume-role-policy --role-name {quoted(role)} --policy-document"
    return Fix(
        text=text,
        cli=f"{update} {quoted(new)}",
        terraform=terraform("aws_iam_role", "execution", name=role, assume_role_policy=new),
        cloudformation=cloudformation(
            "ExecutionRole", "AWS::IAM::Role", RoleName=role, AssumeRolePolicyDocument=new
        ),
        verify=f"aws iam get-role --role-name {quoted(role)} --query Role.AssumeRolePolicyDocument",
        undo=f"{update} {quoted(old)}" if old is not None else None,
    )


# --- registries --------------------------------------------------------------------------------------


def change_repository_policy(
    repository_arn: str, old: Json | None, new: Json | None, *, text: str, own_account: bool
) -> Fix:
    """Another policy for a repository; `None` takes it away. In another account it needs that account's credentials."""
    _, _, _, region, account, resource = repository_arn.split(":", 5)
    name = resource.removeprefix("repository/")
    which = f"--repository-name {quoted(name)} --region {quoted(region)}"
    note = "" if own_account else f"# With credentials of account {named(account)}:\n"
    return Fix(
        text=text,
        cli=note + _repository_command(which, new),
        terraform=f"# Delete the aws_ecr_repository_policy of {named(name)}."
        if new is None
        else terraform("aws_ecr_repository_policy", "this", repository=name, policy=new),
        cloudformation=f"# Delete RepositoryPolicyText of the AWS::ECR::Repository {named(name)}."
        if new is None
        else cloudformation(
            "Repository", "AWS::ECR::Repository", RepositoryName=name, RepositoryPolicyText=new
        ),
        verify=note + f"aws ecr get-repository-policy {which} --query policyText --output text",
        undo=note + _repository_command(which, old),
    )


def _repository_command(which: str, document: Json | None) -> str:
    if document is None:
        return f"aws ecr delete-repository-policy {which}"
    return f"aws ecr set-repository-policy {which} --policy-text {quoted(document)}"


def change_registry_policy(region: str, old: Json, new: Json | None, *, text: str) -> Fix:
    """Another policy for the private registry of the account in one Region."""
    gone = f"aws ecr delete-registry-policy --region {region}"
    put = f"aws ecr put-registry-policy --region {region} --policy-text"
    return Fix(
        text=text,
        cli=gone if new is None else f"{put} {quoted(new)}",
        terraform="# Delete the aws_ecr_registry_policy."
        if new is None
        else terraform("aws_ecr_registry_policy", "this", policy=new),
        cloudformation="# Delete the AWS::ECR::RegistryPolicy."
        if new is None
        else cloudformation("RegistryPolicy", "AWS::ECR::RegistryPolicy", PolicyText=new),
        verify=f"aws ecr get-registry-policy --region {region} --query policyText --output text",
        undo=f"{put} {quoted(old)}",
    )


# --- secrets and keys --------------------------------------------------------------------------------


def change_secret_policy(secret_arn: str, region: str, old: Json, new: Json | None, *, text: str) -> Fix:
    """Another resource policy for a secret; `None` takes it away."""
    which = f"--secret-id {quoted(secret_arn)} --region {region}"
    put = f"aws secretsmanager put-resource-policy {which} --resource-policy"
    return Fix(
        text=text,
        cli=f"aws secretsmanager delete-resource-policy {which}" if new is None else f"{put} {quoted(new)}",
        terraform="# Delete the aws_secretsmanager_secret_policy."
        if new is None
        else terraform("aws_secretsmanager_secret_policy", "this", secret_arn=secret_arn, policy=new),
        cloudformation="# Delete the AWS::SecretsManager::ResourcePolicy."
        if new is None
        else cloudformation(
            "SecretPolicy", "AWS::SecretsManager::ResourcePolicy", SecretId=secret_arn, ResourcePolicy=new
        ),
        verify=f"aws secretsmanager get-resource-policy {which} --query ResourcePolicy --output text",
        undo=f"{put} {quoted(old)}",
    )


def change_key_policy(key_arn: str, region: str, old: Json, new: Json, *, text: str) -> Fix:
    """Another policy for a key."""
    which = f"--key-id {quoted(key_arn)} --policy-name default --region {region}"
    return Fix(
        text=text,
        cli=f"aws kms put-key-policy {which} --policy {quoted(new)}",
        terraform=terraform("aws_kms_key_policy", "this", key_id=key_arn, policy=new),
        cloudformation=cloudformation("Key", "AWS::KMS::Key", KeyPolicy=new),
        verify=f"aws kms get-key-policy {which} --query Policy --output text",
        undo=f"aws kms put-key-policy {which} --policy {quoted(old)}",
    )


# --- endpoints ---------------------------------------------------------------------------------------


def change_endpoint_policy(
    endpoint_id: str,
    region: str,
    service_name: str,
    vpc_id: str | None,
    old: Json,
    new: Json | None,
    *,
    text: str,
) -> Fix:
    """Another policy for a VPC endpoint; `None` puts back the one that allows everything."""
    modify = f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {quoted(endpoint_id)} --region {region}"
    body: Json = new if new is not None else {"Statement": [_FULL_ACCESS]}
    return Fix(
        text=text,
        cli=f"{modify} --policy-document {quoted(body)}",
        terraform=terraform("aws_vpc_endpoint_policy", "this", vpc_endpoint_id=endpoint_id, policy=body),
        cloudformation=cloudformation(
            "Endpoint",
            "AWS::EC2::VPCEndpoint",
            ServiceName=service_name,
            **({"VpcId": vpc_id} if vpc_id else {}),
            PolicyDocument=body,
        ),
        verify=f"aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {quoted(endpoint_id)} --region {region}"
        " --query 'VpcEndpoints[0].PolicyDocument' --output text",
        undo=f"{modify} --policy-document {quoted(old)}",
    )


_FULL_ACCESS = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
