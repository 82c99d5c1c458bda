"""An answer of Slack's is read once for all who need it, and nobody waits longer than they want to."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.kept import AGAIN_SECONDS, Kept, NoAnswerError, RefusedError


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.reads = 0
        self.error: Exception | None = None
        self.free = threading.Event()

    def __call__(self) -> int:
        self.reads += 1
        assert self.free.wait(60)
        if self.error is not None:
            raise self.error
        return self.reads


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept(source: Source, clock: Clock) -> Kept[int]:
    return Kept(source, fresh=100, usable=1000, clock=clock)


def test_who_does_not_want_to_wait_is_told_so_and_the_answer_is_there_for_the_next(
    kept: Kept[int], source: Source
) -> None:
    with pytest.raises(NoAnswerError, match="no answer in time"):
        kept.get(0.0)
    with pytest.raises(NoAnswerError, match="no answer in time"):
        kept.get(0.0)
    source.free.set()

    assert kept.get(60) == 1
    assert source.reads == 1


def test_many_who_ask_at_once_are_one_question(kept: Kept[int], source: Source) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(kept.get, 60) for _ in range(20)]
        source.free.set()

        assert [answer.result() for answer in answers] == [1] * 20


def test_an_old_answer_stands_in_while_a_new_one_is_read(
    kept: Kept[int], source: Source, clock: Clock
) -> None:
    source.free.set()
    assert kept.get(60) == 1
    source.free.clear()
    clock.now += 100

    assert kept.get(0.0) == 1
    source.free.set()
    assert kept.get(60) == 2


@pytest.mark.parametrize(
    ("error", "says", "stands"),
    [
        (NoAnswerError("503"), "503", True),
        (ValueError("hunter2"), "ValueError", True),
        (RefusedError("missing_scope"), "missing_scope", False),
    ],
)
def test_a_failure_is_kept_for_some_seconds(
    kept: Kept[int], source: Source, clock: Clock, error: Exception, says: str, stands: bool
) -> None:
    source.free.set()
    source.error = error
    for _ in range(3):
        with pytest.raises(NoAnswerError, match=f"^{says}$"):
            kept.get(60)
    assert source.reads == 1

    clock.now += AGAIN_SECONDS
    source.error = None
    assert kept.get(60) == 2

    clock.now += 100
    source.error = error
    if stands:
        assert kept.get(60) == 2
        clock.now += 900
    with pytest.raises(NoAnswerError, match=f"^{says}$"):
        kept.get(60)
