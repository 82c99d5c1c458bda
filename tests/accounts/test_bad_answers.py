"""One call refused, throttled, failing or answered with nonsense: never a wrong cause, and the call is named."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from demo.aws import DEMO, EmulatedAws, Scenario, build_account
from diagnostics import engine, verdict
from diagnostics.collect import collect
from diagnostics.collect.perform import perform
from diagnostics.report import build, unread
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse
from tests.accounts.faulty import KINDS, FaultyAws
from tests.build.emulated import PATIENCE
from tests.cases.rejudging import Rejudging
from tests.collect.replaying import Remembered, completed, planned, replay

# A refusal, which is the usual one, meets each call in all accounts; each other way of failing in one of them.
ALL = [
    (scenario, kind)
    for place, scenario in enumerate(DEMO)
    for kind in KINDS
    if kind == "denied" or KINDS.index(kind) == place
]


@dataclass(frozen=True)
class Told:
    """The parts of a report that are looked at."""

    causes: frozenset[tuple[str, str, tuple[str, ...]]]
    outcome: str
    unread: frozenset[str]
    crashed: tuple[str, ...]


class Account:
    """An account with its task. Each call is made once; a bad answer is the only one that is asked for after that."""

    def __init__(self, faulty: FaultyAws, arn: str, region: str) -> None:
        self.faulty, self.arn = faulty, arn
        self._build, self._known = planned(parse(arn), region), Remembered(faulty.clients)
        self.snapshot, self._facts = replay(self._build, self._known)
        self._world = Rejudging(self.snapshot)
        self.whole = self._of(self.snapshot)

    def told(self, action: str, kind: str) -> Told:
        """What is said where every call of an action is answered badly."""
        self.faulty.fails = (action, kind)
        others = {call: fact for call, fact in self._facts.items() if call.operation.action != action}
        snapshot = completed(
            self._build,
            others,
            lambda call: (
                perform(call, self.faulty.clients).fact
                if call.operation.action == action
                else self._known(call)
            ),
        )
        self.faulty.fails = None
        return self._of(snapshot)

    def _of(self, snapshot: Snapshot) -> Told:
        world, findings = engine.world_of(snapshot), self._world.findings_of(snapshot)
        answer, causes = verdict.rank(world, findings)
        return Told(
            frozenset((item.role, item.id, item.resources) for item in causes),
            answer.outcome,
            frozenset(item.call for item in unread(snapshot, findings) if item.call),
            tuple(item.reason for item in findings if "crashed" in (item.reason or "")),
        )


@pytest.fixture(scope="module")
def demo(true_aws: EmulatedAws) -> dict[str, Account]:
    account = build_account(true_aws)
    tasks = {}
    for scenario in DEMO:
        arn = scenario.break_it(account).task.arn
        tasks[scenario.id] = Account(
            FaultyAws(true_aws, account.account_id, account.region), arn, account.region
        )
    return tasks


@pytest.mark.parametrize(("scenario", "kind"), ALL, ids=[f"{item.id}-{kind}" for item, kind in ALL])
def test_one_bad_answer(demo: dict[str, Account], scenario: Scenario, kind: str) -> None:
    account = demo[scenario.id]
    wrong: list[tuple[str, object]] = []
    for action in sorted(account.faulty.asked):
        told = account.told(action, kind)
        if not told.causes <= account.whole.causes:
            wrong.append((action, told.causes - account.whole.causes))
        if told.outcome != ("cause_found" if told.causes == account.whole.causes else "undecided"):
            wrong.append((action, told.outcome))
        if action not in told.unread:
            wrong.append((action, "is not named"))
        wrong.extend((action, reason) for reason in told.crashed)
    assert wrong == []


@pytest.mark.parametrize("scenario", DEMO, ids=lambda scenario: scenario.id)
def test_the_calls_one_by_one_read_what_a_diagnosis_reads(
    demo: dict[str, Account], scenario: Scenario
) -> None:
    account = demo[scenario.id]
    collected = collect(parse(account.arn), account.faulty.clients, deadline=PATIENCE)
    of_this_run = ("taken_at", "seconds", "api_calls", "depth")
    assert account.snapshot.model_dump(exclude=set(of_this_run)) == collected.model_dump(
        exclude=set(of_this_run)
    )
    report = build(collected)
    assert {(item.role, item.id, item.resources) for item in report.causes} == account.whole.causes
    assert report.verdict.outcome == account.whole.outcome
