"""Simulated time itself: what waits goes on in the order of moments, one at a time, the same each time."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty

import pytest

from tests.build.simulated import Inbox, Simulation


@pytest.fixture
def said() -> list[str]:
    return []


def waits(time: Simulation, said: list[str], name: str, *pauses: float) -> Callable[[], None]:
    def work() -> None:
        for pause in pauses:
            time.sleep(pause)
            said.append(f"{name} {time.elapsed():g}")

    return work


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ([("a", 0, (1, 1)), ("b", 0.5, (1,))], ["a 1", "b 1.5", "a 2"]),
        # Of those of one moment whoever began to wait first.
        ([("a", 0, (1,)), ("b", 0, (1,)), ("c", 1, (0,))], ["a 1", "b 1", "c 1"]),
        ([("a", 3600, (3600,)), ("b", 0, (-1, 0))], ["b 0", "b 0", "a 7200"]),
    ],
)
def test_the_order_of_moments(
    said: list[str], begun: list[tuple[str, float, tuple[float, ...]]], expected: list[str]
) -> None:
    with Simulation() as time:
        for name, at, pauses in begun:
            time.start(waits(time, said, name, *pauses), at)
        time.run()
    assert said == expected


@pytest.mark.parametrize(("until", "expected"), [(0.5, []), (1.0, ["a 1"]), (5.0, ["a 1", "a 2"])])
def test_until_a_moment(said: list[str], until: float, expected: list[str]) -> None:
    with Simulation() as time:
        time.start(waits(time, said, "a", 1, 1))
        time.run(time() + until)
        assert said == expected
        assert time.elapsed() == until
        time.run()
    assert said == ["a 1", "a 2"]


def test_what_nobody_catches_is_raised_where_time_is_let_pass(said: list[str]) -> None:
    def fails() -> None:
        time.sleep(1)
        raise ValueError("no")

    with Simulation() as time:
        time.start(fails)
        time.start(waits(time, said, "late", 2))
        with pytest.raises(ValueError, match="no"):
            time.run()
    assert said == []


@pytest.mark.parametrize(
    ("put_at", "timeout", "expected"),
    [(0.0, None, "x 0"), (2.0, None, "x 2"), (2.0, 3.0, "x 2"), (2.0, 2.0, "x 2"), (2.0, 1.0, "empty 1"), (2.0, 0.0, "empty 0")],
)  # fmt: skip
def test_a_queue_is_waited_for(said: list[str], put_at: float, timeout: float | None, expected: str) -> None:
    def takes() -> None:
        try:
            found = inbox.get(timeout)
        except Empty:
            found = "empty"
        said.append(f"{found} {time.elapsed():g}")

    with Simulation() as time:
        inbox: Inbox[str] = time.inbox()
        time.start(lambda: inbox.put("x"), put_at)
        time.start(takes)
        time.run()
    assert said == [expected]


@pytest.mark.parametrize(("size", "expected"), [(1, ["0 1", "1 2", "2 3", "3 4"]), (2, ["0 1", "1 1", "2 2", "3 2"]), (9, ["0 1", "1 1", "2 1", "3 1"])])  # fmt: skip
def test_a_pool_does_so_many_at_a_time(said: list[str], size: int, expected: list[str]) -> None:
    with Simulation() as time:
        pool = time.pool(size)

        def begin() -> None:
            for number in range(4):
                pool.submit(waits(time, said, str(number), 1))

        time.start(begin)
        time.run()
    assert said == expected
    assert pool.most >= 1


def test_an_executor_gives_results_in_order_and_raises_what_failed() -> None:
    results: list[object] = []

    def slow(number: int) -> int:
        time.sleep(3 - number)
        if number == 9:
            raise ValueError("nine")
        return number * 10

    def work() -> None:
        results.extend(time.executor(2).map(slow, [0, 1, 2]))
        try:
            time.executor(2).map(slow, [1, 9])
        except ValueError as error:
            results.append(str(error))
        results.append(time.elapsed())

    with Simulation() as time:
        time.start(work)
        time.run()
    assert results == [0, 10, 20, "nine", 5.0]


def test_a_process_is_ended_where_it_waits_and_the_others_go_on(said: list[str]) -> None:
    with Simulation() as time:
        mine, other = object(), object()

        def begins_more() -> None:
            # What it begins belongs to it.
            time.start(waits(time, said, "child", 5))
            time.sleep(1)
            said.append("begun")
            time.kill(mine)
            said.append("never")

        time.start(begins_more, group=mine)
        time.start(waits(time, said, "other", 6), group=other)
        time.run()
    assert said == ["begun", "other 6"]
