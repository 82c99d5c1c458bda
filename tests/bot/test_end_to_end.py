"""The whole app in a local Slack, over Socket Mode and over signed HTTP: what people type, press and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.demo.slack import LocalSlack, Message
from bot.services import Parts
from bot.settings import Settings
from tests import reports
from tests.bot.conftest import Script
from tests.builders import TASK_ARN

Start = Callable[..., Parts]


def answered(slack: LocalSlack, *, replies: int = 1) -> Message:
    """The parent message, once its thread has so many replies and its verdict stands."""

    def found() -> Message | None:
        for message in slack.messages():
            if len(slack.thread(message)) >= replies and "pullcheck.rerun" in message.action_ids:
                return message
        return None

    message = slack.wait_for(found)
    assert message is not None
    return message


def test_a_command_is_answered_in_a_thread(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    start(settings, transport)

    delivery = slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack)
    assert slack.wait_ack(delivery).payload is None
    assert "Cause found" in parent.plain
    assert "could not pull its image" in parent.plain
    assert parent.edited
    (reply,) = slack.thread(parent)
    assert "aws ec2 create-route" in reply.plain
    assert not slack.refusals()
    assert [call.method for call in slack.calls() if call.method.startswith("chat.")] == [
        "chat.postMessage",
        "chat.update",
        "chat.postMessage",
    ]


def test_the_first_message_is_there_before_the_diagnosis(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    seen: list[str] = []

    def look() -> Any:
        seen.extend(message.plain for message in slack.messages())
        return reports.cause_found()

    script.steps = [look]
    start(settings)

    slack.command("/pullcheck", TASK_ARN)

    answered(slack)
    assert len(seen) == 1
    assert "Checking" in seen[0]
