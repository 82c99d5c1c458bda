"""The command `/pullcheck`: reads the target, queues a diagnosis, or says how it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App

from diagnostics.stop_reason import error_in
from diagnostics.target import Target, TargetError, parse
from handlers.clusters import cluster_of
from handlers.ids import COMMAND, EXPLAIN
from handlers.jobs import Job, Kind
from handlers.kinds import AUDIT, DIAGNOSE, EXPLAIN_FAULT, LIST
from handlers.modal import open_modal
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.views import notices
from handlers.views.catalogue import settings_in_force
from handlers.views.message import MessageContent
from handlers.views.modal import Chosen


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
    if not text:
        return _form(command, listening)
    word, _, rest = text.partition(" ")
    answer = _WORDS.get(word.lower())
    if answer is not None:
        return answer(command, rest.strip(), listening)
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


# --- what is no target ---------------------------------------------------------------------------------

LONGEST_ID = 200


def _form(command: Mapping[str, Any], listening: Listening) -> MessageContent | None:
    """Open the form, or say how the app is used where that was not possible."""
    chosen = Chosen(channel=command["channel_id"], response_url=command.get("response_url"))
    problem = open_modal(listening, str(command["trigger_id"]), chosen, command["user_id"])
    return None if problem is None else notices.usage(problem)


def _help(command: Mapping[str, Any], rest: str, listening: Listening) -> MessageContent | None:
    return notices.usage()


def _settings(command: Mapping[str, Any], rest: str, listening: Listening) -> MessageContent | None:
    return settings_in_force(listening.asking.in_force)


def _list(command: Mapping[str, Any], rest: str, listening: Listening) -> MessageContent | None:
    return _queued(command, LIST, None, listening)


def _explain(command: Mapping[str, Any], rest: str, listening: Listening) -> MessageContent | None:
    return _queued(command, EXPLAIN_FAULT, rest[:LONGEST_ID], listening)


def _audit(command: Mapping[str, Any], rest: str, listening: Listening) -> MessageContent | None:
    try:
        target = cluster_of(rest)
    except TargetError as error:
        return notices.refused(str(error))
    refused = _queued(command, AUDIT, None, listening, target)
    return notices.taken(target) if refused is None and listening.tells_at_once else refused


def _queued(
    command: Mapping[str, Any],
    kind: Kind,
    about: str | None,
    listening: Listening,
    target: Target | None = None,
) -> MessageContent | None:
    """Queue a question about no task. Its answer is for the person alone, unless there is a target."""
    return refusal_of(
        Job(
            key=f"command {command['trigger_id']}",
            kind=kind,
            target=target,
            about=about,
            channel=command["channel_id"],
            user=command["user_id"],
            user_name=str(command.get("user_name") or ""),
            team=command.get("team_id"),
            response_url=command.get("response_url"),
        ),
        listening,
    )


_WORDS: Mapping[str, Callable[[Mapping[str, Any], str, Listening], MessageContent | None]] = {
    "help": _help,
    "settings": _settings,
    "list": _list,
    EXPLAIN.partition(".")[2]: _explain,
    "audit": _audit,
}
"""What `/pullcheck` answers to the person alone. No target is one word."""
