"""Stores, and what is told of a day's audit, without Slack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.daily.day import DailyAudits
from bot.daily.scopes import AuditScope
from bot.daily.state import KeptAudits
from bot.events.routes import Routes
from bot.stores.dynamodb import DynamoDbRuns, Table
from bot.stores.items import Items
from bot.stores.sqlite import SqliteRuns
from handlers.audit_news import AuditNews
from handlers.jobs import Job
from handlers.ports import Accounts, RunsStore
from tests.aws_lambda.memory_table import MemoryDynamoDb

DAY = 86_400.0


class Clock:
    """Time that passes when it is told to: it begins at noon, UTC."""

    def __init__(self) -> None:
        self.now = 1_795_521_600.0

    def __call__(self) -> float:
        return self.now


@dataclass
class KeptIn:
    """A store with what daily audits use of it."""

    runs: RunsStore
    items: Items


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "dynamodb"])
def kept_in(request: pytest.FixtureRequest, clock: Clock) -> Iterator[KeptIn]:
    if request.param == "sqlite":
        runs = SqliteRuns(":memory:", clock=clock)
        yield KeptIn(runs, runs.items)
        runs.close()
    else:
        table = Table(MemoryDynamoDb(), "t", clock=clock)
        yield KeptIn(DynamoDbRuns(table), table)


@dataclass
class Told:
    """What channels are told, by day."""

    daily: DailyAudits
    clock: Clock
    jobs: list[Job] = field(default_factory=list)
    scope: AuditScope = field(default_factory=AuditScope)

    def next_day(self, *reports: Any, days: int = 1) -> dict[str, AuditNews]:
        """The day's audit, and what the channels hear of it."""
        self.clock.now += days * DAY
        self.jobs.clear()
        for report in reports:
            if isinstance(report, str):
                self.daily.failed(self.scope, report)
            else:
                self.daily.made(self.scope, report)
        assert len({job.key for job in self.jobs}) == len(self.jobs)
        return {job.channel: AuditNews.model_validate_json(job.about or "") for job in self.jobs}


@pytest.fixture
def tell(kept_in: KeptIn, clock: Clock) -> Callable[..., Told]:
    def make(*rules: dict[str, str], accounts: Accounts | None = None, tags: Any = None) -> Told:
        jobs: list[Job] = []
        daily = DailyAudits(
            kept=KeptAudits(kept_in.items),
            routes=Routes.of(json.dumps(rules or [{"channel": "COPS"}])),
            tags=tags or (lambda _: {}),
            submit=jobs.append,
            accounts=accounts or Accounts(),
            clock=clock,
        )
        return Told(daily, clock, jobs)

    return make
