"""Metrics as lines of CloudWatch's Embedded Metric Format, which become metrics where they are logged.

Namespace `pullcheck`. Without a dimension: `Runs`, `Seconds`, `AwsCalls`, `AwsAnswersReused` and
`SecondsHeldBack` (by the budget of AWS's rates) of each diagnosis, `FailedRuns`,
`SlackErrors`. `Runs` by `Outcome`, `Causes` by `Fault`, `SlackErrors` by `Error`.
AWS: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diagnostics import observing
from diagnostics.target import Target
from handlers.context import current
from handlers.ports import Diagnoser, Diagnosis, DiagnosisError
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.staying import StayingWebClient

if TYPE_CHECKING:
    from diagnostics.finding import Report
    from diagnostics.snapshot import Snapshot

NAMESPACE = "pullcheck"


def nowhere(line: str) -> None:
    """Where no metrics are wanted."""


def to_stdout(line: str) -> None:
    """Where Lambda and the awslogs driver pick lines up."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Metrics:
    """Writes metrics.

    Attributes:
        write: takes a line.
        clock: seconds since 1970.
    """

    write: Callable[[str], None] = nowhere
    clock: Callable[[], float] = field(default=time.time)

    def run(self, report: Report) -> None:
        """A diagnosis was made."""
        shot = report.snapshot
        self._put(
            {
                "Runs": (1, "Count"),
                "Seconds": (shot.seconds, "Seconds"),
                "AwsCalls": (shot.api_calls, "Count"),
                "AwsAnswersReused": (shot.reused, "Count"),
                "SecondsHeldBack": (shot.waited, "Seconds"),
            }
        )
        self._put({"Runs": (1, "Count")}, Outcome=report.verdict.outcome)
        for fault in dict.fromkeys(cause.id for cause in report.causes if cause.role == "cause"):
            self._put({"Causes": (1, "Count")}, Fault=fault)

    def failed_run(self) -> None:
        """A diagnosis could not be made."""
        self._put({"FailedRuns": (1, "Count")})

    def slack_error(self, method: str, error: str) -> None:
        """Slack refused a call, or did not answer it."""
        self._put({"SlackErrors": (1, "Count")}, method=method)
        self._put({"SlackErrors": (1, "Count")}, Error=error)

    def _put(
        self, values: dict[str, tuple[float, str]], method: str | None = None, **dimensions: str
    ) -> None:
        now = current()
        line: dict[str, Any] = {
            "_aws": {
                "Timestamp": int(self.clock() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [sorted(dimensions)],
                        "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
                    }
                ],
            },
            **dimensions,
            **{name: value for name, (value, _) in values.items()},
        }
        if method is not None:
            line["method"] = method
        if now is not None:
            line["run_id"] = now.run_id
        self.write(json.dumps(line))


@dataclass(frozen=True)
class MeasuredDiagnoser:
    """A diagnoser whose runs are counted."""

    inner: Diagnoser
    metrics: Metrics

    def __call__(
        self,
        target: Target,
        previous: Snapshot | None,
        alert_text: str | None = None,
        newest: bool = False,
        /,
    ) -> Diagnosis:
        """The diagnosis.

        Raises:
            DiagnosisError: as the inner one does.
        """
        try:
            run = self.inner(target, previous, alert_text, newest)
        except DiagnosisError:
            self.metrics.failed_run()
            raise
        self.metrics.run(run.report)
        return run


_SILENT = logging.getLogger("pullcheck.slack_sdk")
_SILENT.setLevel(logging.CRITICAL)
"""slack_sdk logs answers that are no JSON, which may be anybody's page. Who calls logs what failed."""


class MeasuredWebClient(StayingWebClient):
    """The Web API, whose failures are counted by Slack's error code or the status, and whose answers are not logged."""

    def __init__(self, *args: Any, metrics: Metrics, **kwargs: Any) -> None:
        super().__init__(*args, **{"logger": _SILENT, **kwargs})
        self._metrics = metrics

    def api_call(self, api_method: str, **kwargs: Any) -> Any:
        """Call a method.

        Raises:
            SlackApiError: Slack refused.
            OSError: Slack could not be reached.
        """
        with observing.span(
            f"slack {api_method}", outgoing=True, rpc_system="slack", rpc_method=api_method
        ) as span:
            try:
                answer = super().api_call(api_method, **kwargs)
            except CALL_ERRORS as error:
                span.tell(outcome=code_of(error))
                observing.count("pullcheck.slack.errors", error=code_of(error))
                self._metrics.slack_error(api_method, code_of(error))
                raise
            span.tell(outcome="ok")
            return answer
