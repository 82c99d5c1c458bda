"""What the command line refuses, and what it says when it cannot finish: one sentence and a status of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagnostics import report
from diagnostics.__main__ import main
from diagnostics.commands import running
from diagnostics.snapshot.case import parse_case
from tests import build
from tests.build import saved
from tests.cli.test_cli import ROOT

CASE = json.dumps(saved.case_json("demo-route-no-egress"))
Edit = Callable[[dict[str, Any]], object]


def changed(edit: Edit) -> bytes:
    content = json.loads(CASE)
    edit(content)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            changed(lambda case: case.update(schema_version=99)),
            ("version 99", "understands version 1", "--save"),
        ),
        (changed(lambda case: case.update(schema_version="1")), ('version "1"', "understands version 1")),
        (changed(lambda case: case.update(schema_version=None)), ("version null",)),
        (changed(lambda case: case.update(schema_version=True)), ("version true",)),
        (changed(lambda case: case.pop("region")), ("region: Field required",)),
        (changed(lambda case: case.pop("target")), ("no object with a target",)),
        (changed(lambda case: case.update(region="; rm -rf /")), ("region: ",)),
        (changed(lambda case: case.update(account_id="$(id)")), ("account_id: ",)),
        (changed(lambda case: case.update(partition="aws;")), ("partition: ",)),
        (changed(lambda case: case["target"].update(region="x y")), ("target.region: ",)),
        (changed(lambda case: case.update(subnets=[])), ("subnets: ",)),
        (changed(lambda case: case.update(seconds=float("nan"))), ("NaN is no number of JSON",)),
        (changed(lambda case: case.update(seconds="1e999")), ("seconds: ",)),
        (CASE.replace('"seconds": ', '"seconds": 1e999, "x": ').encode(), ("seconds: ",)),
        (CASE.encode()[:-1], ("no JSON",)),
        (b"", ("no JSON",)),
        (b"[]", ("no object with a target",)),
        (b"[" * 100_000, ("nested too deeply",)),
        (b'{"target":' * 50_000, ("nested too deeply",)),
        (b"\xff\xfe\x00", ("not text in UTF-8",)),
        (b'{"target": ' + b"9" * 5000 + b"}", ("no JSON",)),
        (b'{"target": "\\ud800", "region": "eu-west-1"}', ("hex escape",)),
    ],
)
def test_a_case_that_cannot_be_replayed_is_refused(
    data: bytes, says: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "case.json"
    file.write_bytes(data)
    assert main(["--replay", str(file)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert len(captured.err) < 700
    assert all(part in captured.err for part in says), captured.err
    assert main(["--replay", str(file), "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == ""
    assert json.loads(captured.out)["error"]["kind"] == "bad_input"


def test_a_folder_a_large_file_and_a_bad_path_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diagnostics.snapshot.case.LARGEST", 1000)
    large = tmp_path / "large.json"
    large.write_text(CASE, encoding="utf-8")
    for path, says in ((tmp_path, "Is a directory"), (large, "is larger than"), ("a\0b", "null byte")):
        assert main(["--replay", str(path)]) == 2
        error = capsys.readouterr().err
        assert says in error
        assert error.count("\n") == 1


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_bytes(b"\xef\xbb\xbf" + CASE.encode())
    assert main(["--replay", str(file)]) == 1


def test_another_region_than_the_targets_is_refused(no_aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([build.TASK_ARN, "--region", "ap-south-1"]) == 2
    error = capsys.readouterr().err
    assert "ap-south-1" in error
    assert build.REGION in error


def test_a_region_of_the_settings_that_is_none(
    no_aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_REGION", "Frankfurt")
    # The AWS CLI asks the other one first, too.
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert main(["payments/refunds-worker"]) == 2
    assert "'Frankfurt' is no Region" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_report_that_was_not_saved_keeps_its_status(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = parse_case(CASE.encode())
    save = tmp_path / "taken"

    def read(*_: object) -> running.Run:
        # Somebody else takes the name while AWS is read.
        save.mkdir()
        return running.Run(snapshot, report.build(snapshot))

    monkeypatch.setattr(running, "_read", read)
    assert main([build.TASK_ARN, "--save", str(save), "--format", form]) == 1
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "could not be written: Is a directory" in captured.err
    if form == "json":
        assert json.loads(captured.out)["verdict"]["outcome"] == "cause_found"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_defect_of_ours_is_not_a_cause(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a \x1b]0;x\x07 name")

    file = tmp_path / "case.json"
    file.write_text(CASE, encoding="utf-8")
    monkeypatch.setattr("diagnostics.report.build", fails)
    assert main(["--replay", str(file), "--format", form]) == 70
    captured = capsys.readouterr()
    assert "\x1b" not in captured.err
    assert "RuntimeError" in captured.err
    assert captured.out == "" or json.loads(captured.out)["error"]["kind"] == "internal"


def shell(script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "case.json"
    file.write_text(CASE, encoding="utf-8")
    return subprocess.run(
        ["bash", "-c", f'run() {{ "$PYTHON" -m diagnostics "$@"; }}; {script}'],
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "CASE": str(file)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    "words",
    [
        '--replay "$CASE"',
        '--replay "$CASE" --format json',
        "list",
        "explain route-no-egress",
        "--replay no --format json",
        "--help",
        "--version",
    ],
)
def test_an_output_that_is_full_has_a_status_of_its_own(words: str, tmp_path: Path) -> None:
    done = shell(f"run {words} > /dev/full", tmp_path)
    assert done.returncode == 74
    assert done.stderr == "The answer could not be written to standard output: No space left on device.\n"


def test_a_reader_that_went_away_is_no_cause(tmp_path: Path) -> None:
    done = shell('run --replay "$CASE" | true; exit ${PIPESTATUS[0]}', tmp_path)
    assert done.returncode == 141
    assert done.stderr == ""


def test_no_output_at_all_and_an_ascii_one(tmp_path: Path) -> None:
    for script in (
        'run --replay "$CASE" >&-',
        'LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 run --replay "$CASE"',
        'PYTHONIOENCODING=ascii run --replay "$CASE"',
    ):
        done = shell(script, tmp_path)
        assert (done.returncode, done.stderr) == (1, ""), script


@pytest.mark.parametrize(
    ("config", "environment", "says"),
    [
        ("", {"AWS_PROFILE": "nope"}, "There is no profile 'nope'"),
        ("", {"AWS_ACCESS_KEY_ID": "AKIA"}, "AWS_SECRET_ACCESS_KEY is missing"),
        ("[default]\naws_access_key_id=AKIA\n", {}, "aws_secret_access_key is missing"),
        ("[default]\ncredential_process=/bin/false\n", {}, "could not be got from custom-process"),
        ("garbage[", {}, "cannot be read; correct it"),
        ("", {}, "No AWS credentials were found"),
    ],
)
@pytest.mark.parametrize("target", [build.TASK_ARN, "payments/refunds-worker"])
def test_settings_that_give_no_credentials(
    config: str,
    environment: dict[str, str],
    says: str,
    target: str,
    no_aws: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "config").write_text(config, encoding="utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if target != build.TASK_ARN and "nope" not in says and "garbage" not in config:
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert main([target]) == 4
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_configuration_file_that_may_not_be_read(
    no_aws: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def refuse(_: object, names: list[str], encoding: str | None = None) -> list[str]:
        raise PermissionError(13, "Permission denied", names[0])

    (tmp_path / "config").write_text("[default]\n", encoding="utf-8")
    monkeypatch.setattr("configparser.RawConfigParser.read", refuse)
    for target in (build.TASK_ARN, "payments/refunds-worker"):
        assert main([target]) == 4
        error = capsys.readouterr().err
        assert "config cannot be read: Permission denied" in error
        assert error.count("\n") == 1


def test_what_changed_since_a_saved_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, now, other = (tmp_path / f"{name}.json" for name in ("before", "now", "other"))
    before.write_text(CASE, encoding="utf-8")
    now.write_bytes(
        changed(
            lambda case: case.update(
                task={"kind": "unavailable", "why": "throttled", "call": "ecs:DescribeTasks"},
                subnets={},
                vpcs={},
            )
        )
    )
    other.write_bytes(changed(lambda case: case["target"].update(cluster="another")))
    for previous, current, says in (
        (before, now, "Can no longer be seen"),
        (now, before, "New "),
        (before, before, "Still failing"),
    ):
        main(["--replay", str(current), "--previous", str(previous), "--verbose"])
        text = capsys.readouterr().out
        assert f"Since the last run\n  {says}" in text
        assert "Fixed" not in text
        main(["--replay", str(current), "--previous", str(previous)])
        assert f"Since   {says.strip().lower()}: " in capsys.readouterr().out
    for path, says in ((other, "is about arn:"), (tmp_path, "Is a directory")):
        for words in (["--replay", str(before)], [json.loads(CASE)["task"]["value"]["taskArn"]]):
            assert main([*words, "--previous", str(path)]) == 2
            error = capsys.readouterr().err
            assert says in error
            assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["a/b", "--password=SECRET9"], ["a/b", "--region", "token=SECRET9"], ["password=SECRET9"]]
)
def test_a_secret_among_the_words_is_not_repeated(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(words)
    except SystemExit as stop:
        status = int(str(stop.code))
    captured = capsys.readouterr()
    assert status == 2
    assert "SECRET9" not in captured.out + captured.err
