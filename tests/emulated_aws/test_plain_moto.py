"""The same worlds on moto as it is, for judging the engine against accounts that others made there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from demo.aws import SCENARIOS, Account, EmulatedAws, Scenario, build_account

PLAIN = [scenario for scenario in SCENARIOS.values() if not scenario.truth_only]


@pytest.fixture(scope="module")
def plain() -> Iterator[Account]:
    with EmulatedAws(truth=False, sockets=False) as aws:
        yield build_account(aws)


@pytest.mark.parametrize("scenario", PLAIN, ids=lambda scenario: scenario.id)
def test_a_scenario_stands_and_is_repaired(plain: Account, scenario: Scenario) -> None:
    task = scenario.break_it(plain).task
    described = task.describe()
    if scenario.outcome == "task_gone":
        assert described == {}
    else:
        assert described["taskArn"] == task.arn
        assert bool(described["stoppedReason"]) is (
            scenario.symptom is not None or scenario.outcome == "not_a_pull_failure"
        )
    scenario.fix(plain)


def test_nothing_is_corrected(plain: Account) -> None:
    """The marks of plain moto: ids with dashes, one container, no failures, a crash for unknown calls."""
    task = plain.fargate_task("two", containers={"side": plain.image("ledger", "2.1.0")})
    assert task.id.count("-") == 4
    assert [container["name"] for container in task.describe()["containers"]] == ["two"]
    missing = plain.ecs.describe_tasks(cluster="payments", tasks=["0" * 32])
    assert (missing["tasks"], missing["failures"]) == ([], [])
    with pytest.raises(ClientError) as caught:
        plain.ecr.describe_pull_through_cache_rules()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
