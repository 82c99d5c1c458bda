"""What holds for every request, whatever it is about: signatures, tokens, acknowledgements, failures."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.app import create_app
from bot.settings import Settings
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE, read_job
from handlers.ports import Listening
from tests.build import TASK_ARN
from tests.build.reports import TARGET

SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Line:
    """A queue that only remembers, or raises."""

    jobs: list[Job] = field(default_factory=list)
    error: Exception | None = None

    def submit(self, job: Job, /) -> int:
        if self.error is not None:
            raise self.error
        self.jobs.append(job)
        return 0


@pytest.fixture
def line() -> Line:
    return Line()


def app_with(line: Line, **changes: Any) -> App:
    values = {
        "slack_bot_token": "xoxb-1",
        "slack_app_token": "xapp-1",
        "slack_signing_secret": SECRET,
        # Nothing listens there: no listener may need the Web API.
        "slack_api_url": "http://127.0.0.1:9/",
        "pullcheck_allowed_teams": "T1",
    }
    return create_app(Settings(**{**values, **changes}), Listening(line))


def command(text: str, **more: str) -> str:
    fields = {
        "command": "/pullcheck",
        "text": text,
        "trigger_id": f"trigger {text}",
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "response_url": "http://127.0.0.1:9/response",
    }
    return urlencode({**fields, **more})


def interaction(kind: str, **more: Any) -> str:
    payload = {
        "type": kind,
        "trigger_id": f"trigger {kind}",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "channel": {"id": "C1"},
        **more,
    }
    return urlencode({"payload": json.dumps(payload)})


def send(app: App, body: str, *, secret: str = SECRET, age: int = 0, **headers: str) -> BoltResponse:
    stamp = str(int(time.time()) - age)
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body) or ""
    return app.dispatch(
        BoltRequest(
            body=body,
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "x-slack-request-timestamp": stamp,
                "x-slack-signature": signature,
                **headers,
            },
        )
    )


def test_a_signed_command_becomes_a_job(line: Line) -> None:
    answer = send(app_with(line), command(TASK_ARN))

    assert (answer.status, answer.body) == (200, "")
    (job,) = line.jobs
    assert job == Job(
        key=f"command trigger {TASK_ARN}",
        kind=DIAGNOSE,
        target=TARGET,
        channel="C1",
        user="U1",
        team="T1",
        response_url="http://127.0.0.1:9/response",
    )
    assert "response" not in repr(job).replace("response_url", "")
    assert read_job(job.model_dump_json()) == job


@pytest.mark.parametrize("word", ["payload-api", "payload", "my-payload=x"])
def test_the_word_payload_anywhere_in_a_command(line: Line, word: str) -> None:
    arn = TASK_ARN.replace("payments", "payload-api")
    allowed = {
        "pullcheck_allowed_users": "U1",
        "pullcheck_allowed_channels": "C1",
        "pullcheck_allowed_teams": "T1",
    }
    answer = send(app_with(line, **allowed), command(arn, team_domain=word))

    assert answer.status == 200
    assert [job.target.cluster for job in line.jobs] == ["payload-api"]
    assert line.jobs[0].user == "U1"


@pytest.mark.parametrize(("secret", "age"), [("another", 0), (SECRET, 301), ("", 0)])
def test_who_did_not_sign_or_signed_long_ago_is_refused(
    line: Line, secret: str, age: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    app = app_with(line)

    if secret:
        answer = send(app, command(TASK_ARN), secret=secret, age=age)
    else:
        answer = app.dispatch(BoltRequest(body=command(TASK_ARN), headers={}))

    assert answer.status == 401
    assert not line.jobs
    assert "response_url" not in caplog.text


def test_without_a_signing_secret_nobody_can_sign(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_SIGNING_SECRET", raising=False)
    app = app_with(line, slack_signing_secret=None)
    stamp, body = str(int(time.time())), command(TASK_ARN)
    import hashlib
    import hmac

    forged = "v0=" + hmac.new(b"", f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()

    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": forged}
    assert app.dispatch(BoltRequest(body=body, headers=headers)).status == 401
    assert not line.jobs


def test_variables_of_other_apps_do_not_turn_oauth_on(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "x")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-somebody-else")
    tokens: list[str | None] = []
    app = app_with(line)

    @app.middleware
    def look(context: Any, next: Callable[[], BoltResponse]) -> BoltResponse:
        tokens.append(context.client.token)
        return next()

    answer = send(app, command(TASK_ARN))

    assert answer.status == 200
    assert len(line.jobs) == 1
    assert tokens == ["xoxb-1"]


def test_a_listener_that_fails_says_so_with_an_id_that_the_log_has(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.error = RuntimeError("inside")

    answer = send(app_with(line), command(TASK_ARN))

    assert answer.status == 200
    said = json.loads(answer.body)
    assert said["response_type"] == "ephemeral"
    failure_id = said["text"].split("the id ")[1][:8]
    assert f"failure {failure_id}" in caplog.text
    assert "inside" in caplog.text
    assert "inside" not in answer.body


def test_a_press_on_a_button_that_fails_is_acknowledged_all_the_same(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.error = RuntimeError("inside")
    value = json.dumps({"run_id": "1", "target": json.loads(TARGET.model_dump_json())})
    body = interaction(
        "block_actions",
        actions=[{"type": "button", "action_id": "pullcheck.rerun", "block_id": "b", "value": value}],
        container={"type": "message", "message_ts": "1.2", "channel_id": "C1"},
        message={"ts": "1.2"},
    )

    assert send(app_with(line), body).status == 200
    assert "failure" in caplog.text


@pytest.mark.parametrize("header", [{}, {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}])
def test_what_was_delivered_before_is_only_acknowledged(line: Line, header: dict[str, str]) -> None:
    app = app_with(line)
    send(app, command(TASK_ARN))

    assert send(app, command(TASK_ARN), **header).status == 200

    assert len(line.jobs) == 1


@pytest.mark.parametrize("url_is_there", [True, False])
def test_a_link_button_is_acknowledged(line: Line, url_is_there: bool) -> None:
    action = {"type": "button", "action_id": "console.cause", "block_id": "b"}
    if url_is_there:
        action["url"] = "https://console.aws.amazon.com/"

    assert send(app_with(line), interaction("block_actions", actions=[action])).status == 200


def test_a_hundred_commands_are_acknowledged_without_asking_anybody(line: Line) -> None:
    """The address of the Web API leads nowhere, so an acknowledgement that needed it would fail."""
    app = app_with(line)

    answers = [send(app, command(TASK_ARN, trigger_id=str(number))) for number in range(100)]

    assert {answer.status for answer in answers} == {200}
    assert len(line.jobs) == 100
