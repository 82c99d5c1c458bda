"""Who started the task, in words, and what that means for the repair."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.finding import StartedBy
from diagnostics.pull import Starter, StarterKind, starter_of
from diagnostics.snapshot import Snapshot, known_value
from diagnostics.stop_reason import redact

LONGEST_NAME = 100

_WHO: Mapping[StarterKind, str] = {
    "task_set": "an external deployment's task set of service {name}",
    "code_deploy": "a CodeDeploy deployment of service {name}",
    "batch": "AWS Batch",
    "event_rule": "the EventBridge rule {name}",
    "schedule": "the EventBridge Scheduler schedule {name}",
    "step_functions": "a Step Functions state machine",
    "run_task": "whoever called RunTask",
}

_THEN: Mapping[StarterKind, str] = {
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
    "task_set": "A task set keeps its task definition: a new revision takes a new task set.",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
    "code_deploy": "A service that CodeDeploy deploys takes a new task definition only by a new CodeDeploy deployment (its AppSpec names it).",
    # https://docs.aws.amazon.com/batch/latest/userguide/job_definitions.html
    "batch": "AWS Batch makes the task definition from its job definition: change the job definition (a new revision) and submit the job again.",
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
    "event_rule": "The next task starts when the rule fires again; where its target names a revision of the task definition, a new revision takes a change of the target.",
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
    "schedule": "The next task starts when the schedule is due again; where its target names a revision of the task definition, a new revision takes a change of the schedule.",
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
    "step_functions": "Nothing starts the task again by itself unless the state retries: start the execution again (or redrive it); where the state names a revision of the task definition, a new revision takes a change of the state machine.",
    "run_task": "Nothing starts the task again by itself: run it again.",
}


def started_by(snapshot: Snapshot) -> StartedBy | None:
    """Who started the task; `None` where its service did, which `task.service` says, and where nothing tells."""
    task = known_value(snapshot.task)
    if task is None or (task.group is None and task.started_by is None):
        return None
    starter = starter_of(task, known_value(snapshot.service))
    if starter.kind == "service":
        return None
    return StartedBy(kind=starter.kind, name=_name(starter), text=_text(starter), then=_THEN[starter.kind])


def _name(starter: Starter) -> str | None:
    return redact(starter.name)[:LONGEST_NAME] if starter.name else None


def _text(starter: Starter) -> str:
    name = _name(starter)
    if starter.kind == "run_task":
        return f"{_WHO['run_task']} (startedBy: {name})" if name else _WHO["run_task"]
    return _WHO[starter.kind].format(name=name or "(its name is not told)")
