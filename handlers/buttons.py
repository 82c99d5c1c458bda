"""What a press of one of our buttons says: who, where, on which message, and the button's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from diagnostics.target import Target
from handlers.jobs import Job
from handlers.views.values import ButtonValue, read_value

STALE = "That button is from an older version of this app; give the task to /pullcheck again."


def value_of(body: Mapping[str, Any]) -> ButtonValue | None:
    """The value of the button that was pressed, `None` where it is not one of ours."""
    return read_value(str(body["actions"][0].get("value") or ""))


def job_of(
    body: Mapping[str, Any],
    kind: Literal["diagnose", "rerun", "explain"],
    target: Target,
    *,
    run_id: str | None = None,
    thread_ts: str | None = None,
    place: int = 0,
) -> Job:
    """The job that a press asks for.

    Args:
        thread_ts: the thread to answer in; else that of the message with the button.
        place: keeps the jobs of one press apart.
    """
    container = body.get("container") or {}
    message = body.get("message") or {}
    ephemeral = bool(container.get("is_ephemeral"))
    message_ts = None if ephemeral else message.get("ts") or container.get("message_ts")
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id")
    replaces = kind == "rerun"
    return Job(
        key=f"action {body['trigger_id']} {place}",
        kind=kind,
        target=target,
        channel=str(channel),
        user=body["user"]["id"],
        team=(body.get("team") or {}).get("id"),
        thread_ts=thread_ts or message.get("thread_ts") or container.get("thread_ts") or message_ts,
        message_ts=message_ts if replaces else None,
        response_url=body.get("response_url"),
        replaces=replaces,
        run_id=run_id,
    )
