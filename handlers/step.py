"""The step "Diagnose an image pull" of a workflow: a target and a channel in; the verdict, the cause and its fix out.

Slack: https://docs.slack.dev/workflows/workflow-steps. A workflow waits until the app says how its step ended, so that every
end is said: https://docs.slack.dev/reference/methods/functions.completeSuccess
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from diagnostics.finding import Report
from diagnostics.stop_reason import error_in
from diagnostics.target import EXAMPLE, TargetError, parse
from handlers import ids
from handlers.answers import Reached
from handlers.attempt import Attempt
from handlers.diagnosing import tell_event
from handlers.jobs import Job, Kind
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.text import bare

log = logging.getLogger(__name__)

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,30}", re.ASCII)
LONGEST = 3000
"""Characters of one output."""
OVER = frozenset({"execution_not_in_running_state", "function_execution_not_found"})
WORKFLOW = "a workflow"
"""Who asked, where an answer says for whom it is."""
NO_CHANNEL = "Choose the channel in which the answer is to be shown."


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


def register(app: App, listening: Listening, kind: Kind) -> None:
    """Listen to the step. `kind` is the kind of its jobs."""

    @app.function(ids.STEP, auto_acknowledge=False)
    def step(ack: Ack, body: dict[str, Any]) -> None:
        wrong = handle(body, listening, kind)
        if wrong is not None:
            refuse(listening.asking.slack, body["event"], wrong)
        ack()


def refuse(slack: WebClient | None, event: Mapping[str, Any], sentence: str) -> None:
    """Tell a workflow at once that its step is not done. Never raises."""
    if slack is None:
        log.error("a workflow could not be told that its step failed: there is no client")
        return
    try:
        slack.functions_completeError(
            function_execution_id=str(event.get("function_execution_id")), error=bare(sentence, 500)
        )
    except CALL_ERRORS as error:
        log.warning("a workflow could not be told that its step failed: %s", code_of(error))


def handle(body: Mapping[str, Any], listening: Listening, kind: Kind) -> str | None:
    """Queue the diagnosis; else why the step fails, as a sentence for the workflow's author."""
    event = body["event"]
    inputs = event.get("inputs")
    inputs = inputs if isinstance(inputs, Mapping) else {}
    channel = str(inputs.get("channel") or "")
    if not _CHANNEL.fullmatch(channel):
        return NO_CHANNEL
    text = str(inputs.get("target") or "").strip()
    if not text:
        return f"Which task or service? Give the step a target, such as {EXAMPLE}."
    try:
        target = parse(text)
    except TargetError as error:
        return bare(str(error), 500)
    refused = refusal_of(
        Job(
            key=f"step {event.get('function_execution_id')}",
            kind=kind,
            target=target,
            alert_text=error_in([text]),
            channel=channel,
            user="",
            user_name=WORKFLOW,
            team=body.get("team_id"),
            about=str(event.get("function_execution_id")),
        ),
        listening,
    )
    return None if refused is None else bare(str(refused.text), 500)
