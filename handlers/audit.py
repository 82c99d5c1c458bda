"""One line for each run: who had which account read, where, and what came of it. For whoever has to answer for the app.

Its members are members of the line where logs are JSON, and `name="value"` where they are lines for people.
"""

from __future__ import annotations

import logging

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from handlers.jobs import Job

# Not below "pullcheck": Bolt gives the logger of the app's name a level of its own.
log = logging.getLogger("audit")

RUN = "run"
"""The message of the line."""
MEMBERS = "members"
"""The attribute of a log record that holds what is to stand beside its message."""


def made(job: Job, run_id: str, snapshot: Snapshot, report: Report) -> None:
    """A run was made."""
    _write(
        job,
        run_id,
        snapshot.account_id or job.target.account_id,
        verdict=report.verdict.outcome,
        causes=list(dict.fromkeys(cause.id for cause in report.causes)),
        seconds=round(report.snapshot.seconds, 3),
        calls=report.snapshot.api_calls,
    )


def refused(job: Job, run_id: str, why: str, snapshot: Snapshot | None = None) -> None:
    """A run was refused, after AWS was read where there is a snapshot: only AWS could name the account."""
    account = snapshot.account_id if snapshot else job.target.account_id
    _write(job, run_id, account, verdict="refused", reason=why)


def failed(job: Job, run_id: str, why: str) -> None:
    """A run could not be made."""
    _write(job, run_id, job.target.account_id, verdict="failed", reason=why)


def _write(job: Job, run_id: str, account: str | None, **more: object) -> None:
    members = {
        "run_id": run_id,
        "kind": job.kind.name,
        "user": job.user or None,
        "team": job.team,
        "channel": job.channel,
        "target": str(job.target),
        "account": account,
        **more,
    }
    log.info(RUN, extra={MEMBERS: {name: value for name, value in members.items() if value is not None}})
