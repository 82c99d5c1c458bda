"""Who started a task, by its `startedBy`, its group and its cluster, and what that means for the repair."""

from __future__ import annotations

import pytest

from diagnostics.report import build
from tests.build import changed, fargate
from tests.build.facts import Edit
from tests.build.tasks import service, task

SETS = [{"id": "ecs-svc/9", "startedBy": "CODE_DEPLOY"}, {"id": "ecs-svc/8"}]
BATCH = "arn:aws:ecs:us-east-1:111122223333:cluster/"
FAMILY = "family:report"


@pytest.mark.parametrize(
    ("edits", "kind", "name", "text"),
    [
        ([task(startedBy="ecs-svc/9"), service(taskSets=SETS)], "code_deploy", "payments-api", "a CodeDeploy deployment of service payments-api"),
        ([task(startedBy="ecs-svc/8"), service(taskSets=SETS)], "task_set", "payments-api", "an external deployment's task set of service payments-api"),
        ([task(group=FAMILY, startedBy="events-rule/nightly")], "event_rule", "nightly", "the EventBridge rule nightly"),
        ([task(group=FAMILY, startedBy="chronos-schedule/nightly")], "schedule", "nightly", "the EventBridge Scheduler schedule nightly"),
        ([task(group=FAMILY, startedBy="AWS Step Functions")], "step_functions", None, "a Step Functions state machine"),
        ([task(group=FAMILY, startedBy=None, clusterArn=f"{BATCH}AWSBatch-reports-0b69d5c0")], "batch", None, "AWS Batch"),
        ([task(group=FAMILY, startedBy="any", clusterArn=f"{BATCH}reports_Batch_0b69d5c0")], "batch", None, "AWS Batch"),
        ([task(group=FAMILY, startedBy="jenkins/42")], "run_task", "jenkins/42", "whoever called RunTask (startedBy: jenkins/42)"),
        ([task(group=FAMILY, startedBy=None)], "run_task", None, "whoever called RunTask"),
        ([task(group="mine", startedBy="events-rule/")], "event_rule", None, "the EventBridge rule (its name is not told)"),
    ],
)  # fmt: skip
def test_who_started_it(edits: list[Edit], kind: str, name: str | None, text: str) -> None:
    by = build(changed(fargate(), *edits)).task.started_by
    assert by is not None
    assert (by.kind, by.name, by.text) == (kind, name, text)
    assert by.then.endswith(".")


def test_of_batch_the_job_definition_must_change() -> None:
    by = build(changed(fargate(), task(group=FAMILY, clusterArn=f"{BATCH}AWSBatch-x-1"))).task.started_by
    assert by is not None
    assert "change the job definition" in by.then


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [task(startedBy="ecs-svc/1"), service(taskSets=SETS)],
        # A service of this cluster is none of Batch's.
        [task(clusterArn=f"{BATCH}AWSBatch-x-1")],
        [task(group=None, startedBy=None)],
    ],
    ids=["its service", "a deployment beside task sets", "its service, in a cluster of Batch", "not told"],
)
def test_where_nothing_is_to_be_said(edits: list[Edit]) -> None:
    assert build(changed(fargate(), *edits)).task.started_by is None
