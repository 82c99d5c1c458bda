"""Begins the day's audits in Socket Mode: one run a day for all processes that share a store, whenever one of them is up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.daily.day import DailyAudits
from bot.daily.scopes import AuditScope
from diagnostics.audit import AuditReport
from diagnostics.audit.joining import joined
from handlers.context import doing
from handlers.ports import Auditor, DiagnosisError, RunsStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""Between two looks at the clock."""
LEASE = 3600.0
"""Seconds after which an audit counts as lost whose process ended, or is tried again that could not be made."""


@dataclass
class DailyTimer:
    """Looks at the clock, and audits when it is time.

    Attributes:
        daily: tells what is found.
        auditor: audits.
        scopes: what is audited.
        at: the minute of the day, UTC, from which on a day's audit is due.
        runs: says whose audit it is.
        clock: seconds since 1970.
    """

    daily: DailyAudits
    auditor: Auditor
    scopes: Sequence[AuditScope]
    at: int
    runs: RunsStore
    clock: Callable[[], float]
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self) -> None:
        """Begin to look."""
        # A daemon: an audit under way must not hold back the process; another one begins it again.
        threading.Thread(target=self._look, name="pullcheck-daily", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()

    def _look(self) -> None:
        while not self._stopping.is_set():
            self.turn()
            self._stopping.wait(LOOK_SECONDS)

    def turn(self) -> int:
        """Make the audits that are due; how many were made. Raises nothing."""
        now = datetime.fromtimestamp(self.clock(), UTC)
        if now.hour * 60 + now.minute < self.at:
            return 0
        return sum(self._made(scope, f"daily audit {scope.id} {now:%Y-%m-%d}") for scope in self.scopes)

    def _made(self, scope: AuditScope, key: str) -> bool:
        try:
            if self.runs.finished(key) or not self.runs.claim(key, LEASE):
                return False
            with doing(key, ""):
                report = audit_of(scope, self.auditor)
                if isinstance(report, str):
                    # The claim is held meanwhile, so that it is tried again in an hour, as long as it is the same day.
                    self.daily.failed(scope, report)
                    return False
                self.daily.made(scope, report)
            self.runs.settle((key,))
            return True
        except Exception:
            log.exception("a daily audit failed; it is tried again in an hour")
            return False


def audit_of(scope: AuditScope, auditor: Auditor) -> AuditReport | str:
    """The audit of all that a scope names; why there is none, as a sentence."""
    reports: list[AuditReport] = []
    missing: list[str] = []
    why = ""
    for target in scope.targets:
        try:
            reports.append(auditor(target, lambda _: None))
        except DiagnosisError as error:
            why = str(error)
            missing.append(f"everything in {target.cluster or 'all clusters'}")
    return joined(reports, missing) if reports else why
