"""Secrets that ECS reads before the pull: gone for a while, named wrong, refused, under a key that is off."""

from __future__ import annotations

import json
from typing import Any

from demo.aws import images, reasons
from demo.aws.account import Account
from demo.aws.policies import LOGS, PULL, TOKEN, allow, grant, policy
from demo.aws.scenarios.bare.base import bare_account, behind_nat
from demo.aws.scenarios.model import Broken, Catalogue
from demo.aws.tasks import TaskHandle

catalogue = Catalogue(bare_account)

REGION = "eu-west-1"
READS = "secretsmanager:GetSecretValue"


def _taking(
    account: Account, *more: dict[str, Any], key: str | None = None, behind: str = ""
) -> tuple[TaskHandle, str, str]:
    """A task that takes a secret which it may read, by what stands `behind` its ARN; the task, the secret and the role."""
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    options = {"KmsKeyId": key} if key else {}
    created = account.client("secretsmanager").create_secret(
        Name="api/database", SecretString='{"password":"x"}', **options
    )
    secret = str(created["ARN"])
    registry = f"arn:aws:ecr:{REGION}:{account.account_id}:repository/api"
    role = account.add_role(
        "exec", allow(*LOGS), allow(TOKEN), allow(*PULL, on=registry), allow(READS, on=secret), *more
    )
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("api", "1"),
        execution_role=role,
        secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": f"{secret}{behind}"}],
    )
    return task, secret, role


@catalogue.add("secret-scheduled", "a secret that is deleted in some days", region=REGION, truth_only=True)
def secret_scheduled(account: Account) -> Broken:
    task, secret, _ = _taking(account)
    account.client("secretsmanager").delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    task.stop(reasons.secret_not_found(secret))
    return Broken(task, {"secret": secret})


@catalogue.add("secret-colons", "a JSON key without the colons behind it", region=REGION, truth_only=True)
def secret_colons(account: Account) -> Broken:
    task, secret, _ = _taking(account, behind=":password")
    task.stop(reasons.secret_not_found(f"{secret}:password"))
    return Broken(task, {"secret": secret})


@catalogue.add("secret-policy", "a secret's own policy refuses everybody", region=REGION, truth_only=True)
def secret_policy(account: Account) -> Broken:
    task, secret, role = _taking(account)
    shut = {"Sid": "Locked", "Effect": "Deny", "Principal": "*", "Action": READS, "Resource": "*"}
    account.client("secretsmanager").put_resource_policy(
        SecretId=secret, ResourcePolicy=json.dumps(policy(shut))
    )
    task.stop(reasons.secret_denied(task, secret))
    return Broken(task, {"secret": secret, "role": role})


@catalogue.add("secret-key-off", "a secret's key is disabled", region=REGION, truth_only=True)
def secret_key_off(account: Account) -> Broken:
    kms = account.client("kms")
    root = {"AWS": f"arn:aws:iam::{account.account_id}:root"}
    document = json.dumps(policy(grant(root, "kms:*", Resource="*")))
    key = str(kms.create_key(Policy=document)["KeyMetadata"]["Arn"])
    task, secret, _ = _taking(account, allow("kms:Decrypt", on=key), key=key)
    kms.disable_key(KeyId=key.rpartition("/")[2])
    text = reasons.secret_not_found(secret).partition(": ResourceNotFoundException")[0]
    task.stop(f"{text}: AccessDeniedException: Access to KMS is not allowed")
    return Broken(task, {"secret": secret, "key": key})


@catalogue.add(
    "large-image", "an image that takes more than the 20 GiB of Fargate", region=REGION, truth_only=True
)
def large_image(account: Account) -> Broken:
    network = behind_nat(account)
    account.client("ecr").create_repository(repositoryName="model")
    manifest = images.image("model:1", layers=6, megabytes=23_600)
    images.put(account.client("ecr"), "model", manifest, "1")
    registry = f"arn:aws:ecr:{REGION}:{account.account_id}:repository/model"
    role = account.add_role("exec", allow(*LOGS), allow(TOKEN), allow(*PULL, on=registry))
    task = account.fargate_task(
        "worker", network=network, image=account.image("model", "1"), execution_role=role
    )
    task.stop(
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to extract layer sha256:0123: write /opt/model: no space left on device"
    )
    return Broken(task, {"definition": task.task_definition_arn})
