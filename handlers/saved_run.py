"""A run as it is kept, with its facts and its report."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot, known_value
from diagnostics.target import Target


class SavedRun(BaseModel):
    """A run that is kept for re-run and explain. A run that failed has neither facts nor a report.

    `user_name` is what `user`, who asked, is called.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    run_id: str
    target: Target
    channel: str
    thread_ts: str | None = None
    user: str
    user_name: str = ""
    taken_at: datetime | None = None
    snapshot: Snapshot | None = None
    report: Report | None = None

    @property
    def task_id(self) -> str | None:
        """The task whose facts the run holds, `None` where it holds none."""
        task = known_value(self.snapshot.task) if self.snapshot else None
        return task.task_arn.rpartition("/")[2] if task else None
