"""Follows the route that a subnet's table chooses for a destination outside of the VPC."""

from __future__ import annotations

from diagnostics.network import faults
from diagnostics.network.ends import End, internet
from diagnostics.network.internet import through_egress_only_gateway, through_internet_gateway
from diagnostics.network.nat import through_nat_gateway
from diagnostics.network.nat_instance import through_instance
from diagnostics.network.path import (
    Path,
    Way,
    attached_gateway,
    endpoint_named,
    is_gateway_endpoint,
    present,
    usable_nat_gateway,
)
from diagnostics.network.routes import (
    Portion,
    choose,
    destination_of,
    is_blackhole,
    table_of,
    target_of,
)
from diagnostics.network.ruling import Ruling, any_of, blocked, cannot_tell, hop, missing
from diagnostics.network.trace import Blocker, Missing, Via
from diagnostics.snapshot import Route, RouteTable, Unavailable

_WHAT = "route table"


def follow(path: Path, peer: End) -> Way:
    """The way that the pulling subnet's routes give to a destination."""
    table = table_of(path.subnet_id, path.vpc)
    if isinstance(table, Unavailable):
        hidden = (*faults.BEHIND_THE_ROUTE, *faults.NACL)
        return Way(
            cannot_tell(
                _WHAT, None, missing(f"the route table of {path.subnet_id}", table, hidden, path.subnet_id)
            ),
            "none",
            "unknown",
        )
    choice = choose(table.value, peer.addresses, path.vpc)
    portions = [item for item in choice.portions if not _elsewhere(path, item.route)]
    unread = [pair for pair in choice.unread if not _elsewhere(path, pair[0])]
    groups: dict[tuple[str, bool], list[Portion]] = {}
    for portion in portions:
        groups.setdefault(_key(portion.route), []).append(portion)
    unread = [pair for pair in unread if set(groups) != {_key(pair[0])}]
    if unread:
        hidden = (*faults.BEHIND_THE_ROUTE, *faults.NACL)
        return Way(
            cannot_tell(
                _WHAT,
                table.value.route_table_id,
                *(missing(f"the entries of {destination_of(route)}", fact, hidden) for route, fact in unread),
            ),
            "none",
            "unknown",
        )
    ways = [_judge(path, table.value, items[0].route, peer) for items in groups.values()]
    if not ways:
        return Way(hop(_WHAT, table.value.route_table_id, "leads nowhere"), "none", "no_route")
    if len(ways) == 1:
        return ways[0]
    return _several(path, ways, table.value, peer)


def _key(route: Route | None) -> tuple[str, bool]:
    """What tells two ways apart: where they lead, and whether that is gone. No use is the same as no route."""
    if route is None or _is_peering(route):
        return "", False
    return target_of(route), is_blackhole(route)


def _is_peering(route: Route) -> bool:
    return target_of(route).startswith("pcx-") and not is_blackhole(route)


def _elsewhere(path: Path, route: Route | None) -> bool:
    """Whether a route is about other hosts than this one: the VPC itself, or the service of a gateway endpoint."""
    if route is None:
        return False
    if target_of(route) == "local":
        return True
    endpoint = endpoint_named(route, path.vpc)
    return endpoint is not None and is_gateway_endpoint(endpoint)


def _several(path: Path, ways: list[Way], table: RouteTable, peer: End) -> Way:
    rulings = tuple(way.ruling for way in ways)
    if all(way.outcome == "open" for way in ways):
        return Way(any_of(rulings), ways[0].via, "open", ways[0].facts)
    name = table.route_table_id
    found = {item.fault for ruling in rulings for item in (*ruling.blockers, *ruling.partly)}
    found |= {fault for ruling in rulings for fault in ruling.considered}
    found |= {fault for ruling in rulings for item in ruling.missing for fault in item.could_hide}
    question = Missing(
        what=f"which address {peer.who} has",
        why=f"{name} sends the addresses that it may have different ways",
        resource=name,
        could_hide=tuple(sorted(found | {faults.ROUTE_NO_EGRESS})),
    )
    return Way(cannot_tell(_WHAT, name, question), "none", "unknown")


def _judge(path: Path, table: RouteTable, route: Route | None, peer: End) -> Way:
    name = table.route_table_id
    resources = (path.subnet_id, name)
    facts = {**path.facts, "route_table_id": name}
    repair = present(
        usable_nat_gateway_id=usable_nat_gateway(path.vpc), internet_gateway_id=attached_gateway(path.vpc)
    )
    if route is None or _is_peering(route):
        says = f"{name} of {path.subnet_id} has no route to {peer.words}"
        if route is not None:
            says = f"{name} of {path.subnet_id} sends {destination_of(route)} to {target_of(route)}, and a peering connection carries no internet traffic"
            facts.update(destination=destination_of(route), target=target_of(route))
        via: Via = "none" if route is None else "peering"
        return Way(hop(_WHAT, name, says), via, "no_route", tuple({**facts, **repair}.items()))
    target, destination = target_of(route), destination_of(route)
    facts.update(destination=destination, target=target)
    step = hop(_WHAT, name, f"{name} of {path.subnet_id}: {destination} → {target}")
    way = _target(path, route, target, resources, facts, repair, peer)
    return Way(step + way.ruling, way.via, way.outcome, way.facts, way.endpoint_id)


def _target(
    path: Path,
    route: Route,
    target: str,
    resources: tuple[str, ...],
    facts: dict[str, str],
    repair: dict[str, str],
    peer: End,
) -> Way:
    gone = is_blackhole(route)
    if target.startswith("nat-"):
        return through_nat_gateway(path, target, resources, facts, _behind_nat(peer), blackhole=gone)
    if gone:
        says = (
            f"Route table {facts['route_table_id']} sends {facts['destination']} to {target}, which is gone: "
            "the route is a blackhole."
        )
        blocker = Blocker(
            fault=faults.ROUTE_BLACKHOLE, resources=resources, says=says, facts={**facts, **repair}
        )
        return Way(
            blocked(_WHAT, resources[-1], blocker), "none", "stopped", tuple({**facts, **repair}.items())
        )
    if target.startswith("igw-"):
        return through_internet_gateway(path, target, resources, facts, peer.family)
    if target.startswith("eigw-"):
        return through_egress_only_gateway(path, target, resources, facts)
    if target.startswith(("eni-", "i-")):
        return through_instance(path, route, resources, facts, peer)
    return _beyond(path, route, target, resources, facts)


def _behind_nat(peer: End) -> End:
    """What a NAT gateway talks to: for NAT64 addresses, the IPv4 internet."""
    return peer if peer.family == 4 else internet(peer.words)


def _beyond(path: Path, route: Route, target: str, resources: tuple[str, ...], facts: dict[str, str]) -> Way:
    """Targets behind which AWS's API of this account does not show the way: neither broken nor fine."""
    endpoint = endpoint_named(route, path.vpc)
    via: Via = "none"
    inspects = False
    if target.startswith("tgw-"):
        via = "transit_gateway"
    elif target.startswith("vgw-"):
        via = "vpn"
    elif target.startswith("vpce-"):
        via = "appliance"
        inspects = (
            endpoint is not None and (endpoint.vpc_endpoint_type or "").lower() == "gatewayloadbalancer"
        )
    words = {
        "transit_gateway": f"transit gateway {target}", "vpn": f"virtual private gateway {target}",
        "appliance": f"firewall endpoint {target}",
    }.get(via, target)  # fmt: skip
    ruling = cannot_tell(
        "route target" if via == "none" else via.replace("_", " "),
        target,
        Missing(
            what=f"what lies behind {words}",
            why=f"the route {facts['destination']} leads there, and AWS's API does not show whether it lets the pull through",
            resource=target,
            could_hide=(faults.ROUTE_NO_EGRESS,) if inspects else (faults.FIREWALL, faults.ROUTE_NO_EGRESS),
        ),
    )
    if inspects:
        says = f"Route table {facts['route_table_id']} sends {facts['destination']} through {target}, an inspecting firewall or appliance."
        may = Blocker(fault=faults.FIREWALL, resources=(*resources, target), says=says, facts=facts)
        ruling = Ruling(ruling.hops, (), (may,), ruling.missing, (faults.FIREWALL,))
    return Way(ruling, via, "beyond", tuple(facts.items()))
