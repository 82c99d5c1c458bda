"""What a workflow gets of its step: the verdict, the cause and its fix, or that it failed.

Slack: https://docs.slack.dev/reference/methods/functions.completeSuccess
"""

from __future__ import annotations

import logging
from typing import Any

from diagnostics.finding import Report
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.diagnosing import tell_event
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.text import bare

log = logging.getLogger(__name__)

LONGEST = 3000
"""Characters of one output."""
OVER = frozenset({"execution_not_in_running_state", "function_execution_not_found"})


def run_step(attempt: Attempt) -> Reached:
    """Diagnose, show the answer in the channel, and hand the outputs to the workflow."""
    reached = tell_event(attempt)
    run = attempt.made()
    if run is None or run.report is None:
        failed = fail_step(attempt, attempt.line.reason or "there is no verdict.")
        return failed if reached == "nowhere" else reached
    outputs = outputs_of(run.report)
    ended = _end(
        attempt,
        lambda slack, name: slack.functions_completeSuccess(function_execution_id=name, outputs=outputs),
    )
    # The workflow has its answer, also where the channel takes none.
    return "channel" if ended and reached == "nowhere" else reached


def fail_step(attempt: Attempt, sentence: str) -> Reached:
    """Tell the workflow that its step failed."""
    text = bare(f"Not checked: {sentence}", 500)
    ended = _end(
        attempt, lambda slack, name: slack.functions_completeError(function_execution_id=name, error=text)
    )
    return "direct" if ended else "nowhere"


def outputs_of(report: Report) -> dict[str, str]:
    """The outputs of the step; each is there, and may be empty."""
    causes = report.causes_of("cause")
    cause = report.cause
    fix = "" if cause is None else "\n".join(filter(None, (cause.fix.text, cause.fix.cli)))
    return {
        "verdict": bare(report.verdict.headline, LONGEST),
        "cause": bare("\n".join(f"{item.id}: {item.summary}" for item in causes), LONGEST),
        "fix": bare(fix, LONGEST),
    }


def _end(attempt: Attempt, call: Any) -> bool:
    """Say how the step ended; whether the workflow knows."""
    try:
        call(attempt.services.slack, attempt.job.about or "")
    except CALL_ERRORS as error:
        code = code_of(error)
        log.warning("a workflow could not be told how its step ended: %s", code)
        return code in OVER
    return True
