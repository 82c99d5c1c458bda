"""What people and ECS can do, against a Slack that fails: one cell is done through the real app, and told by what is to be seen.

Time passes only where somebody waits.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.app import create_app
from bot.metrics import MeasuredWebClient, Metrics
from bot.queues.again import TRIES, seconds_until
from bot.settings import Settings
from bot.stores.database import Database
from bot.stores.sqlite import SqliteRuns
from demo.slack import Channel, LocalSlack, Message, dispatch_to
from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Report
from handlers import audit, ids
from handlers.calls import retry_handlers
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.pace import Pace
from handlers.ports import Listening, Services
from handlers.running import JobOutcome, announce, run_job
from handlers.saved_run import SavedRun
from handlers.views.details import alone as for_one_person
from handlers.views.message import MessageContent
from handlers.views.parent import parent, short
from tests.bot.conftest import Script
from tests.build import TASK_ARN, reports

EARLIER = "0a1b2c3d"
"""The run whose buttons are pressed."""
VERDICT = "payments-api cannot start"
WALL = "create-route"
"""Stands in the details, and nowhere else."""
SAME = "nothing has changed"
"""Stands in the thread in place of the details, where a re-run found what its thread explains already."""
EXPLAINED = (reports.no_route().id, "How to fix it")
"""Stand together in the explanation of one cause; an explanation that is too long for Slack goes out in two messages."""
PROGRESS = ("Checking", "Re-running", "in line")
MOST_ATTEMPTS = 3
"""The last of them is the last one that there is: what lies between would be the same."""


@dataclass
class Clock:
    """Time that passes when it is told to."""

    now: float = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Line:
    """A queue that keeps jobs until they are done."""

    jobs: list[Job] = field(default_factory=list)

    def submit(self, job: Job, /) -> int:
        self.jobs.append(job)
        return 0


class Logged(logging.Handler):
    """What was logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@dataclass
class Bench:
    """A Slack, an app and a store for many cells, each of which has a channel of its own and finds the store empty."""

    slack: LocalSlack
    runs: SqliteRuns
    line: Line
    clock: Clock
    direct: Channel
    logged: Logged
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@contextmanager
def bench() -> Iterator[Bench]:
    """Start a Slack with the app in it."""
    clock, line, logged = Clock(), Line(), Logged()
    root = logging.getLogger()
    with ExitStack() as stack:
        slack = stack.enter_context(LocalSlack(clock=clock))
        settings = Settings(
            slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
            slack_signing_secret=slack.signing_secret,  # type: ignore[arg-type]
            slack_api_url=slack.api_url,
        )
        stack.enter_context(slack.in_process())
        stack.enter_context(slack.over_http(dispatch_to(create_app(settings, Listening(line)))))
        level = root.level
        root.addHandler(logged)
        root.setLevel(logging.INFO)
        runs = SqliteRuns(":memory:", clock=clock)
        stack.callback(runs.close)
        try:
            yield Bench(slack, runs, line, clock, slack.add_direct_message(slack.user), logged)
        finally:
            root.removeHandler(logged)
            root.setLevel(level)


def empty(database: Database) -> None:
    """Take everything out of a database, which then is as a new one."""
    with database.transaction() as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            connection.execute(f"DELETE FROM {table}")


class World:
    """One cell: a channel, a store, and what is done there."""

    def __init__(self, bench: Bench) -> None:
        self.bench, slack = bench, bench.slack
        self.slack = slack
        slack._script.failures.clear()
        bench.line.jobs.clear()
        bench.logged.records.clear()
        self.channel = slack.channel = slack.add_channel(f"c{next(bench.numbers)}")
        self.script = Script()
        self.metrics: list[str] = []
        self.outcomes: list[JobOutcome] = []
        self.runs = bench.runs
        empty(self.runs.database)
        self._before = len(slack.messages(bench.direct))
        self._pressed: Message | None = None
        self.services = Services(
            slack=MeasuredWebClient(
                token=slack.bot_token,
                base_url=slack.api_url,
                retry_handlers=retry_handlers(),
                metrics=Metrics(self.metrics.append),
            ),
            diagnose=self.script,
            runs=self.runs,
            fault=ALL_FAULTS.get,
            lease=80,
            pace=Pace(clock=bench.clock, sleep=bench.clock.sleep, chance=lambda: 0.0),
            strict=True,
        )

    # --- the world before ----------------------------------------------------------------------------

    def keep(self, report: Report | None = None) -> SavedRun:
        """Keep a run, whose buttons can be pressed."""
        kept = SavedRun(
            run_id=EARLIER,
            target=reports.TARGET,
            channel=self.channel.id,
            user=self.slack.user.id,
            snapshot=self.script.snapshot,
            report=report or reports.cause_found(),
        )
        self.runs.save(kept)
        return kept

    def stand(self, content: MessageContent, *, alone: bool = False) -> Message:
        """Have a message of the app stand in the channel, for all or for the person alone."""
        payload = content.payload()
        self._pressed = self.slack.workspace.add(
            self.channel,
            self.slack.bot.id,
            payload["text"],
            blocks=payload["blocks"],
            visible_to=self.slack.user.id if alone else None,
            origin="response" if alone else "api",
        )
        return self._pressed

    def delete_all(self) -> None:
        """Delete what the app has said to everybody, as somebody may at any moment."""
        for message in self.slack.workspace.messages(self.channel.id):
            if message.author == self.slack.bot.id:
                self.slack.delete(message)

    def delete_meanwhile(self) -> None:
        """The same, while AWS is asked."""

        def step() -> Report:
            self.delete_all()
            return reports.cause_found()

        self.script.steps = [step]

    # --- the work ------------------------------------------------------------------------------------

    def work(self) -> None:
        """Do what waits, and try again what reached nobody, as the queues do."""
        while self.bench.line.jobs:
            job = self.bench.line.jobs.pop(0)
            for attempt in itertools.count(2):
                wait = seconds_until(job.tries)
                outcome = run_job(job, self.services, last=wait is None)
                self.outcomes.append(outcome)
                if outcome is not JobOutcome.UNHEARD or wait is None:
                    break
                self.bench.clock.now += wait
                tries = job.tries + 1 if attempt < MOST_ATTEMPTS else TRIES
                job = job.model_copy(update={"tries": tries})

    # --- what is to be seen --------------------------------------------------------------------------

    def seen(self) -> Seen:
        """What the app has said."""
        everybody = [item for item in self.slack.workspace.messages(self.channel.id) if self._said(item)]
        alone = [item for item in self.slack.ephemeral(channel=self.channel) if self._said(item)]
        alone += self.slack.messages(self.bench.direct)[self._before :]
        both = [*everybody, *alone]
        return Seen(
            verdicts=sum(_is_verdict(item) for item in everybody),
            details=sum(_is_details(item) for item in everybody),
            offered=any(ids.SHOW_DETAILS in item.action_ids for item in everybody),
            private=sum(VERDICT in item.text or WALL in item.plain for item in alone),
            explained=sum(all(word in item.plain for word in EXPLAINED) for item in both),
            words=sum("Slack has not confirmed" in item.plain for item in both),
            stale=sum(any(word in item.plain for word in PROGRESS) for item in both),
        )

    def _said(self, message: Message) -> bool:
        """The app said it now; what was pressed counts where it was changed."""
        pressed = self._pressed
        same = pressed is not None and (message.ts, message.revision) == (pressed.ts, pressed.revision)
        return message.author == self.slack.bot.id and not same

    def audited(self) -> list[dict[str, Any]]:
        """The lines about runs."""
        return [
            record.__dict__[audit.MEMBERS]
            for record in self.bench.logged.records
            if record.name == "audit" and record.getMessage() == audit.RUN
        ]

    def log(self) -> str:
        """All that was logged, and the metrics."""
        return "\n".join([*(record.getMessage() for record in self.bench.logged.records), *self.metrics])

    def raised(self) -> list[str]:
        """What was caught and logged with its stack."""
        return [record.getMessage() for record in self.bench.logged.records if record.exc_info]


@dataclass(frozen=True)
class Seen:
    """How often each thing is to be seen.

    Attributes:
        verdicts: for everybody, with its buttons or as a sentence alone.
        details: for everybody; of a re-run that found nothing new, the line that says so.
        offered: a button gives them to whoever wants them.
        private: the verdict, the details or both, for the person alone.
        explained: the explanation, for whomever.
        words: that Slack has not confirmed something, and what to do.
        stale: that work is under way.
    """

    verdicts: int
    details: int
    offered: bool
    private: int
    explained: int
    words: int
    stale: int


def _is_details(message: Message) -> bool:
    # A verdict that offers the details, because its thread may have none, says in a note what has changed.
    return WALL in message.plain or (SAME in message.plain and not _is_verdict(message))


def _is_verdict(message: Message) -> bool:
    says = VERDICT in message.text and WALL not in message.plain
    # The one line of a re-run names what was found too; where Slack takes no blocks it is a sentence, and no verdict.
    sentence = not message.blocks and "checked again at" not in message.text
    return says and (ids.RERUN in message.action_ids or sentence)


# --- what people and ECS do --------------------------------------------------------------------------


def command(world: World) -> None:
    world.slack.command(ids.COMMAND, TASK_ARN)


def queued(world: World) -> None:
    """A command that waits in line, and says so first."""
    command(world)
    line = world.bench.line
    line.jobs[:] = [announce(job, 3, world.services) for job in line.jobs]


def shortcut(world: World) -> None:
    alert = world.slack.post(f"Task stopped: {TASK_ARN}", channel=world.channel)
    world.slack.shortcut(ids.SHORTCUT, alert, world.channel)


def _in_channel(world: World, action: str, report: Report | None = None) -> None:
    kept = world.keep(report)
    assert kept.report is not None
    made = short if action in (ids.SHOW_DETAILS, ids.EXPLAIN) else parent
    world.slack.click(world.stand(made(kept.report, run_id=EARLIER, target=kept.target)), action)


def _alone(world: World, action: str, report: Report | None = None) -> None:
    kept = world.keep(report)
    assert kept.report is not None
    made = for_one_person(kept.report, run_id=EARLIER, target=kept.target)
    world.slack.click(world.stand(made(None, True), alone=True), action)


def rerun(world: World) -> None:
    """Re-run, which finds a cause where there was none: its details are new."""
    _in_channel(world, ids.RERUN, reports.undecided())


def rerun_same(world: World) -> None:
    """Re-run, which finds what it found before."""
    _in_channel(world, ids.RERUN)


def rerun_alone(world: World) -> None:
    """Re-run, pressed on an answer that the person alone sees."""
    _alone(world, ids.RERUN, reports.undecided())


def explain(world: World) -> None:
    _in_channel(world, ids.EXPLAIN)


def post(world: World) -> None:
    _alone(world, ids.POST)


def show_details(world: World) -> None:
    _in_channel(world, ids.SHOW_DETAILS)


def event(world: World) -> None:
    """A task event, as `bot.events.handle` makes a job of it."""
    job = Job(
        key="event", kind=DIAGNOSE, target=reports.TARGET, channel=world.channel.id, user="", run_as="e1"
    )
    world.bench.line.jobs.append(job)


Action = Callable[[World], None]
