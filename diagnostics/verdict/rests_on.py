"""What an answer rests on where the task that was asked about is no longer described by ECS."""

from __future__ import annotations

from datetime import datetime

from diagnostics.engine.symptoms import event_about_a_pull
from diagnostics.faults.base import World
from diagnostics.snapshot import Snapshot, known_value

TODAY = "today's configuration"


def rests_on(world: World) -> str | None:
    """Whose facts these are, and from when, in one sentence; `None` where ECS told of the task itself, or an alert did.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """
    snapshot = world.snapshot
    gone = f"Task {(snapshot.target.task_id or '')[:8]} is gone"
    if snapshot.source == "saved":
        return f"{gone} from ECS: what it said was saved before, and everything else is {TODAY}."
    if snapshot.source == "sibling":
        return f"{gone}: this is {_sibling(snapshot)}."
    if snapshot.source == "service_events":
        event = event_about_a_pull(known_value(snapshot.service))
        at = f" of {in_utc(event.created_at, snapshot.taken_at)}" if event and event.created_at else ""
        told = f"this is from the service event{at} and {TODAY}"
        lost = snapshot.target.kind == "task"
        return f"{gone}: {told}." if lost else f"No task whose pull failed is described any more: {told}."
    if snapshot.source == "none" and snapshot.gone_of_service:
        return f"{gone} and what it said is lost: this is {TODAY} of its service {snapshot.service_name}."
    return None


def _sibling(snapshot: Snapshot) -> str:
    task = known_value(snapshot.task)
    if task is None:
        return "another task of the same service"
    at = f", stopped at {in_utc(task.stopped_at, snapshot.taken_at)}" if task.stopped_at else ""
    return (
        f"{task.task_arn.rpartition('/')[2][:8]}, the newest task of the same service whose pull failed{at}"
    )


def in_utc(moment: datetime, now: datetime) -> str:
    """A moment in UTC, with its date where that is not today's."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M} UTC"
