"""The deployment lifecycle hook: its resources where it is chosen, and the built function's answers to ECS.

That CloudFormation takes them, `test_template.py` asks, with all the other templates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.aws import Account, build_demo
from demo.slack import LocalSlack
from diagnostics.collect import policy_document
from tests.deploy.conftest import STRICT
from tests.deploy.test_policy import many, plain, roles, statements
from tests.deploy.world import CHANNEL_RULE, Deployed, RecordingAws

CONFIRMED, HEALTHY = "payments-api", "ledger"


# --- the template ------------------------------------------------------------------------------------


def test_it_is_off_unless_it_is_chosen(template: dict[str, Any]) -> None:
    assert not [name for name in (*template["Resources"], *template["Outputs"]) if "Hook" in name]


def test_its_role_reads_what_a_diagnosis_reads_and_writes_one_item(hooked: dict[str, Any]) -> None:
    policies = {item["PolicyName"]: item["PolicyDocument"] for item in roles(hooked)["HookRole"]}
    assert plain(policies["read-aws"]) == policy_document()
    own = [action for item in policies["own"]["Statement"] for action in many(item["Action"])]
    assert own == ["logs:CreateLogStream", "logs:PutLogEvents", "dynamodb:PutItem"]


def test_ecs_may_call_it_and_nothing_else(hooked: dict[str, Any]) -> None:
    role = hooked["Resources"]["HookCallerRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ecs.amazonaws.com"}
    (call,) = (item for name, item in statements(hooked) if name == "HookCallerRole")
    assert call["Action"] == "lambda:InvokeFunction"
    assert call["Resource"]["Fn::Sub"].endswith(":function:pullcheck-test-hook")
    assert hooked["Outputs"]["HookArn"]["Value"] == {"Fn::GetAtt": ["HookLambdaFunction", "Arn"]}


def test_its_variables(hooked: dict[str, Any], strictly_hooked: dict[str, Any]) -> None:
    function = hooked["Resources"]["HookLambdaFunction"]["Properties"]
    assert function["Timeout"] > 28, "the hook's own deadlines end before that"
    assert set(function["Environment"]["Variables"]) == {
        "PULLCHECK_ALLOWED_ACCOUNTS",
        "PULLCHECK_LOG_FORMAT",
        "PULLCHECK_SLACK_SECRETS",
        "PULLCHECK_TABLE",
    }
    strict = strictly_hooked["Resources"]["HookLambdaFunction"]["Properties"]
    assert strict["Environment"]["Variables"]["PULLCHECK_HOOK_UNDECIDED"] == "FAILED"
    assert strict["KmsKeyArn"] == STRICT["PULLCHECK_KEY_ARN"]
    assert strict["VpcConfig"]["SubnetIds"]
    boundary = STRICT["PULLCHECK_PERMISSIONS_BOUNDARY_ARN"]
    for role in ("HookRole", "HookCallerRole"):
        assert strictly_hooked["Resources"][role]["Properties"]["PermissionsBoundary"] == boundary
    assert "HookRoutesPolicy" in strictly_hooked["Resources"]


# --- the built function ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with RecordingAws() as aws:
        yield build_demo(aws)


@pytest.fixture(scope="module")
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(
    account: Account,
    slack: LocalSlack,
    task_root: Path,
    client: Path,
    hooked: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployed]:
    world = Deployed(account, slack, task_root, client, tmp_path_factory.mktemp("hook-logs"), hooked)
    world.environment["PULLCHECK_ROUTES"] = CHANNEL_RULE.format(channel=slack.channel.id)
    world.create()
    yield world
    world.close()


def event(account: Account, service: str, *, nested: bool = True) -> dict[str, Any]:
    """What ECS sends, of the newest deployment of a service, in either of the two forms that its pages show."""
    listed = account.client("ecs").list_service_deployments(cluster="payments", service=service)
    newest = listed["serviceDeployments"][0]
    inner = {
        "serviceArn": newest["serviceArn"],
        "targetServiceRevisionArn": newest["targetServiceRevisionArn"],
        "testTrafficWeights": {},
        "productionTrafficWeights": {},
    }
    outer = {
        "executionId": "d8b7b5ad-0ff1-4d0c-9c8e-000000000000",
        "lifecycleStage": "PRE_SCALE_UP",
        "resourceArn": newest["serviceDeploymentArn"],
        "hookDetails": {},
    }
    return {**outer, "executionDetails": inner} if nested else {**outer, **inner}


def test_a_confirmed_cause_fails_the_deployment_and_is_told_once(
    deployed: Deployed, account: Account, slack: LocalSlack
) -> None:
    before = len(slack.messages())
    for nested in (True, False):
        answer = deployed.function("hook").invoke(event(account, CONFIRMED, nested=nested))
        assert answer == {"hookStatus": "FAILED"}
    assert len(slack.messages()) == before + 1
    parent = slack.messages()[-1]
    assert "its image's tag does not exist" in parent.plain
    assert "PRE_SCALE_UP" in parent.plain
    assert "tag-not-found" in json.dumps(slack.thread(parent)[0].blocks)


def test_a_healthy_revision_goes_on(deployed: Deployed, account: Account, slack: LocalSlack) -> None:
    before = len(slack.messages())
    assert deployed.function("hook").invoke(event(account, HEALTHY)) == {"hookStatus": "SUCCEEDED"}
    assert len(slack.messages()) == before


def test_what_was_called_is_allowed(deployed: Deployed, account: Account, hooked: dict[str, Any]) -> None:
    assert isinstance(account.aws, RecordingAws)
    allowed = {
        action
        for name, statement in statements(hooked)
        if name == "HookRole"
        for action in many(statement["Action"])
    }
    # Asked here as well, for the tests above may have run in another process.
    assert deployed.function("hook").invoke(event(account, CONFIRMED)) == {"hookStatus": "FAILED"}
    called = {action for app, action in account.aws.made if app == "hook"}
    assert called - allowed == set()
    assert {"dynamodb:PutItem", "ssm:GetParameter", "ecs:DescribeServiceRevisions"} <= called


def test_it_answers_where_its_settings_are_wrong(deployed: Deployed, account: Account) -> None:
    deployed.forget("hook")
    secrets = deployed.environment.get("PULLCHECK_SLACK_SECRETS")
    deployed.environment["PULLCHECK_SLACK_SECRETS"] = "/nobody/has/this"
    try:
        answer = deployed.function("hook").invoke(event(account, CONFIRMED))
    finally:
        deployed.forget("hook")
        del deployed.environment["PULLCHECK_SLACK_SECRETS"]
        if secrets is not None:
            deployed.environment["PULLCHECK_SLACK_SECRETS"] = secrets
    assert answer == {"hookStatus": "SUCCEEDED"}
