"""What the functions answer when they are asked how they are, and how `python -m bot --check --lambda` prints it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from bot.__main__ import main
from bot.aws_lambda import auditing, ingress, selfcheck, work
from bot.check import check_lambda
from demo.aws import ACCOUNT_ID, build_account
from tests.aws_lambda.cloud import Cloud, Context, url_event

OTHER = "444455556666"


class Lambda:
    """A client of Lambda that hands an invocation to the functions of this process."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self.functions = functions

    def invoke(
        self, FunctionName: str, Payload: bytes, InvocationType: str = "RequestResponse"
    ) -> dict[str, Any]:
        if FunctionName not in self.functions:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "none"}}, "Invoke")
        found = self.functions[FunctionName]
        if isinstance(found, dict):
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(found).encode())}
        told = found(json.loads(Payload), Context()) if callable(found) else found
        return {"Payload": io.BytesIO(json.dumps(told).encode())}


def printed(functions: Mapping[str, Any]) -> tuple[int, str]:
    out = io.StringIO()
    status = check_lambda("pullcheck-test", Lambda(functions), Console(file=out, width=200))
    return status, out.getvalue()


def results(handler: Any) -> dict[str, dict[str, Any]]:
    told = handler(selfcheck.EVENT, Context())
    return {item["what"]: item for item in told["results"]}


@pytest.fixture
def account(cloud: Cloud) -> Any:
    return build_account(cloud.aws)


def test_the_worker_tries_what_it_needs(cloud: Cloud, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLCHECK_EVENTS_QUEUE_URL", cloud.queue_url)
    monkeypatch.setenv("PULLCHECK_ALLOWED_ACCOUNTS", f"{ACCOUNT_ID},{OTHER}")
    monkeypatch.setenv("PULLCHECK_TARGET_ROLE_NAME", "pullcheck-read")
    found = results(work.make())

    wanted = {
        "SLACK_BOT_TOKEN",
        "scope chat:write",
        "dynamodb:GetItem",
        "dynamodb:UpdateItem",
        "dynamodb:PutItem",
        "PULLCHECK_QUEUE_URL",
        "PULLCHECK_EVENTS_QUEUE_URL",
        "ecs:DescribeTasks",
        f"pullcheck-read in {OTHER}",
    }
    assert wanted <= set(found)
    assert [name for name in wanted if not found[name]["works"]] == []
    # Nothing was written while it looked.
    assert cloud.aws.client("dynamodb").scan(TableName="pullcheck-test")["Items"] == []


def test_what_does_not_work_is_named(cloud: Cloud, account: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLCHECK_EVENTS_QUEUE_URL", cloud.queue_url + "-gone")
    handler = work.make()
    cloud.aws.client("dynamodb").delete_table(TableName="pullcheck-test")
    found = results(handler)

    assert found["PULLCHECK_QUEUE_URL"]["works"]
    assert not found["PULLCHECK_EVENTS_QUEUE_URL"]["works"]
    assert not found["dynamodb:GetItem"]["works"]
    assert "ResourceNotFoundException" in found["dynamodb:GetItem"]["says"]


def test_the_function_that_audits_is_asked_where_there_is_one(
    cloud: Cloud, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs = cloud.aws.client("sqs")
    url = sqs.create_queue(QueueName="audits.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    monkeypatch.setenv("PULLCHECK_AUDITS_QUEUE_URL", url)
    functions = {"pullcheck-test-slack": ingress.make(), "pullcheck-test-worker": work.make()}
    own = auditing.make()
    assert {
        "SLACK_BOT_TOKEN",
        "dynamodb:GetItem",
        "PULLCHECK_QUEUE_URL",
        "PULLCHECK_AUDITS_QUEUE_URL",
    } <= set(results(own))
    _, text = printed({**functions, "pullcheck-test-audits": own})
    for function in ("worker", "audits"):
        assert f"pullcheck-test-{function}: PULLCHECK_AUDITS_QUEUE_URL" in text
    assert "pullcheck-test-audits: could not be invoked" not in text
    # It is not there, though the worker's settings say so; and its queue is not there.
    assert "FAILS  pullcheck-test-audits" in printed(functions)[1]
    sqs.delete_queue(QueueUrl=url)
    for handler in (functions["pullcheck-test-worker"], own):
        assert not results(handler)["PULLCHECK_AUDITS_QUEUE_URL"]["works"]


def test_no_answer_holds_a_secret(cloud: Cloud, account: Any) -> None:
    told = json.dumps([work.make()(selfcheck.EVENT, Context()), ingress.make()(selfcheck.EVENT, Context())])
    assert cloud.slack.bot_token not in told
    assert cloud.slack.signing_secret not in told


def test_the_ingress_sends_a_message_that_the_worker_takes_away(cloud: Cloud, account: Any) -> None:
    assert results(ingress.make())["sqs:SendMessage"]["works"]
    (message,) = cloud.waiting()
    assert message["Body"] == selfcheck.MESSAGE
    cloud.make = work.make
    assert cloud.drain() == (1, 0)
    assert cloud.slack.messages() == ()


def test_an_ingress_that_may_not_send_says_so(cloud: Cloud, account: Any) -> None:
    handler = ingress.make()
    cloud.aws.client("sqs").delete_queue(QueueUrl=cloud.queue_url)
    assert not results(handler)["sqs:SendMessage"]["works"]


@pytest.mark.parametrize(
    "event",
    [
        url_event(selfcheck.MESSAGE, {}),
        {**url_event("", {}), **selfcheck.EVENT},
        {"pullcheck": "check", "more": 1},
    ],
)
def test_a_stranger_cannot_ask(cloud: Cloud, account: Any, event: dict[str, Any]) -> None:
    assert "results" not in ingress.make()(event, Context())


def test_all_of_it_printed(cloud: Cloud, account: Any) -> None:
    status, text = printed({"pullcheck-test-slack": ingress.make(), "pullcheck-test-worker": work.make()})
    assert "pullcheck-test-slack: sqs:SendMessage" in text
    assert "pullcheck-test-worker: ecs:DescribeTasks" in text
    # The emulated AWS does not know every call; the status is that of what was printed.
    assert status == (1 if "FAILS" in text else 0)


@pytest.mark.parametrize(
    ("worker", "says"),
    [
        (None, "could not be invoked"),
        (
            {"errorType": "SettingsError", "errorMessage": "xoxb-secret"},
            "failed (SettingsError): its log says why",
        ),
        ([], "gave no results"),
        ("text", "gave no results"),
        (lambda *_: {"results": [5]}, "gave no results"),
        (lambda *_: {"results": [{"what": "x", "says": "y"}]}, "gave no results"),
    ],
)
def test_a_function_that_gives_none(worker: Any, says: str) -> None:
    good = lambda event, context: {"results": [{"what": "x", "works": True, "says": ""}]}  # noqa: E731
    functions = {
        "pullcheck-test-slack": good,
        **({} if worker is None else {"pullcheck-test-worker": worker}),
    }
    status, text = printed(functions)
    assert status == 1
    assert says in text
    assert "xoxb-secret" not in text
    assert "1 of 2 fail." in text


def test_everything_works_is_exit_status_0() -> None:
    good = lambda event, context: {"results": [{"what": "x", "works": True, "says": ""}]}  # noqa: E731
    assert printed({"pullcheck-test-slack": good, "pullcheck-test-worker": good})[0] == 0


def test_lambda_without_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--lambda", "pullcheck-prod"])
    assert end.value.code == 2
    assert "python -m bot --check --lambda pullcheck-prod" in capsys.readouterr().err


def test_without_a_region_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    out = io.StringIO()
    assert check_lambda("pullcheck-test", console=Console(file=out, width=200)) == 1
    assert "must specify a region" in out.getvalue()
