"""Every wrong invocation gets one sentence that says what to do, its status, and nothing on standard output."""

from __future__ import annotations

import dataclasses
import io
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import botocore.credentials
import botocore.endpoint
import pytest
from rich.status import Status

from diagnostics.__main__ import FAILED_ITSELF, main
from diagnostics.collect import AwsClients, AwsUnreachableError
from diagnostics.collect.credentials import obtain
from diagnostics.collect.troubles import AskedWith
from diagnostics.commands import running
from diagnostics.commands.answering import EXIT, NOT_READ_TO_THE_END, NOT_WRITTEN, UNREACHABLE, WRONG_INPUT
from diagnostics.diagnose import Run
from diagnostics.render import HarmlessConsole
from diagnostics.report import build
from diagnostics.snapshot import Reason, Unavailable, Why
from tests.build import saved
from tests.cli.broken_aws import BrokenAws, broken_aws, self_signed
from tests.cli.wrong import ARN, KEYS, ME, ROLE, ROWS, Wrong

SETTINGS = (
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "AWS_DEFAULT_PROFILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE",
    "AWS_RETRY_MODE", "AWS_DEFAULTS_MODE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)  # fmt: skip


@pytest.fixture(scope="module")
def aws() -> Iterator[BrokenAws]:
    with broken_aws() as server:
        yield server


@pytest.fixture
def prepared(no_aws: None, aws: BrokenAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that rows name, no settings of the machine, no terminal, and no pauses between two attempts."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr("diagnostics.commands.asking.has_terminal", lambda: False)
    (tmp_path / "case.json").write_text(json.dumps(saved.case_json("demo-route-no-egress")), encoding="utf-8")
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    (tmp_path / "list").write_text("[]", encoding="utf-8")
    return tmp_path


def filled(text: str, tmp: Path, aws: BrokenAws) -> str:
    return text.replace("{tmp}", str(tmp)).replace("{url}", aws.url).replace("{port}", str(aws.port))


def invoke(row: Wrong, tmp: Path, aws: BrokenAws, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    (tmp / "config").write_text(row.config, encoding="utf-8")
    (tmp / "credentials").write_text(row.credentials, encoding="utf-8")
    if row.answer is not None:
        aws.answers(row.answer, row.me)
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
    for name, value in row.env.items():
        monkeypatch.setenv(name, filled(value, tmp, aws))
    try:
        return main([*(filled(word, tmp, aws) for word in row.words), *more])
    except SystemExit as stop:
        return int(str(stop.code))


def test_there_are_many() -> None:
    assert len(ROWS) >= 60
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_gets_one_sentence(
    row: Wrong,
    prepared: Path,
    aws: BrokenAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = invoke(row, prepared, aws, monkeypatch)
    told = capsys.readouterr()
    says = filled(row.says, prepared, aws)
    if row.stdout:
        assert (status, json.loads(told.out)["error"]["message"], told.err) == (row.status, says, "")
        return
    assert (status, told.err, told.out) == (row.status, f"{says}\n" if says else "", "")
    assert "Traceback" not in told.err
    assert "hunter2" not in told.err
    assert says[0].isupper() or says[0] in "'`-/"
    assert says[-1] in ".?"


OF_A_ROLE = Wrong(
    "mfa",
    (ARN, "--profile", "prod"),
    4,
    "",
    config=f"[profile prod]\n{ROLE}source_profile=base\nmfa_serial=arn:aws:iam::111122223333:mfa/ana\n",
    credentials="[base]\naws_access_key_id=AKIA\naws_secret_access_key=s\n",
    answer=(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."),
)
DENIED = Wrong(
    "denied",
    (ARN,),
    3,
    "",
    env=KEYS,
    me=ME,
    answer=(
        400,
        "AccessDeniedException",
        f"User: {ME} is not authorized to perform: it on resource: * token=SECRET9",
    ),
)


def test_a_prompt_has_the_terminal_to_itself(
    prepared: Path, aws: BrokenAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line of progress, which would write over the prompt, begins once the credentials are got."""
    happened: list[tuple[str, bool]] = []

    def prompt(_: str) -> str:
        happened.append(("prompt", threading.current_thread() is threading.main_thread()))
        return "123456"

    class Terminal(HarmlessConsole):
        is_terminal = True

        def status(self, *_: object, **__: object) -> Status:
            happened.append(("status", True))
            return super().status("")

    monkeypatch.setattr(
        botocore.credentials.AssumeRoleProvider.__init__, "__defaults__", (prompt, None, None)
    )
    monkeypatch.setattr("diagnostics.commands.asking.has_terminal", lambda: True)
    monkeypatch.setattr("diagnostics.render.console.HarmlessConsole", Terminal)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert invoke(OF_A_ROLE, prepared, aws, monkeypatch) == 4
    assert happened == [("prompt", True)]
    assert capsys.readouterr().err == (
        "AWS did not accept the MFA code of profile 'prod' (MultiFactorAuthentication failed with invalid MFA one time pass "
        "code); ask again with the next one.\n"
    )
    happened.clear()
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert invoke(dataclasses.replace(DENIED), prepared, aws, monkeypatch) == 3
    assert happened == [("status", True)]


def test_a_prompt_that_nobody_answers(
    prepared: Path, aws: BrokenAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def prompt(_: str) -> str:
        raise EOFError

    monkeypatch.setattr(
        botocore.credentials.AssumeRoleProvider.__init__, "__defaults__", (prompt, None, None)
    )
    monkeypatch.setattr("diagnostics.commands.asking.has_terminal", lambda: True)
    assert invoke(OF_A_ROLE, prepared, aws, monkeypatch) == 4
    assert "asks for an MFA code" in capsys.readouterr().err


def test_everything_denied_is_one_short_answer(
    prepared: Path, aws: BrokenAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(DENIED, prepared, aws, monkeypatch) == 3
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.count("\n") <= 12
    text = " ".join(told.out.split())
    assert f"Denied {ME} may not ecs:DescribeTasks" in text
    assert "docs/iam-policy.json allows all that is read" in text
    assert text.count("ecs:DescribeTasks") == 1
    assert invoke(DENIED, prepared, aws, monkeypatch, "--format", "json") == 3
    denied = json.loads(capsys.readouterr().out)["denied"]
    assert denied["by"] == ME
    assert denied["actions"] == sorted(set(denied["actions"]))
    assert denied["policy"] == "docs/iam-policy.json"


def test_debug_shows_what_botocore_said(
    prepared: Path, aws: BrokenAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(DENIED, prepared, aws, monkeypatch, "--debug", "--format", "json") == 3
    told = capsys.readouterr()
    assert "error" not in json.loads(told.out)
    lines = told.err.splitlines()
    assert lines
    assert len(lines) == len(set(lines))
    assert all(line.startswith("debug: ") for line in lines)
    assert "AccessDeniedException" in told.err
    assert "SECRET9" not in told.err
    row = next(item for item in ROWS if item.name == "no-profile")
    assert invoke(row, prepared, aws, monkeypatch, "--debug") == 4
    assert capsys.readouterr().err.splitlines() == [
        "debug: ProfileNotFound: The config profile (nope) could not be found",
        row.says,
    ]


def test_the_deadline_says_that_it_was_the_limit(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released = threading.Event()
    monkeypatch.setattr("diagnostics.commands.asking.obtain", lambda *_, **__: AskedWith())
    with broken_aws() as slow:
        slow.answers((500, "x", "x"))
        slow.waits(released)
        row = Wrong("slow", (ARN, "--deadline", "0.05"), 4, "", env={**KEYS, "AWS_ENDPOINT_URL": slow.url})
        try:
            assert invoke(row, prepared, slow, monkeypatch) == 4
        finally:
            released.set()
    assert capsys.readouterr().err == (
        "AWS did not answer within the 0.05 seconds of --deadline; give it longer, for example --deadline 20, or check the "
        "network.\n"
    )


def test_credentials_that_do_not_come_in_time(no_aws: None) -> None:
    never = threading.Event()

    class Waiting(AwsClients):
        def credentials(self) -> object:
            return never.wait()

    with pytest.raises(AwsUnreachableError) as raised:
        obtain(Waiting(lambda _: None), profile=None, region="eu-west-1", seconds=0.01)
    never.set()
    assert raised.value.message == (
        "The AWS credentials could not be got within the 0.01 seconds of --deadline; give it longer, for example --deadline "
        "60, or check the network."
    )


def test_what_a_deadline_cut_off_is_said_beside_the_report(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = saved.case("demo-route-no-egress").model_copy(
        update={"service": Unavailable(reason=Reason(why=Why.TIMED_OUT), call="ecs:DescribeServices")}
    )
    monkeypatch.setattr(running, "_read", lambda *_: Run(snapshot, build(snapshot)))
    status = main([ARN, "--deadline", "2"])
    told = capsys.readouterr()
    assert status == 1
    assert told.out.startswith("✗")
    assert (
        told.err
        == "What is missing was cut off by --deadline 2; give it longer, for example --deadline 20.\n"
    )


def test_a_certificate_that_is_not_trusted(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with broken_aws(self_signed(prepared)) as aws:
        aws.answers((403, "AccessDenied", "x"))
        url = f"https://127.0.0.1:{aws.port}"
        row = Wrong("certificate", (ARN,), 4, "", env={**KEYS, "AWS_ENDPOINT_URL": url})
        assert invoke(row, prepared, aws, monkeypatch) == 4
        told = capsys.readouterr().err
        assert told.startswith(
            f"The certificate of 127.0.0.1:{aws.port} is not one that this machine trusts ("
        )
        assert told.endswith("): where a proxy reads TLS, name its certificates with AWS_CA_BUNDLE.\n")
        assert told.count("\n") == 1


def test_standard_error_that_takes_nothing_changes_no_status(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stderr", Full())
    assert main([ARN]) == 4
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["nonsense"]) == 2
    sys.stderr.close()


def test_a_part_that_is_missing_is_no_cause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr("diagnostics.__main__.import_module", missing)
    assert main(["list"]) == 70
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("install it again.\n")


def test_help_lists_every_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    statuses = told[told.index("exit status: ") :]
    known = {*EXIT.values(), WRONG_INPUT, UNREACHABLE, FAILED_ITSELF, NOT_WRITTEN, NOT_READ_TO_THE_END, 130}
    for status in known:
        assert f" {status} " in statuses
