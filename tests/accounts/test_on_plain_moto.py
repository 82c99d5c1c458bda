"""Accounts on moto as it is: what it answers wrongly or not at all accuses nobody and hides no cause."""

from __future__ import annotations

import pytest

from demo.aws import BARE, EmulatedAws, Scenario
from tests.accounts.asking import ask, differences
from tests.build.emulated import built
from tests.emulated_aws.permissions import permissions_differ

ACCOUNTS = [scenario for scenario in BARE if not scenario.truth_only]


@pytest.mark.parametrize("scenario", ACCOUNTS, ids=lambda scenario: scenario.id)
def test_account(plain_aws: EmulatedAws, scenario: Scenario) -> None:
    broken = scenario.break_it(built(plain_aws, scenario.base, scenario.region))
    assert permissions_differ(broken, scenario) == []
    told = ask(plain_aws, scenario.region, broken.target or broken.task.arn)
    # moto does not know VPC Block Public Access, so that no way to the internet is known to be open.
    assert differences(broken, scenario.expected, told, open_end="vpc-block-public-access") == []
