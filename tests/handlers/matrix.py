"""What people and ECS can do, against a Slack that fails at one place: one cell, done through the real app, with time that
passes only where somebody waits."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.app import create_app
from bot.metrics import MeasuredWebClient, Metrics
from bot.queues.again import TRIES, seconds_until
from bot.receiving import PullcheckApp
from bot.settings import Settings
from bot.stores.sqlite import SqliteRuns
from demo.slack import Channel, LocalSlack, Message, dispatch_to
from diagnostics.faults import ALL_FAULTS
from handlers import ids
from handlers.calls import retry_handlers
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.pace import Pace
from handlers.ports import Listening, SavedRun, Services
from handlers.running import JobOutcome, run_job
from handlers.views.details import alone as alone_
from handlers.views.parent import parent, short
from tests import reports
from tests.bot.conftest import Script
from tests.builders import TASK_ARN

EARLIER = "0a1b2c3d"
BEGAN = 1_795_600_000.0
PAGE = "<html><body>upstream said <b>no</b> to hooks.example/secret</body></html>"


@dataclass
class Clock:
    now: float = BEGAN

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Line:
    """A queue that keeps jobs until the test does them."""

    jobs: list[Job] = field(default_factory=list)

    def submit(self, job: Job, /) -> int:
        self.jobs.append(job)
        return 0


@dataclass
class Bench:
    """A Slack and an app for many cells; each has a channel of its own."""

    slack: LocalSlack
    app: PullcheckApp
    line: Line
    clock: Clock
    written: list[str]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))


@contextmanager
def bench() -> Iterator[Bench]:
    clock, line = Clock(), Line()
    with ExitStack() as stack:
        slack = stack.enter_context(LocalSlack(clock=clock))
        settings = Settings(  # type: ignore[call-arg]
            slack_bot_token=slack.bot_token,
            slack_signing_secret=slack.signing_secret,
            slack_api_url=slack.api_url,
        )
        app = create_app(settings, Listening(line))
        stack.enter_context(slack.over_http(dispatch_to(app)))
        yield Bench(slack, app, line, clock, [])


@dataclass
class World:
    bench: Bench
    channel: Channel
    script: Script
    runs: SqliteRuns
    services: Services
    first: Message | None = None
    outcomes: list[JobOutcome] = field(default_factory=list)

    @classmethod
    def fresh(cls, bench: Bench) -> World:
        slack = bench.slack
        slack._script.failures.clear()
        bench.line.jobs.clear()
        channel = slack.channel = slack.add_channel(f"c{next(bench.numbers)}")
        runs = SqliteRuns(":memory:", clock=bench.clock)
        script = Script()
        client = MeasuredWebClient(
            token=slack.bot_token,
            base_url=slack.api_url,
            timeout=10,
            retry_handlers=retry_handlers(),
            metrics=Metrics(bench.written.append),
        )
        services = Services(
            slack=client,
            diagnose=script,
            runs=runs,
            fault=ALL_FAULTS.get,
            lease=80,
            pace=Pace(clock=bench.clock, sleep=bench.clock.sleep, chance=lambda: 0.0),
            strict=True,
        )
        return cls(bench, channel, script, runs, services)

    def keep(self) -> SavedRun:
        run = self.script(reports.TARGET, None)
        self.script.asked.clear()
        kept = SavedRun(
            run_id=EARLIER,
            target=reports.TARGET,
            channel=self.channel.id,
            user=self.bench.slack.user.id,
            snapshot=run.snapshot,
            report=run.report,
        )
        self.runs.save(kept)
        return kept

    def stands(self, content: Any, *, alone: bool = False) -> Message:
        payload = content.payload()
        slack = self.bench.slack
        return slack.workspace.add(
            self.channel,
            slack.bot.id,
            payload["text"],
            blocks=payload["blocks"],
            visible_to=slack.user.id if alone else None,
            origin="response" if alone else "api",
        )

    def work(self, late_tries: int = 2) -> None:
        while self.bench.line.jobs:
            job = self.bench.line.jobs.pop(0)
            tries = 0
            while True:
                outcome = run_job(job, self.services)
                self.outcomes.append(outcome)
                if outcome is not JobOutcome.UNHEARD:
                    break
                wait = seconds_until(job.tries)
                if wait is None:
                    break
                tries += 1
                self.bench.clock.now += wait
                job = job.model_copy(update={"tries": job.tries + 1 if tries < late_tries else TRIES})


# --- what people do ----------------------------------------------------------------------------------


def command(world: World) -> None:
    world.bench.slack.command(ids.COMMAND, TASK_ARN)


def shortcut(world: World) -> None:
    alert = world.bench.slack.post(f"Task stopped: {TASK_ARN}", channel=world.channel)
    world.bench.slack.shortcut(ids.SHORTCUT, alert, world.channel)


def standing(world: World) -> Message:
    kept = world.keep()
    return world.stands(parent(kept.report, run_id=EARLIER, target=kept.target))


def rerun(world: World) -> None:
    world.first = standing(world)
    world.bench.slack.click(world.first, ids.RERUN)


def rerun_alone(world: World) -> None:
    kept = world.keep()
    world.first = world.stands(
        alone_(kept.report, run_id=EARLIER, target=kept.target, by="U0ALICE")(None, True), alone=True
    )
    world.bench.slack.click(world.first, ids.RERUN)


def explain(world: World) -> None:
    world.first = standing(world)
    world.bench.slack.click(world.first, ids.EXPLAIN)


def post(world: World) -> None:
    kept = world.keep()
    world.first = world.stands(
        alone_(kept.report, run_id=EARLIER, target=kept.target, by="U0ALICE")(None, True), alone=True
    )
    world.bench.slack.click(world.first, ids.POST)


def details(world: World) -> None:
    kept = world.keep()
    world.first = world.stands(short(kept.report, run_id=EARLIER, target=kept.target))
    world.bench.slack.click(world.first, ids.SHOW_DETAILS)


def event(world: World) -> None:
    world.bench.line.jobs.append(
        Job(key="event", kind=DIAGNOSE, target=reports.TARGET, channel=world.channel.id, user="", run_as="e1")
    )


def queued(world: World) -> None:
    from handlers.running import announce

    command(world)
    job = world.bench.line.jobs.pop()
    world.bench.line.jobs.append(announce(job, 3, world.services))
