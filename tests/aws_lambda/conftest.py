"""The functions on an emulated AWS and in a local Slack."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest

from bot.aws_lambda import auditing, ingress, work
from bot.events import recounts
from bot.stores.table import Table
from demo.aws import DEMO, Account, EmulatedAws, build_account
from demo.slack import LocalSlack
from tests.aws_lambda.cloud import Cloud, receiver
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce, Script

SCENARIO = DEMO[0]


@pytest.fixture(scope="package")
def served() -> Iterator[EmulatedAws]:
    with EmulatedAws(sockets=False) as aws:
        yield aws


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """The functions take the root logger over; pytest gets it back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def cloud(served: EmulatedAws, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    served.reset()
    for name in [name for name in os.environ if name.startswith(("AWS_", "SLACK_", "PULLCHECK_"))]:
        monkeypatch.delenv(name)
    # What is said is looked at here, not when: nobody waits for Slack's pace.
    monkeypatch.setattr(work, "Pace", AtOnce)
    monkeypatch.setattr(auditing, "Pace", AtOnce)
    made = Cloud(served, slack)
    made.build()
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def script() -> Script:
    return Script()


class Clock:
    """Time that passes when it is told to."""

    now = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory() -> MemoryDynamoDb:
    return MemoryDynamoDb()


@pytest.fixture
def scripted(
    cloud: Cloud, script: Script, clock: Clock, memory: MemoryDynamoDb, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cloud]:
    """With a worker whose diagnoses come from a script, and which does not wait for counts.

    It works through dozens of events: its table is in memory, and Slack is asked without a socket.
    """

    def table(client: object, name: str, **more: Any) -> Table:
        return Table(memory, name, **more)

    monkeypatch.setattr(recounts, "RECOUNT_SECONDS", 0)
    monkeypatch.setattr(work, "Table", table)
    cloud.make = lambda: work.make(script, clock, parallel=1)
    with cloud.slack.in_process():
        yield cloud


@pytest.fixture
def account(cloud: Cloud) -> Account:
    """An account with one broken service, and a worker that looks at it."""
    built = build_account(cloud.aws)
    SCENARIO.break_it(built)
    cloud.make = work.make
    return built


@pytest.fixture
def reachable(cloud: Cloud) -> Iterator[Cloud]:
    """With the ingress behind its URL."""
    with cloud.slack.over_http(receiver(ingress.make())):
        yield cloud
