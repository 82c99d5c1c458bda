"""Subnets without IPv4, and the names and routes that do not fit them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
"""

from __future__ import annotations

from diagnostics.network import endpoints, faults, public, way_out
from diagnostics.network.addresses import NOT_PRIVATE, of_cidrs
from diagnostics.network.ends import End, subnet_fact
from diagnostics.network.path import Path
from diagnostics.network.public import Branch
from diagnostics.network.routes import table_of
from diagnostics.network.ruling import blocked, cannot_tell, considering, missing
from diagnostics.network.trace import Blocker, Missing
from diagnostics.snapshot import Known, Unavailable, known_value

NAT64 = "64:ff9b::/96"


def only(path: Path) -> Known[bool] | Unavailable:
    """Whether the interface has no IPv4 address: its subnet is IPv6-only."""
    if path.interface.private_ip and ":" not in path.interface.private_ip:
        return Known[bool](value=False)
    subnet = subnet_fact(path.subnet_id, path.vpc)
    if isinstance(subnet, Known):
        return Known[bool](value=subnet.value.ipv6_native)
    vpc = known_value(path.vpc.vpc)
    if vpc is not None and not vpc.ipv6_cidr_block_association_set:
        return Known[bool](value=False)
    return subnet


def follow(path: Path) -> Branch:
    """A leg from an IPv6-only subnet."""
    leg = path.leg
    if leg.name == "manifest" and leg.service is not None and not path.dual_stack_name:
        return _ipv4_name(path)
    fact = path.vpc.vpc_endpoints
    unread = isinstance(fact, Unavailable)
    if leg.service is not None and leg.region == path.task_region:
        if unread or endpoints.serving(path.vpc, path.task_region, leg.service):
            # AWS's pages disagree on whether ECR's endpoints serve the dual-stack names.
            why = "AWS's pages do not agree on whether endpoints serve its dual-stack names"
            return _open_question(path, f"whether an endpoint serves {leg.host} over IPv6", why)
    elif leg.service is None:
        return _open_question(path, f"whether {leg.host} has IPv6 addresses", "it is outside of AWS")
    return _out(path)


def _open_question(path: Path, what: str, why: str) -> Branch:
    hidden = tuple(item for item in faults.applicable(path.leg, path.task_region) if item not in faults.DNS)
    return Branch(cannot_tell("IPv6", path.subnet_id, Missing(what=what, why=why, could_hide=hidden)), "none")


def _ipv4_name(path: Path) -> Branch:
    """A registry name with IPv4 addresses only: DNS64 and NAT64 can bridge that, nothing else does."""
    subnet = subnet_fact(path.subnet_id, path.vpc)
    if isinstance(subnet, Unavailable):
        gap = missing(f"whether {path.subnet_id} has DNS64", subnet, (faults.IPV6, *faults.BEHIND_THE_ROUTE))
        return Branch(cannot_tell("IPv6", path.subnet_id, gap), "none")
    if subnet.value.enable_dns64:
        return _open_question(path, f"whether NAT64 carries {path.leg.host}", "DNS64 is on for the subnet")
    says = f"{path.subnet_id} is IPv6-only, and {path.leg.host} has IPv4 addresses only."
    blocker = Blocker(fault=faults.IPV6, resources=(path.subnet_id,), says=says, facts=path.facts)
    return Branch(blocked("IPv6", path.subnet_id, blocker), "none")


def _out(path: Path) -> Branch:
    """A dual-stack name of AWS over the IPv6 route."""
    peer = End(
        words=f"{path.leg.host} (IPv6)",
        addresses=NOT_PRIVATE[6] - of_cidrs((NAT64,), 6),
        exact=False,
        cidrs=("::/0",),
    )
    way = way_out.follow(path, peer)
    if way.outcome == "unknown":
        hidden = (*faults.group_faults(path.leg), *faults.NACL)
        return Branch(public.also_hiding(way.ruling, hidden), way.via)
    if way.outcome != "no_route":
        return Branch(public.filtered(path, peer, way.ruling), way.via)
    table = table_of(path.subnet_id, path.vpc)
    name = table.value.route_table_id if isinstance(table, Known) else ""
    over_ipv4 = isinstance(table, Known) and any(
        route.destination_cidr_block == "0.0.0.0/0" for route in table.value.routes
    )
    says = f"Route table {name} of {path.subnet_id}, which is IPv6-only, has no route for ::/0."
    fault = faults.IPV6 if over_ipv4 else faults.ROUTE_NO_EGRESS
    facts = dict(way.facts) or path.facts
    ruling = blocked(
        "route table", name, Blocker(fault=fault, resources=(path.subnet_id, name), says=says, facts=facts)
    )
    return Branch(considering(way.ruling + ruling, faults.IPV6), way.via)
