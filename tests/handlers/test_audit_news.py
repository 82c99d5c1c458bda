"""What a channel is told of a day's audit: the messages, and that Slack's trouble loses none of them and doubles none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from diagnostics.audit import AuditChange
from handlers.audit_news import AuditNews, ToldChange
from handlers.jobs import Job
from handlers.kinds import AUDIT_NEWS, read_job
from handlers.running import JobOutcome, run_job
from handlers.views.audited import changed
from handlers.views.lint import lint_message
from tests.build import audits
from tests.golden import assert_golden_json
from tests.handlers.test_jobs import services
from tests.handlers.test_text import HOSTILE


def row(turned: Any, finding: Any, who: str) -> ToldChange:
    return ToldChange(who=who, change=AuditChange(turned=turned, finding=finding, subjects=finding.subjects))


ROWS = (
    row("new", audits.BROKEN, "api"),
    row("worse", audits.EXPIRING, "mailer, worker"),
    row("spread", audits.finding("soon", "jobs", "x", at=None, pushes=1), "batch"),
    row("better", audits.AT_RISK, "search"),
    row("gone", audits.BROKEN, "checkout"),
)
WHERE = "account 111122223333, eu-central-1"
NEWS = {
    "changed": AuditNews(
        heading=f"Daily audit of {WHERE}: 5 things changed.",
        changes=ROWS,
        notes=("It cannot be told for 1: search.", "Not allowed: ecr:GetLifecyclePolicy."),
    ),
    "weekly": AuditNews(
        heading=f"The daily audit of {WHERE} still runs: last at 2026-11-24 12:00 UTC, 24 looked at for this channel.",
        notes=("Nothing changed since the last message here.", "It cannot be told for 1: search."),
    ),
    "failed": AuditNews(
        heading=f"The daily audit of {WHERE} could not be made: the app has no valid AWS credentials.",
        notes=(
            "What changed since is not known. The last one is of 2026-11-24 12:00 UTC. It is tried again.",
        ),
    ),
    "flood": AuditNews(
        heading=f"Daily audit of {WHERE}: 70 things changed.",
        changes=tuple(row("new", audits.finding("now", f"r{n}", f"s{n}"), f"s{n}") for n in range(40)),
        left=30,
    ),
}


def shown(news: AuditNews) -> dict[str, Any]:
    rows = [(item.who, item.change) for item in news.changes]
    return changed(news.heading, rows, left=news.left, notes=news.notes).payload()


@pytest.mark.parametrize("name", NEWS)
def test_the_messages(name: str) -> None:
    payload = shown(NEWS[name])
    lint_message(payload)
    assert_golden_json(f"slack/audit_news.{name}.json", payload)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_change_nothing(hostile: str) -> None:
    finding = audits.finding("now", hostile, hostile, clause=hostile)
    payload = shown(
        AuditNews(heading=f"Audit of {hostile}", changes=(row("new", finding, hostile),), notes=(hostile,))
    )
    lint_message(payload)
    for text in (str(payload["text"]), *(str(block.get("text")) for block in payload["blocks"])):
        assert "<!channel>" not in text
        assert "<@U" not in text


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def runs() -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:")
    yield store
    store.close()


@pytest.fixture
def news(slack: LocalSlack) -> Job:
    text = NEWS["changed"].model_dump_json()
    return Job(key="audit news 1", kind=AUDIT_NEWS, channel=slack.channel.id, user="", about=text)


def test_a_channel_is_told_once(slack: LocalSlack, runs: SqliteRuns, news: Job) -> None:
    parts = services(slack, runs)
    assert run_job(read_job(news.text()), parts) is JobOutcome.SETTLED
    assert run_job(news, parts) is JobOutcome.SETTLED

    (message,) = slack.messages()
    assert [block["type"] for block in message.blocks] == ["section", "table", "context"]
    assert "New: api" in message.plain


@pytest.mark.parametrize(
    ("trouble", "then"),
    [
        (lambda slack: slack.fail("chat.postMessage", "not_in_channel"), JobOutcome.UNHEARD),
        (lambda slack: slack.revoke_tokens(), JobOutcome.UNHEARD),
    ],
    ids=["not in the channel", "revoked"],
)
def test_what_slack_does_not_take_comes_again(
    slack: LocalSlack, runs: SqliteRuns, news: Job, trouble: Callable[[LocalSlack], Any], then: JobOutcome
) -> None:
    trouble(slack)
    assert run_job(news, services(slack, runs)) is then
    assert not slack.messages()


def test_what_came_to_nothing_is_told_when_slack_is_back(
    slack: LocalSlack, runs: SqliteRuns, news: Job
) -> None:
    slack.fail("chat.postMessage", "not_in_channel")
    assert run_job(news, services(slack, runs)) is JobOutcome.UNHEARD
    assert run_job(news, services(slack, runs)) is JobOutcome.SETTLED
    assert len(slack.messages()) == 1
