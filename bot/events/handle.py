"""What is done about a task event: kept, grouped, diagnosed once, and counted in the message that tells of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from bot.events.event import TaskEvent, failure_of
from bot.events.groups import EventGroups, Group, key_of
from bot.events.routes import Routes, Tags
from bot.stores.dynamodb import DynamoDbRuns
from diagnostics.target import Target
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import SavedRun, Services
from handlers.running import run_job
from handlers.thread import Thread
from handlers.views.parent import Repeats, parent

log = logging.getLogger(__name__)

RECOUNT_SECONDS = 30
"""How long after a repeated failure its count is shown, and so the least time between two updates of a message."""
_LOST_SECONDS = 300.0
"""When a planned recount that did not come counts as lost."""
_TRIES = 5


RECOUNT: Final = "recount"
"""How a recount is told from a job."""


class ContentionError(Exception):
    """Several workers were at the same group; the event should be delivered again."""


class Recount(BaseModel):
    """A message to ourselves, seen after a while: show how often a failure was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["recount"] = RECOUNT
    key: str
    leader: str


Later = Callable[[str, int], None]
"""Puts a message on the worker's own queue, to be seen after so many seconds."""


@dataclass(frozen=True)
class Events:
    """Handles task events.

    Attributes:
        services: what doing a job needs.
        runs: the same store, with what only events use.
        groups: the events of one cause.
        routes: which channel hears of which task.
        tags: reads tags, for routes that name one.
        later: sends a recount.
        clock: seconds since 1970.
    """

    services: Services
    runs: DynamoDbRuns
    groups: EventGroups
    routes: Routes
    tags: Tags
    later: Later
    clock: Callable[[], float]

    def handle(self, event: TaskEvent) -> bool:
        """Do what an event asks for; whether it is settled. What is no failed pull asks for nothing."""
        failure = failure_of(event.detail)
        if failure is None:
            return True
        target = event.target
        if target is None or target.task_id is None:
            log.warning("an event is dropped: its task is not of the account and Region that sent it")
            return True
        if not self.services.accounts.somewhere(event.account):
            log.warning("an event is dropped: %s", self.services.accounts.refusal(event.account, None))
            return True
        key = key_of(event.account, event.region, event.cluster, event.service, *failure)
        group = self._group(key, target.task_id, event)
        if group is None:
            return True
        facts, version = event.facts(target), event.detail.version or 0
        if group.leader != target.task_id:
            if self.runs.see_event(facts, version):
                self._plan(self.groups.count(group) or group)
            return True
        # The facts come first: the diagnosis stands on them where ECS has forgotten the task.
        self.runs.keep_event(facts, version)
        if not self._lead(event, target, group):
            return False
        self.runs.event_done(target.task_id)
        return True

    def _group(self, key: str, task_id: str, event: TaskEvent) -> Group | None:
        """The group of an event; `None` for a late one of a task that was seen, which must open no group.

        A task that leads its group does so whenever its event is delivered again.
        """
        for _ in range(_TRIES):
            group = self.groups.get(key)
            if group is not None and (group.open or group.leader == task_id):
                return group
            if self.runs.event_seen(task_id):
                return None
            opened = self.groups.open(key, task_id, event.time, group)
            if opened is not None:
                return opened
        raise ContentionError("a group of events changes all the time")

    def _lead(self, event: TaskEvent, target: Target, group: Group) -> bool:
        """Diagnose on behalf of a group."""
        channel = group.channel
        if channel is None:
            channel = self.routes.channel(event, self.tags) or ""
            if channel and (refusal := self.services.accounts.refusal(event.account, channel)):
                log.warning("an event is not told in channel %s: %s", channel, refusal)
                channel = ""
            self.groups.tell(group, channel)
        if not channel:
            return True
        log.info("a task of %s failed to pull its image and is diagnosed", event.service or event.cluster)
        return run_job(
            Job(
                key=_job_key(group),
                kind=DIAGNOSE,
                target=target,
                channel=channel,
                user="",
                run_as=_run_id(group),
            ),
            self.services,
        )

    # --- counts --------------------------------------------------------------------------------------

    def _plan(self, group: Group) -> None:
        """See to it that the count will be shown; one message is under way for all that happens meanwhile."""
        now = self.clock()
        if group.channel == "" or group.recount_at > now - _LOST_SECONDS:
            return
        if self.groups.plan_recount(group, now + RECOUNT_SECONDS):
            self.later(Recount(key=group.key, leader=group.leader).model_dump_json(), RECOUNT_SECONDS)

    def recount(self, message: Recount) -> bool:
        """Show how often a failure was seen; whether the message is settled."""
        group = self.groups.get(message.key)
        if group is None or group.leader != message.leader or group.channel == "":
            return True
        if not self.services.runs.finished(_job_key(group)):
            # The answer is not there yet, and would take the place of what is shown now.
            if group.open:
                self.later(message.model_dump_json(), RECOUNT_SECONDS)
            return True
        self.groups.recount_came(group)
        # Those that were counted until just now belong to what is shown.
        group = self.groups.get(message.key) or group
        run = self._shown(group)
        if run is None or run.report is None or run.thread_ts is None or group.count <= group.shown:
            return True
        thread = Thread(
            self.services.slack,
            channel=run.channel,
            user="",
            parent_ts=run.thread_ts,
            strict=self.services.strict,
        )
        repeats = Repeats(group.count, group.since)
        thread.amend(parent(run.report, run_id=run.run_id, target=run.target, repeats=repeats))
        self.groups.was_shown(group)
        return True

    def _shown(self, group: Group) -> SavedRun | None:
        """The run whose verdict the message shows: the newest one of its thread."""
        first = self.services.runs.load(_run_id(group))
        newest = self.services.runs.latest(group.leader)
        if first is None or newest is None or newest.report is None:
            return first
        return newest if (newest.channel, newest.thread_ts) == (first.channel, first.thread_ts) else first


def _job_key(group: Group) -> str:
    return f"event {group.key} {group.leader}"


def _run_id(group: Group) -> str:
    """The id of the run on behalf of a group: whoever takes it up again finds it."""
    return f"e{key_of(group.key, group.leader)[:15]}"
