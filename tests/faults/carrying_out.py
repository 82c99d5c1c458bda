"""The commands of a repair carried out on the facts, as far as those reach."""

from __future__ import annotations

import json
from typing import Any

from tests.build import World, absent, image_of, known, vpc_of


def statements_in(text: str) -> list[dict[str, Any]]:
    """The statements of policies anywhere in a JSON text."""
    if not text.startswith("{"):
        return []
    value = json.loads(text)
    found: list[dict[str, Any]] = []

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            if item.get("Effect") in ("Allow", "Deny"):
                found.append(item)
            for one in item.values():
                walk(one)
        elif isinstance(item, list):
            for one in item:
                walk(one)
        elif isinstance(item, str) and item.startswith("{"):
            walk(json.loads(item) if item != "{" else {})

    walk(value)
    return found


def option(words: list[str], name: str) -> str:
    """The value of an option of a command."""
    return words[words.index(f"--{name}") + 1]


def with_tags(present: list[Any], words: list[str], names: tuple[str, str] = ("Key", "Value")) -> list[Any]:
    """What a command that tags leaves: its own tags, and those of other keys."""
    key, value = names
    new = {item[key]: item[value] for item in json.loads(option(words, "tags"))}
    kept = [item for item in present if item["Key"] not in new]
    return [*kept, *({"Key": name, "Value": text} for name, text in new.items())]


ELSEWHERE = {
    ("iam", "create-role"), ("iam", "add-role-to-instance-profile"), ("ecs", "describe-task-definition"), ("ecs", "register-task-definition"), ("kms", "cancel-key-deletion"),
    ("ec2", "associate-iam-instance-profile"), ("ec2", "replace-iam-instance-profile-association"),
    ("organizations", "list-policies-for-target"), ("ecr", "get-repository-policy"), ("iam", "list-instance-profiles-for-role"), ("ec2", "describe-iam-instance-profile-associations"), ("secretsmanager", "create-secret"),
    ("iam", "list-role-policies"),
    ("secretsmanager", "restore-secret"), ("secretsmanager", "update-secret"), ("ssm", "put-parameter"),
    ("secretsmanager", "put-secret-value"),
}  # fmt: skip
"""What makes something new, or is done where the facts do not reach."""


def apply(facts: World, words: list[str]) -> None:
    """One command's effect on the facts."""
    role = next((item for item in facts["roles"].values() if _names(item, words)), None)
    match words[1:3]:
        case ["iam", "put-role-policy"]:
            assert role is not None
            name = option(words, "policy-name")
            names = role["inline_policy_names"].get("value", [])
            if name not in names:
                names.append(name)
            role["inline_policies"][name] = known(option(words, "policy-document"))
        case ["iam", "delete-role-policy"]:
            assert role is not None
            name = option(words, "policy-name")
            role["inline_policy_names"]["value"].remove(name)
            del role["inline_policies"][name]
        case ["iam", "detach-role-policy"]:
            assert role is not None
            role["attached_policy_arns"]["value"].remove(option(words, "policy-arn"))
        case ["iam", "create-policy-version"]:
            _new_version(facts, option(words, "policy-arn"), option(words, "policy-document"))
        case ["iam", "create-policy"]:
            facts.setdefault("made", {})[option(words, "policy-name")] = option(words, "policy-document")
        case ["iam", "attach-role-policy"]:
            assert role is not None
            arn = option(words, "policy-arn")
            role["attached_policy_arns"]["value"].append(arn)
            role["attached_policies"][arn] = known(facts["made"][arn.rsplit("/", 1)[-1]])
        case ["iam", "put-role-permissions-boundary"]:
            assert role is not None
            name = option(words, "permissions-boundary").rsplit("/", 1)[-1]
            role["boundary_policy"] = known(facts["made"][name])
            boundary = {"PermissionsBoundaryArn": option(words, "permissions-boundary")}
            role["role"]["value"]["PermissionsBoundary"] = boundary
        case ["iam", "update-assume-role-policy"]:
            assert role is not None
            role["role"]["value"]["AssumeRolePolicyDocument"] = option(words, "policy-document")
        case ["ecr", "set-repository-policy"]:
            image_of(facts)["repository_policy"] = known(option(words, "policy-text"))
        case ["ecr", "delete-repository-policy"]:
            image_of(facts)["repository_policy"] = absent()
        case ["ecr", "put-registry-policy"]:
            image_of(facts)["registry_policy"] = known(option(words, "policy-text"))
        case ["ec2", "modify-vpc-endpoint"]:
            for item in vpc_of(facts)["vpc_endpoints"]["value"]:
                if item["VpcEndpointId"] == option(words, "vpc-endpoint-id"):
                    item["PolicyDocument"] = option(words, "policy-document")
        case ["secretsmanager", "put-resource-policy"]:
            facts["secret_policies"][option(words, "secret-id")] = known(option(words, "resource-policy"))
        case ["secretsmanager", "tag-resource"]:
            secret = facts["secrets"][option(words, "secret-id")]["value"]
            secret["Tags"] = with_tags(secret["Tags"], words)
        case ["ssm", "add-tags-to-resource"]:
            ending = f":parameter{option(words, 'resource-id')}"
            (tags,) = (item for key, item in facts["parameter_tags"].items() if key.endswith(ending))
            tags["value"] = with_tags(tags["value"], words)
        case ["kms", "tag-resource"]:
            tags = facts["kms_key_tags"][option(words, "key-id")]
            tags["value"] = with_tags(tags["value"], words, ("TagKey", "TagValue"))
        case ["ecr", "tag-resource"]:
            assert option(words, "resource-arn") == image_of(facts)["repository"]["value"]["repositoryArn"]
            tags = image_of(facts)["tags"]
            tags["value"] = with_tags(tags["value"], words)
        case ["kms", "put-key-policy"]:
            facts["kms_key_policies"][option(words, "key-id")] = known(option(words, "policy"))
        case ["kms", "enable-key"]:
            (key,) = (
                item for arn, item in facts["kms_keys"].items() if arn.endswith(option(words, "key-id"))
            )
            key["value"]["KeyState"] = "Enabled"
        case _:
            raise AssertionError(f"nothing is known of {words[1:3]}")


def _names(facts: dict[str, Any], words: list[str]) -> bool:
    return "--role-name" in words and facts["role_arn"].endswith("/" + option(words, "role-name"))


def _new_version(facts: World, arn: str, document: str) -> None:
    for item in facts["roles"].values():
        if arn in item["attached_policies"]:
            item["attached_policies"][arn] = known(document)
        boundary = item["role"].get("value", {}).get("PermissionsBoundary") or {}
        if boundary.get("PermissionsBoundaryArn") == arn:
            item["boundary_policy"] = known(document)
