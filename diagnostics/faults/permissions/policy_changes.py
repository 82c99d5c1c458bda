"""The repairs: one change to one policy, as AWS CLI, Terraform and CloudFormation, with how to verify and undo it."""

from __future__ import annotations

from diagnostics.faults.permissions.policy_proofs import Proof, holds
from diagnostics.finding import Fix
from diagnostics.snapshot import VpcEndpoint
from diagnostics.write import chain, named, quoted
from diagnostics.write.policies import Json, PolicyHolder


def changed_policy(
    holder: PolicyHolder,
    old: Json | None,
    new: Json | None,
    proof: Proof,
    *,
    title: str,
    text: str,
    warning: str | None = None,
    undo_note: str | None = None,
) -> Fix:
    """Another text for a policy; `None` stands for none."""
    terraform, cloud = holder.code(new, new=old is None)
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=holder.command(new),
        verify=proof[0],
        expect=proof[1],
        undo=holder.command(old),
        undo_note=undo_note,
        terraform=terraform,
        cloudformation=cloud,
    )


# --- registries --------------------------------------------------------------------------------------


def change_repository_policy(
    repository_arn: str,
    old: Json | None,
    new: Json | None,
    *,
    own_account: bool,
    title: str,
    text: str,
    warning: str | None = None,
) -> Fix:
    """Another policy for a repository; `None` takes it away. In another account it needs that account's credentials."""
    _, _, _, region, account, resource = repository_arn.split(":", 5)
    name = resource.removeprefix("repository/")
    # With the account, the same name in the caller's own registry is never meant.
    registry = "" if own_account else f" --registry-id {quoted(account)}"
    which = f"--repository-name {quoted(name)}{registry} --region {quoted(region)}"
    holder = PolicyHolder(
        put=f"aws ecr set-repository-policy {which} --policy-text",
        delete=f"aws ecr delete-repository-policy {which}",
        called=name,
        of_its_own=(True, False),
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
    get = f"aws ecr get-repository-policy {which}"
    proof = (
        holds(get, "policyText", old, new)
        if new is not None
        else _gone(get, "RepositoryPolicyNotFoundException")
    )
    if not own_account:
        theirs = f"It is done with credentials of account {account}."
        warning = f"{warning} {theirs}" if warning else theirs
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


def shown_by(repository_arn: str) -> str:
    """The command that shows a repository's policy, for a sentence."""
    _, _, _, region, _, resource = repository_arn.split(":", 5)
    return f"aws ecr get-repository-policy --repository-name {quoted(resource.removeprefix('repository/'))} --region {quoted(region)}"


def _gone(get: str, error: str) -> Proof:
    """That there is no such policy is an error, of which the name alone is printed, and no other error's."""
    return chain(f"! ANSWER=$({get} 2>&1)", f"[[ $ANSWER == *{error}* ]]", f"echo {error}"), error


def change_registry_policy(
    region: str, old: Json, new: Json | None, *, title: str, text: str, warning: str | None = None
) -> Fix:
    """Another policy for the private registry of the account in one Region."""
    holder = PolicyHolder(
        put=f"aws ecr put-registry-policy --region {region} --policy-text",
        delete=f"aws ecr delete-registry-policy --region {region}",
        called=f"of {region}",
        terraform=("aws_ecr_registry_policy", "this", {}, "policy"),
        cloudformation=("RegistryPolicy", "AWS::ECR::RegistryPolicy", {}, "PolicyText"),
        gone=("# Delete the aws_ecr_registry_policy.", "# Delete the AWS::ECR::RegistryPolicy."),
    )
    get = f"aws ecr get-registry-policy --region {region}"
    proof = (
        holds(get, "policyText", old, new)
        if new is not None
        else _gone(get, "RegistryPolicyNotFoundException")
    )
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


# --- secrets and keys --------------------------------------------------------------------------------


def change_secret_policy(
    secret_arn: str,
    region: str,
    old: Json,
    new: Json | None,
    *,
    title: str,
    text: str,
    warning: str | None = None,
) -> Fix:
    """Another resource policy for a secret; `None` takes it away."""
    which = f"--secret-id {quoted(secret_arn)} --region {region}"
    holder = PolicyHolder(
        put=f"aws secretsmanager put-resource-policy {which} --resource-policy",
        delete=f"aws secretsmanager delete-resource-policy {which}",
        called=secret_arn,
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
    get = f"aws secretsmanager get-resource-policy {which}"
    # Without a policy the answer has no such member.
    proof = (
        holds(get, "ResourcePolicy", old, new)
        if new is not None
        else (f"{get} --query ResourcePolicy --output text", "None")
    )
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


def change_bucket_policy(
    bucket: str, old: Json, new: Json | None, *, title: str, text: str, warning: str | None = None
) -> Fix:
    """Another policy for a bucket; `None` takes it away."""
    which = f"--bucket {quoted(bucket)}"
    holder = PolicyHolder(
        put=f"aws s3api put-bucket-policy {which} --policy",
        delete=f"aws s3api delete-bucket-policy {which}",
        called=bucket,
        terraform=("aws_s3_bucket_policy", "this", {"bucket": bucket}, "policy"),
        cloudformation=("BucketPolicy", "AWS::S3::BucketPolicy", {"Bucket": bucket}, "PolicyDocument"),
        gone=(
            f"# Delete the aws_s3_bucket_policy of {named(bucket)}.",
            f"# Delete the AWS::S3::BucketPolicy of {named(bucket)}.",
        ),
    )
    get = f"aws s3api get-bucket-policy {which}"
    proof = holds(get, "Policy", old, new) if new is not None else _gone(get, "NoSuchBucketPolicy")
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


def change_key_policy(
    key_arn: str, region: str, old: Json, new: Json, *, title: str, text: str, warning: str | None = None
) -> Fix:
    """Another policy for a key."""
    which = f"--key-id {quoted(key_arn)} --policy-name default --region {region}"
    holder = PolicyHolder(
        put=f"aws kms put-key-policy {which} --policy",
        called=key_arn,
        of_its_own=(True, False),
        terraform=("aws_kms_key_policy", "this", {"key_id": key_arn}, "policy"),
        cloudformation=("Key", "AWS::KMS::Key", {}, "KeyPolicy"),
    )
    proof = holds(f"aws kms get-key-policy {which}", "Policy", old, new)
    return changed_policy(holder, old, new, proof, title=title, text=text, warning=warning)


# --- endpoints ---------------------------------------------------------------------------------------


def change_endpoint_policy(
    endpoint: VpcEndpoint,
    region: str,
    old: Json,
    new: Json | None,
    *,
    title: str,
    text: str,
    warning: str | None,
) -> Fix:
    """Another policy for a VPC endpoint; `None` puts back the one that allows everything."""
    endpoint_id = endpoint.vpc_endpoint_id
    modify = f"aws ec2 modify-vpc-endpoint --vpc-endpoint-id {quoted(endpoint_id)} --region {region}"
    holder = PolicyHolder(
        put=f"{modify} --policy-document",
        called=endpoint_id,
        of_its_own=(False, False),
        terraform=("aws_vpc_endpoint", "this", {}, "policy"),
        cloudformation=("Endpoint", "AWS::EC2::VPCEndpoint", {}, "PolicyDocument"),
    )
    describe = f"aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {quoted(endpoint_id)} --region {region}"
    wanted = new if new is not None else _OPEN
    proof = holds(describe, "VpcEndpoints[0].PolicyDocument", old, wanted)
    return changed_policy(holder, old, wanted, proof, title=title, text=text, warning=warning)


_OPEN: Json = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
