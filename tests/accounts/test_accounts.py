"""Accounts of many kinds: the right cause and the right resource, and nothing else accused."""

from __future__ import annotations

import pytest

from demo.aws import EmulatedAws
from tests.accounts import contents, doubles, networks, principals
from tests.accounts.land import Land
from tests.accounts.model import Case, ask, differences

CASES = [case for module in (networks, principals, contents, doubles) for case in module.cases.of("true")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_account(true_aws: EmulatedAws, case: Case) -> None:
    true_aws.reset()
    land = Land(true_aws, true_aws.account_id, case.region)
    with land.patches:
        answer = case.build(land)
        told = ask(true_aws, case.region, answer.target or answer.ran.arn)
    assert differences(answer, told) == []
