"""The repairs: one change to one policy, as AWS CLI, Terraform and CloudFormation, with how to verify and undo it."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.finding import Fix
from diagnostics.snapshot import VpcEndpoint
from diagnostics.write import named, quoted
from diagnostics.write.policies import Json, PolicyHolder, cloudformation
from diagnostics.write.snippets import hcl


def _changed(
    holder: PolicyHolder, old: Json | None, new: Json | None, *, text: str, verify: str, note: str = ""
) -> Fix:
    """Another text for a policy; `None` stands for none. `note` comes before the commands."""
    code = holder.code(new)
    return Fix(
        text=text,
        cli=note + holder.command(new),
        terraform=code[0],
        cloudformation=code[1],
        verify=note + verify,
        undo=note + holder.command(old),
    )


# --- roles -------------------------------------------------------------------------------------------


def simulate(role_arn: str, requests: Iterable[tuple[str, str]]) -> str:
    """Asks IAM itself; one command for each resource, because each action goes with its own."""
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


def _inline(role_arn: str, policy_name: str, *, labels: tuple[str, str]) -> PolicyHolder:
    role = _name(role_arn)
    which = f"--role-name {quoted(role)} --policy-name {quoted(policy_name)}"
    return PolicyHolder(
        put=f"aws iam put-role-policy {which} --policy-document",
        delete=f"aws iam delete-role-policy {which}",
        terraform=("aws_iam_role_policy", labels[0], {"name": policy_name, "role": role}, "policy"),
        cloudformation=(
            labels[1],
            "AWS::IAM::RolePolicy",
            {"RoleName": role, "PolicyName": policy_name},
            "PolicyDocument",
        ),
        gone=(
            f'# Delete the aws_iam_role_policy "{named(policy_name)}" of role {named(role)}.',
            f"# Delete the policy {named(policy_name)} of role {named(role)}.",
        ),
    )


def put_role_policy(role_arn: str, policy_name: str, document: Json, *, text: str, verify: str) -> Fix:
    """A new inline policy for a role."""
    holder = _inline(role_arn, policy_name, labels=("image_pull", "ImagePullPolicy"))
    return _changed(holder, None, document, text=text, verify=verify)


def change_inline_policy(
    role_arn: str, policy_name: str, old: Json, new: Json | None, *, text: str, verify: str
) -> Fix:
    """Another text for an inline policy; `None` takes the policy away."""
    holder = _inline(role_arn, policy_name, labels=("this", "RolePolicy"))
    return _changed(holder, old, new, text=text, verify=verify)


def change_managed_policy(policy_arn: str, old: Json, new: Json, *, text: str, verify: str) -> Fix:
    """A new default version of a customer managed policy (there can be five versions)."""
    name = _name(policy_arn)
    holder = PolicyHolder(
        put=f"aws iam create-policy-version --policy-arn {quoted(policy_arn)} --policy-document",
        after=" --set-as-default",
        terraform=("aws_iam_policy", "this", {"name": name}, "policy"),
        cloudformation=("Policy", "AWS::IAM::ManagedPolicy", {"ManagedPolicyName": name}, "PolicyDocument"),
    )
    return _changed(holder, old, new, text=text, verify=verify)


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
    code = hcl("aws_iam_policy", "boundary", name=name, policy=document)
    resource = cloudformation(
        "Boundary", "AWS::IAM::ManagedPolicy", ManagedPolicyName=name, PolicyDocument=document
    )
    return Fix(
        text=text,
        cli=f"aws iam create-policy --policy-name {quoted(name)} --policy-document {quoted(document)}\n{put} {quoted(arn)}",
        terraform=f"{code}\n\n# In the aws_iam_role {named(role)}:\n#   permissions_boundary = aws_iam_policy.boundary.arn",
        cloudformation=f"{resource}\n# In the AWS::IAM::Role {named(role)}:\n#   PermissionsBoundary: !Ref Boundary",
        verify=verify,
        undo=f"{put} {quoted(boundary_arn)}\naws iam delete-policy --policy-arn {quoted(arn)}",
    )


def change_trust(role_arn: str, old: Json, new: Json, *, text: str) -> Fix:
    """Another trust policy for a role."""
    role = _name(role_arn)
    holder = PolicyHolder(
        put=f"aws iam update-assume-role-policy --role-name {quoted(role)} --policy-document",
        terraform=("aws_iam_role", "execution", {"name": role}, "assume_role_policy"),
        cloudformation=("ExecutionRole", "AWS::IAM::Role", {"RoleName": role}, "AssumeRolePolicyDocument"),
    )
    verify = f"aws iam get-role --role-name {quoted(role)} --query Role.AssumeRolePolicyDocument"
    return _changed(holder, old, new, text=text, verify=verify)


# --- registries --------------------------------------------------------------------------------------


def change_repository_policy(
    repository_arn: str, old: Json | None, new: Json | None, *, text: str, own_account: bool
) -> Fix:
    """Another policy for a repository; `None` takes it away. In another account it needs that account's credentials."""
    _, _, _, region, account, resource = repository_arn.split(":", 5)
    name = resource.removeprefix("repository/")
    which = f"--repository-name {quoted(name)} --region {quoted(region)}"
    holder = PolicyHolder(
        put=f"aws ecr set-repository-policy {which} --policy-text",
        delete=f"aws ecr delete-repository-policy {which}",
        terraform=("aws_ecr_repository_policy", "this", {"repository": name}, "policy"),
        cloudformation=(
            "Repository",
            "AWS::ECR::Repository",
            {"RepositoryName": name},
            "RepositoryPolicyText",
        ),
        gone=(
            f"# Delete the aws_ecr_repository_policy of {named(name)}.",
            f"# Delete RepositoryPolicyText of the AWS::ECR::Repository {named(name)}.",
        ),
    )
    verify = f"aws ecr get-repository-policy {which} --query policyText --output text"
    note = "" if own_account else f"# With credentials of account {named(account)}:\n"
    return _changed(holder, old, new, text=text, verify=verify, note=note)


def ask_for_repository_policy(repository_arn: str, *, text: str) -> Fix:
    """What the owner of a repository has to change in a policy that nobody else can read: it shows the policy, no more."""
    _, _, _, region, account, resource = repository_arn.split(":", 5)
    which = f"--repository-name {quoted(resource.removeprefix('repository/'))} --region {quoted(region)}"
    show = f"# With credentials of account {named(account)}:\naws ecr get-repository-policy {which} --query policyText --output text"
    return Fix(text=text, cli=show, verify=show)


def change_registry_policy(region: str, old: Json, new: Json | None, *, text: str) -> Fix:
    """Another policy for the private registry of the account in one Region."""
    holder = PolicyHolder(
        put=f"aws ecr put-registry-policy --region {region} --policy-text",
        delete=f"aws ecr delete-registry-policy --region {region}",
        terraform=("aws_ecr_registry_policy", "this", {}, "policy"),
        cloudformation=("RegistryPolicy", "AWS::ECR::RegistryPolicy", {}, "PolicyText"),
        gone=("# Delete the aws_ecr_registry_policy.", "# Delete the AWS::ECR::RegistryPolicy."),
    )
    verify = f"aws ecr get-registry-policy --region {region} --query policyText --output text"
    return _changed(holder, old, new, text=text, verify=verify)


# --- secrets and keys --------------------------------------------------------------------------------


def change_secret_policy(secret_arn: str, region: str, old: Json, new: Json | None, *, text: str) -> Fix:
    """Another resource policy for a secret; `None` takes it away."""
    which = f"--secret-id {quoted(secret_arn)} --region {region}"
    holder = PolicyHolder(
        put=f"aws secretsmanager put-resource-policy {which} --resource-policy",
        delete=f"aws secretsmanager delete-resource-policy {which}",
        terraform=("aws_secretsmanager_secret_policy", "this", {"secret_arn": secret_arn}, "policy"),
        cloudformation=(
            "SecretPolicy",
            "AWS::SecretsManager::ResourcePolicy",
            {"SecretId": secret_arn},
            "ResourcePolicy",
        ),
        gone=(
            "# Delete the aws_secretsmanager_secret_policy.",
            "# Delete the AWS::SecretsManager::ResourcePolicy.",
        ),
    )
    verify = f"aws secretsmanager get-resource-policy {which} --query ResourcePolicy --output text"
    return _changed(holder, old, new, text=text, verify=verify)


def change_bucket_policy(bucket: str, old: Json, new: Json | None, *, text: str) -> Fix:
    """Another policy for a bucket; `None` takes it away."""
    which = f"--bucket {quoted(bucket)}"
    holder = PolicyHolder(
        put=f"aws s3api put-bucket-policy {which} --policy",
        delete=f"aws s3api delete-bucket-policy {which}",
        terraform=("aws_s3_bucket_policy", "this", {"bucket": bucket}, "policy"),
        cloudformation=("BucketPolicy", "AWS::S3::BucketPolicy", {"Bucket": bucket}, "PolicyDocument"),
        gone=("# Delete the aws_s3_bucket_policy.", "# Delete the AWS::S3::BucketPolicy."),
    )
    verify = f"aws s3api get-bucket-policy {which} --query Policy --output text"
    return _changed(holder, old, new, text=text, verify=verify)


def change_key_policy(key_arn: str, region: str, old: Json, new: Json, *, text: str) -> Fix:
    """Another policy for a key."""
    which = f"--key-id {quoted(key_arn)} --policy-name default --region {region}"
    holder = PolicyHolder(
        put=f"aws kms put-key-policy {which} --policy",
        terraform=("aws_kms_key_policy", "this", {"key_id": key_arn}, "policy"),
        cloudformation=("Key", "AWS::KMS::Key", {}, "KeyPolicy"),
    )
    verify = f"aws kms get-key-policy {which} --query Policy --output text"
    return _changed(holder, old, new, text=text, verify=verify)


# --- endpoints ---------------------------------------------------------------------------------------


def change_endpoint_policy(
    endpoint: VpcEndpoint, region: str, old: Json, new: Json | None, *, text: str
) -> Fix:
    """Another policy for a VPC endpoint; `None` puts back the one that allows everything."""
    endpoint_id = endpoint.vpc_endpoint_id
    modify = f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {quoted(endpoint_id)} --region {region}"
    where = {"ServiceName": endpoint.service_name, **({"VpcId": endpoint.vpc_id} if endpoint.vpc_id else {})}
    holder = PolicyHolder(
        put=f"{modify} --policy-document",
        terraform=("aws_vpc_endpoint_policy", "this", {"vpc_endpoint_id": endpoint_id}, "policy"),
        cloudformation=("Endpoint", "AWS::EC2::VPCEndpoint", where, "PolicyDocument"),
    )
    describe = f"aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {quoted(endpoint_id)} --region {region}"
    verify = f"{describe} --query 'VpcEndpoints[0].PolicyDocument' --output text"
    return _changed(holder, old, new if new is not None else _OPEN, text=text, verify=verify)


_OPEN: Json = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
