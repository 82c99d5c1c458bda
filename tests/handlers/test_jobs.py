"""A job answers once: delivered twice, after a worker that died, and with a store that does not work."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from diagnostics.finding import Report
from handlers.attempt import run_id_of
from handlers.audit_news import AuditNews
from handlers.jobs import Job, Kind
from handlers.kinds import AUDIT_NEWS, EXPLAIN_FAULT, KINDS
from handlers.ports import Accounts, DiagnosisError, Services
from handlers.running import JobOutcome, run_job
from handlers.ways import WaysIn
from tests.bot.conftest import AtOnce, Script
from tests.build import audits, reports
from tests.build.runs import saved_run
from tests.handlers.answers import ANSWERS, FAULTS, NO_ROUTE


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
    return Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url),
        diagnose=script or Script(),
        runs=runs,
        fault=lambda _: None,
        lease=60,
        pace=AtOnce(),
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
    assert "cannot start: its subnet" in parent.plain
    assert "could not be kept" in caplog.text
    store.close()


def test_a_store_that_does_not_work_at_all_is_said(
    slack: LocalSlack, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteRuns(":memory:")
    store.close()

    run_job(diagnose(slack), services(slack, store))

    (parent,) = slack.messages()
    run_id = run_id_of(diagnose(slack))
    assert f"the id {run_id}" in parent.plain
    assert f"failure {run_id}" in caplog.text


def test_a_job_that_nobody_can_be_told_of_ends_in_the_log(
    slack: LocalSlack, runs: SqliteRuns, caplog: pytest.LogCaptureFixture
) -> None:
    slack.revoke_tokens()

    run_job(diagnose(slack), services(slack, runs))

    assert "reached nobody" in caplog.text


# --- accounts of a channel ---------------------------------------------------------------------------

THERE = "444455556666"


@pytest.mark.parametrize(
    ("changes", "allowed", "asked"),
    [
        ({}, reports.TARGET.account_id, 1),
        ({}, THERE, 0),
        # Where the target names no account AWS has to tell first, and then nothing is said but that.
        ({"account_id": None}, reports.TARGET.account_id, 1),
        ({"account_id": None}, THERE, 1),
    ],
    ids=["listed", "not listed", "unnamed and listed", "unnamed and not listed"],
)
def test_a_job_looks_only_at_accounts_of_its_channel(
    slack: LocalSlack, runs: SqliteRuns, changes: dict[str, Any], allowed: str, asked: int
) -> None:
    """Whatever a listener let through: the queue may be older than the setting."""
    script = Script()
    accounts = Accounts(None, {slack.channel.id: frozenset({allowed})})
    parts = dataclasses.replace(services(slack, runs, script), accounts=accounts)

    run_job(diagnose(slack, target=reports.TARGET.model_copy(update=changes)), parts)

    (message,) = slack.messages()
    assert len(script.asked) == asked
    assert ("PULLCHECK_CHANNEL_ACCOUNTS" in message.plain) == (allowed == THERE)
    assert len(slack.thread(message)) == (allowed != THERE)


@pytest.mark.parametrize(("allowed", "told"), [(reports.TARGET.account_id, True), (THERE, False)])
def test_a_run_of_an_account_that_is_not_the_channels_is_not_explained(
    slack: LocalSlack, runs: SqliteRuns, allowed: str, told: bool
) -> None:
    parts = services(slack, runs)
    run_job(diagnose(slack, run_as="run1"), parts)
    (message,) = slack.messages()
    before = len(slack.thread(message))
    listed = dataclasses.replace(parts, accounts=Accounts(None, {slack.channel.id: frozenset({allowed})}))

    run_job(diagnose(slack, key="k2", kind="explain", run_id="run1", thread_ts=message.ts), listed)

    assert len(slack.thread(message)) == before + told
    assert ("PULLCHECK_CHANNEL_ACCOUNTS" in "".join(one.plain for one in slack.ephemeral())) != told


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values() if kind.button or kind.option])
def test_a_run_that_was_told_elsewhere_is_not_told_here(
    slack: LocalSlack, runs: SqliteRuns, kind: str
) -> None:
    """A value in a button names its run; one of another channel is nobody's here."""

    def fails() -> Report:
        raise DiagnosisError("AWS did not answer.")

    script = Script([fails])
    runs.save(saved_run("theirs", channel="C9", user="U9", report=reports.cause_found()))
    parts = services(slack, runs, script)

    run_job(diagnose(slack, kind=kind, run_id="theirs"), parts)

    top = slack.messages()
    replies = [reply for message in top for reply in slack.thread(message)]
    said = "".join(one.plain for one in (*top, *replies, *slack.ephemeral()))
    # With that an answer begins that leaves the earlier verdict standing.
    assert "Not checked again" not in said
    wanted = (
        ("no longer kept", "belongs to another channel")
        if KINDS[kind].needs_run
        else ("AWS did not answer.",)
    )
    assert any(words in said for words in wanted)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_of_job_gives_its_answer(slack: LocalSlack, runs: SqliteRuns, kind: Kind) -> None:
    """What it says stands in `tests.handlers.answers`, in which a kind without a row fails."""
    runs.save(saved_run("kept", channel=slack.channel.id, user=slack.user.id, report=reports.cause_found()))
    parts = dataclasses.replace(
        services(slack, runs), fault=FAULTS.get, ways=WaysIn(faults=lambda: FAULTS), audit=lambda *_: audits.report(),
        later=lambda *_: None,
    )  # fmt: skip

    about = {EXPLAIN_FAULT: NO_ROUTE.id, AUDIT_NEWS: AuditNews(heading="1 thing changed.").model_dump_json()}
    pressed: dict[str, Any] = {"about": about[kind]} if kind in about else {}
    if kind.button is not None or kind.option is not None:
        ts = parts.slack.chat_postMessage(channel=slack.channel.id, text="The verdict of before")["ts"]
        pressed = {
            "run_id": "kept",
            "thread_ts": ts,
            "message_ts": ts if kind.replaces else None,
            **slack._ways_back(slack.user, slack.channel),
        }
        del pressed["trigger_id"]

    outcome = run_job(diagnose(slack, kind=kind.name, **pressed), parts)

    top = slack.messages()
    replies = [reply for message in top for reply in slack.thread(message)]
    home = slack.views.home()
    said = "".join(one.plain for one in (*top, *replies, *slack.ephemeral(), *((home,) if home else ())))
    assert outcome is JobOutcome.SETTLED
    assert ANSWERS[kind].says in said
