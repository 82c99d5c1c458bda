"""What is done about a task event: kept, grouped, diagnosed once, and counted in the message that tells of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from bot.events.event import TaskEvent, failure_of
from bot.events.groups import EventGroup, EventGroups
from bot.events.homes import TRIES, ContentionError, EventRuns, Homes, OneOfMany
from bot.events.incidents import Incidents, Look, kind_of
from bot.events.recounts import LaterMessages, Recount, Recounts
from bot.events.routes import Routes
from bot.events.tags import Tags, TagsLaterError
from bot.events.told import group_key, home_of, job_key_of_group, run_id_of_group, service_key, shown
from diagnostics.target import Target
from handlers.jobs import Job
from handlers.kinds import EVENT
from handlers.ports import Services
from handlers.running import JobOutcome, run_job

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds after which the next event of a group that nobody heard of tries to tell it. Where Slack is down a storm must not
knock once for each event."""
WAITS_FOR_TAGS = 900.0
"""Seconds after a failure for which AWS is asked again for the tags that decide where it is told."""
LOOK_AGAIN_SECONDS = 10
"""How long a failure waits for what becomes of the first one of its kind."""


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

    @cached_property
    def recounts(self) -> Recounts:
        """Shows counts."""
        return Recounts(self.services, self.groups, self.queue, self.clock)

    @cached_property
    def homes(self) -> Homes:
        """Finds where a failure is told of."""
        return Homes(self.runs, self.groups, self.incidents, self.recounts, self.clock)

    def recount(self, message: Recount) -> None:
        """Show how often a failure was seen."""
        self.recounts.came(message)

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
        self.recounts.plan(counted if home is None else self.groups.count(home) or home)

    def _group(self, key: str, task_id: str, event: TaskEvent) -> EventGroup | None:
        """The group of an event; `None` for a late one of a task that was seen, which must open no group.

        A task that leads its group does so whenever its event is delivered again.
        """
        for _ in range(TRIES):
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
        teller = self.homes.teller(group)
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
            try:
                channel = self.routes.channel(event, self.tags) or ""
            except TagsLaterError as error:
                if self.clock() - event.time.timestamp() < WAITS_FOR_TAGS:
                    log.info("where an event is told is seen later: %s", error)
                    return Done(later=LOOK_AGAIN_SECONDS)
                log.warning("an event is routed as if it had no tags: %s", error)
                channel = self.routes.channel(event, lambda _: event.tags) or ""
            if channel and (refusal := self.services.accounts.refusal(event.account, channel)):
                log.warning("an event is not told in channel %s: %s", channel, refusal)
                channel = ""
            self.groups.tell(group, channel)
            if channel and event.service:
                named = service_key(event.account, event.region, event.cluster, event.service)
                self.groups.point(named, group)
        if not channel:
            return Done()
        if self.runs.finished(job_key_of_group(group)):
            self.groups.was_heard(group)
            return Done()
        if (home := home_of(self.groups, group)) is not None:
            # It was told of there when its worker ended, before that was settled.
            self.homes.move(event, group, home)
            self.services.runs.settle((job_key_of_group(group),))
            return Done()
        kind = kind_of(event, channel)
        if (asked := self.homes.asked_for(self.runs.latest(target.task_id or ""), channel)) is not None:
            # Somebody was quicker than the event; what they were told counts what follows.
            OneOfMany(self.homes, event, group, channel, None).adopt(asked)
            self.services.runs.settle((job_key_of_group(group),))
            return Done()
        look = self.incidents.look(kind, group) if kind else None
        if look is not None and (look.group, look.leader) == (group.key, group.leader):
            # What it found out itself, before its worker ended and anybody was told.
            look = None
        if kind and look is not None:
            if look.state == "looking":
                # Somebody diagnoses the first one of them; what comes of that may answer for this one.
                return Done(later=LOOK_AGAIN_SECONDS)
            if look.state in ("shared", "failed") and self._joins(event, group, kind, look):
                return Done()
        log.info("a task of %s failed to pull its image and is diagnosed", event.service or event.cluster)
        job = Job(
            key=job_key_of_group(group),
            kind=EVENT,
            target=target,
            channel=channel,
            user="",
            run_as=run_id_of_group(group),
        )
        belongs = OneOfMany(self.homes, event, group, channel, kind if look is None else None)
        outcome = run_job(job, replace(self.services, incident=belongs))
        if outcome is JobOutcome.SETTLED:
            self.groups.was_heard(group)
            counted = self.groups.get(group.key)
            if counted is not None and counted.home is None:
                told = self.services.runs.load(run_id_of_group(group))
                if told is not None:
                    self.incidents.own(told, group)
            if counted is not None and counted.home is None and counted.count > counted.shown:
                self.recounts.plan(counted)
        return Done(outcome, job)

    # --- one cause of many services --------------------------------------------------------------------

    def _joins(self, event: TaskEvent, group: EventGroup, kind: str, look: Look) -> bool:
        """Join what a message tells of already, from the event alone; false where that is gone or repaired since."""
        home = self.groups.get(look.group)
        if (
            home is None
            or home.leader != look.leader
            or not (home := self.homes.teller(home)).open
            or (self.homes.checked(home) if look.state == "failed" else self.homes.repaired(home))
        ):
            self.incidents.forget(kind)
            return False
        if look.state == "shared":
            self.incidents.joined(kind)
        self.homes.move(event, group, home)
        self.services.runs.settle((job_key_of_group(group),))
        log.info(
            "a task of %s failed as others do: same text, same place; it is counted with them", event.service
        )
        return True

    def _unheard(self, group: EventGroup) -> bool:
        """True when nobody heard of a group yet and it is time for the next one to try."""
        if group.heard or group.channel == "" or group.tried_at > self.clock() - PATIENCE:
            return False
        if self.runs.finished(job_key_of_group(group)):
            self.groups.was_heard(group)
            return False
        return self.groups.try_again(group)
