"""What strangers send is refused before anything of it is parsed, and what Slack sends may look odd without harm."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import logging
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.receiving import LONGEST, PullcheckApp
from bot.socket_mode import _ReadingHandler
from tests.bot.test_app import SECRET, Line, app_with, interaction
from tests.build import TASK_ARN
from tests.build.reports import TARGET

MARK = "hunter2"
"""Stands in every body, and so may stand in no line of the log."""
FORM = "application/x-www-form-urlencoded"

Headers = dict[str, list[str]]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def app(line: Line) -> PullcheckApp:
    return app_with(line)


@pytest.fixture
def attacker() -> Iterator[socket.socket]:
    """A server that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/{MARK}"


def was_called(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


def signature(body: bytes, stamp: str, secret: str = SECRET) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, *, content_type: str = FORM, age: int = 0) -> Headers:
    stamp = str(int(time.time()) - age)
    return {
        "content-type": [content_type],
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [signature(body, stamp)],
    }


def with_stamp(stamp: str) -> Callable[[bytes], Headers]:
    """Rightly signed, but for the timestamp."""
    return lambda body: {
        "x-slack-request-timestamp": [stamp],
        "x-slack-signature": [signature(body, stamp.encode(errors="replace").decode())],
    }


def with_signature(*given: str) -> Callable[[bytes], Headers]:
    return lambda body: {**signed(body), "x-slack-signature": list(given)}


NOW = int(time.time())
UNSIGNED: Mapping[str, Callable[[bytes], Headers]] = {
    "nothing": lambda body: {},
    "no signature": lambda body: {**signed(body), "x-slack-signature": []},
    "no timestamp": lambda body: {**signed(body), "x-slack-request-timestamp": []},
    "timestamp abc": with_stamp("abc"),
    "timestamp nan": with_stamp("nan"),
    "timestamp inf": with_stamp("inf"),
    "timestamp empty": with_stamp(""),
    "timestamp with a space": with_stamp(f" {NOW}"),
    "timestamp with a plus": with_stamp(f"+{NOW}"),
    "timestamp with underscores": with_stamp("_".join(str(NOW))),
    "timestamp with a fraction": with_stamp(f"{NOW}.5"),
    "timestamp as a power": with_stamp("1.7e9"),
    "timestamp below zero": with_stamp("-1"),
    "timestamp zero": with_stamp("0"),
    "timestamp huge": with_stamp("9" * 5000),
    "timestamp in other digits": with_stamp("١٧٩٦٠٢٤٠٠٠"),
    "timestamp with a line": with_stamp(f"{NOW}\n"),
    "too old": lambda body: signed(body, age=301),
    "of the future": lambda body: signed(body, age=-320),
    "two timestamps": lambda body: {**signed(body), "x-slack-request-timestamp": [str(NOW), str(NOW)]},
    "two timestamps in one": with_stamp(f"{NOW},{NOW}"),
    "signature not ASCII": with_signature("v0=é"),
    "signature empty": with_signature(""),
    "signature without its version": lambda body: {
        **signed(body),
        "x-slack-signature": [signature(body, str(NOW))[3:]],
    },
    "signature of another version": lambda body: {
        **signed(body),
        "x-slack-signature": [signed(body)["x-slack-signature"][0].replace("v0", "v1")],
    },
    "signature in capitals": lambda body: {
        **signed(body),
        "x-slack-signature": [signed(body)["x-slack-signature"][0].upper()],
    },
    "signature cut short": lambda body: {
        **signed(body),
        "x-slack-signature": [signed(body)["x-slack-signature"][0][:-1]],
    },
    "signature twice": lambda body: {
        **signed(body),
        "x-slack-signature": signed(body)["x-slack-signature"] * 2,
    },
    "signature very long": with_signature("v0=" + "0" * 100_000),
    "signature with a lone surrogate": with_signature("v0=\ud800"),
    "signature no text": lambda body: {**signed(body), "x-slack-signature": [5]},  # type: ignore[list-item]
    "another secret": lambda body: {
        "x-slack-request-timestamp": [str(NOW)],
        "x-slack-signature": [signature(body, str(NOW), "another")],
    },
    "another body": lambda body: signed(body + b" "),
}


def bodies(url: str) -> list[bytes]:
    press = json.dumps({"type": "block_actions", "response_url": url, "actions": []})
    return [
        b"",
        urlencode({"payload": press}).encode(),
        press.encode(),
        urlencode({"command": "/pullcheck", "text": TASK_ARN, "response_url": url}).encode(),
        f"ssl_check=1&token={MARK}".encode(),
        json.dumps({"type": "url_verification", "challenge": MARK}).encode(),
        b"{",
        b"payload=[1]" + MARK.encode(),
        b'{"a":' * 50_000 + MARK.encode(),
        b"a=1&" * 200_000,
        b"\xef\xbb\xbf{}" + MARK.encode(),
        b"\x00" + MARK.encode(),
        b"\xff\xfe" + MARK.encode(),
        gzip.compress(press.encode()),
    ]


@pytest.mark.parametrize("who", UNSIGNED)
def test_nothing_of_an_unsigned_request_is_used(
    app: PullcheckApp,
    line: Line,
    attacker: socket.socket,
    who: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(
        "bot.receiving.BoltRequest", lambda **_: pytest.fail("an unsigned request was parsed")
    )

    for body in bodies(address(attacker)):
        caplog.clear()
        headers = UNSIGNED[who](body)

        answer = app.receive(body, {"content-type": [FORM], **headers})

        assert (answer.status, answer.body) == (401, "")
        (said,) = caplog.records
        assert said.levelno == logging.INFO
        assert MARK not in caplog.text
    assert not line.jobs
    assert not was_called(attacker)


@pytest.mark.parametrize("who", [who for who in UNSIGNED if who != "signature no text"])
def test_nor_where_bolt_is_given_it(
    app: PullcheckApp,
    line: Line,
    attacker: socket.socket,
    who: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Any adapter of Bolt's hands requests over like this; its headers are texts."""
    caplog.set_level(logging.DEBUG)
    for body in bodies(address(attacker))[:6]:
        caplog.clear()
        headers = {name: value for name, value in UNSIGNED[who](body).items() if value}

        answer = app.dispatch(BoltRequest(body=body.decode(), headers=headers))  # type: ignore[arg-type]

        assert answer.status == 401
        (said,) = caplog.records
        assert said.levelno == logging.INFO
        assert MARK not in caplog.text
    assert not line.jobs
    assert not was_called(attacker)


def test_a_body_that_is_too_long_is_not_even_verified(
    app: PullcheckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"a=1&" * (LONGEST // 4)
    assert len(body) == LONGEST
    assert app.receive(body, {}).status == 401

    monkeypatch.setattr("hmac.new", lambda *_: pytest.fail("it was verified"))
    longer = body + b"a"
    headers = {"x-slack-request-timestamp": [str(int(time.time()))], "x-slack-signature": ["v0=" + "0" * 64]}
    assert app.receive(longer, headers).status == 413
    request = BoltRequest(body=longer.decode(), headers=headers)  # type: ignore[arg-type]
    assert app.dispatch(request).status == 413


# --- signed, and odd ---------------------------------------------------------------------------------


def press(**changes: Any) -> dict[str, Any]:
    value = {"run_id": "1", "target": json.loads(TARGET.model_dump_json())}
    action = {"type": "button", "action_id": "pullcheck.rerun", "block_id": "b", "value": json.dumps(value)}
    return {
        "type": "block_actions",
        "trigger_id": "1.2",
        "team": {"id": "T1"},
        "enterprise": None,
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "is_ephemeral": False},
        "message": {"ts": "1.2"},
        "actions": [action],
        "response_url": "https://hooks.slack.com/actions/T1/2/" + MARK,
        **changes,
    }


def message_shortcut(**changes: Any) -> dict[str, Any]:
    return press(
        **{
            "type": "message_action",
            "callback_id": "check_image_pull",
            "message": {"ts": "1.2", "text": TASK_ARN},
            **changes,
        }
    )


def event(**changes: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event": {"type": "app_mention", "user": "U1", "text": MARK, "channel": "C1"},
        **changes,
    }


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


ODD: Mapping[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "half an object": (b"{", 400),
    "a list": (b"payload=[1]", 400),
    "a number": (b"payload=5", 400),
    "null": (b"payload=null", 400),
    "no JSON": (b"payload=" + MARK.encode(), 400),
    "no payload": (b"payload=", 400),
    "an empty object": (b"{}", 400),
    "a person who is a number": (b'{"user":5}', 400),
    "the same in a form": (b"payload=" + urlencode({"": '{"user":5}'}).encode()[1:], 400),
    "a form of something else": (b"a=1&b=2", 400),
    "payload twice": (b"payload=%7B%7D&payload=[1]", 400),
    "50,000 objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    "50,000 lists in a form": (b"payload=" + b"[" * 50_000 + b"]" * 50_000, 400),
    "200,000 fields": (b"a=1&" * 200_000, 400),
    "300,000 bytes in percent": (b"command=/pullcheck&trigger_id=1&user_id=U1&channel_id=C1&team_id=T1&x=" + b"%41" * 300_000, 400),
    "200,000 fields and a payload": (b"payload=%7B%7D&" + b"a=1&" * 200_000, 400),
    "100,000 lists": (b'{"type":"x","a":[' + b"[]," * 100_000 + b"0]}", 400),
    "100,000 numbers in a form": (b"payload=%7B%22a%22%3A%5B" + b"1%2C" * 100_000 + b"1%5D%7D", 400),
    "100 lists in a message": (json.dumps(message_shortcut(message={"ts": "1.2", "blocks": deep(100)})).encode(), 400),
    "not UTF-8": (b"\xff\xfe", 400),
    "compressed": (gzip.compress(b"{}"), 400),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400),
    "a lone surrogate": (json.dumps(press(trigger_id="\ud800")).encode(), 400),
    "a null byte in an id": (json.dumps(press(channel={"id": "C1\0"})).encode(), 400),
    "a type that is none": (json.dumps(press(type=5)).encode(), 400),
    "a type that is a list": (json.dumps(press(type=["block_actions"])).encode(), 400),
    "no actions": (json.dumps(press(actions=[])).encode(), 400),
    "actions of another type": (json.dumps(press(actions={"0": 1})).encode(), 400),
    "an action that is a word": (json.dumps(press(actions=["x"])).encode(), 400),
    "a person without an id": (json.dumps(press(user={})).encode(), 400),
    "a channel that is a list": (json.dumps(press(channel=[])).encode(), 400),
    "a container that is a word": (json.dumps(press(container="x")).encode(), 400),
    "a message that is a word": (json.dumps(press(message="x")).encode(), 400),
    "a shortcut on no message": (json.dumps(message_shortcut(message=None)).encode(), 400),
    "a shortcut on a message without ts": (json.dumps(message_shortcut(message={})).encode(), 400),
    "a response_url that is an object": (json.dumps(press(response_url={"a": MARK})).encode(), 400),
    "response_urls that are words": (json.dumps(press(response_urls=[MARK])).encode(), 400),
    "many response_urls": (json.dumps(press(response_urls=[{"response_url": "https://hooks.slack.com/x"}] * 101)).encode(), 400),
    "many workspaces": (json.dumps(event(authorizations=[{"team_id": "T1"}] * 101)).encode(), 400),
    "many actions": (json.dumps(press(actions=press()["actions"] * 101)).encode(), 400),
    "authorizations of another type": (json.dumps(event(authorizations={"0": 1})).encode(), 400),
    "an event that is a list": (json.dumps(event(event=[])).encode(), 400),
    "an event of no type": (json.dumps(event(event={"user": "U1"})).encode(), 400),
    "an event without an id": (json.dumps(event(event_id=None)).encode(), 400),
    "a command without a channel": (b"command=/pullcheck&trigger_id=1&user_id=U1", 400),
    "a challenge that is a number": (b'{"type":"url_verification","challenge":5}', 400),
    # These are as Slack says, and nothing here listens to them.
    "a kind of old": (json.dumps({"type": "interactive_message", "actions": MARK}).encode(), 200),
    "a kind to come": (json.dumps({"type": MARK, "surprise": 5}).encode(), 200),
    "another button": (json.dumps(press(actions=[{"type": "button", "action_id": "x"}])).encode(), 200),
    "an event that nobody asked for": (json.dumps(event()).encode(), 200),
    "a view that nobody opened": (json.dumps(press(type="view_submission", view={"type": "modal", "callback_id": "x"})).encode(), 200),
    "another command": (b"command=/x&trigger_id=1&user_id=U1&channel_id=C1&team_id=T1", 200),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD)
def test_an_odd_request_of_slack_is_one_line_in_the_log(
    app: PullcheckApp,
    line: Line,
    what: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("handlers.response_url.Responder.__call__", lambda *_, **__: None)
    caplog.set_level(logging.INFO)
    body, status = ODD[what]
    content_type = "application/json" if body.startswith((b"{", b"[")) else FORM

    answer = app.receive(body, signed(body, content_type=content_type))

    assert answer.status == status
    (said,) = caplog.records
    assert said.levelno < logging.ERROR
    assert said.exc_info is None
    assert MARK not in caplog.text
    assert not line.jobs


LEAVES = (
    None,
    True,
    0,
    -1.5,
    "",
    "x",
    "\0",
    "\ud800",
    "T1",
    "U1",
    "C1",
    [],
    {},
    "http://127.0.0.1:9/x",
    "1" * 300,
)


def spoiled(chance: random.Random, value: Any) -> Any:
    """A copy in which some member, at any depth, is gone or something else."""
    copy = json.loads(json.dumps(value))
    for _ in range(chance.randint(1, 3)):
        node = copy
        while isinstance(node, dict | list) and node:
            key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
            if isinstance(node[key], dict | list) and node[key] and chance.random() < 0.7:
                node = node[key]
                continue
            if chance.random() < 0.3:
                del node[key]
            else:
                node[key] = chance.choice(LEAVES)
            break
    return copy


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_wrong_in_a_request_nothing_is_raised(
    line: Line, seed: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.response_url.Responder.__call__", lambda *_, **__: None)
    monkeypatch.setattr("bot.middleware.beside", lambda work, wait: True)
    app = app_with(line, pullcheck_allowed_users="U1", pullcheck_allowed_channels="C1")
    chance = random.Random(seed)
    command = {
        "command": "/pullcheck",
        "text": TASK_ARN,
        "trigger_id": "1",
        "channel_id": "C1",
        "user_id": "U1",
    }
    view = press(type="view_submission", view={"type": "modal", "callback_id": "x"})
    wholes = (press(), message_shortcut(), event(), view, {**command, "team_id": "T1"})
    seen = set()
    for turn in range(60):
        value = spoiled(chance, chance.choice(wholes))
        text = json.dumps(value)
        if chance.random() < 0.5 or not isinstance(value, dict) or "command" not in value:
            body, kind = (
                (urlencode({"payload": text}).encode(), FORM)
                if turn % 2
                else (text.encode(), "application/json")
            )
        else:
            body, kind = urlencode(value, errors="replace").encode(), FORM

        seen.add(app.receive(body, signed(body, content_type=kind)).status)

        try:
            request = BoltRequest(body=value, mode="socket_mode")
        except Exception:
            continue
        assert app.dispatch(request).status == 200
    assert seen == {200, 400}
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("payload", [[1], "x", None, 5, {"user": 5}, {}, {"type": "block_actions"}])
def test_odd_payloads_over_socket_mode(
    app: PullcheckApp, payload: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []
    client = SimpleNamespace(send_socket_mode_response=sent.append, logger=logging.getLogger("client"))
    handler = _ReadingHandler.__new__(_ReadingHandler)
    handler.app = app
    request = SocketModeRequest(type="interactive", envelope_id="1", payload={})
    request.payload = payload

    handler.handle(client, request)  # type: ignore[arg-type]

    (said,) = caplog.records
    assert said.levelno == logging.WARNING


# --- response_urls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("over_http", [True, False])
@pytest.mark.parametrize("way", ["refused", "failed", "stale", "taken"])
def test_a_response_url_that_is_not_slacks_is_never_called(
    line: Line, attacker: socket.socket, way: str, over_http: bool
) -> None:
    """Not even one in a request that Slack signed, whatever there is to say."""
    slack = {"slack_api_url": "https://slack.com/api/"}
    app = app_with(line, **slack, **({"pullcheck_allowed_users": ""} if way == "refused" else {}))
    line.error = RuntimeError() if way == "failed" else None
    body = press(response_url=address(attacker))
    if way == "stale":
        body["actions"][0]["value"] = "x"
    if over_http:
        raw = urlencode({"payload": json.dumps(body)}).encode()
        answer = app.receive(raw, signed(raw))
    else:
        answer = app.dispatch(BoltRequest(body=body, mode="socket_mode"))
    app.listener_runner.listener_executor.shutdown(wait=True)
    for thread in threading.enumerate():
        if thread.name == "pullcheck-respond":
            thread.join()

    assert answer.status == 200
    assert not was_called(attacker)
    assert [job.response_url for job in line.jobs] == ([None] if way == "taken" else [])


def test_a_response_url_of_slacks_stays(line: Line) -> None:
    app = app_with(line)
    body = interaction(
        "block_actions", **{key: press()[key] for key in ("actions", "container", "message", "response_url")}
    )

    assert app.receive(body.encode(), signed(body.encode())).status == 200

    assert [job.response_url for job in line.jobs] == [press()["response_url"]]
