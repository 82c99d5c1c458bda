"""Who started a task, by its `startedBy`, its `group` and its cluster: what must change, and who starts the next one.

| `startedBy` | `group` | Who | Source |
|---|---|---|---|
| `ecs-svc/…` | `service:NAME` | a deployment of the service | API_Task, startedBy |
| the id of a task set of the service | `service:NAME` | CodeDeploy where the task set says `CODE_DEPLOY`, else an external deployment | API_TaskSet |
| any, in a cluster of Batch (`AWSBatch-…`, `…_Batch_…`) | any | AWS Batch | BatchServiceRolePolicy |
| `events-rule/NAME` | `family:NAME` | the EventBridge rule | seen in tasks of rules |
| `chronos-schedule/NAME` | `family:NAME` | the schedule of EventBridge Scheduler | seen in tasks of schedules |
| `AWS Step Functions` | `family:NAME` | a Step Functions state machine | seen in its RunTask calls |
| another text, or none | `family:NAME` or the caller's own | whoever called RunTask or StartTask | API_RunTask, startedBy and group |

AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html and
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/BatchServiceRolePolicy.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from diagnostics.snapshot import Service, Task

StarterKind = Literal[
    "service", "task_set", "code_deploy", "batch", "event_rule", "schedule", "step_functions", "run_task"
]

# https://docs.aws.amazon.com/batch/latest/userguide/compute_environments.html
_BATCH_CLUSTER = re.compile(r"AWSBatch-.+|.+_Batch_.+")
_STEP_FUNCTIONS = "AWS Step Functions"
_RULE, _SCHEDULE = "events-rule/", "chronos-schedule/"


@dataclass(frozen=True)
class Starter:
    """`name` is that of the service, rule or schedule, or the caller's own `startedBy`; `None` where the task does not tell it."""

    kind: StarterKind
    name: str | None


def starter_of(task: Task, service: Service | None) -> Starter:
    """Who started a task."""
    by = task.started_by or ""
    cluster = (task.cluster_arn or "").rpartition("/")[2]
    if task.service_name is not None:
        task_set = next(
            (item for item in (service.task_sets if service else ()) if by and item.id == by), None
        )
        if task_set is None:
            return Starter("service", task.service_name)
        kind: StarterKind = "code_deploy" if task_set.started_by == "CODE_DEPLOY" else "task_set"
        return Starter(kind, task.service_name)
    if _BATCH_CLUSTER.fullmatch(cluster):
        return Starter("batch", None)
    if by.startswith(_RULE):
        return Starter("event_rule", by.removeprefix(_RULE) or None)
    if by.startswith(_SCHEDULE):
        return Starter("schedule", by.removeprefix(_SCHEDULE) or None)
    if by == _STEP_FUNCTIONS:
        return Starter("step_functions", None)
    return Starter("run_task", by or None)
