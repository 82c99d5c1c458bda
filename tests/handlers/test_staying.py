"""A redirection is an answer: neither the token nor a message follows it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from bot.settings import Settings
from bot.slack_clients import asking_client, web_client
from handlers.pace import Pace
from handlers.response_posts import ResponsePosts
from handlers.response_url import Responder
from handlers.slack_errors import code_of
from tests.handlers.test_response_url import listening


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, socket.socket]]:
    """Where a redirection leads."""
    with listening() as found:
        yield found


@pytest.fixture(params=[301, 302, 303, 307, 308])
def redirecting(request: pytest.FixtureRequest, elsewhere: tuple[str, socket.socket]) -> Iterator[str]:
    """The address of a server that sends everybody elsewhere."""

    class Redirects(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(request.param)
            self.send_header("Location", elsewhere[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Redirects) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        serving.join()


def assert_nobody_came(elsewhere: tuple[str, socket.socket]) -> None:
    with pytest.raises(BlockingIOError):
        elsewhere[1].accept()


@pytest.mark.parametrize("make", [web_client, asking_client])
def test_the_token_goes_nowhere_else(
    make: object, redirecting: str, elsewhere: tuple[str, socket.socket], request: pytest.FixtureRequest
) -> None:
    settings = Settings(slack_bot_token=SecretStr("xoxb-1"), slack_api_url=redirecting)

    with pytest.raises(SlackApiError) as raised:
        make(settings).chat_postMessage(channel="C1", text="x")  # type: ignore[operator]

    assert code_of(raised.value).startswith("http_30")
    assert_nobody_came(elsewhere)


def test_what_is_posted_to_a_response_url_goes_nowhere_else(
    redirecting: str, elsewhere: tuple[str, socket.socket]
) -> None:
    posts = ResponsePosts(redirecting, redirecting, "C1", Pace())

    assert posts.send(float("inf"), {"text": "x"}) == "refused"
    Responder(redirecting, redirecting, wait=60.0)(text="x")

    assert_nobody_came(elsewhere)
