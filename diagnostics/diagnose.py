"""The whole way in one call: from a target to a report.

The checks are loaded while AWS's first answers are on their way: they are half of all the code, and not needed before.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from diagnostics import observing
from diagnostics.collect import AwsClients, FactStore, OnProgress, collect
from diagnostics.snapshot import PlannedTask, Snapshot
from diagnostics.target import Target

if TYPE_CHECKING:
    from diagnostics.finding import Report


class Run(NamedTuple):
    """What was read, and what it says."""

    snapshot: Snapshot
    report: Report


class _Checks:
    """`diagnostics.report`, imported in a thread of its own where the process has not got it yet."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def load(self) -> None:
        """Begin."""
        if "diagnostics.report" not in sys.modules:
            self._thread = threading.Thread(target=self._load, name="pullcheck-checks", daemon=True)
            self._thread.start()

    def _load(self) -> None:
        # `loaded` imports it again, and so raises the same where it is wanted.
        with suppress(Exception):
            self._import()

    def loaded(self) -> ModuleType:
        """The module, waited for.

        Raises:
            Exception: its import did.
        """
        if self._thread is not None:
            self._thread.join()
        return self._import()

    @staticmethod
    def _import() -> ModuleType:
        from diagnostics import report

        return report


def run(
    target: Target,
    *,
    aws: AwsClients,
    deadline: float = 20.0,
    previous: Snapshot | None = None,
    alert_text: str | None = None,
    region: str | None = None,
    progress: OnProgress | None = None,
    store: FactStore | None = None,
    fresh: bool = False,
    urgent: bool = True,
    patience: float = 0.0,
    planned: PlannedTask | None = None,
    newest: bool = False,
) -> Run:
    """Reads AWS and judges what was read.

    Args:
        target: the task or service to look at.
        aws: warm clients by account and Region.
        deadline: seconds after which the report is made from what is known.
        previous: a saved run of the same target, to say what changed and for a task that ECS has forgotten.
        alert_text: the error text of the alert that names the target (`stop_reason.error_in`), for a task that cannot be read.
        region: the Region of a target that does not name one.
        progress: told about each answer of AWS.
        store: what other runs of the process ask and asked; by default nothing is shared.
        fresh: take no answer of before this run.
        urgent: a person waits, so that the store's budget holds nothing back.
        patience: seconds that the budget may hold this run back beyond its deadline.
        planned: the task that nobody has started, of a target of kind `preflight`.
        newest: look at the task of a service that was made last, in place of the one that tells most of a failed pull.

    Raises:
        RegionNeededError: nothing names a Region.
        AwsUnreachableError: nothing at all could be read.
    """
    checks = _Checks()
    try:
        with observing.span("diagnosis", target_kind=target.kind) as whole:
            with observing.span("collect") as span:
                snapshot = collect(
                    target,
                    aws,
                    deadline=deadline,
                    region=region,
                    progress=progress,
                    previous=previous,
                    alert_text=alert_text,
                    store=store,
                    fresh=fresh,
                    urgent=urgent,
                    patience=patience,
                    planned=planned,
                    newest=newest,
                    meanwhile=checks.load,
                )
                span.tell(aws_calls=snapshot.api_calls, aws_reused=snapshot.reused, aws_depth=snapshot.depth)
            with observing.span("judge") as span:
                report: Report = checks.loaded().build(snapshot, previous)
                span.tell(findings=len(report.findings), causes=len(report.causes))
            whole.tell(outcome=report.verdict.outcome)
    except Exception:
        observing.count("pullcheck.diagnoses", outcome="failed")
        raise
    _measure(report)
    return Run(snapshot, report)


def _measure(report: Report) -> None:
    shot = report.snapshot
    observing.count("pullcheck.diagnoses", outcome=report.verdict.outcome)
    observing.measure("pullcheck.diagnosis.duration", shot.seconds, "s")
    observing.count("pullcheck.aws.calls", shot.api_calls)
    observing.count("pullcheck.aws.answers_reused", shot.reused)
    observing.measure("pullcheck.aws.held_back", shot.waited, "s")


def diagnose(
    target: Target,
    *,
    aws: AwsClients,
    deadline: float = 20.0,
    previous: Snapshot | None = None,
    alert_text: str | None = None,
    region: str | None = None,
    progress: OnProgress | None = None,
) -> Report:
    """The report of `run`, for those who need no snapshot; it takes and raises the same."""
    return run(
        target,
        aws=aws,
        deadline=deadline,
        previous=previous,
        alert_text=alert_text,
        region=region,
        progress=progress,
    ).report
