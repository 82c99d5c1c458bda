"""Audits of an emulated account, asked for in Slack and made every day: real clients, and a local Slack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.auditing import AwsAuditor
from bot.daily.day import DailyAudits
from bot.daily.scopes import AuditScope
from bot.daily.state import KeptAudits
from bot.daily.timer import DailyTimer
from bot.events.routes import Routes
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from diagnostics.target import Target
from handlers.jobs import Job
from handlers.kinds import AUDIT
from handlers.ports import Accounts, DiagnosisError, Services
from handlers.running import JobOutcome, run_job
from tests.bot.conftest import AtOnce

from .asking import Asking
from .worlds import SMALL, AuditWorld

DAY = 86_400.0


class DaysPass:
    now = 1_795_521_600.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def runs() -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:", clock=DaysPass())
    yield store
    store.close()


def parts(slack: LocalSlack, runs: SqliteRuns, auditor: AwsAuditor) -> Services:
    return Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url),
        diagnose=lambda *_: pytest.fail("nothing is diagnosed"),
        runs=runs, fault=lambda _: None, pace=AtOnce(), strict=True, audit=auditor,
    )  # fmt: skip


def test_a_cluster_is_audited_for_who_asks(slack: LocalSlack, runs: SqliteRuns, world: AuditWorld) -> None:
    target = Target(kind="cluster", region=world.region, cluster=SMALL)
    job = Job(key="k", kind=AUDIT, target=target, channel=slack.channel.id, user=slack.user.id)

    assert run_job(job, parts(slack, runs, AwsAuditor(Asking(world)))) is JobOutcome.SETTLED

    (message,) = slack.messages()
    assert message.text == (
        "Audit of small: now-small: would fail now · soon-small: image expires after 1 more push by rule 1."
    )
    assert "4 looked at in cluster small, us-east-1, account 111122223333" in message.plain
    rest = "".join(item.plain for item in slack.thread(message))
    assert "in a new revision." in rest


def test_an_account_that_refuses_everything_is_said_in_a_sentence(world: AuditWorld) -> None:
    class Nothing(Asking):
        def get(self, service: str, region: str, account_id: str | None = None) -> Any:
            from botocore.exceptions import NoCredentialsError

            raise NoCredentialsError

    with pytest.raises(DiagnosisError, match="the app has no valid AWS credentials"):
        AwsAuditor(Nothing(world))(Target(kind="cluster", region=world.region, cluster=SMALL), lambda _: None)


def test_day_by_day(slack: LocalSlack, runs: SqliteRuns, world: AuditWorld) -> None:
    """Found, then the same, then hidden by a denied read, then the same again: one message."""
    clock, services = DaysPass(), parts(slack, runs, AwsAuditor(Asking(world)))
    daily = DailyAudits(
        kept=KeptAudits(runs.items),
        routes=Routes.of(f'[{{"cluster": "{SMALL}", "channel": "{slack.channel.id}"}}]'),
        tags=lambda _: {},
        submit=lambda job: run_job(job, services),
        accounts=Accounts(),
        clock=clock,
    )
    scope = AuditScope(None, world.region, (SMALL,))
    said = []
    for denied in ((), (), ("ecr:DescribeImages",), ()):
        DailyTimer(daily, AwsAuditor(Asking(world, denied)), (scope,), 0, runs, clock).turn()
        clock.now += DAY
        said.append(len(slack.messages()))

    assert said == [1, 1, 1, 1]
    (message,) = slack.messages()
    assert message.text.startswith(
        "First audit of cluster small of account 111122223333, us-east-1: 2 things to know: New: now-small"
    )
