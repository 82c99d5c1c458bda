"""The command line: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.aws import DEMO, Account
from diagnostics.__main__ import main
from diagnostics.commands.options import options_of
from diagnostics.faults import ALL_FAULTS
from tests import build

ROOT = Path(__file__).parent.parent.parent
NOT_FOUND = f"CannotPullContainerError: failed to resolve ref {build.IMAGE}: {build.IMAGE}: not found"


def saved(path: Path, *edits: build.Edit) -> str:
    file = path / "case.json"
    snapshot = build.changed(build.fargate(), *edits)
    file.write_text(snapshot.model_dump_json(by_alias=True), encoding="utf-8")
    return str(file)


def without_tag(world: build.World) -> None:
    build.image_of(world)["detail"] = build.absent("ecr:DescribeImages")


def without_task(world: build.World) -> None:
    world["task"] = build.absent("ecs:DescribeTasks")
    world["source"] = "none"
    for name in ("service", "task_definition"):
        world[name] = build.unavailable("the task is gone")


def denied_image(world: build.World) -> None:
    for name in ("detail", "repository"):
        build.image_of(world)[name] = build.unavailable("denied", "ecr:DescribeImages")


def exited(world: build.World) -> None:
    build.stopped("Essential container in task exited")(world)
    task = build.task_of(world)
    task.update(stopCode="EssentialContainerExited")
    task["containers"][0].update(exitCode=1, reason=None)


@pytest.mark.parametrize(
    ("edits", "status", "outcome"),
    [
        ((), 0, "nothing_wrong"),
        ((exited,), 0, "not_a_pull_failure"),
        ((build.stopped(NOT_FOUND), without_tag), 1, "cause_found"),
        ((build.stopped(NOT_FOUND), denied_image), 3, "undecided"),
        ((without_task,), 3, "task_gone"),
    ],
)
def test_the_exit_status_tells_the_outcome(
    edits: tuple[build.Edit, ...],
    status: int,
    outcome: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = saved(tmp_path, *edits)
    assert main(["--replay", case, "--format", "json"]) == status
    assert json.loads(capsys.readouterr().out)["verdict"]["outcome"] == outcome
    assert main(["--replay", case]) == status
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("scenario", DEMO, ids=lambda item: item.id)
def test_a_broken_task_is_explained_from_its_arn(
    scenario: object, aws_settings: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = aws_settings.broken[scenario.id]  # type: ignore[attr-defined]
    assert main([broken.task.arn, "--format", "json"]) == 1
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert captured.err == ""
    first = report["causes"][0]
    assert (first["id"], first["role"]) == (scenario.fault, "cause")  # type: ignore[attr-defined]
    assert set(broken.resources) <= set(first["resources"])


def test_what_was_saved_replays_to_the_same_report(
    aws_settings: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = aws_settings.broken["demo-tag-not-found"].task.arn
    case = tmp_path / "case.json"
    assert main([arn, "--format", "json", "--save", str(case)]) == 1
    live = capsys.readouterr().out
    assert main(["--replay", str(case), "--format", "json"]) == 1
    assert capsys.readouterr().out == live


def test_a_service_stands_for_its_newest_stopped_task(
    aws_settings: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = aws_settings.broken["demo-tag-not-found"]
    assert main([f"{broken.task.cluster}/{broken.task.service}", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["task"]["arn"] == broken.task.arn


ARN = build.TASK_ARN


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Give a task ARN"),
        (["nonsense"], "'nonsense' alone could be a cluster or a service"),
        (["arn:aws:s3:::bucket/key"], "for example"),
        ([ARN, "--replay", "case.json"], "not both"),
        (["--replay", "no-such-file.json"], "no-such-file.json could not be read"),
        ([ARN, "--save", "no/such/folder/case.json"], "There is no folder no/such/folder"),
        (["payments/refunds-worker"], "Which Region?"),
    ],
)
def test_bad_input_gets_one_sentence(
    words: list[str], says: str, no_aws: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    if "for example" not in says:
        assert says in captured.err
    assert main([*words, "--format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.err == ""
    assert set(json.loads(captured.out)["error"]) == {"kind", "message"}


def test_a_file_that_is_no_case_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("empty.json", ""), ("list.json", "[]"), ("other.json", '{"region": 7}')):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert main(["--replay", str(tmp_path / name)]) == 2
        assert "is not a case saved with --save" in capsys.readouterr().err
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    assert main(["--replay", str(tmp_path / "binary.json")]) == 2
    assert "it is not text" in capsys.readouterr().err


def test_without_credentials_it_says_what_to_set(no_aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([ARN]) == 4
    assert "AWS_PROFILE" in capsys.readouterr().err
    assert main([ARN, "--format", "json"]) == 4
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "no_credentials"


def test_a_profile_that_does_not_exist(no_aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([ARN, "--profile", "nobody"]) == 4
    assert "There is no profile 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["0", "-3", "soon", "901"])
def test_a_deadline_is_a_number_of_seconds(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([ARN, "--deadline", seconds])
    assert stop.value.code == 2
    assert "seconds up to 900" in capsys.readouterr().err


def test_every_cause_is_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for name in ALL_FAULTS:
        assert f"{name} " in listed
        assert main(["explain", name]) == 0
        text = capsys.readouterr().out
        assert text.startswith(f"{name}\n")
        assert "Why the pull fails" in text
        assert "How to fix it" in text


def test_a_misspelt_cause_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "tag-not-fund"]) == 2
    assert "did you mean tag-not-found" in capsys.readouterr().err


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
    command = '"$0" -m diagnostics list | head -n 1; exit ${PIPESTATUS[1]}'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ([build.TASK_ARN], build.TASK_ARN),
        ([build.TASK_ARN, "CannotPullContainerError:", "not found"], f"{build.TASK_ARN} CannotPullContainerError: not found"),
        (["--region", "us-east-1", build.TASK_ARN, "not found"], f"{build.TASK_ARN} not found"),
        ([build.TASK_ARN, "--region", "us-east-1"], build.TASK_ARN),
        ([], None),
    ],
)  # fmt: skip
def test_the_text_of_an_alert_may_follow_the_target(words: list[str], target: str | None) -> None:
    assert options_of(words).target == target


def test_a_saved_alert_is_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told_by_an_alert(world: build.World) -> None:
        without_task(world)
        world.update(source="alert", alert_text=NOT_FOUND)

    case = saved(tmp_path, told_by_an_alert)
    main(["--replay", case])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Told by the alert's own text, ECS no longer describes the task" in shown
    assert "image-not-found" in shown
    assert "The error text is from the alert, since the task itself is gone" in shown
