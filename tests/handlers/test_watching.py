"""Watch until it pulls: it looks seldom, says one thing once, and stops; on every store, with a clock of its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import create_app
from bot.settings import Settings
from bot.stores.dynamodb import DynamoDbRuns
from bot.stores.sqlite import SqliteRuns
from bot.stores.table import Table
from demo.slack import LocalSlack, Message, dispatch_to
from diagnostics.finding import Report
from diagnostics.snapshot import Absent, Fact, Known, Task, Unavailable, Why
from diagnostics.target import Target
from handlers import ids
from handlers.ids import STOP_WATCHING, WATCH
from handlers.jobs import Job
from handlers.kinds import read_job
from handlers.ports import Accounts, DiagnosisError, Listening, QueueFullError, Services
from handlers.running import JobOutcome, run_job
from handlers.watches import LONGEST, MOST, MOST_OF_ONE, SECONDS, seconds_until_look
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce, Script
from tests.build import TASK_ARN, reports
from tests.handlers.answers import FAULTS
from tests.handlers.test_kinds import Line

BEGAN = 1_795_600_000.0
OPTIONS = {"Watch until it pulls": WATCH, "Stop watching": STOP_WATCHING}
OTHER = TASK_ARN[:-4] + "ffff"
SEEN = Task(task_arn=TASK_ARN, last_status="STOPPED", stop_code="TaskFailedToStart")
STORES: dict[str, Callable[[Callable[[], float]], Any]] = {
    "sqlite": lambda clock: SqliteRuns(":memory:", clock=clock),
    "dynamodb": lambda clock: DynamoDbRuns(Table(MemoryDynamoDb(), "t", clock=clock)),
}


def task(**more: Any) -> Task:
    return Task(**{"task_arn": OTHER, "last_status": "PENDING", **more})


def pulled() -> Task:
    return task(last_status="RUNNING")


def failed() -> Task:
    return task(
        last_status="STOPPED", stop_code="TaskFailedToStart", stopped_reason="CannotPullContainerError"
    )


class Watched:
    """A channel with a verdict in it, and a service whose newest task changes; jobs of later wait until time comes to them."""

    def __init__(self, slack: LocalSlack, line: Line, store: Any, clock: list[float]) -> None:
        self.slack, self.line, self.runs, self.clock = slack, line, store, clock
        self.script = Script()
        self.newest: Fact[Task | None] | Exception = Known(value=SEEN)
        self.looks: list[float] = []
        self.kept: dict[str, tuple[float, str]] = {}
        self.full = False
        self.services = Services(
            slack=WebClient(slack.bot_token, base_url=slack.api_url),
            diagnose=self.script,
            runs=store,
            fault=FAULTS.get,
            lease=60,
            pace=AtOnce(),
            strict=True,
            clock=lambda: clock[0],
            newest=self._newest,
            later=self._later,
        )
        slack.command(ids.COMMAND, TASK_ARN)
        self.work()

    def _newest(self, target: Target, /) -> Fact[Task | None]:
        assert (target.kind, target.cluster, target.service) == ("service", "payments", "payments-api")
        self.looks.append(self.clock[0] - BEGAN)
        if isinstance(self.newest, Exception):
            raise self.newest
        return self.newest

    def _later(self, job: Job, seconds: int, /) -> None:
        if self.full:
            raise QueueFullError
        self.kept.setdefault(job.key, (self.clock[0] + seconds, job.text()))

    @property
    def parent(self) -> Message:
        return next(item for item in self.slack.messages() if item.author == self.slack.bot.id)

    @property
    def replies(self) -> list[str]:
        """What stands in the thread beside the details."""
        return [item.text for item in self.slack.thread(self.parent)[1:]]

    @property
    def told(self) -> list[str]:
        people = (self.slack.user, self.slack.other_user)
        return [item.plain for who in people for item in self.slack.ephemeral(user=who)]

    def choose(self, option: str = "Watch until it pulls", **how: Any) -> None:
        self.slack.click(self.parent, ids.MORE, option=OPTIONS[option], **how)
        self.work()

    def work(self) -> None:
        while self.line.jobs:
            assert run_job(self.line.jobs.pop(0), self.services) is JobOutcome.SETTLED

    def pass_time(self, seconds: float) -> None:
        """Time passes, and what waits for it is done."""
        until = self.clock[0] + seconds
        while due := sorted((at, key) for key, (at, _) in self.kept.items() if at <= until):
            at, key = due[0]
            self.clock[0] = max(self.clock[0], at)
            run_job(read_job(self.kept.pop(key)[1]), self.services)
        self.clock[0] = until

    def shown(self) -> bool:
        return "alice watches it" in self.parent.plain


@pytest.fixture(params=STORES)
def world(request: pytest.FixtureRequest) -> Iterator[Watched]:
    clock, line = [BEGAN], Line()
    store = STORES[request.param](lambda: clock[0])
    with LocalSlack() as slack:
        settings = Settings(
            slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
            slack_signing_secret=slack.signing_secret,  # type: ignore[arg-type]
            slack_api_url=slack.api_url,
        )
        with slack.over_http(dispatch_to(create_app(settings, Listening(line)))):
            yield Watched(slack, line, store, clock)
    if isinstance(store, SqliteRuns):
        store.close()


def test_it_says_once_that_the_next_task_pulled_and_stops(world: Watched) -> None:
    world.choose()
    assert world.shown()
    world.pass_time(600)
    assert world.replies == []

    world.newest = Known(value=task())
    world.pass_time(600)
    assert world.replies == []

    # A look asks for the newest task alone: AWS was asked for one diagnosis, that of the command.
    assert len(world.script.asked) == 1
    before = world.parent.ts
    world.newest, world.script.steps = Known(value=pulled()), [reports.has_pulled]
    world.pass_time(SECONDS)

    (told,) = world.replies
    assert told.startswith(f"<@{world.slack.user.id}>: payments-api: the next task pulled.")
    assert (world.shown(), world.kept) == (False, {})
    # The message turns, in the words of a button's press, and its buttons shrink.
    assert world.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")
    assert "seen by alice" in world.parent.plain
    assert (world.parent.ts, world.parent.action_ids) == (before, (ids.NEWEST,))
    ((_, previous),) = world.script.asked[1:]
    assert (world.script.newest[1:], previous) == ([True], world.script.snapshot)


@pytest.mark.parametrize(
    ("step", "says", "parent"),
    [
        (reports.cause_found, "the next task pulled, but another one would fail.", "🔴 *payments-api cannot start"),
        (reports.starting, "the next task pulled.", "🔴 *payments-api cannot start"),
        (reports.unread, "the next task pulled.", "🔴 *payments-api cannot start"),
        (reports.not_a_pull_failure, "the next task pulled.", "⚪ *payments-api pulled its image"),
    ],
    ids=["would fail", "a newer one is pending", "denied since", "ended by itself"],
)  # fmt: skip
def test_the_message_claims_no_more_than_the_checks(
    world: Watched, step: Callable[[], Report], says: str, parent: str
) -> None:
    world.choose()
    world.newest, world.script.steps = Known(value=pulled()), [step]

    world.pass_time(SECONDS)

    assert [reply.partition("payments-api: ")[2] for reply in world.replies] == [says]
    assert world.parent.plain.startswith(parent)
    assert not world.shown()


@pytest.mark.parametrize("away", [1, 100], ids=["once", "to the end"])
def test_where_aws_is_away_when_it_is_checked_the_next_look_tells(world: Watched, away: int) -> None:
    world.choose()
    left = [away]

    def step() -> Report:
        left[0] -= 1
        if left[0] >= 0:
            raise DiagnosisError("AWS could not be reached.")
        return reports.has_pulled()

    world.newest, world.script.steps = Known(value=pulled()), [step]

    world.pass_time(2 * SECONDS)

    assert [reply.partition("payments-api: ")[2] for reply in world.replies] == ["the next task pulled."]
    assert world.parent.plain.startswith("🟢") == (away == 1)
    assert not world.shown()


def test_it_looks_at_growing_intervals_and_ends_after_two_hours(world: Watched) -> None:
    world.choose()
    world.pass_time(3 * SECONDS)

    waits = [after - before for before, after in zip([0.0, *world.looks], world.looks, strict=False)]
    assert waits[0] <= 30
    assert waits[:-1] == sorted(waits[:-1])
    assert max(waits) <= LONGEST + 1
    assert len(waits) < 40
    assert world.looks[-1] == pytest.approx(SECONDS, abs=2)
    assert [reply.partition(": ")[2] for reply in world.replies] == ["payments-api: two hours are over."]
    assert (world.shown(), world.kept) == (False, {})
    assert seconds_until_look(10_000) == LONGEST


def other_cause() -> Report:
    return reports.cause_at("rtb-other")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (reports.cause_found, "the next task failed again, same cause."),
        (other_cause, "the next task failed again, for another reason."),
        (reports.not_a_pull_failure, "the next task stopped before it ran."),
    ],
)
def test_it_says_that_the_next_task_failed_again(
    world: Watched, step: Callable[[], Report], says: str
) -> None:
    world.choose()
    world.newest, world.script.steps = Known(value=failed()), [step]

    world.pass_time(SECONDS)

    assert [reply.partition("payments-api: ")[2] for reply in world.replies] == [says]
    # The very task that failed is looked at, once.
    assert [target.task_id for target, _ in world.script.asked[1:]] == [OTHER.rpartition("/")[2]]
    assert not world.kept


@pytest.mark.parametrize(
    ("newest", "says"),
    [
        (Absent(call="ecs:ListTasks"), "the service is gone."),
        (Unavailable(reason=Why.DENIED, call="ecs:ListTasks"), "the watch has ended."),
        (
            Known(value=task(last_status="STOPPED", stop_code="EssentialContainerExited")),
            "the next task pulled.",
        ),
    ],
    ids=["gone", "denied", "ran"],
)
def test_what_ends_a_watch(world: Watched, newest: Fact[Task | None], says: str) -> None:
    world.choose()
    world.newest, world.script.steps = newest, [reports.not_a_pull_failure]

    world.pass_time(SECONDS)

    assert [reply.partition("payments-api: ")[2] for reply in world.replies] == [says]
    assert len(world.looks) == 1
    assert not world.shown()


@pytest.mark.parametrize(
    "newest",
    [
        Known(value=None),
        Known(value=SEEN),
        Known(value=task(last_status="PROVISIONING")),
        Unavailable(reason=Why.TIMED_OUT, call="ecs:ListTasks"),
        DiagnosisError("AWS could not be reached."),
    ],
    ids=["none", "seen", "starts", "slow", "unreachable"],
)
def test_what_does_not_end_it(world: Watched, newest: Fact[Task | None] | Exception) -> None:
    world.choose()
    world.newest = newest

    world.pass_time(1000)
    assert world.replies == []
    world.newest = Known(value=pulled())
    world.pass_time(LONGEST + 1)

    assert len(world.replies) == 1


def test_pressing_again_stops_it(world: Watched) -> None:
    world.choose()
    world.pass_time(60)
    looked = len(world.looks)

    world.choose("Stop watching", user=world.slack.other_user)
    world.newest = Known(value=pulled())
    world.pass_time(SECONDS)

    assert (world.replies, len(world.looks), world.shown(), world.kept) == ([], looked, False, {})
    # Its places are free at once.
    for _ in range(MOST_OF_ONE + 1):
        world.choose()
        world.choose("Stop watching")
    assert world.told == []


def test_a_thread_has_one(world: Watched) -> None:
    before = world.parent
    world.choose()
    kept = dict(world.kept)

    world.slack.workspace._messages[before.channel][before.ts] = before
    world.choose(user=world.slack.other_user)

    assert world.kept == kept
    (told,) = world.told
    assert told.startswith("alice watches this already, until ")


@pytest.mark.parametrize(("what", "most"), [("watches of {}", MOST_OF_ONE), ("watches", MOST)])
def test_there_is_a_limit(world: Watched, what: str, most: int) -> None:
    place = what.format(world.slack.user.id)
    for number in range(most):
        assert world.runs.claim(f"{place} {number}", SECONDS, "others")

    world.choose()

    assert (world.kept, world.shown()) == ({}, False)
    (told,) = world.told
    assert str(most) in told
    # What was refused holds no place.
    free = f"watches of {world.slack.user.id} 0" if what == "watches" else "watches 0"
    assert world.runs.claim(free, SECONDS, "somebody")


@pytest.mark.parametrize("where", ["before a look", "before it is told"])
def test_a_thread_that_is_deleted_ends_it_quietly(world: Watched, where: str) -> None:
    world.choose()
    if where == "before it is told":
        world.newest = Known(value=pulled())
    for message in [*world.slack.thread(world.parent), world.parent]:
        world.slack.delete(message)

    world.pass_time(SECONDS)

    assert (world.looks, world.kept, world.told) == ([], {}, [])
    assert [item for item in world.slack.messages() if item.author == world.slack.bot.id] == []


def test_a_look_that_comes_twice_or_late_changes_nothing(world: Watched) -> None:
    world.choose()
    ((_, first),) = world.kept.values()
    world.pass_time(60)
    looked, waiting = len(world.looks), dict(world.kept)

    assert run_job(read_job(first), world.services) is JobOutcome.SETTLED

    assert (len(world.looks), world.kept) == (looked, waiting)


def test_a_look_whose_process_ended_after_it_kept_the_next_one_is_not_done_beside_that(
    world: Watched,
) -> None:
    world.choose()
    ((at, first),) = world.kept.values()
    world.clock[0] = at
    with pytest.raises(KeyboardInterrupt):
        run_job(read_job(first), dataclasses.replace(world.services, runs=EndsUnsettled(world.runs)))
    del world.kept[read_job(first).key]
    assert len(world.kept) == 1
    world.pass_time(world.services.lease + 60)
    looked, waiting = len(world.looks), dict(world.kept)

    # Its message comes again, when the next look has long begun.
    assert run_job(read_job(first), world.services) is JobOutcome.SETTLED

    assert (len(world.looks), world.kept) == (looked, waiting)


class EndsUnsettled:
    """A store whose process ends before a job is settled."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def settle(self, done: Any = (), free: Any = ()) -> None:
        raise KeyboardInterrupt


def test_what_was_told_before_the_process_ended_is_not_told_again(world: Watched) -> None:
    world.choose()
    world.newest, world.script.steps = Known(value=pulled()), [reports.has_pulled]
    ((at, look),) = world.kept.values()
    world.clock[0] = at
    job = read_job(look)
    crash = dataclasses.replace(world.services, runs=Ends(world.runs))
    with pytest.raises(KeyboardInterrupt):
        run_job(job, crash)
    assert len(world.replies) == 1

    world.clock[0] += world.services.lease + 1
    assert run_job(job, world.services) is JobOutcome.SETTLED

    assert (len(world.replies), world.shown()) == (1, False)
    assert world.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")


class Ends:
    """A store whose process ends when a watch is put away."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def note(self, key: str, text: str) -> None:
        if key.startswith("watch ") and not text:
            raise KeyboardInterrupt
        self._inner.note(key, text)


def test_where_nothing_lasts_beyond_the_process_that_is_said(world: Watched) -> None:
    world.services = dataclasses.replace(world.services, lasting=False)
    world.choose()

    assert re.search("alice watches it\\* until .*, or until this app restarts", world.parent.plain)

    world.choose("Stop watching")
    world.services = dataclasses.replace(world.services, lasting=True)
    world.choose()
    assert world.shown()
    assert "restarts" not in world.parent.plain


def test_a_full_queue_says_so_and_nothing_is_watched(world: Watched) -> None:
    world.full = True
    world.choose()

    assert not world.shown()
    (told,) = world.told
    assert "too much is waiting" in told


def test_an_account_that_may_no_longer_be_looked_at_ends_it(world: Watched) -> None:
    world.choose()
    world.services = dataclasses.replace(world.services, accounts=Accounts(frozenset({"999999999999"})))

    world.pass_time(SECONDS)

    assert world.looks == []
    (told,) = world.slack.thread(world.parent)[1:]
    assert "PULLCHECK_ALLOWED_ACCOUNTS" in told.plain
