"""Hand-made traces for the tests of the network check, so that they do not depend on how a trace is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from diagnostics import engine
from diagnostics.faults.base import World
from diagnostics.faults.network import ROOMS
from diagnostics.faults.network.check import judge, ways_of
from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix, Outcome, first_and_others
from diagnostics.network import Blocker, Trace, Via
from diagnostics.pull import Interface, Leg, LegName
from diagnostics.snapshot import Snapshot
from tests.faults.network.rooms import CASES

BY_ID = {room.fault.id: room for room in ROOMS}


def world_of(snapshot: Snapshot) -> World:
    """The world of a snapshot, as the engine makes it."""
    return engine.world_of(snapshot)


def leg_of(world: World, name: LegName) -> Leg:
    """A leg by its name."""
    return next(item for item in world.pull.legs if item.name == name)


def blocker_of(fault: str, *resources: str, says: str = "", route_table_id: str | None = None) -> Blocker:
    """A blocker that means a fault: that of its first repair, at other resources."""
    example = next(case.blocker for case in CASES if case.fault == fault)
    said = says or f"{fault} at {', '.join(resources)}."
    table = route_table_id or example.route_table_id
    return replace(example, resources=resources, says=said, route_table_id=table)


def trace_of(
    leg: Leg, interface: Interface, *blockers: Blocker, via: Via = "nat_gateway", **more: Any
) -> Trace:
    """A trace that these blockers stop."""
    return Trace(
        leg=leg.name, host=leg.host, subnet_id=interface.subnet_id, via=via, hops=more.pop("hops", ()),
        blockers=blockers, considered=more.pop("considered", tuple(type(item) for item in blockers)), **more,
    )  # fmt: skip


def judged(snapshot: Snapshot, leg: LegName, fault: str, trace: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """What the check says about one fault, given the fields of a trace of this leg from the first interface."""
    world = world_of(snapshot)
    found, interface = leg_of(world, leg), world.interfaces()[0]
    made = trace_of(
        found, interface, *trace.get("blockers", ()), **{k: v for k, v in trace.items() if k != "blockers"}
    )
    return tuple(judge(ROOMS, world, found, interface, made, BY_ID[fault]))


def fixed(snapshot: Snapshot, leg: LegName, blocker: Blocker, via: Via, endpoint_id: str | None) -> Fix:
    """The smallest repair of one blocker."""
    return ways(snapshot, leg, blocker, via, endpoint_id)[0]


def ways(
    snapshot: Snapshot, leg: LegName, blocker: Blocker, via: Via, endpoint_id: str | None
) -> tuple[Fix, ...]:
    """Every way to repair one blocker."""
    world = world_of(snapshot)
    found, interface = leg_of(world, leg), world.interfaces()[0]
    trace = trace_of(found, interface, blocker, via=via, endpoint_id=endpoint_id)
    room = next(item for item in ROOMS if item.means is type(blocker) and item.serves(found))
    smallest, others = first_and_others(ways_of(room, Repair(world, found, interface, trace, blocker)))
    return (smallest, *others)
