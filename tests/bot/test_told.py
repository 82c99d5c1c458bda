"""Which run a message shows, where several runs were told in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.events.told import newest_of
from bot.stores.sqlite import SqliteRuns
from diagnostics.finding import Report
from handlers.saved_run import SavedRun
from handlers.thread_state import ThreadState
from tests.build import reports


@pytest.fixture
def runs() -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:")
    yield store
    store.close()


def kept(runs: SqliteRuns, run_id: str, report: Report | None, **changes: Any) -> SavedRun:
    told: dict[str, Any] = {"channel": "C1", "thread_ts": "1.0", **changes}
    run = SavedRun(run_id=run_id, target=reports.TARGET, user="U1", report=report, **told)
    runs.save(run)
    return run


@pytest.mark.parametrize(
    ("shown", "report", "changes", "expected"),
    [
        ("later", reports.after_fix(), {}, "later"),
        ("first", reports.after_fix(), {}, "first"),
        ("gone", reports.after_fix(), {}, "first"),
        (None, reports.after_fix(), {}, "first"),
        ("later", None, {}, "first"),
        ("later", reports.after_fix(), {"thread_ts": "2.0"}, "first"),
        ("later", reports.after_fix(), {"channel": "C2"}, "first"),
    ],
)
def test_the_run_that_the_message_shows(
    runs: SqliteRuns, shown: str | None, report: Report | None, changes: dict[str, str], expected: str
) -> None:
    first = kept(runs, "first", reports.cause_found())
    kept(runs, "later", report, **changes)
    if shown is not None:
        ThreadState(runs, "C1", "1.0").show(shown)

    assert newest_of(runs, first).run_id == expected
