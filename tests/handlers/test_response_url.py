"""Only Slack's own addresses are posted to, and nobody waits for them."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk.webhook import WebhookClient

from demo.slack import LocalSlack
from handlers.response_url import Responder, is_slack_url

SLACK = "https://slack.com/api/"
LOCAL = "http://127.0.0.1:4000/api/"

GOOD = (
    "https://hooks.slack.com/commands/T0123/4567/AbCd",
    "https://hooks.slack.com/actions/T0123/4567/AbCd",
    "https://hooks.slack.com/app/T0123/4567/AbCd",
    "https://hooks.slack-gov.com/commands/T0123/4567/AbCd",
    "https://hooks.slack.com:443/commands/T0123",
)
ON_THIS_MACHINE = (
    "http://127.0.0.1:4000/response/T1/000001",
    "http://localhost:4000/response",
    "http://[::1]:4000/response",
    "https://127.0.0.1/response",
)
BAD = (
    "http://hooks.slack.com/commands/T0123",
    "https://hooks.slack.com",
    "https://hooks.slack.com@evil.example/",
    "https://hooks.slack.com:443@evil.example/",
    "https://user:password@hooks.slack.com/",
    "https://evil.example@hooks.slack.com/",
    "https://hooks.slack.com.evil.example/",
    "https://evil.example/hooks.slack.com/",
    "https://evil.example/?https://hooks.slack.com/",
    "https://evil.example#https://hooks.slack.com/",
    "https://hooks.slack.com:8443/",
    "https://hooks.slack.com:/x",
    "https://hooks.slack.com:443443/",
    "https://slack.com/api/chat.postMessage",
    "https://files.slack.com/x",
    "https://hooksXslack.com/x",
    "https://hooks.slack-gov.com.evil.example/",
    "https://hooks.slack.com./x",
    "https://hooks。slack。com/x",
    "https://hooks.ſlack.com/x",
    "https://hooks.slac\u212a.com/x",
    "https://hooks.slack.com\\@evil.example/",
    "https:\\\\hooks.slack.com/x",
    "https:/hooks.slack.com/x",
    "//hooks.slack.com/x",
    "https://hooks.slack.com/x\n",
    "https://hooks.slack.com/x y",
    "https://hooks.slack.com/x\r\nHost: evil.example",
    "https://hooks.slack.com\t.evil.example/",
    " https://hooks.slack.com/x",
    "https://hooks.slack.com/\ud800",
    "https://hooks.slack.com/#@evil.example",
    "https://hooks.slack.com/" + "x" * 3000,
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://evil.example:4000/response",
    "",
    None,
    5,
    ["https://hooks.slack.com/x"],
    {"url": "https://hooks.slack.com/x"},
    b"https://hooks.slack.com/x",
)
NOT_THIS_MACHINE = (
    "http://127.0.0.1.evil.example/x",
    "http://127.0.0.1@evil.example/x",
    "http://localhost.evil.example/x",
    "http://127.0.0.1:4000@evil.example/x",
    "http://127.0.0.2/x",
    "http://0.0.0.0/x",
    "http://2130706433/x",
    "http://[::ffff:127.0.0.1]/x",
    "http://127.0.0.1:123456/x",
    "ftp://127.0.0.1/x",
)


@pytest.mark.parametrize("url", GOOD)
@pytest.mark.parametrize("api_url", [SLACK, LOCAL])
def test_an_address_of_slack(url: str, api_url: str) -> None:
    assert is_slack_url(url, api_url)


@pytest.mark.parametrize("url", ON_THIS_MACHINE)
def test_an_address_of_this_machine_only_with_a_slack_of_this_machine(url: str) -> None:
    assert is_slack_url(url, LOCAL)
    for api_url in (SLACK, "https://slack.corp.example/api/", "http://127.0.0.1.evil.example/", "http://[/"):
        assert not is_slack_url(url, api_url)


@pytest.mark.parametrize("url", [*BAD, *NOT_THIS_MACHINE])
@pytest.mark.parametrize("api_url", [SLACK, LOCAL])
def test_any_other_address(url: object, api_url: str) -> None:
    assert not is_slack_url(url, api_url)


@contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """Somebody of this machine whom nobody may call: the address, and where calls arrive."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", server


def test_nobody_but_slack_is_called() -> None:
    with listening() as (url, server):
        Responder(url, SLACK, wait=60.0)(text="secret")

        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("wait", [0.0, 0.01])
def test_a_slack_that_does_not_answer_holds_nobody_up(
    wait: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """In Socket Mode nobody waits at all; on Lambda no longer than was said."""
    free, given_up = threading.Event(), threading.Event()
    sent: list[object] = []

    def never(hook: object, body: object) -> SimpleNamespace:
        sent.append(body)
        if not free.wait(60):
            given_up.set()
        return SimpleNamespace(status_code=200)

    monkeypatch.setattr("slack_sdk.webhook.WebhookClient.send_dict", never)

    Responder("http://127.0.0.1:9/response/secret", LOCAL, wait=wait)(text="for you", blocks=None)

    assert not given_up.is_set()
    free.set()
    for thread in threading.enumerate():
        if thread.name == "pullcheck-respond":
            thread.join()
    assert sent == [{"text": "for you"}]
    assert "secret" not in caplog.text


def test_a_post_that_is_waited_for_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []

    def send(hook: WebhookClient, body: object) -> SimpleNamespace:
        made.append((hook.timeout, len(hook.retry_handlers)))
        return SimpleNamespace(status_code=200)

    monkeypatch.setattr("slack_sdk.webhook.WebhookClient.send_dict", send)

    Responder("http://127.0.0.1:9/x", LOCAL, wait=60.0)(text="for you")

    assert made == [(60, 0)]


def test_what_cannot_be_reached_is_one_line_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    url = "http://127.0.0.1:9/response/secret"

    Responder(url, LOCAL, wait=30.0)(text="for you")

    (line,) = caplog.records
    assert (line.levelno, line.getMessage()) == (
        logging.WARNING,
        "the response_url could not be reached: URLError",
    )


@pytest.mark.parametrize(
    ("trouble", "heard"),
    [
        ({"status": 500, "page": "<html>no</html>"}, True),
        ({"error": "ratelimited", "retry_after": 3}, True),
        ({"dropped": True}, True),
        ({"error": "expired_url", "status": 404}, False),
        ({"status": 404, "page": "<html>no</html>"}, False),
    ],
    ids=["500", "429", "no answer", "expired", "404"],
)
def test_what_is_said_on_a_press_is_said_again_where_slack_fails_once(
    trouble: dict[str, Any], heard: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("slack_sdk.http_retry.handler.time", SimpleNamespace(sleep=waited.append))
    monkeypatch.setattr("slack_sdk.http_retry.builtin_handlers.time", SimpleNamespace(sleep=waited.append))
    with LocalSlack() as slack:
        url = slack._ways_back(slack.user, slack.channel)["response_url"]
        slack.fail("response_url", **trouble)

        Responder(url, slack.api_url)(text="for you", response_type="ephemeral", replace_original=False)
        for thread in threading.enumerate():
            if thread.name == "pullcheck-respond":
                thread.join()

        assert [message.text for message in slack.ephemeral()] == (["for you"] if heard else [])
    assert len(waited) == heard
    assert [record.getMessage() for record in caplog.records if record.name == "handlers.response_url"] == (
        [] if heard else ["the response_url took no message: status 404"]
    )
