"""A job answers once: delivered twice, after a worker that died, and with a store that does not work."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from handlers.jobs import Job
from handlers.kinds import KINDS
from handlers.ports import Services
from handlers.running import run_job
from tests import reports
from tests.bot.conftest import Script


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def runs() -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:", clock=Clock())
    yield store
    store.close()


def services(slack: LocalSlack, runs: Any, script: Script | None = None) -> Services:
    numbers = itertools.count(1)
    return Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url),
        diagnose=script or Script(),
        runs=runs,
        fault=lambda _: None,
        new_id=lambda: f"id{next(numbers)}",
        lease=60,
        strict=True,
    )


def diagnose(slack: LocalSlack, **changes: Any) -> Job:
    values = {
        "key": "k",
        "kind": "diagnose",
        "target": reports.TARGET,
        "channel": slack.channel.id,
        "user": slack.user.id,
    }
    return Job.model_validate({**values, **changes}, context=KINDS)


def test_a_job_that_is_delivered_twice_is_done_once(slack: LocalSlack, runs: SqliteRuns) -> None:
    parts = services(slack, runs)

    run_job(diagnose(slack), parts)
    run_job(diagnose(slack), parts)

    assert len(slack.messages()) == 1


def test_a_job_whose_worker_died_is_done_by_the_next(slack: LocalSlack, runs: SqliteRuns) -> None:
    parts = services(slack, runs)
    assert runs.claim("k", 60)
    run_job(diagnose(slack), parts)
    assert not slack.messages()

    Clock.now += 61
    run_job(diagnose(slack), parts)

    assert len(slack.messages()) == 1


def test_a_rerun_without_the_earlier_run_still_checks_its_target(slack: LocalSlack, runs: SqliteRuns) -> None:
    script = Script()

    run_job(diagnose(slack, kind="rerun", run_id="gone"), services(slack, runs, script))

    assert script.asked == [(reports.TARGET, None)]
    assert len(slack.messages()) == 1


class Broken(SqliteRuns):
    """A store whose disk is full."""

    def save(self, run: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")


def test_an_answer_goes_out_even_where_it_cannot_be_kept(
    slack: LocalSlack, caplog: pytest.LogCaptureFixture
) -> None:
    store = Broken(":memory:")

    run_job(diagnose(slack), services(slack, store))

    (parent,) = slack.messages()
    assert "Cause found" in parent.plain
    assert "could not be kept" in caplog.text
    store.close()


def test_a_store_that_does_not_work_at_all_is_said(
    slack: LocalSlack, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteRuns(":memory:")
    store.close()

    run_job(diagnose(slack), services(slack, store))

    (parent,) = slack.messages()
    assert "the id id1" in parent.plain
    assert "failure id1" in caplog.text


def test_a_job_that_nobody_can_be_told_of_ends_in_the_log(
    slack: LocalSlack, runs: SqliteRuns, caplog: pytest.LogCaptureFixture
) -> None:
    slack.revoke_tokens()

    run_job(diagnose(slack), services(slack, runs))

    assert "reached nobody" in caplog.text
