"""The account that the demo shows: a healthy one with the five usual faults beside each other."""

from __future__ import annotations

from demo.aws.account import Account
from demo.aws.payments import build_account
from demo.aws.scenarios import DEMO
from demo.aws.server import REGION, EmulatedAws


def build_demo(aws: EmulatedAws, region: str = REGION) -> Account:
    """Build the demo's account; `account.broken` has task and repair of each scenario of `DEMO` by its id."""
    account = build_account(aws, region)
    for scenario in DEMO:
        scenario.break_it(account)
    return account
