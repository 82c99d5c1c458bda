"""A local Slack for each test, and an app that echoes what it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, Respond
from slack_sdk import WebClient

from demo.slack import LocalSlack
from tests.local_slack.socket_mode import connected_app


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, "action_id": action_id, **more}


BUTTONS = {
    "type": "actions",
    "elements": [
        button("Again", "again", value="once more"),
        button("Console", "console.task", url="https://console.aws.amazon.com/ecs"),
    ],
}


def echo_app(slack: LocalSlack) -> App:
    """A Bolt app with one listener of each kind that the local Slack serves."""
    app = App(
        client=WebClient(slack.bot_token, base_url=slack.api_url),
        signing_secret=slack.signing_secret,
        token_verification_enabled=False,
    )

    @app.command("/echo")
    def echo(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack(text=f"heard {body['text']}")
        parent = client.chat_postMessage(channel=body["channel_id"], text=body["text"])
        client.chat_postMessage(
            channel=body["channel_id"],
            thread_ts=parent["ts"],
            text="details",
            blocks=[section("*details*"), BUTTONS],
        )
        client.chat_update(channel=body["channel_id"], ts=parent["ts"], text=f"{body['text']}, done")

    @app.shortcut("quote")
    def quote(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.chat_postMessage(
            channel=body["channel"]["id"],
            thread_ts=body["message"].get("thread_ts", body["message_ts"]),
            text=f"quoted: {body['message']['text']}",
        )

    @app.action("again")
    def again(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        respond(text=body["actions"][0]["value"], replace_original=True)

    @app.action(re.compile(r"^console\."))
    def console(ack: Ack) -> None:
        ack()

    @app.event("app_mention")
    def mentioned(event: dict[str, Any], client: WebClient, request: BoltRequest) -> None:
        retry = request.headers.get("x-slack-retry-num")
        client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event.get("thread_ts", event["ts"]),
            text=f"you called again, {retry[0]}" if retry else "you called",
        )

    return app


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(slack: LocalSlack) -> App:
    return echo_app(slack)


@pytest.fixture
def connected(slack: LocalSlack, app: App) -> Iterator[LocalSlack]:
    with connected_app(app, slack):
        yield slack
