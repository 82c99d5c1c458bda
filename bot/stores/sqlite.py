"""Runs in an SQLite file: kept for re-run and explain, dropped after the retention."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from handlers.ports import SavedRun

_DAY = 86_400.0
_VERSION = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread_ts TEXT,
    saved_at REAL NOT NULL,
    run TEXT NOT NULL,
    task_id TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_age ON runs (saved_at);
CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY,
    taken_at REAL NOT NULL,
    until REAL,
    note TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS claims_by_age ON claims (taken_at);
"""
_SINCE_VERSION_1 = """
ALTER TABLE runs ADD COLUMN task_id TEXT;
ALTER TABLE claims ADD COLUMN note TEXT;
"""
_TASKS = "CREATE INDEX IF NOT EXISTS runs_by_task ON runs (task_id, saved_at)"


class SqliteRuns:
    """Keeps runs in one file. Safe to share between threads, and between processes on one machine.

    Args:
        path: the file; `:memory:` keeps nothing beyond the process.
        retention_days: after how many days a run is dropped.
        clock: seconds since 1970.

    Raises:
        OSError, sqlite3.Error: the file cannot be made, or is not such a database.
    """

    def __init__(
        self, path: Path | str, *, retention_days: float = 30, clock: Callable[[], float] = time.time
    ) -> None:
        self._retention = retention_days * _DAY
        self._clock = clock
        self._lock = threading.Lock()
        if str(path) != ":memory:" and not Path(path).exists():
            # What is kept describes somebody's network and roles: it is for the bot's user alone.
            Path(path).touch(mode=0o600)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._make_tables()
            self._drop_old()
        except BaseException:
            self._connection.close()
            raise

    def _make_tables(self) -> None:
        """Make what is not there; two processes may do so at once."""
        with self._transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            script = _SINCE_VERSION_1 if version == 1 else _SCHEMA
            for statement in (*script.split(";"), _TASKS):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Close the file. Later calls raise `sqlite3.ProgrammingError`."""
        with self._lock:
            self._connection.close()

    def save(self, run: SavedRun) -> None:
        """Keep a run, and drop those that are too old."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO runs (run_id, target, channel, thread_ts, saved_at, run, task_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    run.run_id,
                    str(run.target),
                    run.channel,
                    run.thread_ts,
                    self._clock(),
                    run.model_dump_json(by_alias=True),
                    run.task_id,
                ),
            )
            self._drop_old()

    def load(self, run_id: str) -> SavedRun | None:
        """A run that was kept; `None` for one that is not, is too old, or was kept by a version that differs."""
        return self._one(
            "SELECT run FROM runs WHERE run_id = ? AND saved_at >= ?", run_id, self._clock() - self._retention
        )

    def latest(self, task_id: str) -> SavedRun | None:
        """The newest run that has facts of this task."""
        return self._one(
            "SELECT run FROM runs WHERE task_id = ? AND saved_at >= ? ORDER BY saved_at DESC, rowid DESC LIMIT 1",
            task_id,
            self._clock() - self._retention,
        )

    def _one(self, query: str, *values: object) -> SavedRun | None:
        with self._lock:
            row = self._connection.execute(query, values).fetchone()
        if row is None:
            return None
        try:
            return SavedRun.model_validate_json(row[0])
        except ValidationError:
            return None

    def claim(self, key: str, lease: float) -> bool:
        """Whether the caller may do the work of this key: nobody did it, and nobody's lease is running."""
        now = self._clock()
        with self._transaction() as connection:
            taken = connection.execute(
                "INSERT INTO claims (key, taken_at, until) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE "
                "SET taken_at = excluded.taken_at, until = excluded.until WHERE claims.until <= ?",
                (key, now, now + lease, now),
            )
            return taken.rowcount == 1

    def finish(self, key: str) -> None:
        """The work of this key is done, for good (until the retention is over)."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO claims (key, taken_at, until) VALUES (?, ?, NULL) "
                "ON CONFLICT (key) DO UPDATE SET until = NULL",
                (key, self._clock()),
            )

    def finished(self, key: str) -> bool:
        """Whether the work of this key is done."""
        with self._lock:
            row = self._connection.execute(
                "SELECT 1 FROM claims WHERE key = ? AND until IS NULL", (key,)
            ).fetchone()
        return row is not None

    def release(self, key: str) -> None:
        """The work of this key may be done again."""
        with self._transaction() as connection:
            connection.execute("UPDATE claims SET until = 0 WHERE key = ?", (key,))

    def note(self, key: str, text: str) -> None:
        """Write a word on work that was claimed."""
        with self._transaction() as connection:
            connection.execute("UPDATE claims SET note = ? WHERE key = ?", (text, key))

    def noted(self, key: str) -> str | None:
        """The word on this key."""
        with self._lock:
            row = self._connection.execute("SELECT note FROM claims WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _drop_old(self) -> None:
        oldest = self._clock() - self._retention
        self._connection.execute("DELETE FROM runs WHERE saved_at < ?", (oldest,))
        self._connection.execute("DELETE FROM claims WHERE taken_at < ?", (oldest,))
