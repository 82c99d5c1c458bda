"""Policies of the role's own account: roles, boundaries, trust, the organization."""

from __future__ import annotations

import json

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.policies import LOGS, PULL, TOKEN, allow, deny, grant, policy, trust
from demo.aws.scenarios.bare.base import bare_account, behind_nat
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(bare_account)

FOREIGN = "999988887777"


@catalogue.add(
    "task-role-trap",
    "the task role may pull, the execution role may not",
    region="eu-west-1",
    truth_only=True,
)
def task_role_trap(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task_role = account.add_role("app-role", allow("ecr:*", "s3:*"))
    role = account.add_role("app-exec", allow(*LOGS, "ssm:GetParameters"))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role, task_role=task_role
    )
    task.stop(reasons.login_denied(task))
    return Broken(task, {"role": role})


@catalogue.add(
    "path-and-customer",
    "a role with a path lacks BatchGetImage in its customer policy",
    region="eu-west-1",
    plain_only=True,
)
def path_and_customer(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("team/deep/api", ("1",))
    first = account.add_policy("token", allow(TOKEN), path="/team/")
    second = account.add_policy(
        "layers", allow("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer")
    )
    role = account.add_role("deploy", managed=[first, second], path="/service/team/")
    task = account.fargate_task(
        "worker", network=network, image=account.image("team/deep/api", "1"), execution_role=role
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"role": role})


@catalogue.add(
    "wrong-prefix", "the policy names the repository without its prefix", region="ap-south-1", truth_only=True
)
def wrong_prefix(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("shop/api", ("1",))
    role = account.add_role("exec", allow(TOKEN), allow(*PULL, on=account.repository_arn("api")))
    task = account.fargate_task(
        "worker", network=network, image=account.image("shop/api", "1"), execution_role=role
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"role": role})


@catalogue.add("deny-by-not-resource", "an explicit deny outside of working tags", truth_only=True)
def deny_by_not_resource(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.put_role_policy(
        "exec",
        "only-golden",
        {"Effect": "Deny", "Action": "ecr:Batch*", "NotResource": account.repository_arn("golden/*")},
    )
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"role": role})


@catalogue.add(
    "deny-unknown-condition",
    "a deny outside of a source address that does not hold here, NAT",
    truth_only=True,
)
def deny_unknown_condition(account: Account) -> Broken:
    """The NAT gateway's address decides if aws:SourceIp matches; AWS's answer names no policy."""
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.put_role_policy(
        "exec", "home", deny("ecr:*", Condition={"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})
    )
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role
    )
    task.stop(reasons.login_denied(task, reasons.DENY_IN_IDENTITY_POLICY))
    return Broken(task, {"role": role})


@catalogue.add("boundary", "a boundary that forgets ECR", region="eu-west-1", plain_only=True)
def boundary(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    fence = account.add_policy("fence", allow("s3:*", "logs:*", "ssm:*"))
    role = account.add_role("exec", allow("*"), boundary=fence)
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role
    )
    task.stop(reasons.login_denied(task, reasons.NO_BOUNDARY))
    return Broken(task, {"role": role})


@catalogue.add(
    "trust-conditions",
    "a trust policy bound to the account and its tasks, healthy",
    region="eu-west-1",
    truth_only=True,
)
def trust_conditions(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    trusted = trust("ecs-tasks.amazonaws.com")
    trusted["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:SourceAccount": account.account_id},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{account.region}:{account.account_id}:*"},
    }
    role = account.add_role("exec", allow(TOKEN, *PULL), trusted=trusted)
    return Broken(
        account.fargate_task("worker", network=network, image=account.image("api", "1"), execution_role=role)
    )


@catalogue.add("no-role", "no execution role at all on Fargate", plain_only=True)
def no_role(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"), execution_role="")
    text = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        + task.image
        + ": pulling from host "
        + task.image.partition("/")[0]
        + " failed with status code [manifests 1]: 401 Unauthorized"
    )
    task.stop(text)
    return Broken(task)


@catalogue.add(
    "scp-by-text", "a service control policy by the text alone", region="eu-west-1", plain_only=True
)
def scp_by_text(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(TOKEN, *PULL))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role
    )
    task.stop(reasons.login_denied(task, "with an explicit deny in a service control policy"))
    return Broken(task)


@catalogue.add(
    "scp-by-simulator",
    "a service control policy that IAM tells of, and a foreign repository",
    region="eu-west-1",
    truth_only=True,
)
def scp_by_simulator(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("shared/base", ("1",), account=FOREIGN)
    role = account.add_role("exec", allow(TOKEN, *PULL))
    account.set_service_control_policies(policy(deny(*PULL)))
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("shared/base", "1", account=FOREIGN),
        execution_role=role,
    )
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"role": role})


@catalogue.add(
    "china-managed", "the managed execution policy, in China", region="cn-north-1", truth_only=True
)
def china_managed(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    role = account.add_role(
        "exec",
        allow(TOKEN),
        allow(*PULL, on=f"arn:aws-cn:ecr:cn-north-1:{account.account_id}:repository/api"),
    )
    return Broken(
        account.fargate_task("worker", network=network, image=account.image("api", "1"), execution_role=role)
    )


@catalogue.add(
    "registry-kms",
    "a private registry's secret with a key that the role may not use",
    region="eu-west-1",
    truth_only=True,
)
def registry_kms(account: Account) -> Broken:
    network = behind_nat(account)
    kms = account.client("kms")
    key = kms.create_key(
        Policy=json.dumps(
            policy(grant({"AWS": f"arn:aws:iam::{account.account_id}:root"}, "kms:*", Resource="*"))
        )
    )["KeyMetadata"]["Arn"]
    secret = account.client("secretsmanager").create_secret(Name="hub/login", SecretString="x", KmsKeyId=key)[
        "ARN"
    ]
    role = account.add_role("exec", allow(*LOGS), allow("secretsmanager:GetSecretValue", on=secret))
    task = account.fargate_task(
        "main", network=network, image="ghcr.io/acme/api:1", registry_secret=secret, execution_role=role
    )
    text = (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
        + secret
        + " from secrets manager: AccessDeniedException: Access to KMS is not allowed"
    )
    task.stop(text, container_reasons={})
    return Broken(task, {"role": role})
