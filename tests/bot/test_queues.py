"""The line of waiting jobs: a few run, the rest wait in order, and nothing is lost at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from bot.queues.threads import ThreadQueue
from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE, EXPLAIN
from handlers.ports import QueueClosedError, QueueFullError
from tests.reports import TARGET


def job(key: str, kind: Kind = DIAGNOSE) -> Job:
    return Job(key=key, kind=kind, target=TARGET, channel="C1", user="U1")


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

    def run(self, job: Job) -> None:
        self.note(self.begun, job.key)
        if job.kind.waits:
            assert self.go_on.wait(30)
        self.note(self.done, job.key)
        if self.crash:
            raise RuntimeError

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
def queue(world: World) -> Iterator[ThreadQueue]:
    made = ThreadQueue(world.run, world.announce, world.abandon, parallel=2, waiting=2)
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
