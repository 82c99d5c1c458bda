"""The message shortcut "Check this image pull": finds the task in a message and answers in that message's thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_bolt import Ack, App

from diagnostics.stop_reason import error_in
from diagnostics.target import LONGEST, Target, find_all
from handlers.buttons import STALE, answer_press, channel_of, job_of, name_of, team_of, value_of
from handlers.ids import CHOOSE_ACTIONS, SHORTCUT
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.message_text import as_one_text
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.response_url import Responder
from handlers.views import notices
from handlers.views.message import MessageContent

_SKIPPED = frozenset(
    {"type", "block_id", "action_id", "ts", "user", "bot_id", "app_id", "team", "emoji", "style"}
)
_MOST_TEXTS = 2000
_EACH = 120
"""What it costs to search a text, in characters, however short it is."""
_MOST_CHARACTERS = 3 * (LONGEST + _EACH)
"""Characters of all texts together that are searched, so that a message of many is acknowledged in time."""


def register(app: App, listening: Listening) -> None:
    """Listen to the shortcut, and to the buttons that choose between several targets."""

    @app.shortcut(SHORTCUT)
    def check_image_pull(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, handle(body, listening))

    @app.action(CHOOSE_ACTIONS)
    def choose(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer = handle_choice(body, listening)
        ack()
        if answer is None:
            respond(delete_original=True)
        else:
            respond(**answer.payload(), response_type="ephemeral", replace_original=False)


def handle(body: Mapping[str, Any], listening: Listening) -> MessageContent | None:
    """Queue a diagnosis; or what the person alone is told: no target, or which of several?"""
    message = body["message"]
    thread_ts = message.get("thread_ts") or message["ts"]
    targets = targets_in(message)
    if not targets:
        return notices.usage(
            "No ECS task or service was found in that message: it needs a task ARN, a service ARN or an ECS console link."
        )
    if len(targets) > 1:
        return notices.choose(targets, thread_ts)
    return refusal_of(
        Job(
            key=f"shortcut {body['trigger_id']}",
            kind=DIAGNOSE,
            target=targets[0],
            alert_text=error_in(_texts_of(message)),
            channel=body["channel"]["id"],
            user=body["user"]["id"],
            user_name=name_of(body),
            team=team_of(body),
            thread_ts=thread_ts,
            response_url=body.get("response_url"),
        ),
        listening,
    )


def handle_choice(body: Mapping[str, Any], listening: Listening) -> MessageContent | None:
    """Queue the diagnoses that were chosen; or the message that says why not, for the person alone."""
    value, channel = value_of(body), channel_of(body)
    if value is None or channel is None:
        return notices.refused(STALE)
    for place, target in enumerate((value.target, *value.more)):
        job = job_of(body, DIAGNOSE, target, thread_ts=value.thread_ts, place=place)
        if (refused := refusal_of(job, listening)) is not None:
            return refused
    return None


def targets_in(message: Mapping[str, Any]) -> tuple[Target, ...]:
    """Every target that a message names in its text, blocks or attachments; tasks before services.

    The same task by its ARN and by a console link (which does not name the account) is one target.
    """
    found: dict[tuple[str | None, ...], Target] = {}
    left = _MOST_CHARACTERS
    for place, text in enumerate(_texts_of(message)):
        # What may be percent-encoded is searched as it is, and again decoded.
        left -= (min(len(text), LONGEST) + _EACH) * (2 if "%" in text else 1)
        if place >= _MOST_TEXTS or left < 0:
            break
        for target in find_all(text):
            key = (target.kind, target.region, target.cluster, target.task_id or target.service)
            if key not in found or (found[key].account_id is None and target.account_id):
                found[key] = target
    targets = tuple(target for target in found.values() if target.kind == "task") or tuple(found.values())
    told = len(targets) > 1 or all(target.service for target in targets)
    if targets and told and all(target.kind == "task" or target.cluster for target in targets):
        return targets
    # A name and its value, a service and its cluster, or a task and its service may stand in texts of their own.
    whole = find_all(as_one_text(message, LONGEST))
    if not told:
        # It adds what is told beside the task, and nothing else.
        return whole if whole == targets else targets
    return whole if len(whole) >= len(targets) else targets


def _texts_of(message: Mapping[str, Any]) -> Iterator[str]:
    return _texts({key: message.get(key) for key in ("text", "blocks", "attachments")})


def _texts(value: Any) -> Iterator[str]:
    """Every text anywhere inside a value of JSON, in order; without recursion, however deep it is."""
    left = [value]
    while left:
        inner = left.pop()
        if isinstance(inner, str):
            yield inner
        elif isinstance(inner, Mapping):
            left.extend(reversed([item for key, item in inner.items() if key not in _SKIPPED]))
        elif isinstance(inner, list | tuple):
            left.extend(reversed(inner))
