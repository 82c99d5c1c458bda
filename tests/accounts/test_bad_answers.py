"""One call refused, throttled, failing or answered with nonsense: never a wrong cause, and the call is named."""

from __future__ import annotations

import pytest

from demo.aws import DEMO, EmulatedAws, Scenario, build_account
from diagnostics import report
from diagnostics.collect import collect
from diagnostics.finding import Report
from diagnostics.target import parse
from tests.accounts.faulty import KINDS, FaultyAws
from tests.build.emulated import PATIENCE

# A refusal, which is the usual one, meets each call in all accounts; each other way of failing in one of them.
ALL = [
    (scenario, kind)
    for place, scenario in enumerate(DEMO)
    for kind in KINDS
    if kind == "denied" or KINDS.index(kind) == place
]


@pytest.fixture(scope="module")
def demo(true_aws: EmulatedAws) -> dict[str, tuple[FaultyAws, str]]:
    account = build_account(true_aws)
    tasks = {}
    for scenario in DEMO:
        arn = scenario.break_it(account).task.arn
        tasks[scenario.id] = (FaultyAws(true_aws, account.account_id, account.region), arn)
    return tasks


def _told(faulty: FaultyAws, arn: str) -> Report:
    return report.build(collect(parse(arn), faulty.clients, deadline=PATIENCE))


@pytest.mark.parametrize(("scenario", "kind"), ALL, ids=[f"{item.id}-{kind}" for item, kind in ALL])
def test_one_bad_answer(demo: dict[str, tuple[FaultyAws, str]], scenario: Scenario, kind: str) -> None:
    faulty, arn = demo[scenario.id]
    faulty.fails = None
    whole = {(item.role, item.id, item.resources) for item in _told(faulty, arn).causes}
    wrong = []
    for action in sorted(faulty.asked):
        faulty.fails = (action, kind)
        told = _told(faulty, arn)
        said = {(item.role, item.id, item.resources) for item in told.causes}
        if not said <= whole:
            wrong.append((action, said - whole))
        if told.verdict.outcome != ("cause_found" if said == whole else "undecided"):
            wrong.append((action, told.verdict.outcome))
        if action not in {item.call for item in told.unavailable}:
            wrong.append((action, "is not named"))
        wrong.extend((action, item.reason) for item in told.findings if "crashed" in (item.reason or ""))
    assert wrong == []
