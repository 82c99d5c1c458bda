"""Measures how long a slash command waits for its acknowledgement, through the whole app."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.app import create_app
from bot.aws_lambda.ingress import answer
from bot.receiving import PullcheckApp
from bot.services import compose
from bot.settings import read_settings
from diagnostics.snapshot import Snapshot
from diagnostics.target import EXAMPLE, Target
from handlers.ids import SHORTCUT
from handlers.jobs import Job
from handlers.ports import Diagnosis, DiagnosisError, JobQueue, Listening
from tools.lambda_local import url_event

COMMANDS = 1000
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class _Held:
    """A diagnosis that does not come back until it is let go, so that the queue fills."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def __call__(
        self,
        target: Target,
        previous: Snapshot | None,
        alert_text: str | None = None,
        newest: bool = False,
        /,
    ) -> Diagnosis:
        self.free.wait()
        raise DiagnosisError("let go.")


def acknowledgements() -> Iterator[tuple[str, list[float]]]:
    """Seconds of each of many commands: the first fill the queue, the rest meet a full one."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            slack_bot_token="xoxb-bench",
            slack_app_token="xapp-bench",
            # Nobody listens here: what the app posts fails at once and costs nothing.
            slack_api_url="http://127.0.0.1:9/api/",
            pullcheck_database=Path(folder) / "bench.sqlite3",
            pullcheck_allowed_teams="T1",
            pullcheck_waiting=COMMANDS // 2,
            pullcheck_log_level="ERROR",
        )
        held = _Held()
        parts = compose(settings, diagnose=held)
        app = create_app(settings, parts.listening)
        try:
            taken = []
            for number in range(COMMANDS):
                start = time.perf_counter()
                answer = app.dispatch(_command(number))
                taken.append(time.perf_counter() - start)
                assert answer.status == 200
            # The first requests warm the app up.
            yield "work waiting", taken[20 : COMMANDS // 2]
            yield "the queue full", taken[COMMANDS // 2 + 50 :]
        finally:
            held.free.set()
            parts.stop(30)


def strangers() -> Iterator[float]:
    """Seconds of processor time of each of some requests that nobody signed, at the ingress of AWS Lambda."""
    app = _ingress(_Nowhere())
    fresh = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": f"v0={'0' * 64}"}
    bodies = (
        b"a=1&" * 1_500_000,
        b"a=1&" * 250_000,
        b'{"a":' * 50_000 + b"}" * 50_000,
        b'payload={"type":"block_actions","response_url":"http://127.0.0.1:9/"}',
    )
    for headers in ({}, fresh, {**fresh, "X-Slack-Request-Timestamp": "abc"}):
        for body in bodies:
            yield _processor_time(app, headers, body, (401, 413))


def oddities() -> Iterator[tuple[str, float]]:
    """What each of some signed requests of odd shapes is, and its seconds of processor time at the ingress.

    The least of several runs: the first of its kind also builds what checks its shape.
    """
    app = _ingress(_ForgetfulQueue())
    signatures = SignatureVerifier(SIGNING_SECRET)
    number = 0
    for name, content_type, make in _ODD:
        taken = []
        for _ in range(5):
            number += 1
            body = make(str(number))
            stamp = str(int(time.time()))
            signature = signatures.generate_signature(timestamp=stamp, body=body) or ""
            headers = {
                "Content-Type": content_type,
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": signature,
            }
            taken.append(_processor_time(app, headers, body, (200, 400)))
        yield name, min(taken)


def _ingress(queue: JobQueue) -> PullcheckApp:
    settings = read_settings(
        socket_mode=False,
        slack_bot_token="xoxb-bench",
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url="http://127.0.0.1:9/api/",
        pullcheck_allowed_teams="T1",
    )
    return create_app(settings, Listening(queue), process_before_response=True)


def _processor_time(
    app: PullcheckApp, headers: Mapping[str, str], body: bytes, expected: tuple[int, ...]
) -> float:
    event = url_event("/slack/events", headers, body)
    start = time.process_time()
    status = answer(app, event)["statusCode"]
    taken = time.process_time() - start
    assert status in expected, status
    return taken


def _as_payload(body: Mapping[str, Any]) -> bytes:
    return urlencode({"payload": json.dumps(body)}).encode()


def _shortcut(text: str, length: int) -> Callable[[str], bytes]:
    """A message shortcut on a message that is full of a text: once long, or in many attachments."""

    def make(trigger_id: str) -> bytes:
        many = [{"text": (text * length)[:length]}] * (60_000 // length)
        return _as_payload(
            {
                "type": "message_action", "callback_id": SHORTCUT, "trigger_id": trigger_id,
                "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "channel": {"id": "C1"},
                "message": {"ts": "1.2", "attachments": many},
            }
        )  # fmt: skip

    return make


def _typed(**members: str) -> Callable[[str], bytes]:
    """A command with more than Slack sends."""
    whole = {"command": "/pullcheck", "channel_id": "C1", "user_id": "U1", "team_id": "T1", **members}
    return lambda trigger_id: urlencode({**whole, "trigger_id": trigger_id}).encode()


_START = "arn:aws:ecs:us-a-1:111122223333:"
_ODD: tuple[tuple[str, str, Callable[[str], bytes]], ...] = (
    ("beginnings of ARNs", FORM, _shortcut("arn:aws%20\n", 20_000)),
    ("broken ARNs", FORM, _shortcut(f"{_START}task/\nx\nx\nx%78", 900)),
    ("a broken ARN in each attachment", FORM, _shortcut(f"{_START}task/a\nx\nx\nx%41", 45)),
    ("services without end", FORM, _shortcut(f"{_START}service/a\n", 900)),
    ("links to the console", FORM, _shortcut("https://console.aws.amazon.com/ecs/clusters/a/services/b?region=us-a-1%41 ", 20_000)),
    ("links of Slack", FORM, _shortcut("<https://x|", 20_000)),
    ("escapes", FORM, _shortcut("&amp;lt;%25%25", 20_000)),
    ("a command full of secrets", FORM, _typed(text="password " * 2_200)),
    ("a command in percent", FORM, _typed(x="é" * 39_000)),
    ("numbers", JSON, lambda _: b'{"type":"x","a":[' + b"1.7976931348623157e308," * 40_000 + b"0]}"),
    ("objects", JSON, lambda _: b'{"type":"x","a":[' + b'{"a":1},' * 19_000 + b"0]}"),
    ("response_urls", JSON, lambda number: b'{"type":"block_actions","trigger_id":"%b","user":{"id":"U1"},"response_urls":[' % number.encode() + b"{}," * 19_000 + b"{}]}"),
    ("lists in a form", FORM, lambda _: urlencode({"payload": '{"type":"x","a":[' + "[]," * 19_000 + "0]}"}).encode()),
)  # fmt: skip
"""Each as full as it may be (`bot.shapes`), of what costs most."""


class _ForgetfulQueue:
    """A queue that takes what comes and forgets it."""

    def submit(self, job: Job, /) -> int:
        return 0


class _Nowhere:
    """A queue into which nothing comes."""

    def submit(self, job: Job, /) -> int:
        raise AssertionError("an unsigned request became a job")


def _command(number: int) -> BoltRequest:
    body = {
        "command": "/pullcheck",
        "text": EXAMPLE,
        "trigger_id": f"bench.{number}",
        "channel_id": "C1",
        "user_id": "U1",
        "team_id": "T1",
    }
    return BoltRequest(body=body, mode="socket_mode")
