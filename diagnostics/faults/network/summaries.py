"""The sentence that a finding is read by, with the real ids and the Availability Zone of the subnet."""

from __future__ import annotations

import re

from diagnostics.faults.base import World
from diagnostics.network import Blocker
from diagnostics.network import faults as ids
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Route, RouteTable, VpcFacts, known_or, known_value


def summary_of(world: World, leg: Leg, interface: Interface, blocker: Blocker) -> str:
    """One sentence about a blocker: its own, or for a missing way out what all legs of the subnet have in common."""
    if blocker.fault == ids.ROUTE_NO_EGRESS:
        said = _no_way_out(world, leg, interface, blocker)
        if said is not None:
            return said
    return _capitalised(with_zone(world, interface, blocker.says))


def _capitalised(sentence: str) -> str:
    """Ids and attribute names keep their case at the beginning of a sentence."""
    first = sentence.split(" ", 1)[0]
    return f"{sentence[0].upper()}{sentence[1:]}" if first.isalpha() and first.islower() else sentence


def _no_way_out(world: World, leg: Leg, interface: Interface, blocker: Blocker) -> str | None:
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    table = _table(facts, blocker.facts.get("route_table_id")) if facts else None
    if facts is None or table is None:
        return None
    others = [route for route in table.routes if route.gateway_id != "local"]
    if any(_is_default(route) for route in others):
        return None
    routes = "has no default route" if others else "has only the local route"
    zone = zone_of(world, interface)
    where = f"{interface.subnet_id} ({zone})" if zone else interface.subnet_id
    if leg.service is None:
        endpoints = f"and no VPC endpoint serves {leg.host}"
    elif leg.region != world.region:
        endpoints = f"and VPC endpoints do not serve {leg.region}"
    else:
        endpoints = f"and {facts.vpc_id} has no ECR endpoints"
    return f"Subnet {where} has no route to the internet: route table {table.route_table_id} {routes}, {endpoints}."


def _table(facts: VpcFacts, table_id: str | None) -> RouteTable | None:
    return next(
        (item for item in known_or(facts.route_tables, ()) if item.route_table_id == table_id),
        None,
    )


def _is_default(route: Route) -> bool:
    return route.destination_cidr_block == "0.0.0.0/0" or route.destination_ipv6_cidr_block == "::/0"


def with_zone(world: World, interface: Interface, sentence: str) -> str:
    """The sentence with the Availability Zone behind the first mention of the pulling subnet."""
    zone = zone_of(world, interface)
    if zone is None or re.search(rf"\b{re.escape(zone)}\b", sentence):
        return sentence
    pattern = rf"\b{re.escape(interface.subnet_id)}\b(?![-\w])"
    return re.sub(pattern, f"{interface.subnet_id} ({zone})", sentence, count=1)


def zone_of(world: World, interface: Interface) -> str | None:
    """The Availability Zone of an interface's subnet, as far as it is known; only for wording."""
    fact = world.snapshot.subnets.get(interface.subnet_id)
    found = known_value(fact) if fact is not None else None
    if found is not None:
        return found.availability_zone
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    for subnet in (known_value(facts.subnets) if facts else None) or ():
        if subnet.subnet_id == interface.subnet_id:
            return subnet.availability_zone
    return None
