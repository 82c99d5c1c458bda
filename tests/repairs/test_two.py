"""Two repairs of one task definition, pasted one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from demo.aws import CATALOGUE, EmulatedAws
from tests.accounts.asking import ask
from tests.repairs.shell import Paste
from tests.repairs.state import differences, state_of


@pytest.mark.parametrize("first_back", [0, 1], ids=["in their order", "the last one first"])
def test_neither_loses_the_other_and_both_are_taken_back(
    aws: EmulatedAws, paste: Paste, first_back: int
) -> None:
    scenario = CATALOGUE["platform-mismatch"]
    aws.reset()
    account = scenario.base(aws, scenario.region)
    broken = scenario.break_it(account)
    (cause,) = ask(aws, scenario.region, broken.task.arn).causes
    fixes = (cause.fix, *cause.alternatives)
    before = state_of(account.account_id, account.region)

    def pasted(text: str | None) -> None:
        done = paste.into(text or "", region=account.region, account=account.account_id)
        assert done.status == 0, done.err

    def deployed() -> dict[str, Any]:
        (service,) = account.ecs.describe_services(
            cluster=broken.task.cluster, services=[broken.task.service]
        )["services"]
        found: dict[str, Any] = account.ecs.describe_task_definition(
            taskDefinition=service["taskDefinition"]
        )["taskDefinition"]
        return found

    old = deployed()
    for fix in fixes:
        pasted(fix.cli)
    assert deployed()["runtimePlatform"]["cpuArchitecture"] == fixes[0].expect
    assert deployed()["containerDefinitions"][0]["image"] == fixes[1].expect
    for fix in (fixes[first_back], fixes[1 - first_back]):
        pasted(fix.undo)
    assert deployed() == old
    assert not differences(before, state_of(account.account_id, account.region))
