"""Jobs that wait in the table: whoever is left behind by a process that ended is taken up once, by one that lives."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from bot.services import compose
from bot.settings import Settings
from bot.stores.chosen import name_of, store_of
from bot.stores.dynamodb import DynamoDbRuns, Table
from bot.stores.jobs import LeftJob
from bot.stores.table_jobs import BEAT, LEASE, Heart, TableJobs
from tests.aws_lambda.cloud import TABLE, Cloud
from tests.aws_lambda.conftest import Clock
from tests.bot.conftest import Script
from tests.build.runs import job


def table(cloud: Cloud, clock: Callable[[], float]) -> Table:
    return Table(cloud.aws.client("dynamodb"), TABLE, clock=clock)


@pytest.fixture
def start(cloud: Cloud, clock: Clock) -> Callable[[], TableJobs]:
    """Begins a process."""
    return lambda: TableJobs(table(cloud, clock))


def keys(left: tuple[LeftJob, ...]) -> list[str]:
    return [item.job.key for item in left]


Start = Callable[[], TableJobs]


def test_a_sign_of_life_may_be_missed_more_than_once() -> None:
    assert LEASE > 3 * BEAT


def test_a_job_is_kept_once(start: Start) -> None:
    first, second = start(), start()
    assert first.keep(job("one"))
    assert not first.keep(job("one"))
    assert not second.keep(job("one"))


def test_what_a_living_process_has_is_left_to_it(start: Start, clock: Clock) -> None:
    first = start()
    first.keep(job("one"))
    second = start()
    assert second.take_up() == ()
    clock.now += LEASE - 1
    first.beat()
    clock.now += LEASE - 1
    assert second.take_up() == ()


def test_what_a_dead_process_had_is_taken_up_once_oldest_first(start: Start, clock: Clock) -> None:
    first = start()
    for key in ("b", "a", "c"):
        first.keep(job(key))
        clock.now += 1
    clock.now += LEASE
    second, third = start(), start()
    left = second.take_up()
    assert keys(left) == ["b", "a", "c"]
    assert [item.starts for item in left] == [0, 0, 0]
    assert left[0].age == pytest.approx(LEASE + 3)
    assert third.take_up() == second.take_up() == ()
    # It ends with them too.
    clock.now += LEASE + 1
    assert [item.starts for item in start().take_up()] == [1, 1, 1]


def test_a_process_that_ends_properly_leaves_its_jobs_at_once(start: Start) -> None:
    first = start()
    first.keep(job("one"))
    first.end()
    assert keys(start().take_up()) == ["one"]


def test_an_answered_job_is_gone_and_a_changed_one_is_as_it_stands(start: Start, clock: Clock) -> None:
    first = start()
    first.keep(job("done"))
    first.keep(job("waits"))
    first.change(job("waits").model_copy(update={"message_ts": "1.2"}))
    first.drop(job("done"))
    # What was answered is not brought back by a late word on it.
    first.change(job("done"))
    first.end()
    (left,) = start().take_up()
    assert (left.job.key, left.job.message_ts) == ("waits", "1.2")


def test_two_that_start_at_once_share_what_is_left(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one takes a job up after this one has read it and before it takes it."""
    first = start()
    for number in range(3):
        first.keep(job(str(number)))
    first.end()
    one, other = start(), start()
    found: list[str] = []
    lives = one._lives

    def meanwhile(process: str) -> bool:
        found.extend(keys(other.take_up()))
        return lives(process)

    monkeypatch.setattr(one, "_lives", meanwhile)
    found += keys(one.take_up())
    assert sorted(found) == ["0", "1", "2"]


@pytest.mark.parametrize("done", [True, False])
def test_the_claim_of_a_dead_process_is_free_and_what_is_done_stays_done(
    cloud: Cloud, start: Start, clock: Clock, done: bool
) -> None:
    runs = DynamoDbRuns(table(cloud, clock))
    first = start()
    first.keep(job("one"))
    assert runs.claim("one", 600)
    if done:
        runs.settle(done=["one"])
    first.end()
    start().take_up()
    assert runs.finished("one") is done
    assert runs.claim("one", 600) is not done


def test_a_job_of_another_version_stops_nothing(cloud: Cloud, start: Start) -> None:
    first = start()
    first.keep(job("old"))
    first.keep(job("new"))
    cloud.aws.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"pk": {"S": "job#old"}},
        UpdateExpression="SET job = :job",
        ExpressionAttributeValues={":job": {"S": "{}"}},
    )
    first.end()
    assert keys(start().take_up()) == ["new"]


def test_a_heart_beats_until_it_is_stopped(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = threading.Semaphore(0)
    first = start()
    monkeypatch.setattr(first, "beat", beats.release)
    heart = Heart(first, beat=0.001)
    for _ in range(3):
        assert beats.acquire(timeout=30)
    first.keep(job("one"))
    heart.stop()
    assert keys(start().take_up()) == ["one"]


# --- chosen by a setting -----------------------------------------------------------------------------


def settings(cloud: Cloud, **more: str) -> Settings:
    values = {"slack_bot_token": cloud.slack.bot_token, "slack_app_token": cloud.slack.app_token}
    return Settings(**{**values, "pullcheck_store": "dynamodb", "pullcheck_table": TABLE, **more})  # type: ignore[arg-type]


def test_the_table_is_used_where_it_is_chosen(cloud: Cloud) -> None:
    chosen = settings(cloud)
    parts = compose(chosen, diagnose=Script())
    try:
        assert isinstance(parts.store.runs, DynamoDbRuns)
        assert parts.store.jobs.lasting
        assert parts.services.runs is parts.store.runs
        assert name_of(chosen) == f"PULLCHECK_TABLE={TABLE}"
    finally:
        parts.stop(5)
    items = cloud.aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert [item["pk"]["S"] for item in items if item["pk"]["S"].startswith("alive#")] == []


def test_a_table_that_is_not_there_is_no_store(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        store_of(settings(cloud, pullcheck_table="no-such-table"))
