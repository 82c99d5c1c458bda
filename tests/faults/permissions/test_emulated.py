"""The scenarios of emulated AWS that are about who may pull: read, judged, repaired, and judged again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from demo.aws import SCENARIOS, Account, EmulatedAws, TaskHandle, build_account
from diagnostics.collect import AwsClients, collect
from diagnostics.engine import run, world_of
from diagnostics.faults.permissions import CHECKS
from diagnostics.finding import Finding, Status
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse

MINE = {fault.id for check in CHECKS for fault in check.faults}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """One account for all scenarios: each builds its own beside the others."""
    with EmulatedAws() as aws, mock.patch.dict("os.environ", aws.environment()):
        yield build_account(aws)


def judged(task: TaskHandle) -> tuple[Finding, ...]:
    snapshot = collect(parse(task.arn), AwsClients(), region=task.region)
    return run(world_of(snapshot), CHECKS)


def failing(findings: tuple[Finding, ...]) -> dict[str, tuple[str, ...]]:
    return {item.fault: item.resources for item in findings if item.status in (Status.FAIL, Status.WARN)}


# One for each kind of policy that is repaired, and the host's profile.
LIVE = (
    "role-trust-denies",
    "demo-repo-policy-denies",
    "demo-s3-endpoint-policy-denies",
    "container-secret-access-denied",
    "instance-profile-missing",
)


@pytest.mark.parametrize("name", LIVE)
def test_a_scenario_and_its_repair(account: Account, name: str) -> None:
    scenario = SCENARIOS[name]
    broken = scenario.break_it(account)
    findings = judged(broken.task)
    found = failing(findings)
    assert set(found) == {scenario.fault}
    assert set(broken.resources) <= set(found[scenario.fault or ""])
    assert [item.fault for item in findings if item.status is Status.UNKNOWN] == []
    scenario.fix(account)
    assert failing(judged(broken.task)) == {}


CASES = Path(__file__).parents[2] / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_saved_case(name: str) -> None:
    expected = EXPECTED[name]
    snapshot = Snapshot.model_validate_json((CASES / f"{name}.json").read_text("utf-8"))
    found = failing(run(world_of(snapshot), CHECKS))
    if expected["fault"] in MINE:
        assert set(found) == {expected["fault"]}
        assert set(expected["resources"]) <= set(found[expected["fault"]])
    else:
        assert found == {}
