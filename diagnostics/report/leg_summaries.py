"""The traced legs for the report: each leg of each subnet, and the short path to the hop that stopped it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnostics.faults.base import World
from diagnostics.faults.network import meant_by
from diagnostics.faults.network.hop_evidence import short
from diagnostics.faults.network.zones import zone_of
from diagnostics.finding import LegSummary, NetworkSummary
from diagnostics.network import Hop, Trace
from diagnostics.network.trace import What
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import UnavailableError

FILTERS: tuple[What, ...] = ("security group", "network ACL")


def network_summary(world: World) -> NetworkSummary:
    """Every leg of every interface that is known, the interface that was used first."""
    legs = tuple(_summaries(world))
    return NetworkSummary(legs=legs, headline=contrast(legs))


def contrast(legs: Sequence[LegSummary]) -> str | None:
    """Where a pull is stopped and where it works, such as "us-east-1b only; a pull works in us-east-1a".

    `None` where that is the same in every subnet, or is not known of any other.
    """
    by_subnet: dict[str, list[LegSummary]] = {}
    for leg in legs:
        if leg.name != "logs":
            by_subnet.setdefault(leg.subnet, []).append(leg)
    stopped = [found[0] for found in by_subnet.values() if any(leg.disposition == "blocked" for leg in found)]
    works = [found[0] for found in by_subnet.values() if all(leg.disposition == "reachable" for leg in found)]
    if not stopped or not works:
        return None
    zones = [leg.availability_zone for leg in (*stopped, *works)]
    # A zone may hold several subnets; then only the ids tell them apart.
    by_zone = None not in zones and len(set(zones)) == len(zones)
    names = [
        ", ".join((leg.availability_zone if by_zone else None) or leg.subnet for leg in group)
        for group in (stopped, works)
    ]
    return f"{names[0]} only; a pull works in {names[1]}"


def _summaries(world: World) -> Iterator[LegSummary]:
    for interface in world.interfaces():
        for leg in world.pull.legs:
            try:
                trace = world.trace(leg, interface)
            except UnavailableError as error:
                # Only shown, never judged: the check says the same through the engine.
                yield _unread(world, leg, interface, error.fact.in_words())
                continue
            yield _of_trace(world, leg, interface, trace)


def _of_trace(world: World, leg: Leg, interface: Interface, trace: Trace) -> LegSummary:
    broken = broken_path(trace)
    return LegSummary(
        name=leg.name,
        host=leg.host,
        subnet=interface.subnet_id,
        disposition=trace.disposition,
        hops=broken or tuple(short(hop) for hop in trace.hops),
        availability_zone=zone_of(world, interface),
        used=interface.used,
        stopped_at=broken[-1] if broken else None,
        faults=tuple(dict.fromkeys(meant_by(item, leg).id for item in trace.blockers)),
    )


def _unread(world: World, leg: Leg, interface: Interface, why: str) -> LegSummary:
    return LegSummary(
        name=leg.name,
        host=leg.host,
        subnet=interface.subnet_id,
        disposition="insufficient_information",
        hops=(why,),
        availability_zone=zone_of(world, interface),
        used=interface.used,
        stopped_at=why,
    )


def broken_path(trace: Trace) -> tuple[str, ...]:
    """The short path to the hop that stopped the leg, that hop last; empty where the leg arrives.

    Where nothing is proven to stop it, the path ends at the first hop that is not known. Groups and network ACLs on
    the way that let the packets through are left out.
    """
    place = _stopping_place(trace)
    if place is None:
        return ()
    before = (hop for hop in trace.hops[:place] if not _is_open_filter(hop))
    return tuple(dict.fromkeys((*(short(hop) for hop in before), short(trace.hops[place]))))


def _stopping_place(trace: Trace) -> int | None:
    if trace.disposition == "reachable" or not trace.hops:
        return None
    wanted = "blocked" if trace.disposition == "blocked" else "unknown"
    places = [place for place, hop in enumerate(trace.hops) if hop.verdict == wanted]
    return places[0] if places else len(trace.hops) - 1


def _is_open_filter(hop: Hop) -> bool:
    return hop.verdict == "ok" and hop.what in FILTERS
