"""A watch in the app as it runs: the next look is kept like any job, and the process after this one goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from bot.app import create_app
from bot.queues.threads import ThreadQueue
from bot.services import OLD, Parts, compose, too_late
from bot.settings import Settings
from bot.stores.database import MEMORY
from bot.stores.jobs import LeftJob, SqliteJobs
from bot.stores.sqlite import SqliteRuns
from bot.stores.table import Table
from bot.stores.table_jobs import LEASE, TableJobs
from demo.slack import LocalSlack, Message, dispatch_to
from diagnostics.snapshot import Fact, Known, Task
from diagnostics.target import Target
from handlers import ids
from handlers.ids import WATCH
from handlers.kinds import WATCHING
from handlers.ports import QueueClosedError
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce, Script
from tests.bot.test_queues import Kept, World
from tests.build import TASK_ARN, reports
from tests.build.runs import job

PULLED = Task(task_arn=TASK_ARN[:-4] + "ffff", last_status="RUNNING")


@dataclass
class Processes:
    """Processes of one machine, one after the other: what they do later waits until the test says so."""

    slack: LocalSlack
    settings: Settings
    newest: Fact[Task | None] = field(default_factory=lambda: Known(value=None))
    script: Script = field(default_factory=lambda: Script([reports.cause_found, reports.has_pulled]))
    looks: int = 0
    planned: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    running: Parts | None = None

    def _newest(self, target: Target, /) -> Fact[Task | None]:
        self.looks += 1
        return self.newest

    def begin(self) -> Parts:
        self.running = compose(
            self.settings,
            diagnose=self.script,
            strict=True,
            pace=AtOnce(),
            newest=self._newest,
            after=lambda seconds, act: self.planned.append((seconds, act)),
        )
        return self.running

    def end(self) -> None:
        assert self.running is not None
        assert self.running.stop(30)
        self.running = None
        self.planned.clear()

    @property
    def parent(self) -> Message:
        return next(item for item in self.slack.messages() if item.author == self.slack.bot.id)

    def replies(self) -> list[str]:
        return [item.text for item in self.slack.thread(self.parent)[1:]]


@pytest.fixture
def processes(slack: LocalSlack, settings: Settings) -> Iterator[Processes]:
    made = Processes(slack, settings)
    yield made
    if made.running is not None:
        made.end()


def test_a_watch_survives_a_restart(processes: Processes) -> None:
    slack = processes.slack
    first = processes.begin()
    with slack.over_http(dispatch_to(create_app(processes.settings, first.listening))):
        slack.command(ids.COMMAND, TASK_ARN)
        slack.wait_for(lambda: bool(slack.messages()) and bool(slack.thread(processes.parent)))
        slack.click(processes.parent, ids.MORE, option=WATCH)
        slack.wait_for(lambda: "watches it" in processes.parent.plain)
        slack.wait_for(lambda: len(processes.planned) == 1)
    processes.end()
    assert processes.looks == 0

    processes.newest = Known(value=PULLED)
    processes.begin().take_up()

    slack.wait_for(lambda: len(processes.replies()) == 1 and "watches it" not in processes.parent.plain)
    assert "the next task pulled" in processes.replies()[0]
    assert processes.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")
    assert (processes.looks, processes.planned) == (1, [])
    processes.end()

    processes.begin().take_up()
    processes.end()
    assert (processes.looks, len(processes.replies())) == (1, 1)


@pytest.mark.parametrize(("database", "lasts"), [(None, True), (MEMORY, False)], ids=["a file", "in memory"])
def test_a_watch_that_ends_with_the_process_says_so(
    slack: LocalSlack, make_settings: Callable[..., Settings], database: str | None, lasts: bool
) -> None:
    settings = make_settings() if database is None else make_settings(pullcheck_database=database)
    processes = Processes(slack, settings)
    parts = processes.begin()
    with slack.over_http(dispatch_to(create_app(settings, parts.listening))):
        slack.command(ids.COMMAND, TASK_ARN)
        slack.wait_for(lambda: bool(slack.messages()) and bool(slack.thread(processes.parent)))
        slack.click(processes.parent, ids.MORE, option=WATCH)
        slack.wait_for(lambda: "watches it" in processes.parent.plain)
    processes.end()

    assert ("or until this app restarts" in processes.parent.plain) is not lasts


@pytest.mark.parametrize("store", ["sqlite", "dynamodb"])
def test_what_is_put_off_is_kept_once_and_taken_up_by_the_next_process(
    store: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    look = job("w look 1").model_copy(update={"kind": WATCHING, "looks": 1})
    planned: list[float] = []
    now, client = [1000.0], MemoryDynamoDb()
    path = tmp_path_factory.mktemp("kept") / "runs.sqlite3"

    def process() -> tuple[SqliteJobs | TableJobs, Callable[[], None]]:
        if store == "dynamodb":
            return TableJobs(Table(client, "t", clock=lambda: now[0])), lambda: None
        runs = SqliteRuns(path, clock=lambda: now[0])
        return SqliteJobs(runs), runs.close

    jobs, close = process()
    queue = ThreadQueue(World(), jobs, parallel=1, later=lambda seconds, act: planned.append(seconds))
    queue.put_off(look, 300)
    queue.put_off(look, 300)
    assert planned == [300]
    assert queue.stop(30)
    with pytest.raises(QueueClosedError):
        queue.put_off(look, 300)
    close()
    now[0] += OLD + LEASE

    jobs, close = process()
    (left,) = jobs.take_up()
    close()

    assert left.job == look
    # However long the app was away, somebody wants to know.
    assert too_late(left) is None
    assert too_late(LeftJob(job("a"), left.age, 0)) is not None


def test_what_is_put_off_is_done_when_its_time_comes() -> None:
    world, planned = World(), list[Callable[[], None]]()
    queue = ThreadQueue(world, Kept(), parallel=1, later=lambda seconds, act: planned.append(act))
    world.go_on.set()
    queue.put_off(job("w look 1"), 300)
    assert world.begun == []

    (act,) = planned
    act()

    world.wait(world.done, 1)
    assert queue.stop(30)
