"""deploy/container.yml with what an operator may choose: another account's external id, and a key of one's own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.settings import external_ids
from tests.deploy.conftest import ROOT
from tests.deploy.test_policy import Template, chosen
from tests.deploy.yaml_forms import load

KEY = {"Ref": "KeyArn"}


def container(*conditions: str) -> Template:
    """Its resources where these conditions hold and no other."""
    template = load((ROOT / "deploy/container.yml").read_text(encoding="utf-8"))
    kept = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource.get("Condition", "Runs") in {"Runs", *conditions}
    }
    return {**template, "Resources": chosen(kept, {"Runs", *conditions})}


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def policies(template: Template, role: str) -> dict[str, list[dict[str, Any]]]:
    found = properties(template, role)["Policies"]
    return {item["PolicyName"]: item["PolicyDocument"]["Statement"] for item in found}


def variables(template: Template) -> dict[str, Any]:
    (task,) = properties(template, "TaskDefinition")["ContainerDefinitions"]
    return {item["Name"]: item["Value"] for item in task["Environment"]}


def test_nothing_is_on_unless_it_is_chosen() -> None:
    plain = container()

    assert "OtherAccounts" not in plain["Resources"]
    assert list(policies(plain, "ExecutionRole")) == ["start"]
    assert list(policies(plain, "TaskRole")) == ["own", "read"]
    assert properties(plain, "Table")["SSESpecification"] == {"SSEEnabled": True}
    assert "KmsKeyId" not in properties(plain, "LogGroup")
    assert "EncryptionConfiguration" not in properties(plain, "Repository")
    assert set(variables(plain)) == {"AWS_REGION", "PULLCHECK_STORE", "PULLCHECK_TABLE"}
    for name in ("ExternalId", "ExternalIds", "KeyArn", "SecretsKeyArn"):
        assert plain["Parameters"][name]["Default"] == ""


def test_a_key_of_one_s_own_encrypts_all_that_is_kept() -> None:
    keyed = container("HasKey")

    assert properties(keyed, "Table")["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": KEY,
    }
    assert properties(keyed, "LogGroup")["KmsKeyId"] == KEY
    assert properties(keyed, "Repository")["EncryptionConfiguration"] == {
        "EncryptionType": "KMS",
        "KmsKey": KEY,
    }
    (statement,) = policies(keyed, "TaskRole")["table-key"]
    assert statement["Resource"] == KEY
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"}}
    }


def test_the_key_lets_the_logs_of_both_ways_to_run_be_encrypted() -> None:
    key = load((ROOT / "deploy/key.yml").read_text(encoding="utf-8"))
    (logs,) = (
        item
        for item in key["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
        if item["Sid"] == "Logs"
    )
    groups = [
        item["Fn::Sub"].rpartition(":log-group:")[2]
        for item in logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    ]
    name = properties(container(), "LogGroup")["LogGroupName"]["Fn::Sub"]
    assert name.replace("AWS::StackName", "Stack") in groups


def test_parameters_under_a_key_of_one_s_own_can_be_read() -> None:
    (statement,) = policies(container("HasSecretsKey"), "ExecutionRole")["secrets-key"]
    assert statement == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": {"Ref": "SecretsKeyArn"},
        "Condition": {"StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"}}},
    }


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        (["HasOthers", "HasExternalId"], {"PULLCHECK_EXTERNAL_ID": {"Ref": "ExternalId"}}),
        (["HasOthers", "HasExternalIds"], {"PULLCHECK_EXTERNAL_IDS": {"Ref": "ExternalIds"}}),
        (
            ["HasOthers", "HasExternalId", "HasExternalIds"],
            {
                "PULLCHECK_EXTERNAL_ID": {"Ref": "ExternalId"},
                "PULLCHECK_EXTERNAL_IDS": {"Ref": "ExternalIds"},
            },
        ),
    ],
)
def test_external_ids_reach_the_bot(conditions: list[str], told: dict[str, Any]) -> None:
    found = variables(container(*conditions))
    assert {name: value for name, value in found.items() if "EXTERNAL" in name} == told


def test_an_external_id_is_of_no_use_without_other_accounts() -> None:
    conditions = container()["Conditions"]
    for name in ("HasExternalId", "HasExternalIds"):
        assert {"Fn::Condition": "HasOthers"} in conditions[name]["Fn::And"]


LONG = "0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", True),
        (f"222233334444={LONG}", True),
        (f"222233334444={LONG},333344445555={LONG}:+=.@/-_", True),
        (f"222233334444={LONG},", False),
        ("222233334444=short", False),
        (f"2222-3333-4444={LONG}", False),
        (f"prod={LONG}", False),
        (LONG, False),
        (f"222233334444={LONG} ,333344445555={LONG}", False),
        (f"２２２２３３３３４４４４={LONG}", False),
    ],
)
def test_cloudformation_takes_no_list_that_the_bot_would_refuse(text: str, taken: bool) -> None:
    pattern = container()["Parameters"]["ExternalIds"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, text)) == taken
    if taken:
        assert len(external_ids(text)) == text.count(",") + bool(text)
