"""An emulated AWS for the demo and for tests: real answers, made-up accounts, one process, loopback only."""

from __future__ import annotations

# Before whatever else loads it.
from demo.aws import loaded as loaded
from demo.aws.account import Account
from demo.aws.hosts import Host
from demo.aws.network import Network
from demo.aws.payments import build_account
from demo.aws.rates import AwsRequest, Rates
from demo.aws.scenarios import BARE, CATALOGUE, DEMO, SCENARIOS, Broken, Expected, ExpectedOutcome, Scenario
from demo.aws.server import ACCOUNT_ID, REGION, Credentials, EmulatedAws
from demo.aws.tasks import TaskHandle
from demo.aws.world import build_demo

__all__ = [
    "ACCOUNT_ID",
    "BARE",
    "CATALOGUE",
    "DEMO",
    "REGION",
    "SCENARIOS",
    "Account",
    "AwsRequest",
    "Broken",
    "Credentials",
    "EmulatedAws",
    "Expected",
    "ExpectedOutcome",
    "Host",
    "Network",
    "Rates",
    "Scenario",
    "TaskHandle",
    "build_account",
    "build_demo",
]
