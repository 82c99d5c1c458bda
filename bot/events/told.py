"""Which message tells of a failure: for its count, and for whoever asks for a task or a service that is part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.events.event import cluster_of, failure_of, service_of
from bot.events.groups import EventGroup, EventGroups, key_of
from bot.events.incidents import Incidents, single_cause
from diagnostics.snapshot import Task, known_value
from diagnostics.target import Target
from handlers.again import OPEN_SECONDS
from handlers.ports import RunsStore
from handlers.saved_run import SavedRun
from handlers.thread_state import ThreadState

_HOMES = 5
"""How many groups are followed, one to the other, to the one that tells."""


def group_key(account: str, region: str, task: Task) -> str | None:
    """The key of the group of a task that failed to pull; `None` for any other task."""
    failure = failure_of(task)
    return None if failure is None else key_of(account, region, cluster_of(task), service_of(task), *failure)


def service_key(account: str, region: str, cluster: str, service: str) -> str:
    """The key of a service, under which its newest group is found."""
    return key_of(account, region, cluster, service)


def run_id_of_group(group: EventGroup) -> str:
    """The id of the run on behalf of a group: whoever takes it up again finds it."""
    return f"e{key_of(group.key, group.leader)[:15]}"


def job_key_of_group(group: EventGroup) -> str:
    """The key of the job on behalf of a group."""
    return f"event {group.key} {group.leader}"


def shown(runs: RunsStore, group: EventGroup) -> SavedRun | None:
    """The run whose verdict the message of a group shows: the newest one of its thread."""
    first = runs.load(run_id_of_group(group))
    return None if first is None else newest_of(runs, first, group.leader)


def newest_of(runs: RunsStore, first: SavedRun, task_id: str | None = None) -> SavedRun:
    """The run whose verdict the message shows that a run was told in, as far as that is known."""
    run_id = ThreadState(runs, first.channel, first.thread_ts).shown
    if run_id is not None and run_id != first.run_id:
        found = runs.load(run_id)
    else:
        found = runs.latest(task_id or first.task_id or "")
    if found is None or found.report is None:
        return first
    return found if (found.channel, found.thread_ts) == (first.channel, first.thread_ts) else first


def home_of(groups: EventGroups, group: EventGroup) -> EventGroup | None:
    """The group that tells of this one's cause; `None` where it tells itself."""
    found = None
    for _ in range(_HOMES):
        if group.home is None:
            break
        home = groups.get(group.home[0])
        if home is None or home.leader != group.home[1]:
            break
        # Its cause may have found a home itself meanwhile.
        found = group = home
    return found


@dataclass(frozen=True)
class ToldGroups:
    """The messages about task events, for people who ask.

    Attributes:
        runs: keeps runs, and what events said of tasks.
        groups: the events of one cause.
        incidents: what people were told of, for task events.
        clock: seconds since 1970.
    """

    runs: RunsStore
    groups: EventGroups
    incidents: Incidents
    clock: Callable[[], float]

    def told(self, target: Target, channel: str, /) -> SavedRun | None:
        """The newest run of the thread in this channel that tells of a target's failure, while it is an open incident."""
        group = self._of_task(target) if target.kind == "task" else self._of_service(target)
        if group is None:
            return None
        group = home_of(self.groups, group) or group
        run = shown(self.runs, group)
        if run is None or run.report is None or run.channel != channel or run.taken_at is None:
            return None
        if not group.open and self.clock() - run.taken_at.timestamp() >= OPEN_SECONDS:
            return None
        return run

    def tells(self, run: SavedRun, /) -> None:
        """A message that a person asked for shows this run: task events of its cause are counted there."""
        cause = single_cause(run.report) if run.report is not None else None
        if cause is not None and run.snapshot is not None:
            account, region = run.snapshot.account_id or "", run.snapshot.region
            self.incidents.was_asked(cause, account, region, run.channel, run.run_id)

    def _of_task(self, target: Target) -> EventGroup | None:
        """By what the task's event said of it: the id of a task is given once."""
        run = self.runs.latest(target.task_id or "")
        snapshot = run.snapshot if run else None
        task = known_value(snapshot.task) if snapshot else None
        if snapshot is None or task is None or snapshot.account_id is None:
            return None
        asked = (target.account_id, target.region, target.cluster)
        found = (snapshot.account_id, snapshot.region, cluster_of(task))
        if any(one is not None and one != other for one, other in zip(asked, found, strict=True)):
            return None
        key = group_key(snapshot.account_id, snapshot.region, task)
        return self.groups.get(key) if key else None

    def _of_service(self, target: Target) -> EventGroup | None:
        """By its name, where the account and the Region are known: the same name may be another service elsewhere."""
        if not (target.account_id and target.region and target.cluster and target.service):
            return None
        return self.groups.of_service(
            service_key(target.account_id, target.region, target.cluster, target.service)
        )
