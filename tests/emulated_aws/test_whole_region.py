"""The scenarios that change the whole Region of an account, each in an account of its own."""

from __future__ import annotations

from typing import Any

import pytest

from demo.aws import Account
from tests.emulated_aws.test_scenario_states import REGION_WIDE, Probe, breaks_and_is_mended


@pytest.mark.parametrize(
    ("identifier", "probe", "before", "after"), REGION_WIDE, ids=[state[0] for state in REGION_WIDE]
)
def test_a_scenario_breaks_and_its_repair_mends(
    account: Account, identifier: str, probe: Probe, before: Any, after: Any
) -> None:
    breaks_and_is_mended(account, identifier, probe, before, after)
