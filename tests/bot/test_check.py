"""`python -m bot --check`: what works, what does not, and why."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from rich.console import Console

from bot.check import check, show
from bot.probes import PROBES, Checked, check_aws, check_database, check_slack
from bot.settings import Settings
from demo.slack import LocalSlack
from diagnostics.collect import permission_rows
from diagnostics.collect.calls import OPERATIONS

ACTIONS = tuple(row.action for row in permission_rows())
LOCK = threading.Lock()
METHODS = {item.action: item.method for item in OPERATIONS}


class Aws:
    """Real clients of botocore whose every call fails with the code that an action is given, else as a dry run does."""

    region: str | None = "eu-central-1"
    clients: ClassVar[dict[str, Any]] = {}
    """Making one takes long, so they are shared; they answer for whoever was made last."""
    last: ClassVar[Aws]

    def __init__(self, **codes: str) -> None:
        self.codes = {key.replace("__", ":"): value for key, value in codes.items()}
        self.error: Exception | None = None
        Aws.last = self

    def knows_region(self, region: str) -> bool:
        return True

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        with LOCK:
            if service not in self.clients:
                client = boto3.client(
                    service, region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
                )
                client.meta.events.register_first("before-call", lambda model, **_: Aws.last.answer(model))
                self.clients[service] = client
            return self.clients[service]

    def answer(self, model: Any) -> Any:
        if self.error is not None:
            raise self.error
        action = f"{model.service_model.service_name}:{model.name}"
        code = self.codes.get(action, "DryRunOperation")
        raise ClientError({"Error": {"Code": code, "Message": "…"}}, model.name)


def by_name(results: Any) -> dict[str, Checked]:
    return {item.what: item for item in results}


def test_every_action_of_the_table_has_a_probe_that_aws_would_take() -> None:
    """botocore refuses parameters that the operation does not have, before the call."""
    assert set(PROBES) == set(ACTIONS)
    for action, probe in PROBES.items():
        client = Aws().get(action.split(":")[0], "eu-central-1")
        with pytest.raises(ClientError, match="DryRunOperation"):
            getattr(client, METHODS[action])(**probe("aws"))


def test_what_reads_and_what_is_denied() -> None:
    results = by_name(check_aws(Aws(ec2__DescribeVpcs="UnauthorizedOperation", iam__GetRole="AccessDenied")))  # type: ignore[arg-type]

    failing = {name for name, item in results.items() if not item.works}
    assert set(results) == set(ACTIONS)
    assert failing == {"ec2:DescribeVpcs", "iam:GetRole"}
    assert "denied" in results["ec2:DescribeVpcs"].says


@pytest.mark.parametrize(
    ("action", "code", "works"),
    [
        ("ecs__DescribeTasks", "ClusterNotFoundException", True),
        ("ecr__DescribeImages", "RepositoryNotFoundException", True),
        ("iam__GetRole", "NoSuchEntity", True),
        ("secretsmanager__DescribeSecret", "ResourceNotFoundException", True),
        ("ec2__DescribeVpcAttribute", "InvalidVpcID.NotFound", True),
        ("ec2__DescribeVpcAttribute", "AuthFailure", False),
        ("ecs__DescribeTasks", "AccessDeniedException", False),
        ("ecs__DescribeTasks", "ThrottlingException", False),
        ("ecs__DescribeTasks", "ServerException", False),
        ("ecr__DescribeImages", "ExpiredTokenException", False),
        ("s3__GetBucketLocation", "NoSuchBucket", True),
        ("s3__GetBucketPolicy", "AccessDenied", False),
    ],
)
def test_an_answer_about_nothing_is_an_answer(action: str, code: str, works: bool) -> None:
    results = by_name(check_aws(Aws(**{action: code})))  # type: ignore[arg-type]

    result = results[action.replace("__", ":")]
    assert result.works is works
    # What is not proved by that is said.
    assert ("S3 answers" in result.says) is (code == "NoSuchBucket")


def refused(code: str) -> Exception:
    return ClientError({"Error": {"Code": code, "Message": "…"}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "what", "says"),
    [
        (NoCredentialsError(), "AWS credentials", "run `aws configure`"),
        (refused("ExpiredToken"), "AWS credentials", "have expired: renew them"),
        (refused("InvalidClientTokenId"), "AWS credentials", "AWS does not know the access key"),
        (EndpointConnectionError(endpoint_url="https://x"), f"all {len(ACTIONS)} reads of AWS", "reached"),
    ],
    ids=["none", "expired", "unknown", "no way"],
)
def test_what_keeps_everything_from_working_is_said_once(error: Exception, what: str, says: str) -> None:
    aws = Aws()
    aws.error = error

    (result,) = check_aws(aws)  # type: ignore[arg-type]
    assert (result.what, result.works) == (what, False)
    assert says in result.says


def test_without_a_region_that_is_said() -> None:
    aws = Aws()
    aws.region = None

    assert not by_name(check_aws(aws))["AWS_REGION"].works  # type: ignore[arg-type]


def test_tokens_and_scopes_that_work(settings: Settings) -> None:
    results = by_name(check_slack(settings))

    assert set(results) == {
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "scope commands",
        "scope chat:write",
        "scope app_mentions:read",
    }
    assert all(item.works for item in results.values())


def test_a_missing_scope_is_named(make_settings: Callable[..., Settings]) -> None:
    with LocalSlack(scopes=("commands",)) as slack:
        results = by_name(
            check_slack(
                make_settings(
                    slack_api_url=slack.api_url,
                    slack_bot_token=slack.bot_token,
                    slack_app_token=slack.app_token,
                )
            )
        )

    assert results["scope commands"].works
    assert not results["scope chat:write"].works


@pytest.mark.parametrize(
    ("changes", "failing"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, {"SLACK_BOT_TOKEN"}),
        ({"slack_app_token": "xapp-wrong"}, {"SLACK_APP_TOKEN"}),
        ({"slack_app_token": None}, {"SLACK_APP_TOKEN"}),
        ({"slack_api_url": "http://127.0.0.1:9/"}, {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}),
    ],
)
def test_what_does_not_work_is_named(
    make_settings: Callable[..., Settings], changes: dict[str, Any], failing: set[str]
) -> None:
    results = by_name(check_slack(make_settings(**changes)))

    assert {name for name, item in results.items() if not item.works} == failing


def test_a_file_that_cannot_be_used_is_named(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    assert check_database(make_settings()).works
    bad = check_database(make_settings(pullcheck_database=tmp_path / "missing" / "runs.sqlite3"))
    assert not bad.works
    assert "missing" in bad.says


@pytest.mark.parametrize(
    ("codes", "status", "last"), [({}, 0, "All "), ({"iam__GetRole": "AccessDenied"}, 1, "1 of ")]
)
def test_the_table_and_the_exit_status(
    settings: Settings, codes: dict[str, str], status: int, last: str
) -> None:
    out = io.StringIO()

    assert check(settings, Aws(**codes), Console(file=out, width=200)) == status  # type: ignore[arg-type]

    text = out.getvalue()
    assert text.splitlines()[-1].startswith(last)
    assert ("FAILS" in text) is bool(status)
    for action in ACTIONS:
        assert action in text


def test_what_slack_or_a_function_says_steers_no_terminal() -> None:
    """A workspace may be called anything."""
    out = io.StringIO()

    show([Checked("a\x9b", True, "is b in \x1b]0;x\x07\u202e\nFAILS forged")], Console(file=out, width=200))

    assert all(line.isprintable() for line in out.getvalue().splitlines())
    assert r"\x1b]0;x\x07\u202e\nFAILS forged" in out.getvalue()
