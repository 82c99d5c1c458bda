"""Without a socket the local Slack answers as it does over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from http.client import RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from demo.slack import LocalSlack
from tests.local_slack.conftest import section

PAGE = "<html>upstream</html>"


def _client(slack: LocalSlack, token: str | None = None) -> WebClient:
    return WebClient(token or slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def _post(slack: LocalSlack, **more: Any) -> object:
    client = _client(slack)
    return client.chat_postMessage(channel=slack.channel.id, text="a & ü", **more).data


def _failing(**trouble: Any) -> Callable[[LocalSlack], object]:
    def call(slack: LocalSlack) -> object:
        slack.fail("chat.postMessage", **trouble)
        return _post(slack)

    return call


def _respond(slack: LocalSlack, **more: Any) -> object:
    url = slack._ways_back(slack.user, slack.channel)["response_url"]
    answer = WebhookClient(url, retry_handlers=[]).send(text="answer", **more)
    return answer.status_code, answer.body


def _respond_failing(**trouble: Any) -> Callable[[LocalSlack], object]:
    def call(slack: LocalSlack) -> object:
        slack.fail("response_url", **trouble)
        return _respond(slack)

    return call


def _stranger(slack: LocalSlack) -> object:
    return _client(slack, "xoxb-wrong").chat_postMessage(channel="C1", text="x").data


def _form(slack: LocalSlack) -> object:
    blocks = f"[{section('*as text*')}]".replace("'", '"')
    client = _client(slack)
    return client.api_call(
        "chat.postMessage", data={"channel": slack.channel.id, "blocks": blocks, "text": "="}
    ).data


def _file(slack: LocalSlack) -> object:
    client = _client(slack)
    channel = slack.channel.id
    return client.files_upload_v2(channel=channel, content="rows", filename="a.txt", title="A").data["files"]  # type: ignore[call-overload]


CALLS: dict[str, Callable[[LocalSlack], object]] = {
    "a message": _post,
    "with blocks": lambda slack: _post(slack, blocks=[section("*b*")]),
    "as a form": _form,
    "a read": lambda slack: _client(slack).auth_test().data,
    "a file": _file,
    "a wrong token": _stranger,
    "no such method": lambda slack: _client(slack).api_call("no.such").data,
    "refused": _failing(error="not_in_channel"),
    "too fast": _failing(error="ratelimited", retry_after=7),
    "an outage": _failing(status=500),
    "a page": _failing(status=502, page=PAGE),
    "done, no answer": _failing(lost=True),
    "not done, no answer": _failing(dropped=True),
    "an answer": _respond,
    "an answer in the channel": lambda slack: _respond(slack, response_type="in_channel"),
    "an answer that is refused": _respond_failing(error="expired_url", status=404),
    "an answer and a page": _respond_failing(status=500, page=PAGE),
    "an answer, and no answer": _respond_failing(lost=True),
}  # fmt: skip


def outcome(slack: LocalSlack, call: Callable[[LocalSlack], object]) -> tuple[object, ...]:
    """What the caller gets, and what stands in the channel."""
    try:
        got: object = call(slack)
    except SlackApiError as error:
        named = {name.lower(): value for name, value in error.response.headers.items()}
        got = (error.response.status_code, error.response.data, named.get("retry-after"))
    except (RemoteDisconnected, ConnectionResetError, URLError):
        got = "no answer"
    said = [(item.plain, item.visible_to, item.files) for item in slack.workspace.messages(slack.channel.id, slack.user.id)]  # fmt: skip
    calls = [(item.method, item.status, item.error) for item in slack.calls()]
    # What differs each time: the port, and ids that carry the time.
    return tuple(re.sub(r"127\.0\.0\.1:\d+|\d{10}\.\d{6}|\d{10}", "…", repr(item)) for item in (got, said, calls))  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_without_a_socket_the_answer_is_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalSlack() as slack:
        over_http = outcome(slack, CALLS[name])
    with LocalSlack() as slack, slack.in_process():
        # So that this is no comparison of HTTP with itself; files go over it here too.
        if name != "a file":
            monkeypatch.setattr("http.client.HTTPConnection.request", None)
        assert outcome(slack, CALLS[name]) == over_http


def test_what_is_not_of_this_slack_is_opened_as_ever() -> None:
    with LocalSlack() as one, LocalSlack() as other, one.in_process():
        _post(other)
        assert len(other.messages()) == 1
        assert not one.messages()
