"""Items in the SQLite file, or in memory where the file is `:memory:`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from bot.stores.database import Database
from bot.stores.items import ALWAYS, Clause, ItemValue, KeptItem, Where

_SET = "set"
"""What a set is written as, which JSON has none of: an object with this one member."""


class SqliteItems:
    """Keeps items in one file.

    Args:
        database: the file.
        retention: for how many seconds after it was last written an item is kept.
        clock: seconds since 1970.
    """

    def __init__(self, database: Database, retention: float, clock: Callable[[], float]) -> None:
        self._database = database
        self._retention = retention
        self.clock = clock

    def read(self, key: str) -> KeptItem | None:
        """An item as it stands now; `None` where it is not there or has ended."""
        row = self._database.row("SELECT item FROM items WHERE key = ? AND ends_at > ?", key, self.clock())
        return None if row is None else _read(row[0])

    def write(self, key: str, item: KeptItem, where: Where = ALWAYS) -> bool:
        """Write a whole item; whether the condition let it."""
        with self._database.transaction() as connection:
            if not _holds(where, self._there(connection, key)):
                return False
            self._put(connection, key, item)
            return True

    def alter(
        self, key: str, item: KeptItem, where: Where = ALWAYS, more: KeptItem | None = None
    ) -> KeptItem | None:
        """Change members of an item; the item as it is then, `None` where the condition did not let it."""
        with self._database.transaction() as connection:
            before = self._there(connection, key)
            if not _holds(where, before):
                return None
            after: dict[str, ItemValue] = {**(before or {}), **item}
            for name, value in (more or {}).items():
                after[name] = _added(after.get(name), value)
            self._put(connection, key, after)
            return after

    def delete(self, key: str) -> None:
        """Take an item away, where it is there."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM items WHERE key = ?", (key,))

    def _there(self, connection: sqlite3.Connection, key: str) -> KeptItem | None:
        row = connection.execute(
            "SELECT item FROM items WHERE key = ? AND ends_at > ?", (key, self.clock())
        ).fetchone()
        return None if row is None else _read(row[0])

    def _put(self, connection: sqlite3.Connection, key: str, item: KeptItem) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO items (key, item, ends_at) VALUES (?, ?, ?)",
            (key, _written(item), self.clock() + self._retention),
        )


def _holds(where: Where, item: KeptItem | None) -> bool:
    return not where or any(all(_is_so(clause, item) for clause in clauses) for clauses in where)


def _is_so(clause: Clause, item: KeptItem | None) -> bool:
    if clause.test == "not_there":
        return item is None
    found = (item or {}).get(clause.name)
    if clause.test in ("absent", "present"):
        return (found is None) == (clause.test == "absent")
    if clause.test == "equal":
        return found == clause.value
    return isinstance(found, float | int) and isinstance(clause.value, float | int) and found <= clause.value


def _added(before: ItemValue | None, value: ItemValue) -> ItemValue:
    if isinstance(value, frozenset):
        return value | before if isinstance(before, frozenset) else value
    assert isinstance(value, float | int)
    return value + before if isinstance(before, float | int) else value


def _written(item: KeptItem) -> str:
    return json.dumps(
        {
            name: {_SET: sorted(value)} if isinstance(value, frozenset) else value
            for name, value in item.items()
        }
    )


def _read(text: str) -> KeptItem:
    found: dict[str, Any] = json.loads(text)
    return {
        name: frozenset(value[_SET]) if isinstance(value, dict) else value for name, value in found.items()
    }
