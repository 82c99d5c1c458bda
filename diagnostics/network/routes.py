"""Route choice: the most specific route for every address of a destination.

https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.network.addresses import AddressSet, Family, everything, network_of, prefix_of
from diagnostics.network.blockers import BlockerKind
from diagnostics.network.prefix_lists import cidrs_of
from diagnostics.network.step_result import missing
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Route, RouteTable, Unavailable, VpcFacts

STATIC, PREFIX_LIST, PROPAGATED = 0, 1, 2


@dataclass(frozen=True)
class Portion:
    """The addresses that one route decides about; `route` is `None` where no route matches."""

    route: Route | None
    addresses: AddressSet


@dataclass(frozen=True)
class Choice:
    """The routes of a destination, largest portion first.

    `unread` are routes that may take a part of any portion: their prefix list could not be read (the fact says why), or
    it is not known what such a route does, or which packets it takes (`None`).
    """

    portions: tuple[Portion, ...]
    unread: tuple[tuple[Route, Unavailable | None], ...] = ()


def target_of(route: Route) -> str:
    """The id of what a route leads to, or `local`."""
    for target in (
        route.gateway_id, route.nat_gateway_id, route.egress_only_internet_gateway_id, route.transit_gateway_id,
        route.vpc_peering_connection_id, route.network_interface_id, route.instance_id, route.local_gateway_id,
        route.carrier_gateway_id, route.core_network_arn, route.odb_network_arn,
    ):  # fmt: skip
        if target:
            return target
    return "an unknown target"


def destination_of(route: Route) -> str:
    """The destination of a route as AWS writes it."""
    return (
        route.destination_cidr_block
        or route.destination_ipv6_cidr_block
        or route.destination_prefix_list_id
        or "an unknown destination"
    )


def rank_of(route: Route) -> int:
    """Which route wins among equally long ones: static, then prefix list, then propagated."""
    if route.origin == "EnableVgwRoutePropagation":
        return PROPAGATED
    return PREFIX_LIST if route.destination_prefix_list_id else STATIC


def is_blackhole(route: Route) -> bool:
    """True if the target of a route is gone. Such a route still takes its packets."""
    return (route.state or "").lower() == "blackhole"


def takes_for_sure(route: Route) -> bool:
    """True if a route is in one of the two states in which it takes its packets.

    A third, `filtered`, has no meaning on AWS's pages; and there may be new ones.
    """
    return (route.state or "active").lower() in ("active", "blackhole")


def leads_inside(route: Route) -> bool:
    """True if a route leads to what stands in a VPC, as an appliance does."""
    return target_of(route).startswith(("eni-", "i-", "vpce-"))


def is_default(route: Route, *families: Family) -> bool:
    """True if a route takes every address of IPv4 or of IPv6 that no other route takes, or of one of them."""
    four = 4 in (families or (4, 6)) and route.destination_cidr_block == "0.0.0.0/0"
    return four or (6 in (families or (4, 6)) and route.destination_ipv6_cidr_block == "::/0")


def leads_to_internet_gateway(route: Route) -> bool:
    """True if a route leads to an internet gateway that is there."""
    return target_of(route).startswith("igw-") and not is_blackhole(route)


def choose(table: RouteTable, addresses: AddressSet, vpc: VpcFacts) -> Choice:
    """Splits a destination among the routes: longest prefix first, and equally long ones by their rank."""
    family: Family = addresses.family
    candidates: list[tuple[int, int, int, AddressSet]] = []
    unread: dict[int, Unavailable | None] = {}
    for place, route in enumerate(table.routes):
        named = _named(route, family, vpc)
        if isinstance(named, Unavailable):
            unread[place] = named
            continue
        candidates += [(-length, rank_of(route), place, part) for length, part in named]
    taken: dict[int | None, AddressSet] = {}
    left = addresses
    for _, _, place, part in sorted(candidates, key=lambda item: item[:3]):
        if not left:
            break
        claimed = left & part
        if not claimed:
            continue
        if not _is_sure(table.routes[place]):
            unread[place] = None
            continue
        taken[place] = taken.get(place, AddressSet(family)) | claimed
        left = left - claimed
    if left:
        taken[None] = left
    portions = (
        Portion(table.routes[place] if place is not None else None, named) for place, named in taken.items()
    )
    doubtful = tuple(
        (table.routes[place], fact) for place, fact in sorted(unread.items(), key=lambda item: item[0])
    )
    return Choice(tuple(sorted(portions, key=lambda item: -item.addresses.size)), doubtful)


def _named(route: Route, family: Family, vpc: VpcFacts) -> list[tuple[int, AddressSet]] | Unavailable:
    """The ranges that a route names, with the length of their prefixes; all of them where it names none that is known."""
    cidrs: tuple[str, ...]
    if route.destination_prefix_list_id:
        fact = cidrs_of(route.destination_prefix_list_id, vpc)
        if isinstance(fact, Unavailable):
            return fact
        cidrs = fact.value
    elif not _has_destination(route):
        return [(129, everything(family))]
    else:
        own = route.destination_cidr_block if family == 4 else route.destination_ipv6_cidr_block
        cidrs = (own,) if own else ()
    return [found for cidr in cidrs if (found := prefix_of(cidr, family)) is not None]


def _has_destination(route: Route) -> bool:
    named = (route.destination_cidr_block, route.destination_ipv6_cidr_block)
    return any(network_of(item) is not None for item in named if item) or bool(
        route.destination_prefix_list_id
    )


def _is_sure(route: Route) -> bool:
    return takes_for_sure(route) and _has_destination(route)


def gap_of(route: Route, fact: Unavailable | None, could_hide: tuple[BlockerKind, ...]) -> Gap:
    """What is not known of a route that may take the packets."""
    destination, target = destination_of(route), target_of(route)
    if fact is not None:
        return missing(f"the entries of {destination}", fact, could_hide)
    if not _has_destination(route):
        return Gap(
            what=f"which packets a route to {target} takes", question=True, why="its destination could not be read",
            could_hide=could_hide,
        )  # fmt: skip
    return Gap(
        what=f"whether the route {destination} to {target} takes packets", question=True,
        why=f"it is in the state {route.state}, and AWS's pages do not say what a route does in that state",
        resource=target, could_hide=could_hide,
    )  # fmt: skip
