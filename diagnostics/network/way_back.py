"""The way back: the routes that take the answers, on the other side of a NAT gateway, an endpoint or an internet gateway.

A route that is more specific than the VPC's `local` route, or that takes its place, leads what is on its way inside the
VPC to an appliance first. Where the appliance is gone, the answers are dropped, and every route on the way out is in order.
https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html and
https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html#route-tables-appliance-routing
"""

from __future__ import annotations

from diagnostics.network.addresses import Family, of_cidrs
from diagnostics.network.blockers import BlockerKind, FirewallOnRoute, RouteToNothing
from diagnostics.network.ends import End, subnet_fact
from diagnostics.network.leg_path import LegPath
from diagnostics.network.routes import (
    choose,
    destination_of,
    gap_of,
    is_blackhole,
    is_default,
    leads_inside,
    target_of,
)
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, in_a_row, missing, partly
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Known, NatGateway, Route, RouteTable, Unavailable

HIDDEN: tuple[BlockerKind, ...] = (RouteToNothing, FirewallOnRoute)
"""What a fact that is missing on the way back could hide."""


def to_puller(path: LegPath, subnet_id: str, of: str) -> StepResult:
    """The answers out of the subnet where something stands that the puller reaches inside the VPC.

    Inside one subnet no route is read.

    Args:
        of: what stands there, such as an endpoint.
    """
    if subnet_id == path.subnet_id:
        return StepResult()
    table = path.view.table_of(subnet_id)
    if isinstance(table, Unavailable):
        gap = missing(f"the route table of {subnet_id}", table, HIDDEN, subnet_id)
        return cannot_tell("route table", None, gap)
    return by_table(path, table.value, f"{subnet_id}, the subnet of {of},", (subnet_id,), puller(path))


def from_nat_gateway(path: LegPath, nat: NatGateway, table: RouteTable, subnet_id: str | None) -> StepResult:
    """The answers from a NAT gateway to the puller, by the table that its own packets go by."""
    if subnet_id is not None:
        return to_puller(path, subnet_id, nat.nat_gateway_id)
    return by_table(path, table, nat.nat_gateway_id, (nat.nat_gateway_id,), puller(path))


def from_internet(path: LegPath, gateway_id: str, end: End | None) -> StepResult:
    """The answers that an internet gateway lets in, where it has a route table of its own (an edge association).

    Args:
        end: whom they are for inside the VPC: the puller itself, a NAT gateway.
    """
    fact = path.view.tables
    if isinstance(fact, Unavailable) or end is None:
        return StepResult()  # Where no table was read, the way out is not known either.
    own = [
        table
        for table in fact.value
        if any(item.gateway_id == gateway_id and item.holds for item in table.associations)
    ]
    words = f"{gateway_id}, for what it lets in,"
    found = in_a_row(by_table(path, table, words, (gateway_id,), end) for table in own)
    if not own and fact.unread:
        gap = missing(
            f"whether {gateway_id} has a route table of its own",
            path.view.unread_table,
            HIDDEN,
            question=True,
        )
        return cannot_tell("route table", gateway_id, gap)
    return found


def by_table(
    path: LegPath, table: RouteTable, of: str, place: tuple[str, ...], end: End | None
) -> StepResult:
    """What a table says of the answers to one end inside the VPC.

    Args:
        of: whose table it is, in words.
        place: what the table belongs to, which is named beside it where a route is at fault.
    """
    if end is None:
        return StepResult()
    name = table.route_table_id
    if not end.cidrs:  # Nothing is known of where the answers go.
        astray = [item for item in table.routes if leads_inside(item) and not is_default(item)]
        return in_a_row(
            _unknown(name, item, end) for item in astray if path.view.gateway_endpoint_of(item) is None
        )
    choice = choose(table, end.addresses, path.vpc)
    taken = [
        item
        for item in choice.portions
        if item.route is not None and target_of(item.route) != "local" and not is_default(item.route)
    ]
    doubtful = [
        pair
        for pair in choice.unread
        if leads_inside(pair[0]) and path.view.gateway_endpoint_of(pair[0]) is None
    ]
    results = [cannot_tell("route table", name, gap_of(*pair, HIDDEN)) for pair in doubtful]
    everything = not doubtful and len(taken) == len(choice.portions)
    for item in taken:
        if item.route is None:
            continue
        if not is_blackhole(item.route) or (not end.exact and not everything) or doubtful:
            results.append(_unknown(name, item.route, end))
            continue
        blocker = _gone(path, table, item.route, of, place, end)
        results.append((blocked if everything else partly)("route table", name, blocker))
    return in_a_row(results)


def _unknown(name: str, route: Route, end: End) -> StepResult:
    target, destination = target_of(route), destination_of(route)
    if is_blackhole(route):
        gap = Gap(
            what=f"whether the answers to {end.who} take the route {destination}", question=True,
            why=f"{name} sends that part of it to {target}, which is gone, and which address it has is not known",
            resource=target, could_hide=(RouteToNothing,),
        )  # fmt: skip
        return cannot_tell("route table", name, gap)
    gap = Gap(
        what=f"what {target} does with the answers", question=True,
        why=f"{name} sends {destination}, and with it the answers to {end.who}, there, and AWS's API does not show "
        "what lies behind it",
        resource=target, could_hide=HIDDEN,
    )  # fmt: skip
    return cannot_tell("route table", name, gap)


def _gone(
    path: LegPath, table: RouteTable, route: Route, of: str, place: tuple[str, ...], end: End
) -> RouteToNothing:
    name, target, destination = table.route_table_id, target_of(route), destination_of(route)
    says = (
        f"Route table {name} of {of} sends {destination}, and with it the answers to {end.who}, to {target}, which is "
        "gone: the route is a blackhole on the way back."
    )
    return RouteToNothing(
        resources=(*place, name, target), says=says, route_table_id=name, subnet_id=end.subnet_id or path.subnet_id,
        destination=destination, target=target,
    )  # fmt: skip


def puller(path: LegPath, family: Family | None = None) -> End | None:
    """The interface that pulls, in the family that its packets have; `None` where it has no known range of that family."""
    subnet = subnet_fact(path.subnet_id, path.vpc)
    native = isinstance(subnet, Known) and subnet.value.ipv6_native
    if (family or (6 if native else 4)) == 4:
        return path.source
    blocks = subnet.value.ipv6_cidr_block_association_set if isinstance(subnet, Known) else ()
    cidrs = tuple(item.ipv6_cidr_block for item in blocks if item.ipv6_cidr_block)
    addresses = of_cidrs(cidrs, 6)
    if not addresses:
        return None
    words = f"{path.subnet_id} ({', '.join(cidrs)})"
    return End(words=words, addresses=addresses, exact=False, cidrs=cidrs, subnet_id=path.subnet_id)


def nat_gateway(path: LegPath, nat: NatGateway, subnet_id: str | None) -> End | None:
    """A NAT gateway as the internet gateway sees it; `None` for a regional one, which stands in no subnet of the VPC."""
    if subnet_id is None:
        return None
    known = tuple(item.private_ip for item in nat.nat_gateway_addresses if item.private_ip)
    subnet = subnet_fact(subnet_id, path.vpc)
    cidr = subnet.value.cidr_block if isinstance(subnet, Known) else None
    cidrs = tuple(f"{item}/32" for item in known) or ((cidr,) if cidr else ())
    return End(
        words=nat.nat_gateway_id, addresses=of_cidrs(cidrs or ("0.0.0.0/0",), 4), exact=bool(known), cidrs=cidrs,
        subnet_id=subnet_id,
    )  # fmt: skip
