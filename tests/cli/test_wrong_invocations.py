"""Every wrong invocation gets one sentence that says what to do, its status, and nothing on standard output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import botocore.endpoint
import pytest

from diagnostics.__main__ import main
from tests.build import saved
from tests.cli.broken_aws import BrokenAws, broken_aws
from tests.cli.wrong import ROWS, Wrong

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
    assert says[0].isupper() or says[0] in "'`-"
    assert says[-1] in ".?"
