"""Schedules of EventBridge Scheduler: what each starts, where, and if it still does. Facts by hand, in AWS's own form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from diagnostics.audit.subjects import AuditSubject, subjects_of
from diagnostics.snapshot import Fact, Known, Schedule
from tests.build.lifecycle import NOW

from .test_needs import ARN, inventory

HERE, ELSEWHERE = f"{ARN}:cluster/prod", f"{ARN}:cluster/other"
NETWORK = {"awsvpcConfiguration": {"Subnets": ["subnet-a"], "SecurityGroups": ["sg-a"]}}
ECS = {
    "TaskDefinitionArn": f"{ARN}:task-definition/job:3",
    "LaunchType": "FARGATE",
    "NetworkConfiguration": NETWORK,
}
RUN_TASK = "arn:aws:scheduler:::aws-sdk:ecs:runTask"


def schedule(target: dict[str, Any], **more: Any) -> Schedule:
    return Schedule.model_validate({"Name": "nightly", "State": "ENABLED", "Target": target, **more})


def plain(**more: Any) -> Schedule:
    return schedule({"Arn": HERE, "EcsParameters": ECS}, **more)


def universal(**said: Any) -> Schedule:
    return schedule({"Arn": RUN_TASK, "Input": json.dumps(said)})


def found(item: Schedule) -> list[AuditSubject]:
    facts: dict[str, Fact[Schedule]] = {"nightly": Known(value=item)}
    return [one for one in subjects_of(replace(inventory(), schedules=facts), NOW) if one.kind == "schedule"]


def in_days(days: float) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("item", "definition"),
    [
        (plain(), f"{ARN}:task-definition/job:3"),
        # Its end, and the one moment of one that runs once; a window, a zone and retries may put that off.
        (plain(EndDate=in_days(1)), f"{ARN}:task-definition/job:3"),
        (plain(EndDate=in_days(-1)), None),
        (plain(EndDate=NOW), None),
        (plain(ScheduleExpression="at(2026-12-24T18:00:00)"), f"{ARN}:task-definition/job:3"),
        (plain(ScheduleExpression="at(2026-11-29T18:00:00)"), f"{ARN}:task-definition/job:3"),
        (plain(ScheduleExpression="at(2026-11-20T18:00:00)"), None),
        (plain(ScheduleExpression="at(2026-99-99T18:00:00)"), f"{ARN}:task-definition/job:3"),
        (plain(ScheduleExpression="cron(0 3 * * ? *)"), f"{ARN}:task-definition/job:3"),
        # It was disabled after the list was read.
        (plain(State="DISABLED"), None),
        # RunTask by itself: the cluster by its ARN, its name, or none, which is `default`; members in any case.
        (universal(Cluster=HERE, TaskDefinition="job"), "job"),
        (universal(cluster="prod", taskDefinition="job:4"), "job:4"),
        (universal(Cluster=ELSEWHERE, TaskDefinition="job"), None),
        (universal(TaskDefinition="job"), None),
        (schedule({"Arn": "arn:aws:scheduler:::aws-sdk:ecs:stopTask", "Input": "{}"}), None),
    ],
)  # fmt: skip
def test_which_schedules_are_looked_at(item: Schedule, definition: str | None) -> None:
    assert [one.needs and one.needs.definition for one in found(item)] == ([definition] if definition else [])


def test_a_schedule_that_calls_run_task_says_where_it_runs() -> None:
    said = {
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-b"]}},
    }
    role = {"ExecutionRoleArn": "arn:aws:iam::111122223333:role/other"}
    (one,) = found(universal(Cluster="prod", TaskDefinition="job", Overrides=role, **said))
    assert one.key == "prod/schedule nightly"
    assert one.needs is not None
    assert one.needs.planned is not None
    assert (one.needs.planned.launch_type, one.needs.execution_role) == ("FARGATE", role["ExecutionRoleArn"])
    assert one.needs.planned.network is not None
    assert one.needs.planned.network.subnets == ("subnet-b",)


def test_of_what_run_task_is_told_only_what_decides_is_kept() -> None:
    """What a task gets in its environment may be secret."""
    environment = {
        "containerOverrides": [{"name": "app", "environment": [{"name": "TOKEN", "value": "hush"}]}]
    }
    item = universal(Cluster="prod", TaskDefinition="job", Overrides=environment)
    assert "hush" not in item.model_dump_json()


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"Cluster": "prod"}'])
def test_an_input_that_cannot_be_read_is_not_passed_over(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schedule({"Arn": RUN_TASK, "Input": text})
    assert text not in str(refused.value)
