"""One line for each run: who had which account read, where, and what came of it. For whoever has to answer for the app.

It is written when the run is over: its answer was given, or will not be given any more. What was refused on the way in, before
there was a run, has a line too, with another message. What nobody could read as a target has none: that asks for nothing.

The members of a line are members of it where logs are JSON, and `name="value"` where they are lines for people.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from handlers.answers import Reached
from handlers.jobs import Job

if TYPE_CHECKING:
    from diagnostics.audit import AuditReport
    from diagnostics.finding import Report
    from diagnostics.snapshot import Snapshot

# Not below "pullcheck": Bolt gives the logger of the app's name a level of its own.
log = logging.getLogger("audit")

RUN = "run"
"""The message of the line of a run."""
REFUSED = "refused"
"""The message of the line of what was refused on the way in."""
MEMBERS = "members"
"""The attribute of a log record that holds what is to stand beside its message."""


class RunLine:
    """The line of one run, until it is written.

    Args:
        job: the job that the run is for.
        run_id: the run's id.
    """

    def __init__(self, job: Job, run_id: str) -> None:
        self._job = job
        self._run_id = run_id
        self._account = job.of.account_id if job.of else None
        self._says: dict[str, object] = {}

    def made(self, snapshot: Snapshot, report: Report) -> None:
        """The run was made, now or by an earlier attempt."""
        self._account = snapshot.account_id or self._account
        self._says = {
            "verdict": report.verdict.outcome,
            "causes": list(dict.fromkeys(cause.id for cause in report.causes)),
            "seconds": round(report.snapshot.seconds, 3),
            "calls": report.snapshot.api_calls,
        }

    def audited(self, report: AuditReport) -> None:
        """An audit was made."""
        self._account = report.account_id or self._account
        self._says = {
            "verdict": "audited",
            "subjects": len(report.subjects),
            "causes": list(dict.fromkeys(item.id for item in report.findings)),
            "seconds": round(report.seconds, 3),
            "calls": report.requests,
        }

    def refused(self, why: str, snapshot: Snapshot | None = None) -> None:
        """The run was refused, after AWS was read where there is a snapshot: only AWS could name the account."""
        if snapshot is not None:
            self._account = snapshot.account_id
        self._says = {"verdict": "refused", "reason": why}

    def failed(self, why: str) -> None:
        """The run could not be made; or, where it was made, its answer failed: the line says both."""
        self._says = {"verdict": "failed", **self._says, "reason": why}

    @property
    def reason(self) -> str | None:
        """Why the run was refused, or failed."""
        found = self._says.get("reason")
        return str(found) if found is not None else None

    def write(self, told: Reached) -> bool:
        """Write the line, once, where there is something to say; true when it was written."""
        if not self._says:
            return False
        _write(
            RUN,
            {
                "run_id": self._run_id,
                **_asked(self._job),
                "account": self._account,
                **self._says,
                "told": told,
            },
        )
        self._says = {}
        return True


def refused_job(job: Job, why: str) -> None:
    """A job was refused on the way in, before it waited anywhere."""
    _write(REFUSED, {**_asked(job), "account": job.target.account_id, "reason": why})


def refused_request(
    request: str, *, user: str | None, team: str | None, channel: str | None, why: str
) -> None:
    """A request of somebody who may not ask was refused. What they asked for is not read.

    Args:
        request: its kind, such as `command`.
        user: who sent it.
        team: the workspace that they belong to.
        channel: where.
        why: the sentence that they were told.
    """
    _write(REFUSED, {"kind": request, "user": user, "team": team, "channel": channel, "reason": why})


def _asked(job: Job) -> dict[str, object]:
    return {
        "kind": job.kind.name,
        "user": job.user or None,
        "team": job.team,
        "channel": job.channel,
        "target": str(job.of) if job.of else None,
    }


def _write(message: str, members: dict[str, object]) -> None:
    log.info(message, extra={MEMBERS: {name: value for name, value in members.items() if value is not None}})
