"""The check together with the tracer: each fault is named with its resources, and nothing else is accused."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from diagnostics import engine
from diagnostics.collect.calls import OPERATIONS
from diagnostics.faults.network import CHECKS, NETWORK_FAULTS, ROOMS
from diagnostics.finding import Finding, Status
from diagnostics.network import Blocker, blockers
from diagnostics.report import network_summary
from diagnostics.snapshot import Snapshot
from tests.aws_cli import check_cli
from tests.build import ec2, endpoints, fargate, public
from tests.cases.rejudging import Rejudging
from tests.cases.saved import without_one
from tests.faults.network.rooms import BROKEN
from tests.faults.network.tables import Broken
from tests.faults.network.verdicts import told_of_the_rest
from tests.golden import assert_golden

each_broken = pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.id)

READ = {operation.action for operation in OPERATIONS}
"""The IAM actions that pullcheck asks for; evidence can come from no other."""


def _findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    return engine.run(engine.world_of(snapshot), CHECKS)


def test_every_kind_of_blocking_has_its_fault_and_every_fault_its_world() -> None:
    kinds = {item for item in vars(blockers).values() if isinstance(item, type) and issubclass(item, Blocker)}
    bases = {base for kind in kinds for base in kind.__mro__[1:]} - {room.means for room in ROOMS}
    assert {room.means for room in ROOMS} == kinds - bases
    assert {broken.fault for broken in BROKEN} == {fault.id for fault in NETWORK_FAULTS}


def test_a_kind_of_blocking_means_one_fault_of_each_service() -> None:
    pairs = [(room.means, room.service) for room in ROOMS]
    assert len(set(pairs)) == len(pairs) == len({room.fault.id for room in ROOMS})


@pytest.mark.parametrize("world", [fargate, public, endpoints, ec2], ids=lambda world: world.__name__)
def test_a_healthy_world_accuses_nothing(world: Callable[[], Snapshot]) -> None:
    findings = _findings(world())
    assert {item.status for item in findings} == {Status.PASS, Status.SKIPPED}
    for item in findings:
        assert item.summary
        assert (item.reason is None) == (item.status is Status.PASS)
        assert item.stage is not None


@each_broken
def test_the_fault_is_found_where_it_is(broken: Broken) -> None:
    findings = _findings(broken.snapshot)
    found = [item for item in findings if item.fault == broken.fault and item.status is broken.status]
    first = next(item for item in found if item.leg == broken.leg and item.used_path)
    assert first.resources == broken.resources
    assert first.subnet in ("subnet-private-a", "subnet-public-a")
    assert first.summary[0] != " "
    assert first.summary.endswith(".")
    assert first.evidence
    assert {item.source for item in first.evidence} <= READ | {"error text"}
    assert first.console_url is not None
    assert first.console_url.startswith("https://us-east-1.console.aws.amazon.com/")
    assert first.fix is not None
    assert check_cli(first.fix.cli or "") > 0
    assert check_cli(first.fix.verify or "") > 0
    check_cli(first.fix.undo or "")


@each_broken
def test_each_fact_names_the_call_that_read_it(broken: Broken) -> None:
    """Where nothing says what reads a resource, its source is what told of the interface: seldom the truth."""
    room = next(item for item in ROOMS if item.fault.id == broken.fault)
    if room.told_by_interface or room.read_by:
        return
    found = [item for item in _findings(broken.snapshot) if item.fault == broken.fault]
    for evidence in (evidence for item in found for evidence in item.evidence):
        assert not evidence.source.startswith("ecs:"), (
            f"nothing says which call reads {evidence.what!r}: give the prefix of its id a row in READ_BY of "
            "diagnostics/faults/network/hop_evidence.py, or the room its read_by"
        )


@pytest.mark.parametrize("fault", dict.fromkeys(broken.fault for broken in BROKEN))
def test_the_findings_read_as_reviewed(fault: str) -> None:
    """The sentence, its evidence and the path of a fault, as a person reads them."""
    parts = []
    for broken in (item for item in BROKEN if item.fault == fault):
        world = engine.world_of(broken.snapshot)
        findings = engine.run(world, CHECKS)
        first = next(
            item
            for item in findings
            if item.fault == broken.fault and item.status is broken.status and item.leg == broken.leg
        )
        path = next(item for item in network_summary(world).legs if item.name == broken.leg)
        evidence = [f"  because {item.what} [{item.source}]" for item in first.evidence]
        hops = [f"  path    {hop}" for hop in path.hops]
        parts.append("\n".join([f"{broken.id}: {first.summary}", *evidence, *hops]))
    assert_golden(f"checks/network/{fault}.txt", "\n\n".join(parts) + "\n")


@each_broken
def test_nothing_else_is_accused(broken: Broken) -> None:
    """The faults that another one explains say so; the rest is silent."""
    for item in _findings(broken.snapshot):
        if item.status in (Status.FAIL, Status.WARN) and item.fault != broken.fault:
            assert item.follows_from is not None, (item.fault, item.leg, item.summary)


@each_broken
def test_a_fact_less_decides_nothing_more(broken: Broken) -> None:
    """Without any one fact of the VPC each fault of each leg is judged as before, or not known."""
    world = Rejudging(broken.snapshot, CHECKS)
    before = _statuses(world.findings)
    for path, less in without_one(broken.snapshot, within="vpcs"):
        findings = world.findings_of(less)
        told_of_the_rest(world.last, findings)
        for key, status in _statuses(findings).items():
            assert status in (before[key], Status.UNKNOWN), (path, key, before[key], status)


def _statuses(findings: Iterable[Finding]) -> dict[tuple[str, str | None, str | None], Status]:
    """The worst status of each fault on each leg of each interface."""
    order = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS, Status.SKIPPED)
    found: dict[tuple[str, str | None, str | None], Status] = {}
    for item in findings:
        key = (item.fault, item.leg, item.subnet)
        found[key] = min(found.get(key, item.status), item.status, key=order.index)
    return found
