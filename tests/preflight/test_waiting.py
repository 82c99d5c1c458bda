"""`deployment` waits for the newest deployment of a service, by a clock that is not the machine's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.aws import Account
from diagnostics.__main__ import main
from diagnostics.collect.deployments import APPEARS, PAUSE, WaitingClock, awaited
from diagnostics.commands import deploying
from diagnostics.snapshot import Absent, Fact, Known, ServiceDeployment, Unavailable, Why

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def clock(self) -> WaitingClock:
        return WaitingClock(lambda: NOW + timedelta(seconds=self.seconds), lambda: self.seconds, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def deployment(status: str, minutes_ago: float = 0) -> Fact[ServiceDeployment]:
    created = NOW - timedelta(minutes=minutes_ago)
    return Known(value=ServiceDeployment(status=status, created_at=created))


UNDER_WAY, DONE, FAILED = (deployment(name) for name in ("IN_PROGRESS", "SUCCESSFUL", "ROLLBACK_SUCCESSFUL"))
BEFORE = deployment("SUCCESSFUL", minutes_ago=60)
DENIED: Fact[ServiceDeployment] = Unavailable(reason=Why.DENIED, call="ecs:ListServiceDeployments")
NONE: Fact[ServiceDeployment] = Absent(call="ecs:ListServiceDeployments")


@pytest.mark.parametrize(
    ("answers", "limit", "found", "seconds"),
    [
        ([DONE], 600, DONE, 0),
        ([FAILED], 600, FAILED, 0),
        ([deployment("ROLLBACK_FAILED", 600)], 600, deployment("ROLLBACK_FAILED", 600), 0),
        ([deployment("STOPPED", 600)], 600, deployment("STOPPED", 600), 0),
        ([UNDER_WAY, UNDER_WAY, FAILED], 600, FAILED, 2 * PAUSE),
        ([deployment("ROLLBACK_IN_PROGRESS"), FAILED], 600, FAILED, PAUSE),
        ([UNDER_WAY], 35, UNDER_WAY, 30),
        ([UNDER_WAY], 0, UNDER_WAY, 0),
        ([BEFORE, UNDER_WAY, DONE], 600, DONE, 2 * PAUSE),
        ([BEFORE], 600, BEFORE, APPEARS),
        ([NONE, UNDER_WAY, DONE], 600, DONE, 2 * PAUSE),
        ([NONE], 600, NONE, APPEARS),
        ([DENIED], 600, DENIED, 0),
        ([deployment("A_STATUS_OF_LATER")], 600, deployment("A_STATUS_OF_LATER"), 0),
    ],
)
def test_how_long_is_waited(
    answers: list[Fact[ServiceDeployment]], limit: float, found: Fact[ServiceDeployment], seconds: float
) -> None:
    time, left = Time(), list(answers)
    assert awaited(lambda: left.pop(0) if len(left) > 1 else left[0], limit, time.clock()) == found
    assert time.seconds == seconds


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploying, "CLOCK", Time().clock())


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_one_that_succeeded_needs_no_explanation(
    form: str, aws_settings: Account, no_waiting: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """moto's deployments are all successful."""
    assert main(["deployment", "payments/refunds-worker", "--format", form]) == 0
    assert "refunds-worker" in capsys.readouterr().out


def test_one_that_failed_is_explained_by_its_newest_task(
    aws_settings: Account,
    monkeypatch: pytest.MonkeyPatch,
    no_waiting: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(deploying, "newest_deployment", lambda *_: FAILED)
    assert main(["deployment", "payments/refunds-worker"]) == 1
    printed = capsys.readouterr()
    assert "The deployment of refunds-worker is ROLLBACK_SUCCESSFUL" in printed.err
    assert "route-no-egress" in printed.out


def test_one_that_is_still_under_way_when_the_time_is_up_is_explained_too(
    aws_settings: Account,
    monkeypatch: pytest.MonkeyPatch,
    no_waiting: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(deploying, "newest_deployment", lambda *_: UNDER_WAY)
    assert main(["deployment", "payments/refunds-worker", "--wait", "30"]) == 1
    assert "is IN_PROGRESS when the time was up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("payments",), "could be a cluster or a service"),
        (
            ("arn:aws:ecs:us-east-1:111122223333:task/c/0123456789abcdef0123456789abcdef",),
            "That names a task",
        ),
    ],
)
def test_bad_input(words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deployment", *words]) == 2
    assert says in capsys.readouterr().err
