"""Follows the route that a subnet's table chooses for a destination outside of the VPC."""

from __future__ import annotations

from diagnostics.network.addresses import of_cidrs
from diagnostics.network.blockers import (
    ACLS,
    BEHIND_THE_ROUTE,
    BlockerKind,
    FirewallOnRoute,
    NoWayOut,
)
from diagnostics.network.ends import End, internet
from diagnostics.network.internet import through_egress_only_gateway, through_internet_gateway
from diagnostics.network.leg_path import LegPath, RoutedWay, RouteTaken
from diagnostics.network.nat import through_nat_gateway
from diagnostics.network.nat_instance import through_instance
from diagnostics.network.routes import Portion, choose, gap_of, is_blackhole, target_of
from diagnostics.network.step_result import StepResult, any_of, blocked, cannot_tell, hop, missing
from diagnostics.network.trace import Gap, Via, What
from diagnostics.snapshot import Route, Unavailable


def follow(path: LegPath, peer: End) -> RoutedWay:
    """The way that the pulling subnet's routes give to a destination."""
    table = path.view.table_of(path.subnet_id)
    hidden = (*BEHIND_THE_ROUTE, *ACLS)
    if isinstance(table, Unavailable):
        gap = missing(f"the route table of {path.subnet_id}", table, hidden, path.subnet_id)
        return RoutedWay(cannot_tell("route table", None, gap), "none", "unknown")
    choice = choose(table.value, peer.addresses, path.vpc)
    portions = [item for item in choice.portions if not _elsewhere(path, item.route)]
    unread = [pair for pair in choice.unread if not _elsewhere(path, pair[0])]
    groups: dict[tuple[str, bool], list[Portion]] = {}
    for portion in portions:
        groups.setdefault(_key(portion.route), []).append(portion)
    unread = [pair for pair in unread if set(groups) != {_key(pair[0])}]
    name = table.value.route_table_id
    if unread:
        gaps = (gap_of(route, fact, hidden) for route, fact in unread)
        return RoutedWay(cannot_tell("route table", name, *gaps), "none", "unknown")
    ways = [_judge(path, name, items[0].route, peer) for items in groups.values()]
    if not ways:
        return RoutedWay(
            hop("route table", name, "leads nowhere"), "none", "no_route", why_not="leads nowhere"
        )
    if len(ways) == 1:
        return ways[0]
    return _of_the_address(path, portions, peer) or _several(ways, name, peer)


def _of_the_address(path: LegPath, portions: list[Portion], peer: End) -> RoutedWay | None:
    """The way of the address that the error text shows, where it is stopped; that others have one explains nothing."""
    table = path.view.table_id_of(path.subnet_id)
    address = of_cidrs((path.dialled,), peer.family)
    taken = next((item for item in portions if address and address <= item.addresses), None)
    if taken is None or table is None:
        return None
    way = _judge(path, table, taken.route, peer)
    return way if way.outcome == "stopped" else None


def _key(route: Route | None) -> tuple[str, bool]:
    """What tells two ways apart: where they lead, and whether that is gone. No use is the same as no route."""
    if route is None or _is_peering(route):
        return "", False
    return target_of(route), is_blackhole(route)


def _is_peering(route: Route) -> bool:
    return target_of(route).startswith("pcx-") and not is_blackhole(route)


def _elsewhere(path: LegPath, route: Route | None) -> bool:
    """True if a route is about other hosts: the VPC itself, or the service of a gateway endpoint."""
    if route is None:
        return False
    return target_of(route) == "local" or path.view.gateway_endpoint_of(route) is not None


def _several(ways: list[RoutedWay], table_id: str, peer: End) -> RoutedWay:
    results = tuple(way.result for way in ways)
    if all(way.outcome == "open" for way in ways):
        return RoutedWay(any_of(results), ways[0].via, "open")
    found: list[BlockerKind] = [NoWayOut]
    for result in results:
        found += [type(item) for item in (*result.blockers, *result.partly)]
        found += [*result.considered, *(kind for item in result.missing for kind in item.could_hide)]
    question = Gap(
        what=f"which address {peer.who} has",
        question=True,
        why=f"{table_id} sends the addresses that it may have different ways",
        resource=table_id,
        could_hide=tuple(dict.fromkeys(found)),
    )
    return RoutedWay(cannot_tell("route table", table_id, question), "none", "unknown")


def _judge(path: LegPath, table_id: str, route: Route | None, peer: End) -> RoutedWay:
    if route is None:
        says = f"{table_id} of {path.subnet_id} has no route to {peer.words}"
        return RoutedWay(hop("route table", table_id, says), "none", "no_route", why_not=says)
    taken = RouteTaken(path.subnet_id, table_id, route)
    if _is_peering(route):
        says = f"{table_id} of {path.subnet_id} sends {taken.destination} to {taken.target}, and a peering connection carries no internet traffic"
        return RoutedWay(
            hop("route table", table_id, says), "peering", "no_route", why_not=says, useless=route
        )
    step = hop(
        "route table", table_id, f"{table_id} of {path.subnet_id}: {taken.destination} → {taken.target}"
    )
    way = _target(path, taken, peer)
    return RoutedWay(step + way.result, way.via, way.outcome, way.endpoint_id)


def _target(path: LegPath, taken: RouteTaken, peer: End) -> RoutedWay:
    target = taken.target
    if target.startswith("nat-"):
        return through_nat_gateway(path, taken, _behind_nat(peer))
    if is_blackhole(taken.route):
        says = (
            f"Route table {taken.table_id} sends {taken.destination} to {target}, which is gone: "
            "the route is a blackhole."
        )
        blocker = taken.leads_to_nothing(says, usable_nat=path.view.usable_nat_gateway())
        return RoutedWay(blocked("route table", taken.table_id, blocker), "none", "stopped")
    if target.startswith("igw-"):
        return through_internet_gateway(path, taken, peer.family)
    if target.startswith("eigw-"):
        return through_egress_only_gateway(path, taken)
    if target.startswith(("eni-", "i-")):
        return through_instance(path, taken, peer)
    return _beyond(path, taken)


def _behind_nat(peer: End) -> End:
    """What a NAT gateway talks to: for NAT64 addresses, the IPv4 internet."""
    return peer if peer.family == 4 else internet(peer.words)


def _beyond(path: LegPath, taken: RouteTaken) -> RoutedWay:
    """Targets behind which AWS's API of this account does not show the way: neither broken nor fine."""
    target = taken.target
    via: Via = "none"
    what: What = "route target"
    words = target
    inspects = False
    if target.startswith("tgw-"):
        via, what, words = "transit_gateway", "transit gateway", f"transit gateway {target}"
    elif target.startswith("vgw-"):
        via, what, words = "vpn", "vpn", f"virtual private gateway {target}"
    elif target.startswith("vpce-"):
        via, what, words = "appliance", "appliance", f"firewall endpoint {target}"
        endpoint = path.view.endpoint(taken.route.gateway_id)
        inspects = (
            endpoint is not None and (endpoint.vpc_endpoint_type or "").lower() == "gatewayloadbalancer"
        )
    gap = Gap(
        what=f"what lies behind {words}",
        question=True,
        why=f"the route {taken.destination} leads there, and AWS's API does not show whether it lets the pull through",
        resource=target,
        could_hide=(NoWayOut,) if inspects else (FirewallOnRoute, NoWayOut),
    )
    result = cannot_tell(what, target, gap)
    if inspects:
        says = f"Route table {taken.table_id} sends {taken.destination} through {target}, an inspecting firewall or appliance."
        may = FirewallOnRoute(resources=(*taken.resources, target), says=says, route_table_id=taken.table_id)
        result = StepResult(result.hops, (), (may,), result.missing, (FirewallOnRoute,))
    return RoutedWay(result, via, "beyond")
