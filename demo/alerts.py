"""The alerts that stand in the channel when the demo starts, as an operations bot relays them from EventBridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.slack import LocalSlack, Message, User

_SHOWN_REASON = 170


def add_alert_bot(slack: LocalSlack) -> User:
    """The app that posts the alerts."""
    return slack.add_user("AWS alerts", bot=True)


def post_alert(slack: LocalSlack, bot: User, region: str, task: Mapping[str, Any]) -> Message:
    """Post the alert about one stopped task; `task` is an entry of DescribeTasks.

    AWS: Amazon ECS task state change events
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    """
    cluster = task["clusterArn"].rpartition("/")[2]
    service = str(task.get("group", "")).removeprefix("service:")
    title = f"{service}: a task could not start"
    reason = task["stoppedReason"]
    shown = reason if len(reason) <= _SHOWN_REASON else f"{reason[: _SHOWN_REASON - 1]}…"
    blocks = [
        _section(f":rotating_light: *{_escaped(title)}*\n>{_escaped(shown)}"),
        {
            "type": "context",
            "elements": [
                _mrkdwn(f"ECS Task State Change · {cluster} · {region}\n{_escaped(task['taskArn'])}")
            ],
        },
    ]
    return slack.post(f"{_escaped(title)}: {_escaped(shown)}", user=bot, blocks=blocks)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> dict[str, Any]:
    # Verbatim: the addresses in an error text are no links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
