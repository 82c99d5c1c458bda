"""The store that the settings choose: a file, or a table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from bot.aws_lambda.clients import PATIENT, OwnClients
from bot.events.homes import EventRuns
from bot.queues.threads import KeptJobs
from bot.settings import Settings
from bot.stores.dynamodb import DynamoDbRuns
from bot.stores.items import Items
from bot.stores.jobs import LeftJob, SqliteJobs
from bot.stores.sqlite import SqliteRuns
from bot.stores.table import Table
from bot.stores.table_jobs import BEAT, Heart, TableJobs

STORE_ERRORS = (OSError, sqlite3.Error, BotoCoreError, ClientError)
"""What a store that cannot be used raises."""


class WaitingJobs(KeptJobs, Protocol):
    """Jobs that another process may have left behind."""

    @property
    def lasting(self) -> bool:
        """True when jobs are still there after the process has ended."""

    def take_up(self) -> tuple[LeftJob, ...]:
        """The jobs that nobody alive has, oldest first; from now on this process has them."""


@dataclass(frozen=True)
class Store:
    """Where runs, claims and waiting jobs are kept.

    Attributes:
        runs: runs and claims, and what task events said.
        items: groups of task events.
        jobs: jobs that have no answer yet.
        close: ends it; later calls may raise.
        look: seconds between two looks for jobs that another process left behind.
    """

    runs: EventRuns
    items: Items
    jobs: WaitingJobs
    close: Callable[[], None]
    look: float = 30.0


def store_of(settings: Settings) -> Store:
    """Open the store.

    Raises:
        OSError, sqlite3.Error: the file cannot be used.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the table cannot be.
    """
    days = settings.pullcheck_retention_days
    if settings.pullcheck_store == "sqlite":
        sqlite = SqliteRuns(settings.pullcheck_database, retention_days=days)
        return Store(sqlite, sqlite.items, SqliteJobs(sqlite), sqlite.close)
    client = OwnClients(PATIENT)("dynamodb")
    table = Table(client, settings.pullcheck_table or "", retention_days=days)
    jobs = TableJobs(table)
    return Store(DynamoDbRuns(table), table, jobs, Heart(jobs).stop, BEAT)


def name_of(settings: Settings) -> str:
    """What to call the store where it cannot be used."""
    if settings.pullcheck_store == "dynamodb":
        return f"PULLCHECK_TABLE={settings.pullcheck_table}"
    return f"PULLCHECK_DATABASE={settings.pullcheck_database}"
