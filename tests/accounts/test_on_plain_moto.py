"""The same accounts on moto as it is: what it answers wrongly or not at all accuses nobody and hides no cause."""

from __future__ import annotations

import pytest

from demo.aws import EmulatedAws
from tests.accounts import contents, doubles, networks, principals
from tests.accounts.land import Land
from tests.accounts.model import Case, ask, differences

CASES = [case for module in (networks, principals, contents, doubles) for case in module.cases.of("plain")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_account(plain_aws: EmulatedAws, case: Case) -> None:
    plain_aws.reset()
    land = Land(plain_aws, plain_aws.account_id, case.region)
    with land.patches:
        answer = case.build(land)
        told = ask(plain_aws, case.region, answer.target or answer.ran.arn)
    # moto does not know VPC Block Public Access, so that no way to the internet is known to be open.
    assert differences(answer, told, open_end="vpc-block-public-access") == []
