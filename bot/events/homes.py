"""Where a failure is told of: in a message of its own, in that of another group, or in one that a person asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.events.event import TaskEvent
from bot.events.groups import EventGroup, EventGroups
from bot.events.incidents import Incidents, is_shared, single_cause
from bot.events.recounts import Recounts
from bot.events.told import home_of, newest_of, run_id_of_group, shown
from diagnostics.finding import Cause
from handlers.again import OPEN_SECONDS
from handlers.ports import RunsStore
from handlers.saved_run import SavedRun
from handlers.thread_state import ThreadState

TRIES = 5
"""How often a group that changes meanwhile is tried."""


class EventRuns(RunsStore, Protocol):
    """A store of runs that keeps what events said of tasks, too."""

    def keep_event(self, run: SavedRun, version: int) -> None:
        """Keep what an event said of a task, unless a later event said more.

        Args:
            run: the task's facts; it has no report.
            version: counts the states of the task.
        """

    def see_event(self, run: SavedRun, version: int) -> bool:
        """Keep the facts too, and say whether the task's events are seen for the first time; from now on they are not."""

    def event_done(self, task_id: str) -> None:
        """The task's events are seen; its facts are kept already."""

    def event_seen(self, task_id: str) -> bool:
        """True when an event of this task was seen."""

    def latest_id(self, task_id: str) -> str | None:
        """The id of the newest run that has facts of this task; `None` where there is none."""


class ContentionError(Exception):
    """Several workers were at the same group; the event should be delivered again."""


@dataclass(frozen=True)
class Homes:
    """Finds where a group is told of.

    Attributes:
        runs: keeps runs.
        groups: the events of one cause.
        incidents: the causes that many services have in common.
        recounts: shows counts.
        clock: seconds since 1970.
    """

    runs: EventRuns
    groups: EventGroups
    incidents: Incidents
    recounts: Recounts
    clock: Callable[[], float]

    def teller(self, group: EventGroup) -> EventGroup:
        """The group that tells of a group's cause: itself, or its home."""
        return home_of(self.groups, group) or group

    def move(self, event: TaskEvent, group: EventGroup, home: EventGroup) -> None:
        """Tell of a group's cause where another group does."""
        # Named first: what is shown again is what has a new count.
        self.groups.name(home, name_of(event), *group.services)
        for _ in range(TRIES):
            if self.groups.find_home(group, home):
                break
            group = self.groups.get(group.key) or group
        else:
            raise ContentionError("a group of events changes all the time")
        self.groups.was_heard(group)
        self.recounts.plan(self.groups.get(home.key) or home)

    def repaired(self, home: EventGroup) -> bool:
        """True where a later run in the thread of a group found its cause gone; then it is told of no more."""
        first, newest = self.runs.load(run_id_of_group(home)), shown(self.runs, home)
        if first is None or newest is None or newest.report is None:
            return True
        # Where the first diagnosis could not be made, what a later one found is what is told of.
        told = single_cause(first.report or newest.report)
        if told is None:
            return True
        return all(item.id != told.id for item in newest.report.causes)

    def checked(self, home: EventGroup) -> bool:
        """True where a group whose diagnosis could not be made has been diagnosed since; then that says no more of others."""
        run = shown(self.runs, home)
        return not home.unchecked or (run is not None and run.report is not None)

    # --- what a person asked for -----------------------------------------------------------------------

    def asked_for(self, run: SavedRun | None, channel: str) -> SavedRun | None:
        """The newest run of the message that a person's run is told in; `None` where it is no open one of this channel."""
        if run is None or not run.user or run.channel != channel or run.thread_ts is None:
            return None
        if ThreadState(self.runs, channel, run.thread_ts).shown is None:
            # The thread is somebody else's: it has no message that could count.
            return None
        run = newest_of(self.runs, run)
        if run.report is None or run.taken_at is None:
            return None
        return run if self.clock() - run.taken_at.timestamp() < OPEN_SECONDS else None

    def asked_about(self, cause: Cause, event: TaskEvent, channel: str) -> SavedRun | None:
        """The newest run of the message, which a person asked for, that tells of a cause."""
        for run_id in self.incidents.asked(cause, event.account, event.region, channel):
            run = self.asked_for(self.runs.load(run_id), channel)
            if (
                run is not None
                and run.report is not None
                and cause.id in {item.id for item in run.report.causes}
            ):
                return run
        return None

    def adopt(self, event: TaskEvent, group: EventGroup, run: SavedRun) -> None:
        """Tell of a group in the message that a person asked for, from now on."""
        owner = self.incidents.owner(run)
        home = self.groups.get(owner[0]) if owner else None
        if home is not None and owner is not None and home.leader == owner[1] and home.key != group.key:
            home = self.teller(home)
            if home.open:
                # That has a group already, which counts.
                self.move(event, group, home)
                return
        self.incidents.own(run, group)
        self.runs.save(run.model_copy(update={"run_id": run_id_of_group(group)}))
        names, asked = [name_of(event)], run.report.task if run.report is not None else None
        own = event.detail.task_arn.rpartition("/")[2]
        if run.task_id is not None and run.task_id != own and not self.runs.event_seen(run.task_id):
            # What was asked for failed of it too. Its own event, if it comes yet, is not counted again.
            self.runs.event_done(run.task_id)
            self.groups.count(group)
            names += [f"{asked.cluster}/{asked.service}"] if asked and asked.service else []
        self.groups.name(group, *names)
        self.groups.was_heard(group)
        counted = self.groups.get(group.key) or group
        if counted.count > counted.shown:
            self.recounts.plan(counted)


@dataclass(frozen=True)
class OneOfMany:
    """The run on behalf of a group, as it may belong to an incident of many services.

    Attributes:
        homes: where a failure is told of.
        event: the event.
        group: its group.
        channel: where it is told.
        kind: the look that it answers, where it does.
    """

    homes: Homes
    event: TaskEvent
    group: EventGroup
    channel: str
    kind: str | None

    def join(self, run: SavedRun, /) -> bool:
        """True where another message tells of the cause already, and now counts this one too."""
        cause = single_cause(run.report) if run.report is not None else None
        return self._find(
            cause, lambda: self.homes.asked_about(cause, self.event, self.channel) if cause else None
        )

    def adopt(self, run: SavedRun) -> None:
        """A person's message tells of this very task: no other one shall."""
        self._find(single_cause(run.report) if run.report is not None else None, lambda: run)

    def failed(self, sentence: str, /) -> bool:
        """True where another group says already that nothing can be diagnosed, and now counts this one too."""
        event, group, incidents = self.event, self.group, self.homes.incidents
        # Said before it is claimed: who finds the claim looks for it.
        self.homes.groups.fail(group, sentence)
        home = self._home(
            lambda instead: incidents.claim_failure(
                sentence, event.account, event.region, self.channel, group, instead
            ),
            self.homes.checked,
        )
        if self.kind is not None:
            incidents.settle(self.kind, home or group, "failed")
        if home is None:
            self.homes.groups.name(group, name_of(event))
            return False
        self.homes.move(event, group, home)
        return True

    def _find(self, cause: Cause | None, asked: Callable[[], SavedRun | None]) -> bool:
        homes, event, group = self.homes, self.event, self.group
        home = None
        if cause is not None:
            home = self._home(
                lambda instead: homes.incidents.claim(
                    cause, event.account, event.region, self.channel, group, instead
                ),
                homes.repaired,
            )
        if self.kind is not None:
            homes.incidents.settle(self.kind, home or group, "shared" if is_shared(cause) else "alone")
        if home is not None:
            homes.move(event, group, home)
            return True
        if (run := asked()) is not None:
            homes.adopt(event, group, run)
            return True
        homes.groups.name(group, name_of(event))
        return False

    def _home(
        self, claim: Callable[[str | None], str | None], over: Callable[[EventGroup], bool]
    ) -> EventGroup | None:
        """The group that has the claim; `None` where it is this one's, which takes the place of one that tells no more."""
        key = None
        for _ in range(TRIES):
            key = claim(key)
            if key is None:
                return None
            home = self.homes.groups.get(key)
            home = home and self.homes.teller(home)
            if home is not None and home.open and not over(home):
                return None if home.key == self.group.key else home
        raise ContentionError("a cause is claimed by somebody else all the time")


def name_of(event: TaskEvent) -> str:
    """The service of an event as messages name it, or its cluster."""
    return f"{event.cluster}/{event.service}" if event.service else event.cluster
