"""`audit` on the command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from diagnostics.__main__ import main
from diagnostics.audit import AuditProgress, AuditReport
from diagnostics.commands import auditing
from diagnostics.commands.auditing import in_words, status_of

from .test_changes import finding
from .test_changes import report as made
from .worlds import AuditWorld

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "audit.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def settings(world: AuditWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AuditWorld:
    """The settings that lead to the audited account."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name, value in world.account.aws.environment().items():
        monkeypatch.setenv(name, value)
    return world


def test_it_audits_a_cluster(
    settings: AuditWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["audit", "--cluster", "small", "--format", "json"]) == 1
    out = capsys.readouterr().out
    told = json.loads(out)
    jsonschema.validate(told, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert [item["level"] for item in told["findings"]] == ["now", "soon"]
    kept = tmp_path / "before.json"
    kept.write_text(out, encoding="utf-8")
    arn = f"arn:aws:ecs:{settings.region}:{settings.account.account_id}:cluster/small"
    assert main(["audit", "--cluster", arn, "--previous", str(kept)]) == 1
    text = capsys.readouterr().out
    assert text.startswith(
        "now-small: would fail now · soon-small: image expires after 1 more push by rule 1\n"
    )
    assert text.endswith("Since the audit before:\nNothing changed since the audit before.\n")


def test_a_cluster_that_is_not_there_is_wrong_input(
    settings: AuditWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "--cluster", "smal"]) == 2
    assert "There is no cluster smal in us-east-1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "ne of the arguments --cluster --all is required"),
        (["--all", "--cluster", "prod"], "not allowed with argument"),
        (["--cluster", "prod;rm"], "expected the name or the ARN of a cluster, for example prod"),
        (["--all", "--days", "0"], "expected a number of days from 1 to 3650, for example 30"),
        (["--all", "--days", "many"], "expected a number of days"),
        (["--all", "--deadline", "-1"], "expected a number of seconds"),
        (["--all", "--region", "moon"], "expected a Region"),
    ],
)
def test_wrong_words_are_refused_with_an_example(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["audit", *words])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


ARN = "arn:aws:ecs:{}:{}:cluster/prod"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cluster", ARN.format("eu-west-1", "1" * 12), "--region", "us-east-1"], "eu-west-1 and us-east-1"),
        (["--cluster", ARN.format("eu-west-1", "1" * 12), "--cluster", ARN.format("eu-west-1", "2" * 12)], "1 and 2"),
        (["--all", "--previous", "nowhere.json"], "nowhere.json could not be read: No such file or directory."),
    ],
)  # fmt: skip
def test_input_that_does_not_go_together(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *words]) == 2
    err = capsys.readouterr().err
    assert said in err or said.replace("1 and 2", f"{'1' * 12} and {'2' * 12}") in err


def test_what_is_no_audit_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "before.json"
    file.write_text('{"verdict": 1}', encoding="utf-8")
    assert main(["audit", "--all", "--previous", str(file)]) == 2
    assert "is no audit that was kept with --format json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (made(), 0),
        (made(finding("risk", "a")), 0),
        (made(finding("soon", "a"), undecided="b"), 1),
        (made(finding("now", "a"), interrupted=True), 1),
        (made(undecided="b"), 3),
        (made(missing=("prod/d",)), 3),
        (made(interrupted=True), 3),
    ],
)
def test_the_exit_status(report: AuditReport, status: int) -> None:
    assert status_of(report) == status


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (AuditProgress(done=0, total=None, requests=7), "Listing what runs: 7 answers"),
        (AuditProgress(done=5, total=20, requests=90, seconds_left=75.4), "Looked at 5 of 20, 90 requests, about 1 min 15 s left"),
        (AuditProgress(done=20, total=20, requests=90, seconds_left=0.0), "Looked at 20 of 20, 90 requests"),
    ],
)  # fmt: skip
def test_the_progress_in_words(step: AuditProgress, words: str) -> None:
    assert in_words(step) == words


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and a Region, where nothing is asked with them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.usefixtures("credentials")
def test_an_interrupted_audit_says_so_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut_short(**_: Any) -> AuditReport:
        return made(finding("now", "a"), interrupted=True, missing=("prod/d",))

    monkeypatch.setattr(auditing, "run_audit", cut_short)
    assert main(["audit", "--all"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "Interrupted: what follows is what was known by then.\n"
    assert "Not looked at before it was interrupted (1)\n  prod/d" in shown.out


@pytest.mark.usefixtures("credentials")
def test_text_of_aws_cannot_act_on_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = finding("now", "a").model_copy(update={"summary": "\x1b[2J\u202egone"})
    monkeypatch.setattr(auditing, "run_audit", lambda **_: made(evil))
    for form in ("text", "json"):
        main(["audit", "--all", "--format", form])
        shown = capsys.readouterr().out
        assert "\x1b" not in shown
        assert "\u202e" not in shown
