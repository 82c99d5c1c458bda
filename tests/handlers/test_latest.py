"""What is kept of a task stands in for it later, for those who may look at its account, and is compared only in a re-run."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from handlers.ports import Accounts
from handlers.running import run_job
from tests.bot.conftest import Script
from tests.build import ACCOUNT, reports
from tests.build.runs import saved_run
from tests.handlers.test_jobs import diagnose, runs, services, slack

__all__ = ["runs", "slack"]


def keep(store: SqliteRuns, channel: str = "C9") -> None:
    store.save(saved_run("before", channel=channel, user="U9", report=reports.cause_found()))


@pytest.mark.parametrize(
    ("changes", "allowed", "known"),
    [
        ({}, None, True),
        ({"account_id": None, "region": None, "partition": None}, None, True),
        ({}, frozenset({ACCOUNT}), True),
        ({"region": "eu-west-1"}, None, False),
        ({"account_id": "444455556666"}, None, False),
        ({"account_id": None}, frozenset({"444455556666"}), False),
        ({"task_id": "f" * 32}, None, False),
        ({"kind": "service", "task_id": None, "service": "payments-api"}, None, False),
    ],
    ids=["the task", "by cluster and id", "listed", "Region", "account", "not listed", "another task", "service"],
)  # fmt: skip
def test_what_is_kept_of_a_task_is_handed_to_the_next_diagnosis(
    slack: LocalSlack,
    runs: SqliteRuns,
    changes: dict[str, Any],
    allowed: frozenset[str] | None,
    known: bool,
) -> None:
    keep(runs)
    script = Script()
    parts = dataclasses.replace(services(slack, runs, script), accounts=Accounts(allowed))

    run_job(diagnose(slack, target=reports.TARGET.model_copy(update=changes)), parts)

    assert [previous is not None for _, previous in script.asked] == [known]


def test_only_a_re_run_says_what_has_changed(slack: LocalSlack, runs: SqliteRuns) -> None:
    keep(runs, slack.channel.id)
    script = Script([reports.after_fix])

    run_job(diagnose(slack), services(slack, runs, script))
    run_job(diagnose(slack, key="k2", kind="rerun", run_id="before"), services(slack, runs, script))

    asked, again = slack.messages()
    told = [reply.plain for reply in slack.thread(asked)]
    assert not [text for text in told if "fixed" in text]
    line, *more = slack.thread(again)
    assert "✅ fixed `route-no-egress` · 🔴 still `tag-not-found`" in line.plain
    # What was the cause before is explained in the thread already; what is one only now is not.
    assert [reply.plain.split("\n")[0] for reply in more] == ["*Fix for payments-api*"]
    assert "fixed" not in again.plain
