"""Runs in SQLite: kept, found after a restart, dropped in time, and claimed by one worker only."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.stores.sqlite import SqliteRuns
from tests.build.runs import saved_run as run

DAY = 86_400.0


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Callable[[], SqliteRuns]:
    return lambda: SqliteRuns(tmp_path / "runs.sqlite3", retention_days=30, clock=clock)


def _query(runs: SqliteRuns, text: str) -> list[tuple[str]]:
    with runs.database.transaction() as connection:
        return connection.execute(text).fetchall()


def test_a_run_survives_a_restart_unchanged(store: Callable[[], SqliteRuns]) -> None:
    first = store()
    first.save(run())
    first.close()
    second = store()

    assert second.load("0a1b") == run()
    assert second.load("other") is None
    second.close()


def test_a_run_is_dropped_after_its_retention(store: Callable[[], SqliteRuns], clock: Clock) -> None:
    runs = store()
    runs.save(run("old"))
    clock.now += 29 * DAY
    runs.save(run("new"))
    assert runs.load("old") is not None

    clock.now += 2 * DAY
    assert runs.load("old") is None
    runs.save(run("newer"))

    rows = _query(runs, "SELECT run_id FROM runs ORDER BY run_id")
    assert rows == [("new",), ("newer",)]
    runs.close()


def test_a_run_of_a_version_that_differs_is_not_there(store: Callable[[], SqliteRuns]) -> None:
    runs = store()
    runs.save(run())
    _query(runs, "UPDATE runs SET run = '{\"run_id\": 1}'")

    assert runs.load("0a1b") is None
    runs.close()


def test_work_is_claimed_once_and_again_only_when_its_worker_died(
    store: Callable[[], SqliteRuns], clock: Clock
) -> None:
    runs = store()
    assert runs.claim("job", 60)
    assert not runs.claim("job", 60)
    assert runs.claim("other", 60)

    clock.now += 61
    assert runs.claim("job", 60)
    runs.settle(["job"])
    clock.now += 3600
    assert not runs.claim("job", 60)

    runs.settle(free=["other"])
    assert runs.claim("other", 60)
    runs.settle(["never claimed"])
    assert not runs.claim("never claimed", 60)
    runs.close()


def test_two_stores_of_one_file_share_their_claims(store: Callable[[], SqliteRuns]) -> None:
    one, other = store(), store()

    assert one.claim("job", 60)
    assert not other.claim("job", 60)
    one.close()
    other.close()


def test_many_threads_claim_once_and_lose_nothing(store: Callable[[], SqliteRuns]) -> None:
    runs = store()
    won: list[int] = []

    def work(number: int) -> None:
        if runs.claim("job", 60):
            won.append(number)
        runs.save(run(f"run-{number}"))
        assert runs.load(f"run-{number}") is not None

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert all(runs.load(f"run-{number}") for number in range(16))
    runs.close()


def test_only_the_bots_own_user_can_read_the_file(store: Callable[[], SqliteRuns], tmp_path: Path) -> None:
    runs = store()
    runs.save(run())

    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    runs.close()
