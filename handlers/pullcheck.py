"""The command `/pullcheck`: reads the target, queues a diagnosis, or says how it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from diagnostics.stop_reason import error_in
from diagnostics.target import TargetError, parse
from handlers.ids import COMMAND
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.views import notices
from handlers.views.message import MessageContent


def register(app: App, listening: Listening) -> None:
    """Listen to the command."""

    @app.command(COMMAND)
    def pullcheck(ack: Ack, command: dict[str, Any]) -> None:
        answer = handle(command, listening)
        if answer is None:
            ack()
        else:
            ack(**{**answer.payload(), "response_type": "ephemeral"})


def handle(command: Mapping[str, Any], listening: Listening) -> MessageContent | None:
    """Queue a diagnosis. The message, if any, is for the person alone: that work was taken, or why not."""
    text = str(command.get("text") or "").strip()
    if text.lower() in ("", "help"):
        return notices.usage()
    try:
        target = parse(text)
    except TargetError as error:
        return notices.refused(str(error))
    job = Job(
        key=f"command {command['trigger_id']}",
        kind=DIAGNOSE,
        target=target,
        alert_text=error_in([text]),
        channel=command["channel_id"],
        user=command["user_id"],
        user_name=str(command.get("user_name") or ""),
        team=command.get("team_id"),
        response_url=command.get("response_url"),
    )
    refused = refusal_of(job, listening)
    return notices.taken(target) if refused is None and listening.tells_at_once else refused
