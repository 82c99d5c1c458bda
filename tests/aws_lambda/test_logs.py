"""Logs and metrics: one JSON object a line, with the run, and without a secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest
from pydantic import SecretStr
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.logs import configure_logging, without_secrets
from bot.metrics import MeasuredDiagnoser, MeasuredWebClient, Metrics
from bot.services import compose
from bot.settings import Settings
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack
from diagnostics.finding import Report
from handlers.attempt import run_id_of
from handlers.context import doing
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import Accounts, DiagnosisError, Services
from handlers.running import JobOutcome, run_job
from tests.aws_lambda.cloud import lines
from tests.bot.conftest import Script
from tests.build import ACCOUNT, reports

HOOK = "https://hooks.slack.com/commands/T024BE7LH/1234567890/aBcDeFgHiJkLmNoPqRsTuVwX"
SECRETS = [
    ("xoxb-123456789012-abcDEF", "xoxb-"),
    ("xoxe.xoxp-1-Mi0yLTEyMzQ", "Mi0y"),
    ("xapp-1-A012-345-abcdef", "xapp-"),
    (HOOK, "hooks.slack.com"),
    (f'{{"response_url": "{HOOK}"}}', "aBcDeFg"),
    ("https://b.s3.amazonaws.com/l?X-Amz-Signature=0a1b2c&x=1", "0a1b2c"),
    ("https://b.s3.amazonaws.com/l?X-Amz-Security-Token=FwoGZXIv&x=1", "FwoGZ"),
]


def logged(form: str = "json", **always: str) -> tuple[io.StringIO, logging.Logger]:
    stream = io.StringIO()
    configure_logging("INFO", form, stream=stream, always=always)  # type: ignore[arg-type]
    return stream, logging.getLogger("test")


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[secret for _, secret in SECRETS])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_holds_a_secret(text: str, secret: str, form: str) -> None:
    stream, log = logged(form)
    log.info("sent %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")

    assert secret not in stream.getvalue()
    assert stream.getvalue().count("***") == 2
    assert without_secrets("nothing of the kind: xylophone, hooks.slack.com") == (
        "nothing of the kind: xylophone, hooks.slack.com"
    )


def test_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    stream, log = logged(request_id="r1")
    with doing("0a1b2c3d", "U1"):
        log.info("two\nlines of %s", "text")
    log.warning("outside")
    log.debug("not this")
    try:
        raise RuntimeError("why")
    except RuntimeError:
        log.exception("failed")

    first, second, third = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["message"] == "two\nlines of text"
    assert (first["level"], first["logger"], first["run_id"]) == ("INFO", "test", "0a1b2c3d")
    assert first["timestamp"].endswith("+00:00")
    assert "run_id" not in second
    assert {item["request_id"] for item in (first, second, third)} == {"r1"}
    assert "RuntimeError: why" in third["exception"]


def test_libraries_are_kept_quiet() -> None:
    stream, _ = logged()

    for name in ("slack_sdk.web", "botocore.endpoint", "urllib3"):
        logging.getLogger(name).info("a body")

    assert stream.getvalue() == ""


def test_socket_mode_writes_metrics_where_it_logs_json(
    slack: LocalSlack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form, outcomes in (("text", []), ("json", ["cause_found"])):
        settings = Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_api_url=slack.api_url,
            pullcheck_database=tmp_path / form,
            pullcheck_log_format=form,  # type: ignore[arg-type]
        )
        parts = compose(settings, diagnose=Script())
        job = Job(
            key="k",
            kind=DIAGNOSE,
            target=reports.TARGET,
            channel=slack.channel.id,
            user=slack.user.id,
        )
        parts.queue.submit(job)
        assert parts.stop(30)

        written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["Outcome"] for line in written if "Outcome" in line] == outcomes


# --- metrics -----------------------------------------------------------------------------------------


def metrics() -> tuple[list[str], Metrics]:
    written: list[str] = []
    return written, Metrics(written.append, clock=lambda: 1_795_600_000.5)


def values(lines: list[str]) -> list[tuple[dict[str, str], dict[str, float]]]:
    """Of each line the dimensions and the metrics, read as CloudWatch reads it."""
    found = []
    for text in lines:
        line = json.loads(text)
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "pullcheck"
        (dimensions,) = directive["Dimensions"]
        names = [metric["Name"] for metric in directive["Metrics"]]
        found.append(({name: line[name] for name in dimensions}, {name: line[name] for name in names}))
    return found


def test_a_diagnosis_is_counted_with_its_outcome_and_its_causes() -> None:
    written, counter = metrics()
    report = reports.cause_found()
    with doing("0a1b2c3d", "U1"):
        MeasuredDiagnoser(Script(), counter)(reports.TARGET, None)

    assert values(written) == [
        (
            {},
            {
                "Runs": 1,
                "Seconds": report.snapshot.seconds,
                "AwsCalls": report.snapshot.api_calls,
                "AwsAnswersReused": 0,
                "SecondsHeldBack": 0.0,
            },
        ),
        ({"Outcome": "cause_found"}, {"Runs": 1}),
        ({"Fault": "route-no-egress"}, {"Causes": 1}),
    ]
    assert {json.loads(line)["run_id"] for line in written} == {"0a1b2c3d"}
    assert json.loads(written[0])["_aws"]["Timestamp"] == 1_795_600_000_500


def test_a_diagnosis_that_could_not_be_made_is_counted() -> None:
    written, counter = metrics()

    def refuse() -> None:
        raise DiagnosisError("no")

    with pytest.raises(DiagnosisError):
        MeasuredDiagnoser(Script([refuse]), counter)(reports.TARGET, None)  # type: ignore[list-item]

    assert values(written) == [({}, {"FailedRuns": 1})]


def test_what_slack_refuses_is_counted_by_its_error() -> None:
    written, counter = metrics()
    with LocalSlack() as slack:
        client = MeasuredWebClient(slack.bot_token, base_url=slack.api_url, metrics=counter)
        client.chat_postMessage(channel=slack.channel.id, text="x")
        assert written == []
        slack.fail("chat.postMessage", "is_archived")
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel=slack.channel.id, text="x")
    client = MeasuredWebClient("xoxb-1", base_url="http://127.0.0.1:9/api/", metrics=counter)
    with pytest.raises(URLError):
        client.chat_postMessage(channel="C1", text="x")

    assert values(written) == [
        ({}, {"SlackErrors": 1}),
        ({"Error": "is_archived"}, {"SlackErrors": 1}),
        ({}, {"SlackErrors": 1}),
        ({"Error": "URLError"}, {"SlackErrors": 1}),
    ]


# --- secrets that stand in error texts, and texts that would be lines of their own --------------------

NAMED = [
    ("https://user:hunter2@registry.example/v2/", "https://***@registry.example/v2/"),
    ("http://hunter2@registry.example", "http://***@registry.example"),
    ("https://user:hunter2@hunter2@registry.example", "https://***@registry.example"),
    ("PGPASSWORD=hunter2 db_password: hunter2", "PGPASSWORD=*** db_password: ***"),
    (
        "AWS_SECRET_ACCESS_KEY=hunter2 aws_session_token=hunter2",
        "AWS_SECRET_ACCESS_KEY=*** aws_session_token=***",
    ),
    (r'"{\"password\":\"hunter2\",\"x\":1}"', r'"{\"password\":\"***\",\"x\":1}"'),
    ("postgres://a:hunter2@db/x?password=hunter2", "postgres://***@db/x?password=***"),
    ('{"password": "hunter2 and more", "x": 1}', '{"password": "***", "x": 1}'),
    ("Password=hunter2;Server=x", "Password=***;Server=x"),
    ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic ***"),
    ("'authorization': 'Bearer hunter2'", "'authorization': 'Bearer ***'"),
    ("sent Bearer eyJhbGciOiJIUzI1NiJ9.hunter2.x", "sent Bearer ***"),
]


@pytest.mark.parametrize(("text", "cleaned"), NAMED, ids=[cleaned for _, cleaned in NAMED])
def test_what_its_name_tells_to_be_secret_is_cut_out(text: str, cleaned: str) -> None:
    assert without_secrets(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "https://registry.example/team/api@sha256:0a1b",
        "Bearer authentication is asked for",
        'WWW-Authenticate: Bearer realm="https://auth.example/token",service="registry"',
        "no basic auth credentials",
        "the password is wrong",
        "mail a@b.example",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


STEERING = "a\nERROR forged\r\x1b]0;x\x07\x9b31m\u2028b\u202ec\ufeffd\te\ud800f"


def test_a_record_is_one_line_and_steers_no_terminal() -> None:
    stream, log = logged("text")
    log.info("found %s", STEERING)
    try:
        raise ValueError(STEERING)
    except ValueError:
        log.exception("failed")

    first, second = stream.getvalue().split("\n")[:2]
    assert stream.getvalue().count("\n") == 2
    assert not [sign for sign in stream.getvalue().replace("\n", "") if not sign.isprintable()]
    assert first.endswith(r"found a\nERROR forged\r\x1b]0;x\x07\x9b31m\u2028b\u202ec\ufeffd\te\ud800f")
    assert r"Traceback (most recent call last):\n" in second


def test_a_line_of_json_steers_no_terminal_either() -> None:
    stream, log = logged("json")
    log.info("found %s", STEERING)

    (line,) = stream.getvalue().splitlines()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"found {STEERING}"


# --- one line for each run ---------------------------------------------------------------------------


@dataclass
class Case:
    """A run, and what the line about it says beside who asked where for what."""

    step: Callable[[], Report]
    says: dict[str, object]
    allowed: frozenset[str] | None = None
    account: str | None = ACCOUNT


def _cannot() -> Report:
    raise DiagnosisError("the app's AWS credentials have expired.")


def _crash() -> Report:
    raise RuntimeError("hunter2")


CASES = {
    "made": Case(
        reports.cause_found,
        {
            "verdict": "cause_found",
            "causes": ["route-no-egress", "tag-not-found"],
            "seconds": 1.24,
            "calls": 34,
        },
    ),
    "could not be made": Case(
        _cannot, {"verdict": "failed", "reason": "the app's AWS credentials have expired."}
    ),
    "crashed": Case(_crash, {"verdict": "failed", "reason": "RuntimeError"}),
    "refused": Case(
        reports.cause_found,
        {
            "verdict": "refused",
            "reason": f"Account {ACCOUNT} is not one that this app may look at; "
            "its operator can add it to PULLCHECK_ALLOWED_ACCOUNTS.",
        },
        allowed=frozenset(),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("user", ["U0ALICE", ""], ids=["person", "event"])
def test_each_run_has_one_line(slack: LocalSlack, case: Case, user: str) -> None:
    stream, _ = logged("json")
    store = SqliteRuns(":memory:")
    parts = Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url),
        diagnose=Script([case.step]),
        runs=store,
        fault=lambda _: None,
        accounts=Accounts(case.allowed),
    )
    job = Job(
        key="k",
        kind=DIAGNOSE,
        target=reports.TARGET,
        channel=slack.channel.id,
        user=user,
        team="T1" if user else None,
    )

    assert run_job(job, parts) is JobOutcome.SETTLED
    # Delivered again, it is no run.
    run_job(job, parts)

    (line,) = [item for item in lines(stream.getvalue()) if item["logger"] == "audit"]
    who = {"user": user, "team": "T1"} if user else {}
    assert {name: value for name, value in line.items() if name != "timestamp"} == {
        "level": "INFO",
        "logger": "audit",
        "message": "run",
        "run_id": run_id_of(job),
        "kind": "diagnose",
        **who,
        "channel": slack.channel.id,
        "target": str(reports.TARGET),
        "account": ACCOUNT,
        **case.says,
        "told": "channel",
    }
    store.close()


def test_an_account_that_only_aws_could_name_is_named_where_it_is_refused(slack: LocalSlack) -> None:
    stream, _ = logged("text")
    store = SqliteRuns(":memory:")
    parts = Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url),
        diagnose=Script(),
        runs=store,
        fault=lambda _: None,
        accounts=Accounts(frozenset({"999988887777"})),
    )
    target = reports.TARGET.model_copy(update={"account_id": None, "partition": None})
    run_job(Job(key="k", kind=DIAGNOSE, target=target, channel=slack.channel.id, user="U1"), parts)

    (line,) = [item for item in stream.getvalue().splitlines() if "audit" in item]
    assert f'account="{ACCOUNT}"' in line
    assert 'verdict="refused"' in line
    store.close()


def test_who_had_what_read_is_written_however_little_is_logged() -> None:
    stream = io.StringIO()
    configure_logging("ERROR", "text", stream=stream)

    logging.getLogger("audit").info("run")
    logging.getLogger("bot").warning("something")

    assert [line.split()[-1] for line in stream.getvalue().splitlines()] == ["run"]
