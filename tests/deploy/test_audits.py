"""The function that audits: its queue, its schedule and its permissions where it is chosen, and nothing of it elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deploy.conftest import STRICT, Package
from tests.deploy.test_policy import many

DAILY = {
    "PULLCHECK_AUDITS": "on",
    "PULLCHECK_DAILY_AUDIT": "arn:aws:ecs:eu-central-1:111122223333:cluster/prod,222233334444/eu-west-1",
    "PULLCHECK_DAILY_AUDIT_AT": "04:30",
}


@pytest.fixture(scope="module")
def daily(package: Package) -> dict[str, Any]:
    return package("daily-audits", {**STRICT, **DAILY})


def test_it_is_off_unless_it_is_chosen(template: dict[str, Any]) -> None:
    assert not [name for name in (*template["Resources"], *template["Outputs"]) if "Audit" in name]
    worker = template["Resources"]["WorkerLambdaFunction"]["Properties"]["Environment"]["Variables"]
    assert not [name for name in worker if "AUDIT" in name]


def test_the_function_has_its_time_and_the_worker_knows_its_queue(daily: dict[str, Any]) -> None:
    found = daily["Resources"]
    function, worker = (found[f"{name}LambdaFunction"]["Properties"] for name in ("Audits", "Worker"))
    assert function["Timeout"] == 900
    assert function["Role"] == worker["Role"]
    assert function["Environment"]["Variables"]["PULLCHECK_DAILY_AUDIT"] == DAILY["PULLCHECK_DAILY_AUDIT"]
    for item in (function, worker):
        assert item["Environment"]["Variables"]["PULLCHECK_AUDITS_QUEUE_URL"] == {"Ref": "Audits"}
        assert item["KmsKeyArn"] == STRICT["PULLCHECK_KEY_ARN"]
    (mapping,) = [
        item["Properties"] for item in found.values()
        if item["Type"] == "AWS::Lambda::EventSourceMapping" and item["Properties"]["EventSourceArn"] == {"Fn::GetAtt": ["Audits", "Arn"]}
    ]  # fmt: skip
    assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (1, {"MaximumConcurrency": 2})
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_its_queues_are_in_order_and_encrypted(daily: dict[str, Any]) -> None:
    for name in ("Audits", "AuditsDeadLetters"):
        queue = daily["Resources"][name]["Properties"]
        assert queue["FifoQueue"] is True
        assert queue["QueueName"].endswith(".fifo")
        assert queue["KmsMasterKeyId"] == STRICT["PULLCHECK_KEY_ARN"]
    queue = daily["Resources"]["Audits"]["Properties"]
    assert queue["VisibilityTimeout"] == 6 * 900
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["AuditsDeadLetters", "Arn"]}


def test_a_schedule_wakes_it_and_nobody_else_may(daily: dict[str, Any]) -> None:
    rule = daily["Resources"]["DailyAudit"]["Properties"]
    assert rule["ScheduleExpression"] == "cron(30 4 * * ? *)"
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["Audits", "Arn"]}
    assert target["SqsParameters"] == {"MessageGroupId": "schedule"}
    policy = daily["Resources"]["AuditsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (allow,) = [item for item in policy if item["Effect"] == "Allow"]
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["DailyAudit", "Arn"]}}}


def test_what_the_role_gets_is_that_queue_and_its_log(daily: dict[str, Any]) -> None:
    statements = daily["Resources"]["AuditsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    actions = [action for item in statements for action in many(item["Action"])]
    assert {action.partition(":")[0] for action in actions} == {"logs", "sqs"}
    assert [item["Resource"] for item in statements if item["Sid"] == "Audits"] == [
        {"Fn::GetAtt": ["Audits", "Arn"]}
    ]


def test_it_waits_for_what_the_worker_s_role_needs_for_it_too(daily: dict[str, Any]) -> None:
    waits = daily["Resources"]["AuditsLambdaFunction"]["DependsOn"]
    assert {"WorkerKeyPolicy", "WorkerInterfacesPolicy", "AuditsInterfacesPolicy"} <= set(waits)
    (deny,) = daily["Resources"]["AuditsInterfacesPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert deny["Effect"] == "Deny"
    function = deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]["Fn::Sub"]
    assert function.endswith(":function:pullcheck-test-audits")
    policies = [
        item["Properties"]["PolicyName"] for item in daily["Resources"].values()
        if item["Type"] == "AWS::IAM::RolePolicy" and item["Properties"]["RoleName"] == {"Ref": "WorkerRole"}
    ]  # fmt: skip
    assert sorted(policies) == [
        "audits",
        "interfaces",
        "interfaces-audits",
        "key",
        "other-accounts",
        "routes",
    ]


def test_without_a_daily_audit_there_is_no_schedule(strictly_hooked: dict[str, Any]) -> None:
    found = strictly_hooked["Resources"]
    assert "AuditsLambdaFunction" in found
    assert "DailyAudit" not in found
    policy = found["AuditsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [item["Effect"] for item in policy] == ["Deny"]
