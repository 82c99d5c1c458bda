"""What a press of one of our buttons says: who, where, on which message, and the button's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack

from diagnostics.target import Target
from handlers.jobs import Job, Kind
from handlers.ports import Listening
from handlers.queueing import refusal_of
from handlers.response_url import Responder
from handlers.views import notices
from handlers.views.message import MessageContent
from handlers.views.values import ButtonValue, read_value

STALE = "That button is from an older version of this app; give the task to /pullcheck again."


def value_of(body: Mapping[str, Any]) -> ButtonValue | None:
    """The value of the button that was pressed, `None` where it is not one of ours.

    A choice of a menu says only what is to be done: the run is what the buttons beside it are about.
    """
    pressed = body["actions"][0]
    if pressed.get("selected_option") is None:
        return read_value(str(pressed.get("value") or ""))
    for block in (body.get("message") or {}).get("blocks") or ():
        if block.get("block_id") == pressed.get("block_id"):
            values = (read_value(str(item.get("value") or "")) for item in block.get("elements") or ())
            return next((value for value in values if value is not None), None)
    return None


def channel_of(body: Mapping[str, Any]) -> str | None:
    """The channel of the message whose button was pressed, `None` where it is in no channel."""
    found = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id")
    return str(found) if found else None


def team_of(body: Mapping[str, Any]) -> str | None:
    """The workspace of who pressed something; where Slack does not say, that in which the app is installed."""
    found = body["user"].get("team_id") or (body.get("team") or {}).get("id")
    return str(found) if found else None


def name_of(body: Mapping[str, Any]) -> str:
    """Who pressed or chose something, as people know them; empty where Slack does not say."""
    return str(body["user"].get("name") or body["user"].get("username") or "")


def job_of(
    body: Mapping[str, Any],
    kind: Kind,
    target: Target,
    *,
    run_id: str | None = None,
    thread_ts: str | None = None,
    message_ts: str | None = None,
    place: int = 0,
    held: str | None = None,
) -> Job:
    """The job that a press asks for.

    Args:
        thread_ts: the thread to answer in; else that of the message with the button.
        message_ts: the message that shows the verdict, where the button stands in one that only this person sees.
        place: keeps the jobs of one press apart.
        held: what the button said of who is on it.
    """
    container = body.get("container") or {}
    message = body.get("message") or {}
    ephemeral = bool(container.get("is_ephemeral"))
    pressed = None if ephemeral else message.get("ts") or container.get("message_ts")
    apart = ephemeral and kind.replaces and message_ts is not None
    return Job(
        key=f"action {body['trigger_id']} {place}",
        kind=kind,
        target=target,
        channel=channel_of(body) or "",
        user=body["user"]["id"],
        user_name=name_of(body),
        held=held,
        team=team_of(body),
        thread_ts=thread_ts or message.get("thread_ts") or container.get("thread_ts") or pressed,
        message_ts=message_ts if apart else pressed if kind.replaces else None,
        response_url=body.get("response_url"),
        replaces=kind.replaces,
        apart=apart,
        run_id=run_id,
    )


def queue_run(body: Mapping[str, Any], kind: Kind, listening: Listening) -> MessageContent | None:
    """Queue what a press asks for about an earlier run; or the message that says why not, for the person alone."""
    value = value_of(body)
    channel = channel_of(body)
    if value is None or channel is None or (kind.needs_run and not value.run_id):
        return notices.refused(STALE)
    job = job_of(
        body,
        kind,
        value.target,
        run_id=value.run_id or None,
        thread_ts=value.thread_ts,
        message_ts=value.message_ts,
        held=value.held,
    )
    return refusal_of(job, listening)


def answer_press(ack: Ack, respond: Responder, answer: MessageContent | None) -> None:
    """Acknowledge a press, and tell the person alone what there is to tell."""
    ack()
    if answer is not None:
        respond(**answer.payload(), response_type="ephemeral", replace_original=False)
