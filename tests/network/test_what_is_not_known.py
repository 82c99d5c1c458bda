"""Knowing less never decides more: a fact that could not be read turns an answer into unknown, never into another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from diagnostics.network import BlockerKind, Trace
from diagnostics.snapshot import Snapshot, VpcFacts
from tests.build import known_facts, unavailable
from tests.network.cases import CASES, KINDS, Case, follow_in, subject

Path = tuple[str | int, ...]


def status(found: Trace, kind: BlockerKind) -> str:
    """What a trace says about one kind of blocking, as the checks read it."""
    if any(type(item) is kind for item in found.blockers):
        return "fail"
    if any(kind in item.could_hide for item in found.missing):
        return "unknown"
    if any(type(item) is kind for item in found.partly):
        return "warn"
    return "pass" if kind in found.considered else "skipped"


def without(facts: dict[str, Any], *paths: Path) -> VpcFacts:
    """The facts of a VPC with some of them unavailable."""
    world = json.loads(json.dumps(facts))
    for path in paths:
        holder = world
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = unavailable("denied", "ec2:Describe")
    return VpcFacts.model_validate(world)


def facts_of(snapshot: Snapshot) -> tuple[str, dict[str, Any]]:
    """The VPC of a case in its JSON form."""
    ((name, facts),) = snapshot.vpcs.items()
    return name, json.loads(facts.model_dump_json(by_alias=True))


def verify(full: Trace, less: Trace, hidden: object) -> None:
    """The trace that knows less says the same or that it does not know."""
    assert less.disposition in (full.disposition, "insufficient_information"), hidden
    known = {(type(item), item.resources) for item in full.blockers}
    assert {(type(item), item.resources) for item in less.blockers} <= known, hidden
    for kind in KINDS:
        answer = status(less, kind)
        assert answer in (status(full, kind), "unknown"), (kind, status(full, kind), answer, hidden)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_fact_less(case: Case) -> None:
    snapshot = case.snapshot
    leg, interface = subject(snapshot, case.leg, case.subnet)
    _, facts = facts_of(snapshot)
    full = follow_in(snapshot, leg, interface, VpcFacts.model_validate(facts))
    for path in known_facts(facts):
        verify(full, follow_in(snapshot, leg, interface, without(facts, path)), path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_known_of_the_interface(case: Case) -> None:
    """The same for what the task and its service tell of the interface."""
    snapshot = case.snapshot
    leg, interface = subject(snapshot, case.leg, case.subnet)
    _, facts = facts_of(snapshot)
    vpc = VpcFacts.model_validate(facts)
    full = follow_in(snapshot, leg, interface, vpc)
    gone = unavailable("denied", "ecs:DescribeTasks")
    for name in ("security_group_ids", "public_ip", "ipv6", "windows"):
        less = type(interface).model_validate({**interface.model_dump(), name: gone})
        verify(full, follow_in(snapshot, leg, less, vpc), name)
    verify(
        full, follow_in(snapshot, leg, interface.model_copy(update={"private_ip": None}), vpc), "private_ip"
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_is_known(case: Case) -> None:
    snapshot = case.snapshot
    leg, interface = subject(snapshot, case.leg, case.subnet)
    name, facts = facts_of(snapshot)
    full = follow_in(snapshot, leg, interface, VpcFacts.model_validate(facts))
    less = follow_in(snapshot, leg, interface, VpcFacts(vpc_id=name))
    verify(full, less, "everything")
    assert not less.blockers
