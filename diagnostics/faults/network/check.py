"""Turns the trace of one network leg into an outcome for each network fault."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Check, Subject, World, fails, passes, skipped, unknown
from diagnostics.faults.gaps import with_colon
from diagnostics.faults.network.hop_evidence import evidence_for, speaks_of
from diagnostics.faults.network.no_part import why_not_considered
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import AnyFault, fault_of
from diagnostics.faults.network.zones import with_zone
from diagnostics.finding import (
    ERROR_TEXT,
    Evidence,
    Fault,
    Outcome,
    Status,
    Ways,
    distinct,
    first_and_others,
    together,
)
from diagnostics.network import Blocker, Trace
from diagnostics.pull import Interface, Leg

Rooms = tuple[AnyFault, ...]


def leg_check(rooms: Rooms) -> Check:
    """The check of one leg from one interface: what stops it, what may, what is not known, and what plays no part."""

    def judge_leg(world: World, subject: Subject) -> Iterator[Outcome]:
        leg, interface = subject.leg, subject.interface
        assert leg is not None
        assert interface is not None
        trace = world.trace(leg, interface)
        for room in rooms:
            yield from judge(rooms, world, leg, interface, trace, room)

    return Check(
        name="network.leg", subject="leg", faults=tuple(room.fault for room in rooms), judge=judge_leg
    )


def judge(
    rooms: Rooms, world: World, leg: Leg, interface: Interface, trace: Trace, room: AnyFault
) -> Iterator[Outcome]:
    """What a trace says about one fault.

    The order holds the rule that knowing less never decides more: a fact that is missing outweighs what only holds
    for some packets, because with that fact the answer may have been a plain no.
    """
    titled = room.fault_on(leg)
    for outcome in _ruled(rooms, world, leg, interface, trace, room, titled):
        yield outcome if titled is room.fault else outcome.model_copy(update={"fault": room.fault})


def _ruled(
    rooms: Rooms, world: World, leg: Leg, interface: Interface, trace: Trace, room: AnyFault, fault: Fault
) -> Iterator[Outcome]:
    mine = room.serves(leg)
    stops = [item for item in trace.blockers if mine and type(item) is room.means]
    hidden = [item for item in trace.missing if mine and room.means in item.could_hide]
    some = [item for item in trace.partly if mine and type(item) is room.means]
    told = room.told(world, leg, interface, trace)
    if not stops and told is not None:
        stops = [told]
    if stops:
        for blocker in stops:
            yield _stopped(rooms, room, Repair(world, leg, interface, trace, blocker), Status.FAIL)
    elif hidden or (not (trace.considered or trace.blockers or trace.partly) and trace.missing):
        yield unknown(
            fault,
            together(distinct(with_colon(item) for item in hidden or trace.missing)),
            leg.stage,
            (interface.subnet_id,),
        )
    elif some:
        for blocker in some:
            yield _stopped(rooms, room, Repair(world, leg, interface, trace, blocker), Status.WARN)
    elif mine and room.means in trace.considered:
        yield passes(fault, f"{fault.title} ({leg.host} from {interface.subnet_id})", leg.stage)
    else:
        yield skipped(fault, why_not_considered(rooms, room, leg, trace, world.region), leg.stage)


def _stopped(rooms: Rooms, room: AnyFault, repair: Repair[Blocker], status: Status) -> Outcome:
    world, leg, trace, blocker = repair.world, repair.leg, repair.trace, repair.blocker
    texts = (
        Evidence(what=item.text, source=ERROR_TEXT)
        for item in world.symptoms
        if item.id in room.shown_by and speaks_of(item, leg)
    )
    behind = next((kind for kind in room.follows if any(type(item) is kind for item in trace.blockers)), None)
    return fails(
        room.fault,
        room.sentence(repair) or _capitalised(with_zone(world, repair.interface, blocker.says)),
        stage=leg.stage,
        resources=blocker.resources,
        evidence=(*evidence_for(room, repair), *texts, *room.evidence(repair)),
        fix=ways_of(room, repair),
        console_url=room.page(repair),
        status=status,
        follows_from=fault_of(rooms, behind, leg) if behind else None,
    )


def ways_of(room: AnyFault, repair: Repair[Blocker]) -> Ways:
    """The ways to repair a blocker; each says what ECS does afterwards."""
    then = then_for(repair.world)
    smallest, others = first_and_others(room.repair(repair))
    smallest, *others_then = (
        way if way.then is not None else way.model_copy(update={"then": then}) for way in (smallest, *others)
    )
    return (smallest, *others_then)


def _capitalised(sentence: str) -> str:
    """Ids and attribute names keep their case at the beginning of a sentence."""
    first = sentence.split(" ", 1)[0]
    return f"{sentence[0].upper()}{sentence[1:]}" if first.isalpha() and first.islower() else sentence
