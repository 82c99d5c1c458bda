"""Route choice: the most specific route for every address of a destination.

https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.network.addresses import AddressSet, Family, network_of, of_network
from diagnostics.network.prefix_lists import cidrs_of
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

    `unread` are routes whose prefix list could not be read, so that they may take a part of any portion.
    """

    portions: tuple[Portion, ...]
    unread: tuple[tuple[Route, Unavailable], ...] = ()


def target_of(route: Route) -> str:
    """The id of what a route leads to, or `local`."""
    for target in (
        route.gateway_id, route.nat_gateway_id, route.egress_only_internet_gateway_id, route.transit_gateway_id,
        route.vpc_peering_connection_id, route.network_interface_id, route.instance_id, route.local_gateway_id,
        route.carrier_gateway_id, route.core_network_arn,
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
    unread: list[tuple[Route, Unavailable]] = []
    for place, route in enumerate(table.routes):
        cidrs: tuple[str, ...]
        if route.destination_prefix_list_id:
            fact = cidrs_of(route.destination_prefix_list_id, vpc)
            if isinstance(fact, Unavailable):
                unread.append((route, fact))
                continue
            cidrs = fact.value
        else:
            own = route.destination_cidr_block if family == 4 else route.destination_ipv6_cidr_block
            cidrs = (own,) if own else ()
        for cidr in cidrs:
            network = network_of(cidr)
            if network is not None and network.version == family:
                candidates.append((-network.prefixlen, rank_of(route), place, of_network(network)))
    taken: dict[int | None, AddressSet] = {}
    left = addresses
    for _, _, place, named in sorted(candidates, key=lambda item: item[:3]):
        claimed = left & named
        if claimed:
            taken[place] = taken.get(place, AddressSet(family)) | claimed
            left = left - claimed
    if left:
        taken[None] = left
    portions = (
        Portion(table.routes[place] if place is not None else None, named) for place, named in taken.items()
    )
    return Choice(tuple(sorted(portions, key=lambda item: -item.addresses.size)), tuple(unread))
