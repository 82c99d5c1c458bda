"""Killed after every outside call, once and twice, on both stores: what was acknowledged is answered, and answered once.

An outside call is one to Slack, to the store, or a diagnosis. The process ends right after the n-th of them, for every n;
then a new one starts with the same store and the same job.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from slack_sdk import WebClient

from bot.stores.dynamodb import DynamoDbRuns, Table
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack, Message
from diagnostics.faults import ALL_FAULTS
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target
from handlers.ids import RERUN as RERUN_BUTTON
from handlers.ids import SHOW_DETAILS
from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE, EXPLAIN, RERUN
from handlers.pace import Pace
from handlers.ports import RunsStore, Services
from handlers.running import JobOutcome, run_job
from handlers.saved_run import SavedRun
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import Run, Script
from tests.build import reports

LEASE = 80.0
EARLIER = "0a1b"


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Fuse:
    """Ends the process after so many outside calls."""

    left: int = 10_000
    calls: list[str] = field(default_factory=list)

    def burn(self, name: str) -> None:
        self.calls.append(name)
        self.left -= 1
        if self.left == 0:
            raise KilledError


class Fused:
    """Anything whose methods are outside calls: done, and then perhaps the process ends."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            answer = found(*arguments, **named)
            self._fuse.burn(name)
            return answer

        return call


class Clock:
    """Time that passes when it is told to."""

    now = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self) -> Pace:
        """Slack's pace, without waiting."""
        return Pace(clock=self, sleep=self.sleep, chance=lambda: 0.0)


@dataclass
class World:
    """A store and a Slack that outlive the processes, and how often AWS was asked."""

    slack: LocalSlack
    store: RunsStore
    clock: Clock
    begun: Message | None = None
    asked: int = 0

    def job(self, kind: Kind, place: int, user: bool = True) -> Job:
        ts = self.begun.ts if self.begun else None
        return Job(
            key=f"k {place}",
            kind=kind,
            target=reports.TARGET,
            channel=self.slack.channel.id,
            user=self.slack.user.id if user else "",
            thread_ts=ts,
            message_ts=ts if kind.replaces else None,
            run_id=EARLIER if kind is not DIAGNOSE else None,
        )

    def begin(self) -> None:
        """A thread with an earlier run, as there is where a button is pressed."""
        script = Script()
        run = script(reports.TARGET, None)
        self.store.save(
            SavedRun(
                run_id=EARLIER,
                target=reports.TARGET,
                channel=self.slack.channel.id,
                user="U1",
                snapshot=run.snapshot,
                report=run.report,
            )
        )
        client = WebClient(self.slack.bot_token, base_url=self.slack.api_url)
        client.chat_postMessage(channel=self.slack.channel.id, text="The verdict of before")
        (self.begun,) = self.slack.messages()

    def process(self, job: Job, fuse: Fuse) -> JobOutcome | None:
        """A process that does the job, `None` where it was killed."""
        script = Script()

        def diagnose(
            target: Target, previous: Snapshot | None, alert_text: str | None = None, newest: bool = False, /
        ) -> Run:
            self.asked += 1
            return script(target, previous)

        services = Services(
            slack=cast(WebClient, Fused(WebClient(self.slack.bot_token, base_url=self.slack.api_url), fuse)),
            diagnose=Fused(Diagnosing(diagnose), fuse).diagnose,
            runs=cast(RunsStore, Fused(self.store, fuse)),
            fault=ALL_FAULTS.get,
            lease=LEASE,
            pace=self.clock.pace(),
            strict=True,
        )
        try:
            return run_job(job, services)
        except KilledError:
            return None


@dataclass
class Diagnosing:
    """A diagnosis as a method."""

    diagnose: Callable[..., Run]


@pytest.fixture(params=["sqlite", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[Callable[[], World]]:
    """Makes worlds, each with a store of its own."""
    with LocalSlack() as slack, slack.in_process():
        channels = (slack.add_channel(f"c{number}") for number in itertools.count())
        clock = Clock()
        if request.param == "sqlite":

            def fresh() -> World:
                slack.channel = next(channels)
                return World(slack, SqliteRuns(":memory:", clock=clock), clock)

            yield fresh
            return

        def fresh_table() -> World:
            slack.channel = next(channels)
            # A table in memory that does as moto's: tests/aws_lambda/test_storms.py compares every call of the stores.
            return World(slack, DynamoDbRuns(Table(MemoryDynamoDb(), "runs", clock=clock)), clock)

        yield fresh_table


def until_done(world: World, job: Job, *kills: int) -> list[str]:
    """Start processes one after the other, the first ones killed; what the last one called."""
    for kill in kills:
        if world.process(job, Fuse(kill)) is None:
            # Lambda's way: the message comes again, late, when the lease of the dead one is over.
            world.clock.now += LEASE + 1
    fuse = Fuse()
    assert world.process(job, fuse) is JobOutcome.SETTLED
    return fuse.calls


def calls_of(fresh: Callable[[], World], kind: Kind, user: bool = True) -> list[str]:
    """The outside calls of a job that nothing interrupts."""
    world = fresh()
    if kind is not DIAGNOSE:
        world.begin()
    return until_done(world, world.job(kind, 0, user))


def holding(world: World, words: str) -> list[Message]:
    """Every message in the channel, in threads too, that says something."""
    return [item for item in world.slack.workspace.messages(world.slack.channel.id) if words in item.plain]


def told(world: World, words: str) -> bool:
    """Whether the person alone was told something."""
    private = world.slack.ephemeral(channel=world.slack.channel)
    return any(words in item.plain for item in private)


def check_details(world: World, kills: tuple[int, ...], words: str = "aws ec2 create-route") -> None:
    """The details stand once in the thread; where they may be there unseen, the verdict offers them as well."""
    fixes = holding(world, words)
    (verdict,) = [
        item for item in holding(world, "cannot start: its subnet") if RERUN_BUTTON in item.action_ids
    ]
    assert len(fixes) <= 1, kills
    assert fixes or SHOW_DETAILS in verdict.action_ids, kills


def stray(world: World) -> list[Message]:
    """Messages that say that work is under way, which nobody will change any more."""
    return holding(world, "Checking") + holding(world, "Re-running")


def audited(caplog: pytest.LogCaptureFixture) -> int:
    """How many lines were written about runs since this was asked last."""
    count = sum(record.name == "audit" for record in caplog.records)
    caplog.clear()
    return count


@pytest.mark.parametrize("user", [True, False], ids=["command", "event"])
def test_a_diagnosis_is_answered_once(
    world: Callable[[], World], user: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "audit")
    calls = calls_of(world, DIAGNOSE, user)
    assert calls.count("chat_postMessage") == 2
    first_post = calls.index("chat_postMessage") + 1
    kept = calls.index("save") + 1
    for kills in (*((n,) for n in range(1, len(calls) + 1)), *((n, n) for n in range(1, len(calls) + 1))):
        here = world()
        audited(caplog)
        until_done(here, here.job(DIAGNOSE, 0, user), *kills)

        assert audited(caplog) == 1, kills
        assert len(holding(here, "cannot start: its subnet")) == 1, kills
        check_details(here, kills)
        # What Slack's API cannot tell (docs/operations.md): whether the very first message was posted.
        assert len(stray(here)) == (len(kills) if set(kills) == {first_post} else 0), kills
        # Once AWS's answer is kept it is never asked again.
        if kept <= kills[0]:
            assert here.asked == 1, kills


def test_a_rerun_is_answered_once(world: Callable[[], World], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "audit")
    calls = calls_of(world, RERUN)
    assert calls.count("chat_postMessage") == 1
    assert calls.count("settle") == 1
    for kills in (*((n,) for n in range(1, len(calls) + 1)), *((n, n) for n in range(1, len(calls) + 1))):
        here = world()
        here.begin()
        audited(caplog)
        until_done(here, here.job(RERUN, 0), *kills)

        assert audited(caplog) == 1, kills
        assert len(holding(here, "cannot start: its subnet")) == 1, kills
        assert len(here.slack.messages()) == 1, kills
        check_details(here, kills, "nothing has changed.")
        assert not stray(here), kills
        # Nothing is left in the way of the next press.
        until_done(here, here.job(RERUN, 1))
        assert not told(here, "being checked again already"), kills


def test_an_explanation_is_given_once_or_asked_for_again(world: Callable[[], World]) -> None:
    calls = calls_of(world, EXPLAIN)
    posted = calls.index("chat_postMessage") + 1
    noted = calls.index("note") + 1
    for kills in (*((n,) for n in range(1, len(calls) + 1)), *((n, n) for n in range(1, len(calls) + 1))):
        here = world()
        here.begin()
        until_done(here, here.job(EXPLAIN, 0), *kills)

        explained = holding(here, "How to fix it")
        assert len(explained) == (0 if kills[0] == noted else 1), kills
        if noted <= kills[0] <= posted:
            assert told(here, "ask for it again"), kills
        # Who presses again is not told that it is there when it may not be.
        if not explained:
            until_done(here, here.job(EXPLAIN, 1))
            assert len(holding(here, "How to fix it")) == 1, kills


def test_a_job_that_comes_again_while_somebody_is_at_it_is_left_alone(world: Callable[[], World]) -> None:
    here = world()
    job = here.job(DIAGNOSE, 0)
    assert here.process(job, Fuse(4)) is None

    assert here.process(job, Fuse()) is JobOutcome.BUSY
    assert len(here.slack.messages()) <= 1


def test_what_nobody_could_be_told_is_told_from_the_run_that_was_kept(world: Callable[[], World]) -> None:
    here = world()
    here.slack.fail("chat.postMessage", "channel_is_limited", times=None)
    job = here.job(DIAGNOSE, 0)
    for _ in range(3):
        assert here.process(job, Fuse()) is JobOutcome.UNHEARD
    assert here.asked == 1

    here.slack._script.failures.clear()
    assert here.process(job, Fuse()) is JobOutcome.SETTLED

    assert here.asked == 1
    assert len(holding(here, "cannot start: its subnet")) == 1


def test_nothing_is_diagnosed_for_nobody(world: Callable[[], World]) -> None:
    here = world()
    here.slack.fail("chat.postMessage", "not_in_channel", times=None)

    assert here.process(here.job(DIAGNOSE, 0, user=False), Fuse()) is JobOutcome.UNHEARD

    assert here.asked == 0


def test_an_explanation_that_slack_certainly_did_not_take_is_given_when_it_is_back(
    world: Callable[[], World],
) -> None:
    here = world()
    here.begin()
    job = here.job(EXPLAIN, 1)
    here.slack.fail("*", "service_unavailable", times=None, seconds=300)
    assert here.process(job, Fuse()) is JobOutcome.UNHEARD
    here.slack._script.failures.clear()

    assert here.process(job, Fuse()) is JobOutcome.SETTLED

    assert len(holding(here, "How to fix it")) == 1
    assert not told(here, "not confirmed")


def test_an_explanation_that_was_interrupted_can_be_asked_for_again_at_once(
    world: Callable[[], World],
) -> None:
    calls = calls_of(world, EXPLAIN)
    here = world()
    here.begin()
    job = here.job(EXPLAIN, 1)
    assert here.process(job, Fuse(calls.index("note") + 1)) is None
    # As a start in Socket Mode does, which waits for no lease.
    here.store.settle((), (job.key,))
    here.process(job, Fuse())

    here.process(here.job(EXPLAIN, 2), Fuse())

    assert len(holding(here, "How to fix it")) == 1


def test_why_there_is_no_explanation_is_told_when_slack_is_back(world: Callable[[], World]) -> None:
    here = world()
    here.begin()
    job = here.job(EXPLAIN, 1)
    here.slack.fail("*", "internal_error", times=None)
    assert here.process(job, Fuse()) is JobOutcome.UNHEARD
    assert here.process(job, Fuse()) is JobOutcome.UNHEARD
    here.slack._script.failures.clear()

    assert here.process(job, Fuse()) is JobOutcome.SETTLED

    assert told(here, "Slack has not confirmed it")
