"""What every store of runs must do, and what only the one in DynamoDB must."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.stores.dynamodb import LARGEST, DynamoDbRuns, Table, packed
from bot.stores.sqlite import SqliteRuns
from diagnostics.collect import collect
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse
from handlers.ports import RunsStore
from handlers.saved_run import SavedRun
from tests.aws_lambda.cloud import TABLE, Cloud
from tests.build import changed, fargate
from tests.build.large import LargeAccount
from tests.build.names import TASK_ARN
from tests.build.runs import saved_run as run
from tests.cases.rejudging import judgement

DAY = 86_400.0
TASK = "0123456789abcdef0123456789abcdef"
Store = Callable[[Callable[[], float]], RunsStore]


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "dynamodb"])
def runs(request: pytest.FixtureRequest, clock: Clock) -> Iterator[RunsStore]:
    if request.param == "sqlite":
        sqlite = SqliteRuns(":memory:", clock=clock)
        yield sqlite
        sqlite.close()
        return
    cloud: Cloud = request.getfixturevalue("cloud")
    yield dynamodb(cloud, clock)


def dynamodb(cloud: Cloud, clock: Callable[[], float]) -> DynamoDbRuns:
    return DynamoDbRuns(Table(cloud.aws.client("dynamodb"), TABLE, clock=clock))


def empty(run_id: str) -> SavedRun:
    """A run that failed."""
    return run(run_id).model_copy(update={"snapshot": None, "report": None, "taken_at": None})


def test_a_run_comes_back_unchanged(runs: RunsStore) -> None:
    runs.save(run())
    runs.save(empty("empty"))

    assert runs.load("0a1b") == run()
    assert runs.load("empty") == empty("empty")
    assert runs.load("other") is None


def test_a_run_ends_with_its_retention(runs: RunsStore, clock: Clock) -> None:
    runs.save(run("old"))
    clock.now += 29 * DAY
    assert runs.load("old") == run("old")

    clock.now += 2 * DAY
    assert runs.load("old") is None
    assert runs.latest(TASK) is None


def test_the_latest_run_of_a_task(runs: RunsStore, clock: Clock) -> None:
    assert runs.latest(TASK) is None
    runs.save(run("first"))
    clock.now += 1
    runs.save(run("second", channel="C2"))
    clock.now += 1
    runs.save(empty("failed"))

    found = runs.latest(TASK)
    assert found is not None
    assert found.run_id == "second"
    assert runs.latest("f" * 32) is None


def test_work_is_claimed_once_and_again_only_when_its_worker_died(runs: RunsStore, clock: Clock) -> None:
    assert runs.claim("job", 60)
    assert not runs.claim("job", 60)
    assert not runs.finished("job")
    assert runs.claim("other", 60)

    clock.now += 59
    assert not runs.claim("job", 60)
    clock.now += 2
    assert runs.claim("job", 60)

    runs.settle(["job"])
    assert runs.finished("job")
    clock.now += 3600
    assert not runs.claim("job", 60)
    assert not runs.finished("never claimed")
    runs.settle(["never claimed"])
    assert not runs.claim("never claimed", 60)


def test_work_that_is_given_back_keeps_its_note(runs: RunsStore, clock: Clock) -> None:
    assert runs.noted("job") is None
    assert runs.claim("job", 60)
    assert runs.noted("job") is None
    runs.note("job", "1795511702.000100")
    runs.settle(free=["job"])

    assert not runs.finished("job")
    assert runs.claim("job", 60)
    assert runs.noted("job") == "1795511702.000100"


def test_a_word_of_before_it_was_claimed_is_no_end_of_the_work(runs: RunsStore) -> None:
    """A job that waits in line has its message before anybody is at it."""
    runs.note("job", "1795511702.000100")

    assert not runs.finished("job")
    assert runs.claim("job", 60)


def test_of_many_workers_one_gets_the_work(runs: RunsStore) -> None:
    won: list[int] = []

    def work(number: int) -> None:
        if runs.claim("job", 60):
            won.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1


# --- DynamoDB ----------------------------------------------------------------------------------------


def noisy(megabytes: float) -> Snapshot:
    """Facts that hardly compress."""

    def edit(world: dict[str, Any]) -> None:
        world["task"]["value"]["stoppedReason"] = os.urandom(int(megabytes * 500_000)).hex()

    return changed(fargate(), edit)


def test_a_run_larger_than_an_item_is_kept_compressed(cloud: Cloud, clock: Clock) -> None:
    def edit(world: dict[str, Any]) -> None:
        world["task"]["value"]["stoppedReason"] = "CannotPullContainerError: not found " * 30_000

    large = run(snapshot=changed(fargate(), edit))
    assert len(large.model_dump_json()) > 1_000_000
    runs = dynamodb(cloud, clock)

    runs.save(large)

    assert runs.load("0a1b") == large
    assert runs.latest(TASK) == large


def test_a_run_too_large_for_an_item_is_kept_without_its_facts(
    cloud: Cloud, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    large = run(snapshot=noisy(1))
    assert len(packed(large)) > LARGEST
    runs = dynamodb(cloud, clock)
    runs.save(run("before"))

    runs.save(large)

    kept = runs.load("0a1b")
    assert kept is not None
    assert kept.snapshot is None
    assert kept.report == large.report
    assert "kept without its facts" in caplog.text
    latest = runs.latest(TASK)
    assert latest is not None
    assert latest.run_id == "before"


def test_a_run_of_a_large_account_is_kept_without_what_decides_least(
    cloud: Cloud, clock: Clock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store's limit is lowered, since a large account fits it."""
    monkeypatch.setattr("bot.stores.dynamodb.LARGEST", 120_000)
    facts = collect(parse(TASK_ARN), LargeAccount(default_route=False).clients())
    large = run(snapshot=facts)
    assert len(packed(large)) > 120_000
    runs = dynamodb(cloud, clock)

    runs.save(large)

    kept = runs.load("0a1b")
    assert kept is not None
    assert kept.snapshot is not None
    assert kept.report == large.report
    assert kept.snapshot.dropped
    assert kept.snapshot.dropped[0] in caplog.text
    assert judgement(kept.snapshot).causes == judgement(facts).causes


def test_a_run_of_a_large_account_is_kept_packed_in_sqlite(clock: Clock) -> None:
    large = run(snapshot=collect(parse(TASK_ARN), LargeAccount().clients()))
    store = SqliteRuns(":memory:", clock=clock)
    store.save(large)
    (size,) = store.database.row("SELECT length(run) FROM runs")
    assert size < 300_000 < 4_000_000 < len(large.model_dump_json())
    assert store.load("0a1b") == large
    store.close()


def test_every_item_ends_by_itself(cloud: Cloud, clock: Clock) -> None:
    runs = dynamodb(cloud, clock)
    runs.save(run())
    runs.claim("job", 60)
    runs.settle(["job"])
    runs.note("other", "text")
    runs.keep_event(run("e"), 1)
    runs.see_event(run("f", report=None), 1)
    runs.event_done(TASK)

    items = cloud.aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert len(items) >= 5
    assert {item["expires_at"]["N"] for item in items} == {str(int(clock.now + 30 * DAY))}


def test_an_item_of_a_version_that_differs_is_not_there(cloud: Cloud, clock: Clock) -> None:
    runs = dynamodb(cloud, clock)
    for data in (b"nothing compressed", packed(run())[:-3]):
        cloud.aws.client("dynamodb").put_item(
            TableName=TABLE,
            Item={"pk": {"S": "run#x"}, "data": {"B": data}, "expires_at": {"N": "9999999999"}},
        )
        assert runs.load("x") is None


def test_what_a_person_asked_for_goes_before_what_an_event_said(cloud: Cloud, clock: Clock) -> None:
    runs = dynamodb(cloud, clock)
    runs.keep_event(run("event", report=None), 3)
    found = runs.latest(TASK)
    assert found is not None
    assert found.run_id == "event"

    runs.save(run("asked"))

    found = runs.latest(TASK)
    assert found is not None
    assert found.run_id == "asked"


@pytest.mark.parametrize(("versions", "kept"), [((3, 4), "4"), ((4, 3), "4"), ((3, 3), "3")])
def test_the_latest_state_of_a_task_is_kept(
    cloud: Cloud, clock: Clock, versions: tuple[int, int], kept: str
) -> None:
    runs = dynamodb(cloud, clock)
    for version in versions:
        runs.keep_event(run(str(version), report=None), version)

    found = runs.latest(TASK)
    assert found is not None
    assert found.run_id == kept


def test_a_task_is_seen_for_the_first_time_once(cloud: Cloud, clock: Clock) -> None:
    runs = dynamodb(cloud, clock)
    runs.keep_event(run(report=None), 3)
    assert not runs.event_seen(TASK)

    assert runs.see_event(run(report=None), 3)
    assert not runs.see_event(run(report=None), 4)
    assert runs.event_seen(TASK)


def test_a_database_of_the_version_before_is_brought_up_to_date(tmp_path: Any) -> None:
    import sqlite3

    path = tmp_path / "runs.sqlite3"
    old = sqlite3.connect(path)
    old.executescript(
        "CREATE TABLE runs (run_id TEXT PRIMARY KEY, target TEXT NOT NULL, channel TEXT NOT NULL, thread_ts TEXT, "
        "saved_at REAL NOT NULL, run TEXT NOT NULL) STRICT; CREATE INDEX runs_by_age ON runs (saved_at);"
        "CREATE TABLE claims (key TEXT PRIMARY KEY, taken_at REAL NOT NULL, until REAL) STRICT;"
        "CREATE INDEX claims_by_age ON claims (taken_at); PRAGMA user_version = 1;"
    )
    old.close()
    for _ in range(2):
        runs = SqliteRuns(path)
        runs.save(run())
        assert runs.latest(TASK) == run()
        runs.claim("job", 60)
        runs.note("job", "x")
        assert runs.noted("job") == "x"
        runs.close()
