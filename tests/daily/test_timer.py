"""When a day's audit is made: once for all processes of a store, after restarts too, and what a setting names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.daily.scopes import AuditScope, read_scopes
from bot.daily.timer import LEASE, DailyTimer
from diagnostics.audit import AuditReport
from diagnostics.target import Target
from handlers.ports import DiagnosisError
from tests.build import audits
from tests.daily.conftest import DAY, Clock, KeptIn, Told

ARN = "arn:aws:ecs:eu-central-1:111122223333:cluster/prod"
SIX = 6 * 60


class Audited:
    """Audits that are counted."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.fails: tuple[str | None, ...] = ()

    def __call__(self, target: Target, tell: Any, /) -> AuditReport:
        self.asked.append(target.cluster)
        if target.cluster in self.fails:
            raise DiagnosisError("the app could not reach AWS.")
        return audits.report(audits.finding("now", "shop", "api", cluster=target.cluster or "prod"), cluster=target.cluster or "prod")  # fmt: skip


@pytest.fixture
def timer(tell: Callable[..., Told], kept_in: KeptIn, clock: Clock) -> Callable[..., DailyTimer]:
    def make(auditor: Audited, *scopes: AuditScope, at: int = SIX) -> DailyTimer:
        return DailyTimer(tell().daily, auditor, scopes or (AuditScope(),), at, kept_in.runs, clock)

    return make


def test_one_of_several_processes_audits_once_a_day(timer: Callable[..., DailyTimer], clock: Clock) -> None:
    auditor = Audited()
    one, two = timer(auditor), timer(auditor)
    assert [one.turn(), two.turn(), one.turn()] == [1, 0, 0]
    # After a restart too.
    assert timer(auditor).turn() == 0
    clock.now += DAY
    assert [two.turn(), one.turn()] == [1, 0]
    assert len(auditor.asked) == 2


def test_it_is_made_from_its_time_on_and_not_before(timer: Callable[..., DailyTimer], clock: Clock) -> None:
    late = timer(Audited(), at=12 * 60 + 30)
    assert late.turn() == 0
    clock.now += 1800
    assert late.turn() == 1


def test_one_that_a_process_did_not_finish_is_made_by_another(
    timer: Callable[..., DailyTimer], clock: Clock, kept_in: KeptIn
) -> None:
    auditor = Audited()
    assert kept_in.runs.claim("daily audit own/own/all 2026-11-24", LEASE)
    assert timer(auditor).turn() == 0
    clock.now += LEASE + 1
    assert timer(auditor).turn() == 1


def test_one_that_failed_is_tried_again_in_an_hour(timer: Callable[..., DailyTimer], clock: Clock) -> None:
    auditor = Audited()
    auditor.fails = (None,)
    made = timer(auditor)
    assert [made.turn(), made.turn()] == [0, 0]
    assert len(auditor.asked) == 1
    clock.now += LEASE + 1
    auditor.fails = ()
    assert made.turn() == 1


def test_a_cluster_that_cannot_be_audited_is_missing_and_costs_no_other(
    timer: Callable[..., DailyTimer], kept_in: KeptIn
) -> None:
    auditor = Audited()
    auditor.fails = ("batch",)
    made = timer(auditor, AuditScope(clusters=("batch", "prod")))
    assert made.turn() == 1
    assert auditor.asked == ["batch", "prod"]
    (last,) = [made.daily.kept.last(scope.id) for scope in made.scopes]
    assert [item.subjects for item in last.findings] == [("prod/api",)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("all", (AuditScope(),)),
        ("prod, batch", (AuditScope(None, None, ("batch", "prod")),)),
        ("prod,all", (AuditScope(),)),
        (ARN, (AuditScope("111122223333", "eu-central-1", ("prod",)),)),
        (f"{ARN},222233334444/eu-west-1", (AuditScope("111122223333", "eu-central-1", ("prod",)), AuditScope("222233334444", "eu-west-1"))),
        (f"{ARN},111122223333/eu-central-1", (AuditScope("111122223333", "eu-central-1"),)),
    ],
)  # fmt: skip
def test_what_the_setting_names(text: str, expected: tuple[AuditScope, ...]) -> None:
    found = read_scopes(text)
    assert found == expected
    assert len({item.id for item in found}) == len(found)


@pytest.mark.parametrize("text", ["prod/api", "1234/eu-west-1", "arn:aws:ecs:eu:1:cluster/x", "a b"])
def test_what_names_nothing_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(
        ValueError, match="is no cluster and no account with its Region; expected is all, or arn:"
    ):
        read_scopes(text)
