"""Measures how long a slash command waits for its acknowledgement, through the whole app."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from slack_bolt import BoltRequest

from bot.app import create_app
from bot.aws_lambda.ingress import answer
from bot.services import compose
from bot.settings import read_settings
from diagnostics.snapshot import Snapshot
from diagnostics.target import EXAMPLE, Target
from handlers.jobs import Job
from handlers.ports import Diagnosis, DiagnosisError, Listening
from tools.lambda_local import url_event

COMMANDS = 1000


class _Held:
    """A diagnosis that does not come back until it is let go, so that the queue fills."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def __call__(self, target: Target, previous: Snapshot | None, /) -> Diagnosis:
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
    settings = read_settings(
        socket_mode=False,
        slack_bot_token="xoxb-bench",
        slack_signing_secret="bench",
        slack_api_url="http://127.0.0.1:9/api/",
    )
    app = create_app(settings, Listening(_Nowhere()), process_before_response=True)
    fresh = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": f"v0={'0' * 64}"}
    bodies = (
        b"a=1&" * 1_500_000,
        b"a=1&" * 250_000,
        b'{"a":' * 50_000 + b"}" * 50_000,
        b'payload={"type":"block_actions","response_url":"http://127.0.0.1:9/"}',
    )
    for headers in ({}, fresh, {**fresh, "X-Slack-Request-Timestamp": "abc"}):
        for body in bodies:
            event = url_event("/slack/events", headers, body)
            start = time.process_time()
            status = answer(app, event)["statusCode"]
            yield time.process_time() - start
            assert status in (401, 413), status


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
