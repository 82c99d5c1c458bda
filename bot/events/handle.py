"""What is done about a task event: kept, grouped, diagnosed once, and counted in the message that tells of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict

from bot.events.event import TaskEvent, failure_of
from bot.events.groups import EventGroup, EventGroups
from bot.events.incidents import Incidents, Look, is_shared, kind_of, single_cause
from bot.events.routes import Routes
from bot.events.tags import Tags
from bot.events.told import group_key, home_of, run_id_of_group, service_key, shown
from diagnostics.finding import Cause
from diagnostics.target import Target
from handlers.jobs import Job
from handlers.kinds import EVENT
from handlers.ports import RunsStore, SavedRun, Services
from handlers.running import JobOutcome, run_job
from handlers.thread import Thread
from handlers.thread_state import ThreadState
from handlers.views.parent import Repeats

log = logging.getLogger(__name__)

RECOUNT_SECONDS = 30
"""How long after a repeated failure its count is shown, and so the least time between two updates of a message."""
_LOST_SECONDS = 300.0
"""When a planned recount that did not come counts as lost."""
_TRIES = 5
PATIENCE = 10.0
"""Seconds after which the next event of a group that nobody heard of tries to tell it. Where Slack is down a storm must not
knock once for each event."""


LOOK_AGAIN_SECONDS = 10
"""How long a failure waits for what becomes of the first one of its kind."""

RECOUNT: Final = "recount"
"""How a recount is told from a job."""


class Done(NamedTuple):
    """What became of a message.

    Attributes:
        outcome: what became of the job that it led to.
        job: that job, if it led to one.
        later: seconds after which the message is to come again, because it waits for something; 0 where it is not.
    """

    outcome: JobOutcome = JobOutcome.SETTLED
    job: Job | None = None
    later: int = 0


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


class LaterMessages(Protocol):
    """Where messages to ourselves come again."""

    def send(self, body: str, *, delay: int = 0) -> None:
        """Have a message come after so many seconds."""


class ContentionError(Exception):
    """Several workers were at the same group; the event should be delivered again."""


class Recount(BaseModel):
    """A message to ourselves, seen after a while: show how often a failure was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["recount"] = RECOUNT
    key: str
    leader: str


@dataclass(frozen=True)
class Events:
    """Handles task events.

    Attributes:
        services: what doing a job needs.
        runs: the same store, with what only events use.
        groups: the events of one cause.
        incidents: the causes that many services have in common.
        routes: which channel hears of which task.
        tags: reads tags, for routes that name one.
        queue: where counts come again.
        clock: seconds since 1970.
    """

    services: Services
    runs: EventRuns
    groups: EventGroups
    incidents: Incidents
    routes: Routes
    tags: Tags
    queue: LaterMessages
    clock: Callable[[], float]

    def handle(self, event: TaskEvent) -> Done:
        """Do what an event asks for. What is no failed pull asks for nothing."""
        failure = failure_of(event.detail)
        if failure is None:
            return Done()
        target = event.target
        if target is None or target.task_id is None:
            log.warning("an event is dropped: its task is not of the account and Region that sent it")
            return Done()
        if not self.services.accounts.somewhere(event.account):
            log.warning("an event is dropped: %s", self.services.accounts.refusal(event.account, None))
            return Done()
        key = group_key(event.account, event.region, event.detail)
        assert key is not None
        group = self._group(key, target.task_id, event)
        if group is None:
            return Done()
        facts, version = event.facts(target), event.detail.version or 0
        if group.leader != target.task_id:
            if self.runs.see_event(facts, version):
                self._count(group)
            if self._unheard(group):
                # Its answer reached nobody: whoever comes next speaks for the group. That its first job comes again stays so.
                self._lead(event, target, group)
            return Done()
        # The facts come first: the diagnosis stands on them where ECS has forgotten the task.
        self.runs.keep_event(facts, version)
        done = self._lead(event, target, group)
        if done.outcome is JobOutcome.SETTLED:
            self.runs.event_done(target.task_id)
        return done

    def _count(self, group: EventGroup) -> None:
        """Count a task of a group, also where its cause is told of."""
        counted = self.groups.count(group) or group
        home = home_of(self.groups, counted)
        self._plan(counted if home is None else self.groups.count(home) or home)

    def teller(self, group: EventGroup) -> EventGroup:
        """The group that tells of a group's cause: itself, or its home."""
        return home_of(self.groups, group) or group

    def _group(self, key: str, task_id: str, event: TaskEvent) -> EventGroup | None:
        """The group of an event; `None` for a late one of a task that was seen, which must open no group.

        A task that leads its group does so whenever its event is delivered again.
        """
        for _ in range(_TRIES):
            group = self.groups.get(key)
            if group is not None and group.leader == task_id:
                return group
            if group is not None and group.open and not self._gone_before(group, event):
                return group
            if self.runs.event_seen(task_id):
                return None
            opened = self.groups.open(key, task_id, event.time, group)
            if opened is not None:
                return opened
        raise ContentionError("a group of events changes all the time")

    def _gone_before(self, group: EventGroup, event: TaskEvent) -> bool:
        """True where a later run in the thread that tells of a group found its cause gone, before the task of an event began:
        then the task failed of something else."""
        teller = self.teller(group)
        newest = self.runs.latest_id(teller.leader)
        if newest is None or newest == run_id_of_group(teller):
            return False
        first, last = self.services.runs.load(run_id_of_group(teller)), shown(self.services.runs, teller)
        if first is None or first.report is None or last is None or last.report is None:
            return False
        told = {cause.id for cause in first.report.causes_of("cause")}
        if not told or last.taken_at is None or told & {cause.id for cause in last.report.causes}:
            return False
        return last.taken_at < (event.detail.created_at or event.time)

    def _lead(self, event: TaskEvent, target: Target, group: EventGroup) -> Done:
        """Diagnose on behalf of a group."""
        channel = group.channel
        if channel is None:
            channel = self.routes.channel(event, self.tags) or ""
            if channel and (refusal := self.services.accounts.refusal(event.account, channel)):
                log.warning("an event is not told in channel %s: %s", channel, refusal)
                channel = ""
            self.groups.tell(group, channel)
            if channel and event.service:
                named = service_key(event.account, event.region, event.cluster, event.service)
                self.groups.point(named, group)
        if not channel:
            return Done()
        if self.runs.finished(_job_key(group)):
            self.groups.was_heard(group)
            return Done()
        if (home := home_of(self.groups, group)) is not None:
            # It was told of there when its worker ended, before that was settled.
            self.move(event, group, home)
            self.services.runs.settle((_job_key(group),))
            return Done()
        kind = kind_of(event, channel)
        look = self.incidents.look(kind, group) if kind else None
        if look is not None and (look.group, look.leader) == (group.key, group.leader):
            # What it found out itself, before its worker ended and anybody was told.
            look = None
        if kind and look is not None:
            if look.state == "looking":
                # Somebody diagnoses the first one of them; what comes of that may answer for this one.
                return Done(later=LOOK_AGAIN_SECONDS)
            if look.state == "shared" and self._joins(event, group, kind, look):
                return Done()
        log.info("a task of %s failed to pull its image and is diagnosed", event.service or event.cluster)
        job = Job(
            key=_job_key(group),
            kind=EVENT,
            target=target,
            channel=channel,
            user="",
            run_as=run_id_of_group(group),
        )
        belongs = OneOfMany(self, event, group, channel, kind if look is None else None)
        outcome = run_job(job, replace(self.services, incident=belongs))
        if outcome is JobOutcome.SETTLED:
            self.groups.was_heard(group)
            counted = self.groups.get(group.key)
            if counted is not None and counted.home is None and counted.count > counted.shown:
                self._plan(counted)
        return Done(outcome, job)

    # --- one cause of many services --------------------------------------------------------------------

    def _joins(self, event: TaskEvent, group: EventGroup, kind: str, look: Look) -> bool:
        """Join what a message tells of already, from the event alone; false where that is gone or repaired since."""
        home = self.groups.get(look.group)
        if (
            home is None
            or home.leader != look.leader
            or not (home := self.teller(home)).open
            or self.repaired(home)
        ):
            self.incidents.forget(kind)
            return False
        self.incidents.joined(kind)
        self.move(event, group, home)
        self.services.runs.settle((_job_key(group),))
        log.info(
            "a task of %s failed as others do: same text, same place; it is counted with them", event.service
        )
        return True

    def repaired(self, home: EventGroup) -> bool:
        """True where a later run in the thread of a group found its cause gone; then it is told of no more."""
        first, newest = self.services.runs.load(run_id_of_group(home)), shown(self.services.runs, home)
        told = single_cause(first.report) if first is not None and first.report is not None else None
        if told is None or newest is None or newest.report is None:
            return True
        if any(item.id == told.id for item in newest.report.causes):
            return False
        assert first is not None
        assert first.snapshot is not None
        self.incidents.release(told, first.snapshot.account_id or "", first.snapshot.region, first.channel)
        return True

    def move(self, event: TaskEvent, group: EventGroup, home: EventGroup) -> None:
        """Tell of a group's cause where another group does."""
        # Named first: what is shown again is what has a new count.
        self.groups.name(home, _name_of(event), *group.services)
        for _ in range(_TRIES):
            if self.groups.find_home(group, home):
                break
            group = self.groups.get(group.key) or group
        else:
            raise ContentionError("a group of events changes all the time")
        self.groups.was_heard(group)
        self._plan(self.groups.get(home.key) or home)

    def _unheard(self, group: EventGroup) -> bool:
        """True when nobody heard of a group yet and it is time for the next one to try."""
        if group.heard or group.channel == "" or group.tried_at > self.clock() - PATIENCE:
            return False
        if self.runs.finished(_job_key(group)):
            self.groups.was_heard(group)
            return False
        return self.groups.try_again(group)

    # --- counts --------------------------------------------------------------------------------------

    def _plan(self, group: EventGroup) -> None:
        """See to it that the count will be shown; one message is under way for all that happens meanwhile."""
        now = self.clock()
        if group.channel == "" or group.recount_at > now - _LOST_SECONDS:
            return
        if self.groups.plan_recount(group, now + RECOUNT_SECONDS):
            self._show_later(Recount(key=group.key, leader=group.leader))

    def recount(self, message: Recount) -> None:
        """Show how often a failure was seen."""
        group = self.groups.get(message.key)
        if group is None or group.leader != message.leader or group.channel == "":
            return
        if not self.services.runs.finished(_job_key(group)):
            # The answer is not there yet, and would take the place of what is shown now.
            if group.open:
                self._show_later(message)
            else:
                # Whoever gives the answer after all sees to it.
                self.groups.recount_came(group)
            return
        self.groups.recount_came(group)
        # Those that were counted until just now belong to what is shown.
        group = self.groups.get(message.key) or group
        run = shown(self.services.runs, group)
        if run is None or run.report is None or run.thread_ts is None or group.count <= group.shown:
            return
        thread = Thread(
            self.services.slack,
            channel=run.channel,
            user="",
            parent_ts=run.thread_ts,
            strict=self.services.strict,
            pace=self.services.pace,
        )
        repeats = Repeats(group.count, group.since, group.services)
        state = ThreadState(self.runs, run.channel, run.thread_ts)
        state.count(repeats)
        state.draw(run, thread.amend)
        self.groups.was_shown(group)

    def _show_later(self, message: Recount) -> None:
        self.queue.send(message.model_dump_json(), delay=RECOUNT_SECONDS)


@dataclass(frozen=True)
class OneOfMany:
    """The run on behalf of a group, as it may belong to an incident of many services.

    Attributes:
        events: who handles the event.
        event: the event.
        group: its group.
        channel: where it is told.
        kind: the look that it answers, where it does.
    """

    events: Events
    event: TaskEvent
    group: EventGroup
    channel: str
    kind: str | None

    def join(self, run: SavedRun, /) -> bool:
        """True where another group tells of the cause already, and now counts this one too."""
        incidents, groups = self.events.incidents, self.events.groups
        cause = single_cause(run.report) if run.report is not None else None
        home = self._home(cause) if cause is not None else None
        if self.kind is not None:
            incidents.settle(self.kind, home or self.group, "shared" if is_shared(cause) else "alone")
        if home is None:
            groups.name(self.group, _name_of(self.event))
            return False
        self.events.move(self.event, self.group, home)
        return True

    def _home(self, cause: Cause) -> EventGroup | None:
        event = self.event
        key = self.events.incidents.claim(cause, event.account, event.region, self.channel, self.group)
        home = self.events.groups.get(key) if key else None
        home = home and self.events.teller(home)
        return home if home is not None and home.open and not self.events.repaired(home) else None


def _name_of(event: TaskEvent) -> str:
    return f"{event.cluster}/{event.service}" if event.service else event.cluster


def _job_key(group: EventGroup) -> str:
    return f"event {group.key} {group.leader}"
