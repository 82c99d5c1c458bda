"""What the run is about: a pull that stopped, a pull that would start now, or something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnostics.faults.base import World
from diagnostics.snapshot import Absent, Snapshot, Task, Unavailable, known_value
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.verdict.ends import alert_tells_end
from diagnostics.verdict.neighbours import NEIGHBOURS
from diagnostics.verdict.planned import missing_of_plan
from diagnostics.verdict.standing import other_end_of
from diagnostics.verdict.table import TEXTS

Mode = Literal["stopped", "now", "other_end", "gone", "unread"]
"""`stopped`: a pull failed, and a text may tell why. `now`: nothing has failed; the question is whether a pull would
work. `other_end`: the task ended for another reason. `gone`: ECS has forgotten the task, and nothing else tells.
`unread`: the task could not be read, so that nothing connects what is found with what happened.
"""

STOPPED_BY_OTHERS = ("UserInitiated", "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice")
"""Stop codes of a task that was stopped, whose pull was given up because of that."""


@dataclass(frozen=True)
class Situation:
    """The mode, and the symptoms that are about a pull."""

    mode: Mode
    symptoms: tuple[Symptom, ...] = ()

    @property
    def told(self) -> tuple[Symptom, ...]:
        """The symptoms that the table knows."""
        return tuple(item for item in self.symptoms if item.id in TEXTS)


def situation_of(world: World) -> Situation:
    """What the run is about."""
    snapshot = world.snapshot
    if snapshot.planned is not None:
        return _of_plan(snapshot)
    task = known_value(snapshot.task)
    about = tuple(item for item in world.symptoms if _about_a_pull(item, task))
    if about:
        return Situation("stopped", about)
    if task is not None and _has_stopped(task):
        return Situation("other_end")
    if snapshot.source == "alert" and any(item.id in NEIGHBOURS for item in world.symptoms):
        return Situation("other_end")
    if alert_tells_end(world):
        return Situation("other_end")
    if other_end_of(world) is not None:
        return Situation("other_end")
    if task is not None:
        return Situation("now")
    if isinstance(snapshot.task, Unavailable):
        return Situation("unread")
    if snapshot.through_service and not isinstance(snapshot.service, Absent):
        return Situation("now" if known_value(snapshot.service) else "unread")
    return Situation("gone")


def had_failed(world: World) -> bool:
    """True where the facts are those of a pull that failed."""
    return situation_of(world).mode == "stopped"


def _of_plan(snapshot: Snapshot) -> Situation:
    """A task that is planned: nothing has failed, whatever became of other tasks of its service."""
    if snapshot.other_account is not None:
        return Situation("unread")
    return Situation("now" if missing_of_plan(snapshot) is None else "gone")


def _about_a_pull(symptom: Symptom, task: Task | None) -> bool:
    if symptom.id == SymptomId.STOPPED_BEFORE_PULL:
        return False
    if (
        symptom.id == SymptomId.PULL_CONTEXT_CANCELED
        and task is not None
        and task.stop_code in STOPPED_BY_OTHERS
    ):
        return False
    if symptom.about_pull or symptom.id in TEXTS:
        return True
    # A text that nothing fits, of a task in which nothing ran: it may well be about the pull.
    return symptom.id == SymptomId.UNRECOGNISED and task is not None and _failed_to_start(task)


def _failed_to_start(task: Task) -> bool:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (stopCode)"""
    ran = any(item.exit_code is not None for item in task.containers)
    return task.stop_code == "TaskFailedToStart" and not ran


def _has_stopped(task: Task) -> bool:
    return task.last_status in ("STOPPED", "STOPPING", "DEPROVISIONING") or task.stop_code is not None
