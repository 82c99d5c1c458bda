"""The ingress: what it loads, what it lets in, and what it does when its queue takes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.aws_lambda import ingress
from bot.settings import SettingsError
from tests.aws_lambda.cloud import Cloud, Context, url_event
from tests.builders import TASK_ARN

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
    refused = (
        "diagnostics.faults", "diagnostics.collect", "diagnostics.engine", "diagnostics.verdict", "diagnostics.report",
        "bot.services", "bot.aws_lambda.work", "bot.events", "boto3", "moto", "rich", "slack_bolt.adapter",
    )  # fmt: skip
    assert [name for name in said["modules"] if name.startswith(refused)] == []
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


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ({}, 404),
        (url_event("", {}, method="GET"), 404),
        ({**url_event("", {}), "body": "%%%"}, 400),
        ({**url_event("", {}), "body": "/w=="}, 400),
        ({**url_event("", {}), "body": None, "headers": None}, 401),
    ],
    ids=["warm-up", "GET", "not base64", "not text", "empty"],
)
def test_what_is_no_request_of_slack(cloud: Cloud, event: dict[str, Any], status: int) -> None:
    assert ingress.make()(event, Context())["statusCode"] == status


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
