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

from diagnostics.stop_reason import error_in
from diagnostics.target import EXAMPLE, TargetError, parse
from handlers import ids
from handlers.jobs import Job, Kind
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.text import bare

log = logging.getLogger(__name__)

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{1,30}", re.ASCII)
WORKFLOW = "a workflow"
"""Who asked, where an answer says for whom it is."""
NO_CHANNEL = "Choose the channel in which the answer is to be shown."


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
