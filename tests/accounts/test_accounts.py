"""Accounts of many kinds: the right cause and the right resource, and nothing else accused."""

from __future__ import annotations

import pytest

from demo.aws import BARE, EmulatedAws, Scenario
from tests.accounts.asking import ask, differences
from tests.build.emulated import built
from tests.emulated_aws.permissions import permissions_differ

ACCOUNTS = [scenario for scenario in BARE if not scenario.plain_only]


@pytest.mark.parametrize("scenario", ACCOUNTS, ids=lambda scenario: scenario.id)
def test_account(true_aws: EmulatedAws, scenario: Scenario) -> None:
    broken = scenario.break_it(built(true_aws, scenario.base, scenario.region))
    assert permissions_differ(broken, scenario) == []
    told = ask(true_aws, scenario.region, broken.target or broken.task.arn)
    assert differences(broken, scenario.expected, told) == []
