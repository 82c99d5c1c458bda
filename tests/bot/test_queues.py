"""The line of waiting jobs: a few run, the rest wait in order, and nothing is lost at the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from bot.queues.again import TRIES
from bot.queues.threads import MOST_LONG, ThreadQueue
from bot.stores.jobs import SqliteJobs
from bot.stores.sqlite import SqliteRuns
from handlers.jobs import Job
from handlers.kinds import AUDIT, EXPLAIN
from handlers.ports import QueueClosedError, QueueFullError
from handlers.running import JobOutcome
from tests.build.runs import job


@dataclass
class World:
    """Jobs that run until they are let go."""

    go_on: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)
    begun: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    announced: list[tuple[str, int]] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    crash: bool = False

    def note(self, where: list[str], key: str) -> None:
        with self.changed:
            where.append(key)
            self.changed.notify_all()

    def run(self, job: Job, late: str | None = None) -> JobOutcome:
        self.note(self.begun, job.key)
        if job.kind.waits:
            assert self.go_on.wait(30)
        self.note(self.done, job.key)
        if self.crash:
            raise RuntimeError
        return JobOutcome.SETTLED

    def announce(self, job: Job, position: int) -> Job:
        with self.changed:
            self.announced.append((job.key, position))
            self.changed.notify_all()
        return job.model_copy(update={"message_ts": "1.2"})

    def abandon(self, job: Job) -> None:
        self.note(self.abandoned, job.key)

    def wait(self, where: list[str], count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(where) >= count, 30)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def runs() -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:")
    yield store
    store.close()


@pytest.fixture
def queue(world: World, runs: SqliteRuns) -> Iterator[ThreadQueue]:
    made = ThreadQueue(world, SqliteJobs(runs), parallel=2, waiting=2)
    yield made
    world.go_on.set()
    made.stop(30)


def test_a_few_run_and_the_rest_wait_in_line(queue: ThreadQueue, world: World) -> None:
    assert [queue.submit(job(key)) for key in "abcd"] == [0, 0, 1, 2]
    world.wait(world.begun, 2)
    assert sorted(world.begun) == ["a", "b"]
    with pytest.raises(QueueFullError):
        queue.submit(job("e"))

    world.go_on.set()
    world.wait(world.done, 4)

    assert sorted(world.announced) == [("c", 1), ("d", 2)]
    assert sorted(world.done) == list("abcd")


def test_explanations_never_wait_behind_diagnoses(queue: ThreadQueue, world: World) -> None:
    for key in "abcd":
        queue.submit(job(key))

    assert queue.submit(job("quick", EXPLAIN)) == 0

    world.wait(world.done, 1)
    assert world.done == ["quick"]
    assert ("quick", 0) not in world.announced


def test_an_audit_never_holds_back_a_diagnosis_nor_the_other_way_round(
    queue: ThreadQueue, world: World
) -> None:
    """Audits run one at a time, in a line of their own that says how long it is."""
    assert [queue.submit(job(key, AUDIT)) for key in ("audit 1", "audit 2")] == [0, 1]
    assert [queue.submit(job(key)) for key in "abcd"] == [0, 0, 1, 2]
    world.wait(world.begun, 3)
    assert sorted(world.begun) == ["a", "audit 1", "b"]
    for number in range(3, MOST_LONG + 1):
        queue.submit(job(f"audit {number}", AUDIT))
    with pytest.raises(QueueFullError):
        queue.submit(job("audit 11", AUDIT))

    world.go_on.set()
    world.wait(world.done, 4 + MOST_LONG)
    assert ("audit 2", 1) in world.announced
    # Its places are free again.
    assert queue.submit(job("audit 12", AUDIT)) == 0


def test_at_the_end_what_was_taken_is_done(queue: ThreadQueue, world: World) -> None:
    for key in "abcd":
        queue.submit(job(key))
    world.go_on.set()

    assert queue.stop(30)

    assert sorted(world.done) == list("abcd")
    assert not world.abandoned
    with pytest.raises(QueueClosedError):
        queue.submit(job("e"))


def test_those_whose_turn_never_came_are_given_up_by_name(queue: ThreadQueue, world: World) -> None:
    for key in "abcd":
        queue.submit(job(key))
    world.wait(world.begun, 2)

    assert not queue.stop(0)

    world.wait(world.abandoned, 2)
    assert sorted(world.abandoned) == ["c", "d"]
    world.go_on.set()
    world.wait(world.done, 2)
    assert sorted(world.begun) == ["a", "b"]


@pytest.mark.filterwarnings("default")
def test_a_crash_ends_no_thread(queue: ThreadQueue, world: World) -> None:
    world.crash = True
    world.go_on.set()

    for key in "abcd":
        queue.submit(job(key))
        world.wait(world.done, "abcd".index(key) + 1)

    assert queue.stop(30)


# --- kept until they are answered --------------------------------------------------------------------


@dataclass
class Kept:
    """A record of what is kept."""

    jobs: dict[str, Job] = field(default_factory=dict)
    mine: bool = True
    broken: bool = False

    def keep(self, job: Job) -> bool:
        if self.broken:
            raise OSError("disk full")
        self.jobs.setdefault(job.key, job)
        return self.mine

    def change(self, job: Job) -> None:
        self.jobs[job.key] = job

    def drop(self, job: Job) -> None:
        del self.jobs[job.key]


@dataclass
class Unheard(World):
    """Jobs whose answers reach nobody the first times."""

    times: int = 2

    def run(self, job: Job, late: str | None = None) -> JobOutcome:
        self.note(self.begun, job.key)
        return JobOutcome.UNHEARD if len(self.begun) <= self.times else JobOutcome.SETTLED


def stopped(queue: ThreadQueue) -> None:
    assert queue.stop(30)


def test_a_job_is_kept_before_it_is_taken_and_dropped_when_it_is_answered(world: World) -> None:
    kept = Kept()
    queue = ThreadQueue(world, kept, parallel=1)
    queue.submit(job("a"))
    queue.submit(job("b"))
    assert set(kept.jobs) == {"a", "b"}
    world.wait(world.announced, 1)

    world.go_on.set()
    stopped(queue)

    assert not kept.jobs


def test_a_job_that_waits_is_kept_with_the_message_that_says_so(world: World) -> None:
    kept = Kept()
    queue = ThreadQueue(world, kept, parallel=1)
    queue.submit(job("a"))
    world.wait(world.begun, 1)
    queue.submit(job("b"))
    world.wait(world.announced, 1)

    assert not queue.stop(0)

    assert kept.jobs["b"].message_ts == "1.2"
    assert world.abandoned == ["b"]
    # What was not done stays for the next start, what runs too.
    assert set(kept.jobs) == {"a", "b"}
    world.go_on.set()


def test_a_job_that_somebody_else_has_is_not_done_here(world: World) -> None:
    queue = ThreadQueue(world, Kept(mine=False), parallel=1)
    world.go_on.set()

    assert queue.submit(job("a")) == 0

    stopped(queue)
    assert not world.begun


def test_where_the_disk_is_full_an_answer_is_better_than_none(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    queue = ThreadQueue(world, Kept(broken=True), parallel=1)
    world.go_on.set()

    queue.submit(job("a"))

    world.wait(world.done, 1)
    stopped(queue)
    assert "could not be kept" in caplog.text


def test_what_reached_nobody_is_tried_again_and_later_each_time() -> None:
    world, kept = Unheard(times=3), Kept()
    waited: list[float] = []

    def later(seconds: float, act: Callable[[], None]) -> None:
        waited.append(seconds)
        assert kept.jobs["a"].tries == len(waited)
        act()

    queue = ThreadQueue(world, kept, parallel=1, later=later)
    queue.submit(job("a"))

    world.wait(world.begun, 4)
    stopped(queue)
    assert waited == [15, 30, 60]
    assert not kept.jobs


def test_after_an_hour_it_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    world, kept = Unheard(times=1000), Kept()
    waited: list[float] = []

    def later(seconds: float, act: Callable[[], None]) -> None:
        waited.append(seconds)
        act()

    queue = ThreadQueue(world, kept, parallel=1, later=later)
    queue.submit(job("a"))

    world.wait(world.begun, TRIES + 1)
    stopped(queue)
    assert 3600 <= sum(waited) <= 4000
    assert not kept.jobs
    assert "given up" in caplog.text
