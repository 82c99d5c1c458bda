"""Runs in one Amazon DynamoDB table, whose key is `pk` and whose items end at `expires_at`.

| pk             | holds                                                                                |
|----------------|--------------------------------------------------------------------------------------|
| `run#ID`       | a run: zlib-compressed JSON                                                          |
| `task#ID`      | the id of the newest run with facts of a task                                        |
| `event#ID`     | what ECS's own event said of a task, as a run without a report; whether it was seen  |
| `claim#KEY`    | who may do a piece of work until when, that it is done, and a word on it             |
| `group#KEY`    | task events of one cause (`bot.events.groups`)                                       |
| `look#KEY`     | failures of one kind, and who diagnoses the first (`bot.events.incidents`)           |
| `cause#KEY`    | a cause, and the group that tells of it (`bot.events.incidents`)                     |

DynamoDB drops what has expired when it comes round to it, so that is compared here too. AWS:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.stores.table import Table, TableItem, number, text
from diagnostics.report.fitting import fitted
from diagnostics.snapshot import Snapshot
from handlers.saved_run import SavedRun

__all__ = ["LARGEST", "DynamoDbRuns", "Table", "number", "packed", "text", "unpacked"]

log = logging.getLogger(__name__)

LARGEST = 380_000
"""Bytes of a run, compressed; an item holds 400 KB with its names.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

_EVENT = {"#data": "data", "#version": "version"}
"""`data` is a word of DynamoDB's own."""


class DynamoDbRuns:
    """Keeps runs and claims in a table. Safe to share between threads and functions."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- runs ----------------------------------------------------------------------------------------

    def save(self, run: SavedRun) -> None:
        """Keep a run. Of one that is too large the facts that decide least are left out, at last all of them: then a re-run
        compares with nothing."""
        data = packed(run)
        if len(data) > LARGEST and run.snapshot is not None:
            size = len(data)
            run = run.model_copy(update={"snapshot": _fitted(run, run.snapshot)})
            data = packed(run)
            left_out = "; ".join(run.snapshot.dropped) if run.snapshot else None
            log.warning(
                "run %s is too large (%d bytes) and is kept without %s",
                run.run_id,
                size,
                left_out or "its facts",
            )
        if len(data) > LARGEST:
            run = run.model_copy(update={"report": None})
            data = packed(run)
        self._table.put({"pk": text(f"run#{run.run_id}"), "data": {"B": data}})
        if run.task_id is not None:
            self._table.put({"pk": text(f"task#{run.task_id}"), "run": text(run.run_id)})

    def load(self, run_id: str) -> SavedRun | None:
        """A run that was kept; `None` for one that is not, is too old, or was kept by a version that differs."""
        return unpacked(self._table.get(f"run#{run_id}"))

    def latest_id(self, task_id: str) -> str | None:
        """The id of the newest run that has facts of this task; `None` where there is none."""
        pointer = self._table.get(f"task#{task_id}")
        return str(pointer["run"]["S"]) if pointer else None

    def latest(self, task_id: str) -> SavedRun | None:
        """The newest run that has facts of this task, else what an event said of it."""
        run_id = self.latest_id(task_id)
        found = self.load(run_id) if run_id is not None else None
        return found or unpacked(self._table.get(f"event#{task_id}"))

    # --- claims --------------------------------------------------------------------------------------

    def claim(self, key: str, lease: float, holder: str | None = None) -> bool:
        """True when the caller may do the work of this key: nobody did it, and nobody else's lease is running."""
        now = self._table.clock()
        values = {"until": number(now + lease), "now": number(now)}
        change = "SET held_until = :until REMOVE holder, done"
        # A word may be there of before the work was claimed.
        condition = "held_until <= :now OR (attribute_not_exists(held_until) AND attribute_not_exists(done))"
        if holder is not None:
            values["holder"] = text(holder)
            change = "SET held_until = :until, holder = :holder REMOVE done"
            condition += " OR (attribute_exists(held_until) AND holder = :holder)"
        return self._table.update(
            f"claim#{key}",
            change,
            f"attribute_not_exists(pk) OR expires_at <= :now OR {condition}",
            **values,
        )

    def settle(self, done: Sequence[str] = (), free: Sequence[str] = ()) -> None:
        """All in one step: the work of some keys is done, for good (until the retention is over); that of others may be
        done again."""
        changes: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for key in done:
            changes[f"claim#{key}"] = (
                "SET done = :yes REMOVE held_until, holder",
                {"yes": {"BOOL": True}},
            )
        for key in free:
            changes[f"claim#{key}"] = ("SET held_until = :never REMOVE holder", {"never": number(0)})
        if changes:
            self._table.update_all(changes)

    def finished(self, key: str) -> bool:
        """True when the work of this key is done."""
        item = self._table.get(f"claim#{key}")
        return item is not None and "done" in item

    def note(self, key: str, text_: str) -> None:
        """Write a word on work that was claimed."""
        self._table.update(f"claim#{key}", "SET note = :note", note=text(text_))

    def noted(self, key: str) -> str | None:
        """The word on this key."""
        item = self._table.get(f"claim#{key}")
        return str(item["note"]["S"]) if item and "note" in item else None

    # --- events --------------------------------------------------------------------------------------

    def keep_event(self, run: SavedRun, version: int) -> None:
        """Keep what an event said of a task, unless a later event said more.

        Args:
            run: the task's facts; it has no report.
            version: counts the states of the task.
        """
        self._table.update(
            f"event#{run.task_id}",
            "SET #data = :data, #version = :version",
            "attribute_not_exists(#version) OR #version < :version",
            _EVENT,
            data={"B": packed(run)},
            version=number(version),
        )

    def see_event(self, run: SavedRun, version: int) -> bool:
        """Keep the facts too, and say whether the task's events are seen for the first time; from now on they are not."""
        item = {
            "pk": text(f"event#{run.task_id}"),
            "data": {"B": packed(run)},
            "version": number(version),
            "seen": {"BOOL": True},
        }
        first = self._table.put(item, "attribute_not_exists(seen)")
        if not first:
            self.keep_event(run, version)
        return first

    def event_done(self, task_id: str) -> None:
        """The task's events are seen; its facts are kept already."""
        self._table.update(f"event#{task_id}", "SET seen = :yes", yes={"BOOL": True})

    def event_seen(self, task_id: str) -> bool:
        """True when an event of this task was seen."""
        item = self._table.get(f"event#{task_id}")
        return item is not None and "seen" in item


def _fitted(run: SavedRun, snapshot: Snapshot) -> Snapshot | None:
    """As many of the facts of a run as an item holds beside the rest of it."""
    if len(packed(run.model_copy(update={"snapshot": None}))) > LARGEST:
        return None
    return fitted(snapshot, lambda less: len(packed(run.model_copy(update={"snapshot": less}))) <= LARGEST)


def packed(run: SavedRun) -> bytes:
    """A run as it is kept. A snapshot of a large account is a few megabytes of JSON and a tenth of that here."""
    return zlib.compress(run.model_dump_json(by_alias=True).encode(), 6)


def unpacked(item: TableItem | None) -> SavedRun | None:
    """A run of an item; `None` where there is none, or one of a version that differs."""
    if item is None or "data" not in item:
        return None
    try:
        return SavedRun.model_validate_json(zlib.decompress(item["data"]["B"]))
    except (ValidationError, zlib.error):
        return None
