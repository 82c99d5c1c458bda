"""Jobs and kept runs, as the handlers and the stores have them."""

from __future__ import annotations

from typing import Any

from diagnostics.snapshot import Snapshot
from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE
from handlers.saved_run import SavedRun
from tests.build import reports
from tests.build.healthy import fargate


def job(key: str = "k", kind: Kind = DIAGNOSE, **more: Any) -> Job:
    """A job of one person in one channel; `more` are the fields of `Job`."""
    values: dict[str, Any] = {"target": reports.TARGET, "channel": "C1", "user": "U1"}
    return Job(key=key, kind=kind, **{**values, **more})


def saved_run(run_id: str = "0a1b", snapshot: Snapshot | None = None, **more: Any) -> SavedRun:
    """A run that is over, with its report; `more` are the fields of `SavedRun`."""
    facts = snapshot or fargate()
    values = {
        "run_id": run_id,
        "target": reports.TARGET,
        "channel": "C1",
        "thread_ts": "1795511702.000100",
        "user": "U1",
        "taken_at": facts.taken_at,
        "snapshot": facts,
        "report": reports.after_fix(),
    }
    return SavedRun.model_validate({**values, **more})
