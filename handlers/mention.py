"""`@pullcheck TARGET` in a channel or a thread: the answer comes in that thread.

Slack sends the event again where it is not sure, and once more where the message is edited: the message's own ts says that
it is the same question. Slack: https://docs.slack.dev/reference/events/app_mention
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext

from diagnostics.stop_reason import error_in
from diagnostics.target import TargetError, parse
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.shortcut import targets_in
from handlers.views import notices
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

NO_TARGET = "Which task? Name it after the mention, such as @pullcheck payments/checkout-api, or with a task ARN or a console link."
SEVERAL = "That names {} tasks or services; mention me with one at a time, such as {}."
_MENTION = re.compile(r"<@[UW][A-Z0-9]{1,30}(?:\|[^>]{0,80})?>")

Whisper = Callable[[str, str, str | None, MessageContent], None]
"""Tells a person something in a channel, in a thread, alone."""


def register(app: App, listening: Listening, whisper: Whisper) -> None:
    """Listen to mentions."""

    @app.event("app_mention")
    def mentioned(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        event = body["event"]
        answer = handle(body, listening, bot_user=context.bot_user_id)
        if answer is not None:
            whisper(event["channel"], event["user"], event.get("thread_ts"), answer)
        ack()


def handle(
    body: Mapping[str, Any], listening: Listening, *, bot_user: str | None = None
) -> MessageContent | None:
    """Queue a diagnosis; the message, if any, is for the person alone.

    Args:
        bot_user: the app's own user, where it is known.
    """
    event = body["event"]
    user, channel, ts = event.get("user"), event.get("channel"), event.get("ts")
    if not all(isinstance(item, str) and item for item in (user, channel, ts)):
        log.info("a mention that names no person, channel or message is left alone")
        return None
    if event.get("bot_id") or event.get("subtype") or user in _selves(body, bot_user):
        # Two apps that answer each other would never end.
        log.info("a mention by an app is left alone")
        return None
    text = _MENTION.sub(" ", str(event.get("text") or ""))
    message = {**{key: event.get(key) for key in ("blocks", "attachments")}, "text": text}
    found = targets_in(message)
    if len(found) > 1:
        return notices.refused(SEVERAL.format(len(found), found[0]))
    try:
        target = found[0] if found else parse(text)
    except TargetError:
        # Whoever corrects a message was told already.
        return None if event.get("edited") else notices.refused(NO_TARGET)
    return refusal_of(
        Job(
            key=f"mention {channel} {ts}",
            kind=DIAGNOSE,
            target=target,
            alert_text=error_in([text]),
            channel=str(channel),
            user=str(user),
            team=_team(body),
            thread_ts=event.get("thread_ts") or ts,
        ),
        listening,
    )


def _selves(body: Mapping[str, Any], bot_user: str | None) -> set[str]:
    """The app's own user: events name it as whom they are for."""
    named = body.get("authorizations") or ()
    ours = {item.get("user_id") for item in named if isinstance(item, Mapping) and item.get("is_bot")}
    return {name for name in (*ours, bot_user) if isinstance(name, str)}


def _team(body: Mapping[str, Any]) -> str | None:
    event = body["event"]
    found = event.get("user_team") or event.get("team") or body.get("team_id")
    return found if isinstance(found, str) else None
