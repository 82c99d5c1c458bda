"""The SQLite file: made and kept for the bot's user alone, brought up to date, and shared by threads and processes."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.stores.alive import Alive

MEMORY = ":memory:"
RIGHTS = 0o600
"""What is kept describes somebody's network and roles, and jobs hold addresses at which anybody may post."""

_FIRST = """
CREATE TABLE IF NOT EXISTS runs (
    run_id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread_ts TEXT,
    saved_at REAL NOT NULL,
    run TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS runs_by_age ON runs (saved_at);
CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY,
    taken_at REAL NOT NULL,
    until REAL
) STRICT;
CREATE INDEX IF NOT EXISTS claims_by_age ON claims (taken_at)
"""
_SECOND = """
ALTER TABLE runs ADD COLUMN task_id TEXT;
ALTER TABLE claims ADD COLUMN note TEXT;
CREATE INDEX IF NOT EXISTS runs_by_task ON runs (task_id, saved_at)
"""
_THIRD = """
ALTER TABLE claims ADD COLUMN holder TEXT;
CREATE TABLE IF NOT EXISTS jobs (
    key TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    taken_at REAL NOT NULL,
    owner TEXT NOT NULL,
    starts INTEGER NOT NULL
) STRICT
"""
_FOURTH = """
CREATE TABLE IF NOT EXISTS items (
    key TEXT PRIMARY KEY,
    item TEXT NOT NULL,
    ends_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS items_by_end ON items (ends_at);
CREATE TABLE IF NOT EXISTS events (
    task_id TEXT PRIMARY KEY,
    run TEXT,
    version INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    saved_at REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_by_age ON events (saved_at)
"""
VERSIONS = (_FIRST, _SECOND, _THIRD, _FOURTH)
"""What each version of the schema adds to the one before; `PRAGMA user_version` counts them."""


class UnsafeFileError(OSError):
    """The file may not be used; the message is what is wrong with it, and what to do."""


class Database:
    """One file, or nothing beyond the process where the path is `:memory:`.

    Args:
        path: the file.

    Raises:
        OSError, sqlite3.Error: the file cannot be made, is not safe to use, or is not such a database.
    """

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self.alive: Alive | None = None
        if str(path) != MEMORY:
            make_private(Path(path))
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5)
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._make_tables()
            if str(path) != MEMORY:
                self.alive = Alive(Path(path))
        except BaseException:
            self._connection.close()
            raise

    def _make_tables(self) -> None:
        """Make what is not there; two processes may do so at once."""
        with self.transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for script in VERSIONS[version:]:
                for statement in script.split(";"):
                    _make(connection, statement)
            connection.execute(f"PRAGMA user_version = {max(version, len(VERSIONS))}")

    def close(self) -> None:
        """Close the file. Later calls raise `sqlite3.ProgrammingError`."""
        with self._lock:
            self._connection.close()
            if self.alive is not None:
                self.alive.end()

    def row(self, query: str, *values: object) -> Any:
        """The first row that a query finds, `None` where it finds none."""
        with self._lock:
            return self._connection.execute(query, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that happens inside happens at once, or not at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _make(connection: sqlite3.Connection, statement: str) -> None:
    """Do one step, unless a version before, to which somebody went back, forgot that it was done."""
    try:
        connection.execute(statement)
    except sqlite3.OperationalError as error:
        if "duplicate column name" not in str(error):
            raise


def make_private(path: Path) -> None:
    """Make a file that only this user can read, or see that an existing one, and what SQLite keeps beside it, is so.

    Raises:
        UnsafeFileError: it is a link, no file, or somebody else's; or its folder is not there or cannot be written to.
        OSError: it cannot be opened.
    """
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UnsafeFileError(
            f"there is no folder {folder}. Make it, or set PULLCHECK_DATABASE to a file elsewhere"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnsafeFileError(
            f"the folder {folder} cannot be written to, and SQLite keeps files beside the database. "
            f"Give it to the user that runs this (uid {os.geteuid()})"
        )
    _narrow(path, os.O_RDWR | os.O_CREAT)
    for beside in (f"{path.name}-wal", f"{path.name}-shm"):
        try:
            _narrow(path.with_name(beside), os.O_RDONLY)
        except FileNotFoundError:
            continue


def _narrow(path: Path, flags: int) -> None:
    if path.is_symlink():
        raise UnsafeFileError(f"{path.name} is a symbolic link. Name the file that it leads to")
    # Neither a link put there meanwhile nor a pipe is followed or waited for.
    file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, RIGHTS)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise UnsafeFileError(f"{path.name} is no regular file")
        if found.st_uid != os.geteuid():
            raise UnsafeFileError(
                f"{path.name} belongs to another user (uid {found.st_uid}; this is uid {os.geteuid()}). "
                "Give it to the user that runs this, or take another file"
            )
        if stat.S_IMODE(found.st_mode) != RIGHTS:
            os.fchmod(file, RIGHTS)
    finally:
        os.close(file)
