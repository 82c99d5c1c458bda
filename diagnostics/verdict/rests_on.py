"""What an answer rests on where the task that was asked about is no longer described by ECS."""

from __future__ import annotations

from datetime import datetime

from diagnostics.engine.symptoms import event_of
from diagnostics.faults.base import World
from diagnostics.pull import old_event_about_a_pull
from diagnostics.snapshot import Snapshot, Unavailable, known_value

TODAY = "today's configuration"


def rests_on(world: World) -> str | None:
    """Whose facts these are, and from when, in one sentence; `None` where ECS told of the task itself, or an alert did.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """
    snapshot = world.snapshot
    gone = f"Task {(snapshot.target.task_id or '')[:8]} {_why_not_read(snapshot)}"
    if snapshot.source == "saved":
        return f"{gone} from ECS: what it said was saved before, and everything else is {TODAY}."
    if snapshot.source == "sibling":
        return f"{gone}: this is {_sibling(snapshot)}."
    if snapshot.source == "service_events":
        event = event_of(snapshot)
        at = f" of {in_utc(event.created_at, snapshot.taken_at)}" if event and event.created_at else ""
        told = f"this is from the service event{at} and {TODAY}"
        if snapshot.target.kind == "task":
            return f"{gone}: {told}."
        if isinstance(snapshot.task, Unavailable):
            return f"The tasks of {snapshot.service_name} {_why_not_read(snapshot)}: {told}."
        return f"No task whose pull failed is described any more: {told}."
    if snapshot.source == "none" and snapshot.gone_of_service:
        return f"{gone} and what it said is lost: this is {TODAY} of its service {snapshot.service_name}.{_too_old(snapshot)}"
    if snapshot.source == "none" and snapshot.denied_of_service:
        return f"{gone}: this is {TODAY} of its service {snapshot.service_name}.{_too_old(snapshot)}"
    return None


def _why_not_read(snapshot: Snapshot) -> str:
    if not isinstance(snapshot.task, Unavailable):
        return "is gone"
    return f"could not be read ({snapshot.task.call or 'ecs:DescribeTasks'}: {snapshot.task.why})"


def _too_old(snapshot: Snapshot) -> str:
    """That the newest event about a pull is not believed, with a space before it."""
    event = old_event_about_a_pull(known_value(snapshot.service))
    if event is None or event.created_at is None:
        return ""
    at = in_utc(event.created_at, snapshot.taken_at)
    return f" The newest service event of a failed pull is of {at}, which does not tell of this."


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
