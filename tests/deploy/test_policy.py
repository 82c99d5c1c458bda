"""Who may do what: the reading policy is the table of calls, and nothing is written outside of the bot's own things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from diagnostics.collect import permission_rows, policy_document
from tests.deploy.conftest import ROOT
from tests.deploy.yaml_forms import load
from tools import deploy_policy

Template = dict[str, Any]
Statement = dict[str, Any]

READS = re.compile(r"[a-z0-9]+:(?:Describe|Get|List|BatchGet)[A-Za-z]+|iam:SimulatePrincipalPolicy")
"""By name, and one that AWS counts among the reads."""
NEVER = {
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "secretsmanager:GetSecretValue",
    "kms:Decrypt",
}


@pytest.fixture(scope="module")
def target_account() -> Template:
    return load((ROOT / "deploy/target-account.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def container() -> Template:
    return load((ROOT / "deploy/container.yml").read_text(encoding="utf-8"))


def roles(template: Template) -> dict[str, list[dict[str, Any]]]:
    return {
        # Those that stand under a condition too.
        name: [
            item["Fn::If"][1] if "Fn::If" in item else item
            for item in resource["Properties"].get("Policies", [])
        ]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def statements(template: Template) -> Iterator[tuple[str, Statement]]:
    """Every statement of every role, with the role's name; policies attached apart count too."""
    for name, policies in roles(template).items():
        for policy in policies:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::IAM::RolePolicy":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                yield resource["Properties"]["RoleName"]["Ref"], statement


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(document: Any) -> dict[str, Any]:
    """A policy document of a template with the partition `aws` filled in."""
    text = re.sub(r'\{"Fn::Sub": ("[^"]*")\}', r"\1", json.dumps(document))
    filled: dict[str, Any] = json.loads(text.replace("${AWS::Partition}", "aws"))
    return filled


# --- equality ----------------------------------------------------------------------------------------


def test_the_worker_s_reading_policy_is_the_table_of_calls(each_template: Template) -> None:
    (policy,) = (item for item in roles(each_template)["WorkerRole"] if item["PolicyName"] == "read-aws")
    assert plain(policy["PolicyDocument"]) == policy_document()


def chosen(value: Any, narrows: set[str]) -> Any:
    """A value of a template with its `Fn::If` decided: those conditions hold."""
    if isinstance(value, list):
        items = [chosen(item, narrows) for item in value]
        return [item for item in items if item is not None]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::NoValue"}:
        return None
    if "Fn::If" in value:
        condition, yes, no = value["Fn::If"]
        return chosen(yes if condition in narrows else no, narrows)
    decided = {key: chosen(item, narrows) for key, item in value.items()}
    return {key: item for key, item in decided.items() if item is not None}


def merged(document: Any) -> dict[str, Any]:
    """A policy document with statements that differ in their actions only put together."""
    by_rest: dict[str, Statement] = {}
    for statement in document["Statement"]:
        rest = json.dumps({key: value for key, value in statement.items() if key != "Action"}, sort_keys=True)
        found = by_rest.setdefault(rest, {**statement, "Action": []})
        found["Action"] = sorted([*found["Action"], *statement["Action"]])
    return {**document, "Statement": list(by_rest.values())}


@pytest.mark.parametrize(("file", "role"), [("target-account", "ReadRole"), ("container", "TaskRole")])
def test_the_other_templates_policies_are_the_same(file: str, role: str) -> None:
    template = load((ROOT / f"deploy/{file}.yml").read_text(encoding="utf-8"))
    policy = next(item for item in roles(template)[role] if item["PolicyName"] == "read")
    assert merged(plain(chosen(policy["PolicyDocument"], set()))) == policy_document()


NARROWABLE = {
    *("ecs:DescribeContainerInstances", "ecs:DescribeServices", "ecs:DescribeTasks", "ecs:ListTasks"),
}
"""By https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html"""


def keys(statement: Statement) -> set[str]:
    return {key for operator in statement.get("Condition", {}).values() for key in operator}


def narrowed_by(document: Any) -> dict[str, set[str]]:
    """Of each action the condition keys that narrow it."""
    return {action: keys(item) for item in document["Statement"] for action in many(item["Action"])}


def wanted_keys(regions: bool, clusters: bool) -> dict[str, set[str]]:
    return {
        row.action: (
            {"aws:RequestedRegion"}
            if regions and not row.action.startswith(("iam:", "organizations:", "sts:"))
            else set()
        )
        | ({"ecs:cluster"} if clusters and row.action in NARROWABLE else set())
        for row in permission_rows()
    }


def test_the_worker_s_reads_are_narrowed_where_iam_has_a_key(strict: Template) -> None:
    (policy,) = (item for item in roles(strict)["WorkerRole"] if item["PolicyName"] == "read-aws")
    assert narrowed_by(policy["PolicyDocument"]) == wanted_keys(regions=True, clusters=True)
    without = {
        **policy["PolicyDocument"],
        "Statement": [
            {key: value for key, value in item.items() if key != "Condition"}
            for item in policy["PolicyDocument"]["Statement"]
        ],
    }
    assert merged(plain(without)) == policy_document()


@pytest.mark.parametrize("file", ["target-account", "container"])
@pytest.mark.parametrize(
    ("narrows", "regions", "clusters"),
    [
        ({"Narrows", "NarrowsRegions"}, True, False),
        ({"Narrows", "NarrowsRegions", "NarrowsClusters"}, True, True),
    ],
)
def test_so_are_those_of_other_accounts(file: str, narrows: set[str], regions: bool, clusters: bool) -> None:
    template = load((ROOT / f"deploy/{file}.yml").read_text(encoding="utf-8"))
    (policy,) = (
        item
        for name in ("ReadRole", "TaskRole")
        for item in roles(template).get(name, [])
        if item["PolicyName"] == "read"
    )
    document = chosen(policy["PolicyDocument"], narrows)
    assert narrowed_by(document) == wanted_keys(regions, clusters)


@pytest.mark.parametrize("file", ["target-account", "container"])
def test_their_roles_have_a_path_and_a_boundary_where_one_is_named(file: str) -> None:
    template = load((ROOT / f"deploy/{file}.yml").read_text(encoding="utf-8"))
    found = [
        item["Properties"] for item in template["Resources"].values() if item["Type"] == "AWS::IAM::Role"
    ]
    assert len(found) == 2
    for role in found:
        assert role["Path"] == {"Ref": "RolePath"}
        condition, boundary, none = role["PermissionsBoundary"]["Fn::If"]
        assert (condition, boundary) == ("HasBoundary", {"Ref": "PermissionsBoundaryArn"})
        assert none == {"Ref": "AWS::NoValue"}


def test_the_container_writes_its_own_table_alone(container: Template) -> None:
    reading = {row.action for row in permission_rows()}
    others = [
        item
        for role, item in statements(container)
        if role == "TaskRole" and not reading >= set(many(item["Action"]))
    ]
    assert [(item["Action"], item["Resource"]) for item in others] == [
        (
            ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            {"Fn::GetAtt": ["Table", "Arn"]},
        ),
        # With a key of one's own; through DynamoDB alone (tests/deploy/test_fargate.py).
        (
            [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            {"Ref": "KeyArn"},
        ),
        ("sts:AssumeRole", {"Ref": "OtherRoleArns"}),
    ]


def test_the_generated_files_are_up_to_date() -> None:
    assert (ROOT / "deploy/read-policy.json").read_text(encoding="utf-8") == deploy_policy.read_policy()
    assert (ROOT / "deploy/target-account.yml").read_text(encoding="utf-8") == deploy_policy.target_account()
    assert (ROOT / "deploy/container.yml").read_text(encoding="utf-8") == deploy_policy.container()


def test_it_fits_into_an_inline_policy() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10,240 characters in a role."""
    assert len(json.dumps(policy_document(), separators=(",", ":"))) < 8_000


# --- least privilege ---------------------------------------------------------------------------------


def test_the_table_of_calls_only_reads() -> None:
    actions = {row.action for row in permission_rows()}
    assert [action for action in actions if not READS.fullmatch(action)] == []
    assert actions & NEVER == set()


OWN: dict[str, tuple[str, ...]] = {
    "logs:CreateLogStream": (":log-group:/aws/lambda/pullcheck-test-",),
    "logs:PutLogEvents": (":log-group:/aws/lambda/pullcheck-test-",),
    **dict.fromkeys(
        (
            *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            *("sqs:ReceiveMessage", "sqs:SendMessage"),
        ),
        ("Jobs", "Events"),
    ),
    "lambda:InvokeFunction": (":function:pullcheck-test-worker",),
    **dict.fromkeys(("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"), ("Table",)),
}
"""What is allowed beside reading, and what its resource must be or hold."""


def test_nothing_is_written_but_the_bot_s_own_queue_table_and_log(each_template: Template) -> None:
    reading = {row.action for row in permission_rows()}
    for role, statement in statements(each_template):
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & set(statement)
        for action in many(statement["Action"]):
            assert "*" not in action
            if action in reading:
                continue
            resources = many(statement["Resource"])
            if action in OWN:
                assert all(
                    any(
                        resource == {"Fn::GetAtt": [owned, "Arn"]} or owned in resource.get("Fn::Sub", "")
                        for owned in OWN[action]
                    )
                    for resource in resources
                ), (role, action)
            elif action in ("ssm:GetParameter", "secretsmanager:GetSecretValue"):
                (resource,) = resources
                named = resource["Fn::Sub"].partition("${AWS::AccountId}:")[2]
                assert named in ("parameter/pullcheck/test/slack", "secret:pullcheck/slack-??????")
            elif action == "kms:Decrypt":
                assert all(resource.startswith("arn:aws:kms:") for resource in resources)
                assert "kms:ViaService" in statement["Condition"]["StringEquals"]
            else:
                assert action == "sts:AssumeRole", (role, action)
                assert resources == [
                    {"Fn::Sub": "arn:${AWS::Partition}:iam::222233334444:role/pullcheck-read"},
                    {"Fn::Sub": "arn:${AWS::Partition}:iam::333344445555:role/pullcheck-read"},
                ]


def test_the_ingress_may_log_read_its_secrets_send_one_message_and_invoke_the_worker(
    each_template: Template,
) -> None:
    allowed = {
        action
        for role, statement in statements(each_template)
        if role == "SlackRole"
        for action in many(statement["Action"])
    }
    secrets = {"ssm:GetParameter", "secretsmanager:GetSecretValue", "kms:Decrypt"}
    assert allowed - secrets == {
        "lambda:InvokeFunction",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
    }


def test_each_function_has_its_own_role_that_only_lambda_assumes(each_template: Template) -> None:
    functions = [
        item["Properties"]
        for item in each_template["Resources"].values()
        if item["Type"] == "AWS::Lambda::Function"
    ]
    assert sorted(item["Role"]["Fn::Sub"] for item in functions) == ["${SlackRole.Arn}", "${WorkerRole.Arn}"]
    for name in ("SlackRole", "WorkerRole"):
        (statement,) = each_template["Resources"][name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_without_other_accounts_no_role_is_assumed(template: Template) -> None:
    assert [role for role, item in statements(template) if "sts:AssumeRole" in many(item["Action"])] == []


# --- the target account ------------------------------------------------------------------------------


def test_only_the_bot_s_role_with_the_external_id_gets_in(target_account: Template) -> None:
    role = target_account["Resources"]["ReadRole"]["Properties"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": {"Ref": "BotRoleArn"}},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}},
        }
    ]
    assert target_account["Parameters"]["ExternalId"]["MinLength"] >= 16
    default = target_account["Parameters"]["RoleName"]["Default"]
    assert f"env:PULLCHECK_TARGET_ROLE_NAME, '{default}'" in (ROOT / "serverless.yml").read_text(
        encoding="utf-8"
    )


def test_beside_reading_it_only_forwards_events(target_account: Template) -> None:
    reading = {row.action for row in permission_rows()}
    others = [
        (role, item) for role, item in statements(target_account) if not reading >= set(many(item["Action"]))
    ]
    assert others == [
        (
            "ForwardRole",
            {"Effect": "Allow", "Action": "events:PutEvents", "Resource": {"Ref": "TaskEventsBusArn"}},
        )
    ]


def test_it_forwards_what_the_bot_takes(target_account: Template) -> None:
    pattern = yaml.safe_load((ROOT / "deploy/pattern.yml").read_text(encoding="utf-8"))
    assert target_account["Resources"]["ForwardRule"]["Properties"]["EventPattern"] == pattern
