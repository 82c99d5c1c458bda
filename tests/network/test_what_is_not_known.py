"""Knowing less never decides more: a fact that could not be read turns an answer into unknown, never into another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from diagnostics.network import BlockerKind, Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Snapshot, VpcFacts
from tests.cases.rejudging import Reads, differences, reading
from tests.cases.saved import HIDDEN, without_one
from tests.network.cases import CASES, KINDS, follow_in, subject
from tests.rows import every_row


def status(found: Trace, kind: BlockerKind) -> str:
    """What a trace says about one kind of blocking, as the checks read it."""
    if any(type(item) is kind for item in found.blockers):
        return "fail"
    if any(kind in item.could_hide for item in found.missing):
        return "unknown"
    if any(type(item) is kind for item in found.partly):
        return "warn"
    return "pass" if kind in found.considered else "skipped"


def verify(full: Trace, less: Trace, hidden: object) -> None:
    """The trace that knows less says the same or that it does not know."""
    assert less.disposition in (full.disposition, "insufficient_information"), hidden
    known = {(type(item), item.resources) for item in full.blockers}
    assert {(type(item), item.resources) for item in less.blockers} <= known, hidden
    for kind in KINDS:
        answer = status(less, kind)
        assert answer in (status(full, kind), "unknown"), (kind, status(full, kind), answer, hidden)


@dataclass(frozen=True)
class Whole:
    """A leg followed where all facts are known, and what was read for it."""

    snapshot: Snapshot
    leg: Leg
    interface: Interface
    vpc: VpcFacts
    trace: Trace
    read: Reads

    def but(self, *, interface: Interface | None = None, vpc: VpcFacts | None = None) -> Trace:
        """The leg followed with other facts; where none that was read differs, the trace is the same."""
        other, facts = interface or self.interface, vpc or self.vpc
        changes = [*differences(self.interface, other), *differences(self.vpc, facts)]
        if not self.read.any_of(changes):
            return self.trace
        return follow_in(self.snapshot, self.leg, other, facts)


@cache
def whole(name: str) -> Whole:
    case = next(item for item in CASES if item.name == name)
    snapshot = case.snapshot
    leg, interface = subject(snapshot, case.leg, case.subnet)
    ((_, vpc),) = snapshot.vpcs.items()
    with reading() as read:
        trace = follow_in(snapshot, leg, interface, vpc)
    return Whole(snapshot, leg, interface, vpc, trace, read)


each = every_row("name", [case.name for case in CASES])


@each
def test_one_fact_less(name: str) -> None:
    full = whole(name)
    for path, vpc in without_one(full.vpc):
        verify(full.trace, full.but(vpc=vpc), path)


@each
def test_what_is_known_of_the_interface(name: str) -> None:
    """The same for what the task and its service tell of the interface."""
    full = whole(name)
    for field in ("security_group_ids", "public_ip", "ipv6", "windows"):
        less = full.interface.model_copy(update={field: HIDDEN})
        verify(full.trace, full.but(interface=less), field)
    without_address = full.interface.model_copy(update={"private_ip": None})
    verify(full.trace, full.but(interface=without_address), "private_ip")


@each
def test_nothing_is_known(name: str) -> None:
    full = whole(name)
    less = full.but(vpc=VpcFacts(vpc_id=full.vpc.vpc_id))
    verify(full.trace, less, "everything")
    assert not less.blockers
