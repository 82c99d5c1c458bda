"""What AWS's own runbook could tell beyond what can be read: a command for a person, which this program never runs."""

from __future__ import annotations

from datetime import timedelta

from diagnostics import console
from diagnostics.finding import SecondOpinion
from diagnostics.snapshot import Snapshot, Task, known_value
from diagnostics.write.snippets import command

RUNBOOK = "AWSSupport-TroubleshootECSTaskFailedToStart"
SOURCE = "https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-troubleshootecstaskfailedtostart.html"

KEPT = timedelta(hours=1)
"""For so long ECS shows a stopped task: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html"""

_WHAT = (
    "AWS's own runbook tests the connections from the task's own subnet; pullcheck only reads how it is configured. "
    "Where it has to, it creates a Lambda function and an IAM role in this account and deletes them again, which can take half an "
    "hour. Whoever starts it needs the permissions listed on its page."
)


def second_opinion(snapshot: Snapshot) -> SecondOpinion | None:
    """The runbook for the task that was looked at, `None` where ECS shows no stopped task that it could look at.

    AWS: https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-troubleshootecstaskfailedtostart.html
    """
    task = known_value(snapshot.task)
    if (
        task is None
        or snapshot.source not in ("live", "sibling")
        or not snapshot.region
        or task.last_status != "STOPPED"
    ):
        return None
    cluster = (task.cluster_arn or "").rpartition("/")[2] or snapshot.target.cluster
    if not cluster:
        return None
    parameters = {"ClusterName": [cluster], "TaskId": [task.task_arn.rpartition("/")[2]]}
    return SecondOpinion(
        text=f"{_WHAT} {_when(snapshot, task)}",
        cli=command(
            snapshot.region,
            "ssm",
            "start-automation-execution",
            document_name=RUNBOOK,
            parameters=parameters,
        ),
        console_url=console.runbook(snapshot.region, RUNBOOK),
        source=SOURCE,
    )


def _when(snapshot: Snapshot, task: Task) -> str:
    """Which task it takes, and until when."""
    newest = f"It takes the newest failed task{' of the service' if snapshot.service_name else ''}, while ECS still shows it"
    if task.stopped_at is None:
        return f"{newest}: for one hour after it stopped."
    until = task.stopped_at + KEPT
    if snapshot.taken_at >= until:
        return f"{newest}. This one stopped more than an hour ago: use the id of a newer one."
    return f"{newest}: this one until {until:%H:%M} UTC. If a newer one failed, use its id."
