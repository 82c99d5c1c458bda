"""The ingress: what it loads, what it lets in, and what it does when its queue takes nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.app import create_app
from bot.aws_lambda import ingress
from bot.receiving import PullcheckApp
from bot.settings import Settings, SettingsError
from demo.slack import LocalSlack
from demo.slack.methods import Tokens
from handlers.jobs import Job
from handlers.ports import Listening
from tests.aws_lambda.cloud import Cloud, Context, url_event
from tests.build import TASK_ARN

ROOT = Path(__file__).parents[2]

COLD = """
import json, sys, time
import botocore.client
made = []
create = botocore.client.ClientCreator.create_client
def record(self, service_name, *args, **kwargs):
    made.append(service_name)
    return create(self, service_name, *args, **kwargs)
botocore.client.ClientCreator.create_client = record
event = json.loads(sys.stdin.read())
import bot.aws_lambda
handler = bot.aws_lambda.slack
answer = handler(event, None)
print(json.dumps({"answer": answer, "clients": made, "modules": sorted(sys.modules)}))
"""


NOT_AT_THE_INGRESS = {
    "what judges": (
        "diagnostics.faults", "diagnostics.engine", "diagnostics.verdict", "diagnostics.report", "diagnostics.network",
        "diagnostics.policy", "diagnostics.write", "diagnostics.audit", "diagnostics.lifecycle",
    ),
    "what reads an account, and keeps what it said": (
        "diagnostics.collect", "diagnostics.snapshot", "diagnostics.finding", "diagnostics.pull", "handlers.saved_run",
    ),
    "what does the work, and words its answer": (
        "bot.services", "bot.aws_lambda.work", "bot.events", "bot.telemetry", "handlers.doing", "handlers.running",
        "handlers.diagnosing", "handlers.auditing", "handlers.explaining", "handlers.watching", "handlers.views.parent",
        "handlers.views.details", "handlers.views.audited", "diagnostics.render",
    ),
    "what only a larger program needs": (
        "boto3", "s3transfer", "multiprocessing", "jinja2", "moto", "opentelemetry", "rich", "slack_bolt.adapter",
        "slack_sdk.socket_mode",
    ),
}  # fmt: skip
"""Models take a millisecond or two each to be made, a sixth of a second in all, while somebody in Slack waits."""


def within(name: str, groups: Mapping[str, Sequence[str]]) -> bool:
    """True for a module of one of these packages."""
    return any(
        name == package or name.startswith(f"{package}.") for row in groups.values() for package in row
    )


def command(cloud: Cloud, text: str = TASK_ARN) -> str:
    return urlencode(
        {
            "command": "/pullcheck",
            "text": text,
            "trigger_id": "1.2.3",
            "channel_id": cloud.slack.channel.id,
            "user_id": cloud.slack.user.id,
            "team_id": cloud.slack.team_id,
            "response_url": "https://hooks.slack.com/commands/T1/2/secret",
        }
    )


def signed(cloud: Cloud, body: str, *, age: float = 0, **headers: str) -> Mapping[str, str]:
    stamp = str(int(time.time() - age))
    return {
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": str(
            SignatureVerifier(cloud.slack.signing_secret).generate_signature(timestamp=stamp, body=body)
        ),
        "content-type": "application/x-www-form-urlencoded",
        **headers,
    }


def test_a_cold_start_loads_no_checks_and_makes_no_client_that_reads_an_account(cloud: Cloud) -> None:
    body = command(cloud)
    done = subprocess.run(
        [sys.executable, "-c", COLD],
        cwd=ROOT,
        input=json.dumps(url_event(body, signed(cloud, body))),
        env={**cloud.environment(), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert said["answer"]["statusCode"] == 200
    assert said["clients"] == ["ssm", "sqs"]
    assert [name for name in said["modules"] if within(name, NOT_AT_THE_INGRESS)] == []
    (message,) = cloud.waiting()
    assert json.loads(message["Body"])["target"]["task_id"] == "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 200), ({"age": 301}, 401), ({"x-slack-signature": "v0=00"}, 401)],
    ids=["signed", "too old", "not by Slack"],
)
def test_only_slack_gets_in(cloud: Cloud, changes: dict[str, Any], status: int) -> None:
    body = command(cloud)

    answer = ingress.make()(url_event(body, signed(cloud, body, **changes)), Context())

    assert answer["statusCode"] == status
    assert len(cloud.waiting()) == (status == 200)


def test_a_header_cannot_choose_a_listener(cloud: Cloud) -> None:
    body = command(cloud)
    headers = signed(
        cloud, body, **{"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "pullcheck"}
    )

    assert ingress.make()(url_event(body, headers), Context())["statusCode"] == 200

    assert len(cloud.waiting()) == 1


Make = Callable[[Cloud], dict[str, Any]]
"""Makes an event; a request of Slack's own is at hand."""


def of_slack(cloud: Cloud, **changes: Any) -> dict[str, Any]:
    body = command(cloud)
    return {**url_event(body, signed(cloud, body)), **changes}


def plain(cloud: Cloud, body: str, **headers: str) -> dict[str, Any]:
    """Not in base64, and signed."""
    return {**url_event("", signed(cloud, body, **headers)), "body": body, "isBase64Encoded": False}


def with_headers(cloud: Cloud, **headers: Any) -> dict[str, Any]:
    event = of_slack(cloud)
    return {**event, "headers": {**event["headers"], **headers}}


EVENTS: Mapping[str, tuple[Make, int]] = {
    "a warm-up": (lambda cloud: {}, 404),
    "a list": (lambda cloud: [], 404),  # type: ignore[dict-item, return-value]
    "nothing": (lambda cloud: None, 404),  # type: ignore[dict-item, return-value]
    "a word": (lambda cloud: "x", 404),  # type: ignore[dict-item, return-value]
    "GET": (lambda cloud: {**of_slack(cloud), "requestContext": {"http": {"method": "GET"}}}, 404),
    "no context": (lambda cloud: of_slack(cloud, requestContext=None), 404),
    "a context that is a list": (lambda cloud: of_slack(cloud, requestContext=[]), 404),
    "no http": (lambda cloud: of_slack(cloud, requestContext={}), 404),
    "an http that is a word": (lambda cloud: of_slack(cloud, requestContext={"http": "POST"}), 404),
    "a method that is a list": (lambda cloud: of_slack(cloud, requestContext={"http": {"method": ["POST"]}}), 404),
    "an event of the queue": (lambda cloud: {"Records": [{"body": "x"}]}, 404),
    "no headers": (lambda cloud: of_slack(cloud, headers=None), 401),
    "headers that are a list": (lambda cloud: of_slack(cloud, headers=[["x-slack-signature", "v0"]]), 401),
    "headers that are numbers": (lambda cloud: with_headers(cloud, **{"x-slack-signature": 5}), 401),
    "headers that are lists": (lambda cloud: with_headers(cloud, **{"x-slack-signature": ["v0"]}), 401),
    "a header that is null": (lambda cloud: with_headers(cloud, **{"x-slack-request-timestamp": None}), 401),
    "the signature twice": (lambda cloud: with_headers(cloud, **{"X-Slack-Signature": "v0=00"}), 401),
    "the timestamp twice": (lambda cloud: with_headers(cloud, **{"X-SLACK-REQUEST-TIMESTAMP": "1"}), 401),
    "more headers than AWS passes on": (
        lambda cloud: with_headers(cloud, **{f"x-{number}": "1" for number in range(1000)}), 401,
    ),
    "only as multi-value headers": (
        lambda cloud: of_slack(cloud, headers={}, multiValueHeaders={"x-slack-signature": ["v0"]}), 401,
    ),
    "no body": (lambda cloud: of_slack(cloud, body=None), 401),
    "a body that is an object": (lambda cloud: of_slack(cloud, body={"a": 1}), 401),
    "a body that is a number": (lambda cloud: of_slack(cloud, body=5), 401),
    "no base64": (lambda cloud: of_slack(cloud, body="%%%"), 401),
    "base64 cut short": (lambda cloud: of_slack(cloud, body="YQ"), 401),
    "base64 with a letter of another alphabet": (lambda cloud: of_slack(cloud, body="YQ=é"), 401),
    "a lone surrogate": (lambda cloud: of_slack(cloud, body="\ud800", isBase64Encoded=False), 401),
    "said to be plain": (lambda cloud: of_slack(cloud, isBase64Encoded=False), 401),
    "not said to be base64": (lambda cloud: {k: v for k, v in of_slack(cloud).items() if k != "isBase64Encoded"}, 401),
    "said to be base64 by a list": (lambda cloud: of_slack(cloud, isBase64Encoded=[True]), 401),
    "unsigned, in base64 and too long": (lambda cloud: of_slack(cloud, body="YT0x" * 400_000, headers={}), 413),
    "unsigned, plain and too long": (
        lambda cloud: of_slack(cloud, body="a=1&" * 1_500_000, headers={}, isBase64Encoded=False), 413,
    ),
    "signed, plain and too long": (lambda cloud: plain(cloud, "é" * 600_000), 413),
    "signed, not UTF-8": (lambda cloud: odd_bytes(cloud, b"\xff"), 400),
    "signed, compressed": (lambda cloud: odd_bytes(cloud, gzip.compress(b"{}")), 400),
    "signed, a list": (lambda cloud: plain(cloud, "payload=[1]"), 400),
    "signed, half an object": (lambda cloud: plain(cloud, "{"), 400),
    "signed, 50,000 objects": (lambda cloud: plain(cloud, '{"a":' * 50_000 + "1" + "}" * 50_000), 400),
}  # fmt: skip


def odd_bytes(cloud: Cloud, body: bytes) -> dict[str, Any]:
    stamp = str(int(time.time()))
    said = f"v0:{stamp}:".encode() + body
    signature = hmac.new(cloud.slack.signing_secret.encode(), said, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={signature}"}
    return {**url_event("", headers), "body": base64.b64encode(body).decode()}


@pytest.fixture(scope="module")
def app() -> PullcheckApp:
    settings = Settings(
        slack_bot_token="xoxb-1",  # type: ignore[arg-type]
        slack_signing_secret=Tokens().signing_secret,  # type: ignore[arg-type]
        slack_api_url="http://127.0.0.1:9/",
        pullcheck_allowed_teams="T1",  # type: ignore[arg-type]
    )
    return create_app(settings, Listening(Refusing()), process_before_response=True)


class Refusing:
    """A queue into which nothing may come."""

    def submit(self, job: Job, /) -> int:
        raise AssertionError


@dataclass
class Alone:
    """What makes requests needs of a cloud."""

    slack: LocalSlack


@pytest.mark.parametrize("what", EVENTS)
def test_what_is_no_request_of_slack(app: PullcheckApp, what: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever shape: one line that holds nothing of it, no error that rings, and nothing is raised."""
    caplog.set_level(logging.INFO)
    make, status = EVENTS[what]

    answer = ingress.answer(app, make(Alone(LocalSlack())))  # type: ignore[arg-type]

    assert (answer["statusCode"], answer["body"]) == (status, "")
    (said,) = caplog.records
    assert said.levelno < logging.ERROR
    assert said.exc_info is None
    assert TASK_ARN not in caplog.text
    assert "secret" not in caplog.text


def test_what_a_stranger_sends_is_not_even_decoded(
    app: PullcheckApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is what keeps a request of six megabytes from costing anything."""
    for name in ("base64.b64decode", "hmac.new", "bot.receiving.BoltRequest", "json.loads"):
        monkeypatch.setattr(name, lambda *_, name=name, **__: pytest.fail(f"{name} was called"))
    stranger = url_event("", {"content-type": "application/json"})
    fresh = {"x-slack-request-timestamp": str(int(time.time())), "x-slack-signature": "v0=" + "0" * 64}
    for headers, body, status in (
        ({}, "YT0x" * 300_000, 401),
        ({**fresh, "x-slack-request-timestamp": "abc"}, "YT0x" * 300_000, 401),
        ({**fresh, "x-slack-signature": "v0=é"}, "YT0x" * 300_000, 401),
        (fresh, "YT0x" * 1_500_000, 413),
        ({}, "a=1&" * 1_500_000, 413),
    ):
        assert ingress.answer(app, {**stranger, "headers": headers, "body": body})["statusCode"] == status


@pytest.mark.parametrize("flag", [True, "true"])
def test_a_command_in_base64(reachable: Cloud, flag: object) -> None:
    assert ingress.make()(of_slack(reachable, isBase64Encoded=flag), Context())["statusCode"] == 200

    assert len(reachable.waiting()) == 1


def test_headers_in_any_case_and_cookies(cloud: Cloud) -> None:
    event = of_slack(cloud, cookies=["a=b"], rawQueryString="payload=x")
    event["headers"] = {name.upper(): value for name, value in event["headers"].items()}

    assert ingress.make()(event, Context())["statusCode"] == 200

    assert len(cloud.waiting()) == 1


def test_a_command_is_answered_at_once_for_the_person_alone(reachable: Cloud) -> None:
    """The worker may start cold, and take seconds until its first message shows."""
    delivery = reachable.slack.command("/pullcheck", TASK_ARN)

    said = reachable.slack.wait_ack(delivery).payload
    assert said is not None
    assert said["response_type"] == "ephemeral"
    assert said["text"] == "👀 Looking at `payments/01234567`; the answer comes here."
    assert len(reachable.waiting()) == 1


def test_nobody_of_another_workspace_gets_in(reachable: Cloud) -> None:
    delivery = reachable.slack.command("/pullcheck", TASK_ARN)
    body = urlencode({**delivery.payload, "team_id": "T0OTHER", "trigger_id": "2"})
    reachable.waiting()

    answer = ingress.make()(url_event(body, signed(reachable, body)), Context())

    assert "Your workspace is not on the list" in json.loads(answer["body"])["text"]
    assert len(reachable.waiting()) == 1
    # One environment asked Slack once, the other too.
    assert len(reachable.slack.calls("auth.test")) == 2


def test_slack_is_asked_once_in_the_life_of_an_environment(reachable: Cloud) -> None:
    for _ in range(3):
        reachable.slack.command("/pullcheck", TASK_ARN)

    assert len(reachable.waiting()) == 3
    assert len(reachable.slack.calls("auth.test")) == 1


def test_a_person_is_told_when_the_queue_takes_nothing(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    function = ingress.make()
    cloud.aws.client("sqs").delete_queue(QueueUrl=cloud.queue_url)
    body = command(cloud)

    answer = function(url_event(body, signed(cloud, body)), Context())

    assert answer["statusCode"] == 200
    assert "failed" in json.loads(answer["body"])["text"]
    logged = capsys.readouterr().out
    assert "QueueDoesNotExist" in logged
    assert "hooks.slack.com" not in logged


def test_help_is_answered_at_once(reachable: Cloud) -> None:
    delivery = reachable.slack.command("/pullcheck", "help")

    assert "only reads" in json.dumps(reachable.slack.wait_ack(delivery).payload)
    assert not reachable.waiting()


@pytest.mark.parametrize(
    "value", ["", "xoxb-1", "[]", '{"SLACK_BOT_TOKEN": "xoxb-1"}', '{"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": " "}']
)  # fmt: skip
@pytest.mark.parametrize("name", ["/pullcheck/test/other", "pullcheck-slack"])
def test_secrets_that_cannot_be_used_are_named_and_not_shown(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("PULLCHECK_SLACK_SECRETS", name)
    if name.startswith("/"):
        cloud.aws.client("ssm").put_parameter(Name=name, Value=value or " ", Type="SecureString")
    else:
        cloud.aws.client("secretsmanager").create_secret(Name=name, SecretString=value or " ")

    with pytest.raises(SettingsError, match=name) as caught:
        ingress.make()

    assert "xoxb-1" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_secrets_of_secrets_manager(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = cloud.aws.client("secretsmanager").create_secret(
        Name="pullcheck",
        SecretString=json.dumps(
            {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": cloud.slack.signing_secret}
        ),
    )["ARN"]
    monkeypatch.setenv("PULLCHECK_SLACK_SECRETS", arn)
    body = command(cloud)

    assert ingress.make()(url_event(body, signed(cloud, body)), Context())["statusCode"] == 200


@pytest.mark.parametrize("name", ["PULLCHECK_QUEUE_URL", "PULLCHECK_SLACK_SECRETS"])
def test_a_missing_setting_is_named(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=name):
        ingress.make()
