"""Subnets without IPv4, and the names and routes that do not fit them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
"""

from __future__ import annotations

from diagnostics.network import endpoints, public, way_out
from diagnostics.network.addresses import NOT_PRIVATE, of_cidrs
from diagnostics.network.blockers import (
    ACLS,
    BEHIND_THE_ROUTE,
    DNS,
    Blocker,
    NoWayOut,
    WrongAddressFamily,
    applicable,
    of_groups,
)
from diagnostics.network.ends import End, subnet_fact
from diagnostics.network.leg_path import LegPath
from diagnostics.network.public import Branch
from diagnostics.network.routes import is_default, target_of
from diagnostics.network.step_result import blocked, cannot_tell, considering, missing
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Known, Unavailable, known_value

NAT64 = "64:ff9b::/96"


def only(path: LegPath) -> Known[bool] | Unavailable:
    """True if the interface has no IPv4 address: its subnet is IPv6-only."""
    if path.interface.private_ip and ":" not in path.interface.private_ip:
        return Known(value=False)
    subnet = subnet_fact(path.subnet_id, path.vpc)
    if isinstance(subnet, Known):
        return Known(value=subnet.value.ipv6_native)
    vpc = known_value(path.vpc.vpc)
    if vpc is not None and not vpc.ipv6_cidr_block_association_set:
        return Known(value=False)
    return subnet


def follow(path: LegPath) -> Branch:
    """A leg from an IPv6-only subnet."""
    leg = path.leg
    if leg.name == "manifest" and leg.service is not None and not path.dual_stack_name:
        return _ipv4_name(path)
    fact = path.vpc.vpc_endpoints
    unread = isinstance(fact, Unavailable) or (isinstance(fact, Known) and bool(fact.unread))
    if leg.service is not None and path.in_region:
        if unread or endpoints.serving(path.vpc, path.task_region, leg.service):
            # AWS's pages disagree on whether ECR's endpoints serve the dual-stack names.
            why = "AWS's pages do not agree on whether endpoints serve its dual-stack names"
            return _open_question(path, f"whether an endpoint serves {leg.host} over IPv6", why)
    elif leg.service is None:
        return _open_question(path, f"whether {leg.host} has IPv6 addresses", "it is outside of AWS")
    return _out(path)


def _open_question(path: LegPath, what: str, why: str) -> Branch:
    hidden = tuple(item for item in applicable(path.leg, path.task_region) if item not in DNS)
    return Branch(
        cannot_tell("IPv6", path.subnet_id, Gap(what=what, question=True, why=why, could_hide=hidden)), "none"
    )


def _ipv4_name(path: LegPath) -> Branch:
    """A registry name with IPv4 addresses only: DNS64 and NAT64 can bridge that, nothing else does."""
    subnet = subnet_fact(path.subnet_id, path.vpc)
    if isinstance(subnet, Unavailable):
        gap = missing(
            f"whether {path.subnet_id} has DNS64",
            subnet,
            (WrongAddressFamily, *BEHIND_THE_ROUTE),
            question=True,
        )
        return Branch(cannot_tell("IPv6", path.subnet_id, gap), "none")
    if subnet.value.enable_dns64:
        return _open_question(path, f"whether NAT64 carries {path.leg.host}", "DNS64 is on for the subnet")
    says = f"{path.subnet_id} is IPv6-only, and {path.leg.host} has IPv4 addresses only."
    blocker = WrongAddressFamily(resources=(path.subnet_id,), says=says)
    return Branch(blocked("IPv6", path.subnet_id, blocker), "none")


def _out(path: LegPath) -> Branch:
    """A dual-stack name of AWS over the IPv6 route."""
    peer = End(
        words=f"{path.leg.host} (IPv6)",
        addresses=NOT_PRIVATE[6] - of_cidrs((NAT64,), 6),
        exact=False,
        cidrs=("::/0",),
    )
    way = way_out.follow(path, peer)
    if way.outcome == "unknown":
        result = public.hiding_more(way.result, *of_groups(path.leg), *ACLS)
        return Branch(result, way.via)
    if way.outcome != "no_route":
        return Branch(public.filtered(path, peer, way.result), way.via)
    name = path.view.table_id_of(path.subnet_id) or ""
    usable = path.view.usable_nat_gateway()
    says = f"Route table {name} of {path.subnet_id}, which is IPv6-only, has no route for ::/0."
    resources = (path.subnet_id, name)
    blocker: Blocker = NoWayOut(
        resources=resources, says=says, route_table_id=name, usable_nat_gateway_id=usable
    )
    if any(is_default(route, 4) for route in path.view.routes_of(path.subnet_id)):
        blocker = WrongAddressFamily(
            resources=resources, says=says, route_table_id=name, usable_nat_gateway_id=usable,
            route_target=target_of(way.useless) if way.useless else None,
        )  # fmt: skip
    result = way.result + blocked("route table", name, blocker)
    return Branch(considering(result, WrongAddressFamily), way.via)
