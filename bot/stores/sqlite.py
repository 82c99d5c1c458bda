"""Runs and claims in an SQLite file: kept for re-run and explain, dropped after the retention."""

from __future__ import annotations

import sqlite3
import time
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.stores.database import Database
from bot.stores.sqlite_items import SqliteItems
from handlers.saved_run import SavedRun

_DAY = 86_400.0
_LONG = 100_000
"""Characters of a run from which on it is packed: that of a large account has five million, and a twentieth of that packed."""
_PACKED = "zlib:"


class SqliteRuns:
    """Keeps runs in one file. Safe to share between threads, and between processes on one machine.

    Args:
        path: the file; `:memory:` keeps nothing beyond the process.
        retention_days: after how many days a run is dropped.
        clock: seconds since 1970.

    Raises:
        OSError, sqlite3.Error: the file cannot be made, is not safe to use, or is not such a database.
    """

    def __init__(
        self, path: Path | str, *, retention_days: float = 30, clock: Callable[[], float] = time.time
    ) -> None:
        self._retention = retention_days * _DAY
        self.clock = clock
        self.database = Database(path)
        self.items = SqliteItems(self.database, self._retention, clock)
        try:
            self._drop_old()
        except BaseException:
            self.database.close()
            raise

    def close(self) -> None:
        """Close the file. Later calls raise `sqlite3.ProgrammingError`."""
        self.database.close()

    # --- runs ----------------------------------------------------------------------------------------

    def save(self, run: SavedRun) -> None:
        """Keep a run, and drop those that are too old."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO runs (run_id, target, channel, thread_ts, saved_at, run, task_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run.run_id,
                    str(run.target),
                    run.channel,
                    run.thread_ts,
                    self.clock(),
                    _packed(run),
                    run.task_id,
                ),
            )
        self._drop_old()

    def load(self, run_id: str) -> SavedRun | None:
        """A run that was kept; `None` for one that is not, is too old, or was kept by a version that differs."""
        return self._one(
            "SELECT run FROM runs WHERE run_id = ? AND saved_at >= ?", run_id, self.clock() - self._retention
        )

    def latest_id(self, task_id: str) -> str | None:
        """The id of the newest run that has facts of this task; `None` where there is none."""
        row = self.database.row(
            "SELECT run_id FROM runs WHERE task_id = ? AND saved_at >= ? ORDER BY saved_at DESC, rowid DESC LIMIT 1",
            task_id,
            self.clock() - self._retention,
        )
        return str(row[0]) if row else None

    def latest(self, task_id: str) -> SavedRun | None:
        """The newest run that has facts of this task, else what an event said of it."""
        oldest = self.clock() - self._retention
        return self._one(
            "SELECT run FROM runs WHERE task_id = ? AND saved_at >= ? ORDER BY saved_at DESC, rowid DESC LIMIT 1",
            task_id,
            oldest,
        ) or self._one(
            "SELECT run FROM events WHERE task_id = ? AND run IS NOT NULL AND saved_at >= ?", task_id, oldest
        )

    def _one(self, query: str, *values: object) -> SavedRun | None:
        row = self.database.row(query, *values)
        if row is None:
            return None
        try:
            return SavedRun.model_validate_json(_unpacked(row[0]))
        except (ValidationError, ValueError, zlib.error):
            return None

    # --- claims --------------------------------------------------------------------------------------

    def claim(self, key: str, lease: float, holder: str | None = None) -> bool:
        """True when the caller may do the work of this key: nobody did it, and nobody else's lease is running."""
        now = self.clock()
        with self.database.transaction() as connection:
            taken = connection.execute(
                "INSERT INTO claims (key, taken_at, until, holder) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE "
                "SET taken_at = excluded.taken_at, until = excluded.until, holder = excluded.holder "
                "WHERE claims.until <= ? OR (claims.until IS NOT NULL AND claims.holder = excluded.holder)",
                (key, now, now + lease, holder, now),
            )
            return taken.rowcount == 1

    def settle(self, done: Sequence[str] = (), free: Sequence[str] = ()) -> None:
        """All in one step: the work of some keys is done, for good; that of others may be done again."""
        now = self.clock()
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO claims (key, taken_at, until) VALUES (?, ?, NULL) "
                "ON CONFLICT (key) DO UPDATE SET until = NULL, holder = NULL",
                [(key, now) for key in done],
            )
            connection.executemany(
                "UPDATE claims SET until = 0, holder = NULL WHERE key = ? AND until IS NOT NULL",
                [(key,) for key in free],
            )

    def finished(self, key: str) -> bool:
        """True when the work of this key is done."""
        return self.database.row("SELECT 1 FROM claims WHERE key = ? AND until IS NULL", key) is not None

    def note(self, key: str, text: str) -> None:
        """Write a word on work that was claimed."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE claims SET note = ? WHERE key = ?", (text, key))

    def noted(self, key: str) -> str | None:
        """The word on this key."""
        row = self.database.row("SELECT note FROM claims WHERE key = ?", key)
        return row[0] if row else None

    # --- events --------------------------------------------------------------------------------------

    def keep_event(self, run: SavedRun, version: int) -> None:
        """Keep what an event said of a task, unless a later event said more.

        Args:
            run: the task's facts; it has no report.
            version: counts the states of the task.
        """
        with self.database.transaction() as connection:
            _keep_event(connection, run, version, self.clock())

    def see_event(self, run: SavedRun, version: int) -> bool:
        """Keep the facts too, and say whether the task's events are seen for the first time; from now on they are not."""
        with self.database.transaction() as connection:
            _keep_event(connection, run, version, self.clock())
            seen = connection.execute(
                "UPDATE events SET seen = 1 WHERE task_id = ? AND seen = 0", (run.task_id,)
            )
            return seen.rowcount == 1

    def event_done(self, task_id: str) -> None:
        """The task's events are seen; its facts are kept already."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO events (task_id, run, version, seen, saved_at) VALUES (?, NULL, -1, 1, ?) "
                "ON CONFLICT (task_id) DO UPDATE SET seen = 1, saved_at = excluded.saved_at",
                (task_id, self.clock()),
            )

    def event_seen(self, task_id: str) -> bool:
        """True when an event of this task was seen."""
        query = "SELECT 1 FROM events WHERE task_id = ? AND seen = 1 AND saved_at >= ?"
        return self.database.row(query, task_id, self.clock() - self._retention) is not None

    def _drop_old(self) -> None:
        oldest = self.clock() - self._retention
        with self.database.transaction() as connection:
            for table, column in (
                ("runs", "saved_at"),
                ("claims", "taken_at"),
                ("jobs", "taken_at"),
                ("events", "saved_at"),
            ):
                connection.execute(f"DELETE FROM {table} WHERE {column} < ?", (oldest,))
            connection.execute("DELETE FROM items WHERE ends_at <= ?", (self.clock(),))


def _keep_event(connection: sqlite3.Connection, run: SavedRun, version: int, now: float) -> None:
    connection.execute(
        "INSERT INTO events (task_id, run, version, seen, saved_at) VALUES (?, ?, ?, 0, ?) "
        "ON CONFLICT (task_id) DO UPDATE SET run = excluded.run, version = excluded.version, "
        "saved_at = excluded.saved_at WHERE events.version < excluded.version",
        (run.task_id, _packed(run), version, now),
    )


def _packed(run: SavedRun) -> str:
    """A run as it is kept: as it is written, packed where it is long. The column takes text alone."""
    text = run.model_dump_json(by_alias=True)
    return text if len(text) < _LONG else _PACKED + b64encode(zlib.compress(text.encode(), 6)).decode()


def _unpacked(text: str) -> str | bytes:
    return zlib.decompress(b64decode(text.removeprefix(_PACKED))) if text.startswith(_PACKED) else text
