"""An emulated AWS for the demo and for tests: real answers, made-up accounts, one process, loopback only."""

from __future__ import annotations

from bot.demo.aws.account import Account, Host, build_account
from bot.demo.aws.network import Network
from bot.demo.aws.scenarios import DEMO, SCENARIOS, Broken, Outcome, Scenario
from bot.demo.aws.server import ACCOUNT_ID, REGION, Credentials, EmulatedAws
from bot.demo.aws.tasks import TaskHandle
from bot.demo.aws.world import build_demo

__all__ = [
    "ACCOUNT_ID",
    "DEMO",
    "REGION",
    "SCENARIOS",
    "Account",
    "Broken",
    "Credentials",
    "EmulatedAws",
    "Host",
    "Network",
    "Outcome",
    "Scenario",
    "TaskHandle",
    "build_account",
    "build_demo",
]
