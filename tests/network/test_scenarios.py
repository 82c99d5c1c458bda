"""The network scenarios of the emulated AWS, read through the collector: the right cause and resources, no decoy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from demo.aws import SCENARIOS, Account, EmulatedAws, build_account
from diagnostics import target
from diagnostics.collect import AwsClients, collect
from diagnostics.faults.network import NETWORK_FAULTS, meant_by
from diagnostics.network import Trace, trace
from diagnostics.pull import Leg, describe
from diagnostics.snapshot import known_value

FAULTS = {fault.id for fault in NETWORK_FAULTS}
NETWORK = [item.id for item in SCENARIOS.values() if item.fault in FAULTS]
HEALTHY = [item.id for item in SCENARIOS.values() if item.id.startswith("healthy-")] + [
    "repaired-since", "endpoint-policy-denies", "s3-endpoint-policy-denies-despite-nat", "demo-s3-endpoint-policy-denies",
]  # fmt: skip
"""Worlds without a network fault: those whose fault is elsewhere are decoys."""


@pytest.fixture(scope="module")
def served() -> Iterator[EmulatedAws]:
    with EmulatedAws() as aws:
        yield aws


@pytest.fixture(scope="module")
def account(served: EmulatedAws) -> Account:
    """One account for all scenarios: what one of them breaks is a decoy for the others."""
    return build_account(served)


class Session:
    """A session of an emulated account, as the collector wants it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.region_name = account.region

    def client(self, service: str, region_name: str | None = None, config: object = None) -> Any:
        return self.account.client(service, region_name)


BY_A_NEW_TASK = ("public-subnet-no-public-ip", "image-region-unreachable")
"""Faults whose repair gives the next task another address or image; the task in hand keeps its own."""


def traces(account: Account, arn: str) -> tuple[tuple[Leg, Trace], ...]:
    """Every leg of the task in hand."""
    session = Session(account)
    snapshot = collect(target.parse(arn), AwsClients(session_for=lambda _: session))
    pull = describe(snapshot)
    found = []
    for interface in known_value(pull.interfaces) or ():
        facts = snapshot.vpcs[known_value(interface.vpc_id) or ""]
        if interface.used:
            found += [(leg, trace(leg, interface, facts, task_region=snapshot.region)) for leg in pull.legs]
    return tuple(found)


def judge_fault(account: Account, name: str) -> None:
    scenario = SCENARIOS[name]
    broken = scenario.break_it(account)
    found = traces(account, broken.task.arn)
    assert found
    named = {(meant_by(item, leg).id, item.resources) for leg, way in found for item in way.blockers}
    assert named == {(scenario.fault, broken.resources)}
    assert not any(way.partly or way.missing for _, way in found)
    scenario.fix(account)
    if name not in BY_A_NEW_TASK:
        assert {way.disposition for _, way in traces(account, broken.task.arn)} == {"reachable"}


@pytest.mark.parametrize("name", [name for name in NETWORK if not SCENARIOS[name].region_wide])
def test_a_network_fault(account: Account, name: str) -> None:
    judge_fault(account, name)


@pytest.mark.parametrize("name", HEALTHY)
def test_a_world_without_a_network_fault(account: Account, name: str) -> None:
    found = traces(account, SCENARIOS[name].break_it(account).task.arn)
    assert {way.disposition for _, way in found} == {"reachable"}
    assert not any(way.partly for _, way in found)


# Last, because it needs an account of its own.
@pytest.mark.parametrize("name", [name for name in NETWORK if SCENARIOS[name].region_wide])
def test_a_fault_of_the_whole_region(served: EmulatedAws, name: str) -> None:
    served.reset()
    judge_fault(build_account(served), name)
