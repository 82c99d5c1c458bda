"""The whole demo without a browser: every broken task from the command to the fix, and `python -m demo`."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.__main__ import _run
from demo.aws import DEMO, Scenario
from demo.isolation import isolated_environment
from demo.slack import Message
from demo.wiring import Demo
from handlers import again
from handlers.ids import COMMAND, RERUN, SHORTCUT

FOREIGN = {
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL_ECS": "https://ecs.example",
    "aws_ca_bundle": "/nonexistent",
    "SLACK_BOT_TOKEN": "xoxb-of-a-real-workspace",
    "SLACK_API_URL": "https://slack.example/api/",
    "PULLCHECK_ALLOWED_USERS": "U0NOBODY",
    "https_proxy": "http://127.0.0.1:9",
}


def verdict(demo: Demo, place: int, runs: int) -> tuple[Message, Message]:
    """The parent at this place of the channel and its newest answer, once `runs` runs are answered there."""
    slack = demo.slack

    def look() -> tuple[Message, Message] | None:
        parents = slack.messages()[place:]
        replies = slack.thread(parents[0]) if parents else ()
        ready = len(replies) >= runs and bool(parents[0].action_ids)
        return (parents[0], replies[-1]) if ready else None

    found = slack.wait_for(look, what="an answer in the thread")
    assert found is not None
    return found


@pytest.mark.parametrize("scenario", DEMO, ids=lambda scenario: scenario.id)
def test_each_broken_task_is_explained_fixed_and_checked_again(demo: Demo, scenario: Scenario) -> None:
    assert scenario.fault is not None
    task = demo.account.broken[scenario.id].task
    place = len(demo.slack.messages())
    demo.slack.command(COMMAND, task.arn)
    parent, details = verdict(demo, place, 1)
    assert scenario.fault in details.plain
    assert demo.account.broken[scenario.id].resources[0] in details.plain
    scenario.fix(demo.account)
    demo.slack.click(parent, RERUN)
    _, again = verdict(demo, place, 2)
    assert "fixed" in again.plain
    assert scenario.fault in again.plain
    demo.slack.wait_for(
        lambda: "can pull again" in demo.slack.messages()[place].plain, what="the parent's update"
    )
    assert demo.slack.refusals() == ()


def test_every_alert_can_be_checked_in_its_thread(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever asked for the same task before does not matter here.
    monkeypatch.setattr(again, "OPEN_SECONDS", 0.0)
    alerts = demo.slack.messages()[: len(DEMO)]
    for scenario, alert in zip(DEMO, alerts, strict=True):
        assert demo.account.broken[scenario.id].task.arn in alert.plain
    demo.slack.shortcut(SHORTCUT, alerts[0])
    assert demo.slack.wait_for(lambda: demo.slack.thread(alerts[0]))
    assert demo.slack.refusals() == ()


def test_the_bot_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with isolated_environment(tmp_path):
        assert FOREIGN.keys() & os.environ.keys() == set()
        assert Path(os.environ["AWS_CONFIG_FILE"]).read_text() == ""
        assert Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).read_text() == ""
        os.environ["SLACK_BOT_TOKEN"] = "xoxb-local"
    assert dict(os.environ) == before


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m demo` in the environment of somebody with real accounts."""
    with subprocess.Popen(
        [sys.executable, "-m", "demo", "--no-browser", *arguments],
        env={**os.environ, **FOREIGN, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_address_and_stops_when_told_to(signal_number: signal.Signals) -> None:
    with command() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in process.stdout)))
        with urllib.request.urlopen(found[0], timeout=30) as page:
            assert b"pullcheck demo" in page.read()
        process.send_signal(signal_number)
        rest = process.stdout.read()
        assert process.wait(60) == 0
        assert "Stopping" in rest
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with command("--port", str(other.getsockname()[1])) as process:
            _, problem = process.communicate()
    assert process.returncode == 1
    assert re.fullmatch(r"pullcheck demo: the demo could not listen on 127\.0\.0\.1:\d+: .*\.\n", problem)


def test_so_is_one_that_is_taken_while_the_rest_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = OSError(98, "Address already in use")
    monkeypatch.setattr(Demo, "_start", lambda *_: raised(taken))
    assert _run(0, threading.Event(), browser=False) == 1
    assert capsys.readouterr().err == (
        "pullcheck demo: the demo could not listen on 127.0.0.1:0: Address already in use.\n"
    )


def raised(error: Exception) -> None:
    raise error
