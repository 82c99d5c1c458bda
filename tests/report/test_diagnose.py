"""The facade reads once, judges what was read, and lets the errors of reading through."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import diagnose, report
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse
from tests.build import TASK_ARN, absent, changed, fargate, image_of, known

TARGET = parse(TASK_ARN)


def no_tag(world: dict[str, Any]) -> None:
    image_of(world).update(detail=absent("ecr:DescribeImages"), tagged=known([]))


def reading(monkeypatch: pytest.MonkeyPatch, answer: Snapshot | Exception) -> list[dict[str, Any]]:
    """Lets every reading give this answer; the returned list takes what each was asked with."""
    asked: list[dict[str, Any]] = []

    def collect(target: Any, clients: Any, **options: Any) -> Snapshot:
        asked.append({"target": target, "clients": clients, **options})
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(diagnose, "collect", collect)
    return asked


def test_a_run_gives_what_was_read_and_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    now, before = fargate(), changed(fargate(), no_tag)
    asked = reading(monkeypatch, now)
    aws, told = AwsClients(lambda account_id: None), print
    run = diagnose.run(TARGET, aws=aws, deadline=7.0, previous=before, region="eu-central-1", progress=told)
    assert run.snapshot is now
    assert run.report == report.build(now, before)
    assert run.report.changes
    # The checks are loaded while AWS is asked.
    assert callable(asked[0].pop("meanwhile"))
    assert asked == [
        {
            "target": TARGET, "clients": aws, "deadline": 7.0, "region": "eu-central-1", "progress": told, "previous": before,
            "alert_text": None, "store": None, "fresh": False, "urgent": True, "patience": 0.0, "planned": None, "newest": False,
        }
    ]  # fmt: skip


def test_a_report_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reading(monkeypatch, fargate())
    found = diagnose.diagnose(TARGET, aws=AwsClients(lambda account_id: None))
    assert found == report.build(fargate())
    assert (asked[0]["deadline"], asked[0]["previous"]) == (20.0, None)


@pytest.mark.parametrize(
    "error",
    [
        RegionNeededError("Which Region?"),
        AwsUnreachableError("no_credentials", "AWS accepted no credentials."),
    ],
    ids=["no Region", "no credentials"],
)
def test_errors_of_reading_pass_through(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    reading(monkeypatch, error)
    with pytest.raises(type(error)):
        diagnose.run(TARGET, aws=AwsClients(lambda account_id: None))
