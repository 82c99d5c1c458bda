"""Small differences to a healthy world, each about one secret, parameter or key."""

from __future__ import annotations

from typing import Any

from tests.build import (
    ACCOUNT,
    REGION,
    Edit,
    World,
    absent,
    definition_of,
    known,
    policy_text,
    task_of,
    unavailable,
)
from tests.build.permissions import ROOT
from tests.build.policies import Json, allow

SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:payments/db-AbCdEf"
PARAMETER_ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/payments/token"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f1e2d3c-0000-4000-8000-000000000001"
VERSION = "01234567-89ab-4cde-8f01-23456789abcd"
VERSIONS = {VERSION: ["AWSCURRENT"]}
READS = allow("secretsmanager:GetSecretValue", SECRET_ARN)
READS_TAGGED = READS | {"Condition": {"StringEquals": {"secretsmanager:ResourceTag/team": "payments"}}}
DECRYPTS = allow("kms:Decrypt", KEY_ARN)
DECRYPTS_TAGGED = DECRYPTS | {"Condition": {"StringEquals": {"aws:ResourceTag/team": "payments"}}}
READS_PARAMETER = allow("ssm:GetParameters", PARAMETER_ARN)
READS_TAGGED_PARAMETER = READS_PARAMETER | {
    "Condition": {"StringEquals": {"ssm:resourceTag/team": "payments"}}
}


def taking(value: str, *, key: str | None = None, policy: Any = None) -> Edit:
    """The container takes a secret or parameter that exists."""

    def edit(world: World) -> None:
        container = definition_of(world)["containerDefinitions"][0]
        container.setdefault("secrets", []).append({"name": "SECRET", "valueFrom": value})
        _exists(world, value, key, policy)

    return edit


def with_tags(**tags: str) -> Edit:
    """The secret's tags were read, and these are they."""

    def edit(world: World) -> None:
        found = [{"Key": key, "Value": value} for key, value in tags.items()]
        world["secrets"][SECRET_ARN]["value"]["Tags"] = found

    return edit


def parameter_tags(**tags: str) -> Edit:
    """The parameter's tags were read, and these are they."""

    def edit(world: World) -> None:
        found = [{"Key": key, "Value": value} for key, value in tags.items()]
        world["parameter_tags"] = {PARAMETER_ARN: known(found)}

    return edit


def key_tags(**tags: str) -> Edit:
    """The key's tags were read, and these are they."""

    def edit(world: World) -> None:
        found = [{"Key": key, "Value": value} for key, value in tags.items()]
        world["kms_key_tags"] = {KEY_ARN: known(found)}

    return edit


def tags_unread(field: str, of: str, call: str) -> Edit:
    """The tags of a parameter or key could not be read."""

    def edit(world: World) -> None:
        world[field] = {of: unavailable("AccessDenied", call)}

    return edit


def credentials(value: str = SECRET_ARN, *, key: str | None = None) -> Edit:
    """The image comes from a private registry, with the credentials in a secret."""

    def edit(world: World) -> None:
        image = "registry.example.com/payments-api:1.4.2"
        task_of(world)["containers"][0]["image"] = image
        container = definition_of(world)["containerDefinitions"][0]
        container.update(image=image, repositoryCredentials={"credentialsParameter": value})
        world["images"] = []
        _exists(world, value, key, None)

    return edit


def _exists(world: World, value: str, key: str | None, policy: Any) -> None:
    if ":ssm:" in value or not value.startswith("arn:"):
        name = f"/{value.rsplit(':parameter/', 1)[-1]}"
        name = name.partition(":")[0]
        arn = ":".join(value.split(":")[:6])
        described = {"Name": name, "Type": "SecureString", "KeyId": key or "alias/aws/ssm", "ARN": arn}
        world.setdefault("parameters", {})[value] = known(described)
        return
    arn = ":".join(value.split(":")[:7])
    world["secrets"][value] = known(
        {"ARN": arn, "Name": "payments/db", "KmsKeyId": key, "VersionIdsToStages": VERSIONS}
    )
    world.setdefault("secret_policies", {})[value] = (
        known(policy) if policy else absent("secretsmanager:GetResourcePolicy")
    )


def kms_key(*statements: Json, state: str = "Enabled") -> Edit:
    """A customer managed key."""

    def edit(world: World) -> None:
        described = {
            "KeyId": KEY_ARN.rsplit("/", 1)[-1],
            "Arn": KEY_ARN,
            "KeyState": state,
            "KeyManager": "CUSTOMER",
        }
        world.setdefault("kms_keys", {})[KEY_ARN] = known(described)
        world.setdefault("kms_key_policies", {})[KEY_ARN] = known(policy_text(*statements))

    return edit


USUAL_KEY_POLICY = {
    "Sid": "Root", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*",
}  # fmt: skip


def versions(found: dict[str, list[str]] | None, value: str = SECRET_ARN) -> Edit:
    """The secret's versions with their staging labels; `None` where they are not known."""

    def edit(world: World) -> None:
        world["secrets"][value]["value"]["VersionIdsToStages"] = found

    return edit


def scheduled_for_deletion(world: World) -> None:
    """Secrets Manager keeps a deleted secret for some days."""
    world["secrets"][SECRET_ARN]["value"]["DeletedDate"] = "2026-11-20T00:00:00Z"


def gone(where: str, value: str) -> Edit:
    """A secret, parameter or key that does not exist."""

    def edit(world: World) -> None:
        world[where][value] = absent()

    return edit


NEW_ARN = SECRET_ARN.replace("AbCdEf", "XyZ123")


def by_name(value: str, arn: str = NEW_ARN, **more: Any) -> Edit:
    """There is no secret by what the task definition calls it, and one of that name."""

    def edit(world: World) -> None:
        gone("secrets", value)(world)
        found = {"ARN": arn, "Name": "payments/db", "VersionIdsToStages": VERSIONS, **more}
        world["secrets_by_name"] = {value: known(found)}

    return edit


def by_name_neither(value: str = SECRET_ARN) -> Edit:
    """Nor is there one of that name."""

    def edit(world: World) -> None:
        gone("secrets", value)(world)
        world["secrets_by_name"] = {value: absent("secretsmanager:DescribeSecret")}

    return edit


def parameter_here(value: str) -> Edit:
    """The parameter is not in the Region that its ARN names, and in the task's own."""

    def edit(world: World) -> None:
        gone("parameters", value)(world)
        found = {"Name": "/payments/token", "ARN": PARAMETER_ARN, "Type": "SecureString"}
        world["parameters_here"] = {value: known(found)}

    return edit
