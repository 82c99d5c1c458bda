"""NAT gateways: their own state, subnet, routes and filters.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
"""

from __future__ import annotations

from diagnostics.network import block_public_access, faults, internet, network_acls
from diagnostics.network.ends import End
from diagnostics.network.path import (
    Path,
    Way,
    attached_gateway,
    endpoint_named,
    is_gateway_endpoint,
    outcome_of,
    present,
    usable_nat_gateway,
)
from diagnostics.network.routes import (
    Portion,
    choose,
    destination_of,
    is_blackhole,
    table_by_id,
    table_of,
    target_of,
)
from diagnostics.network.ruling import Ruling, any_of, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import Blocker, Missing
from diagnostics.snapshot import Known, NatGateway, Route, RouteTable, Unavailable, VpcFacts, Why

Resources = tuple[str, ...]
Facts = dict[str, str]

_BEHIND_NAT = (
    *faults.NAT, faults.ROUTE_BLACKHOLE, faults.BLOCK_PUBLIC_ACCESS, *faults.NACL, faults.FIREWALL,
)  # fmt: skip

_BEYOND_VPC = ("tgw-", "vgw-", "lgw-", "cagw-", "arn:", "eni-", "i-", "vpce-")
"""Targets that may lead to the internet somewhere outside of what the VPC's own facts show."""


def through_nat_gateway(
    path: Path, nat_id: str, resources: Resources, facts: Facts, peer: End, *, blackhole: bool
) -> Way:
    """A route to a NAT gateway.

    Args:
        resources: the subnet and the route table of the route, to which the gateway is added.
        blackhole: AWS says that the route's target is gone.
    """
    what = "NAT gateway"
    facts = {**facts, "nat_gateway_id": nat_id}
    usable = usable_nat_gateway(path.vpc, but=nat_id)
    facts.update(present(usable_nat_gateway_id=usable, internet_gateway_id=attached_gateway(path.vpc)))
    fact = path.vpc.nat_gateways
    if isinstance(fact, Unavailable):
        hidden = (faults.ROUTE_BLACKHOLE, faults.NAT_UNUSABLE) if blackhole else _BEHIND_NAT
        return Way(
            cannot_tell(what, nat_id, missing(f"the state of {nat_id}", fact, hidden, nat_id)),
            "nat_gateway",
            "beyond",
            tuple(facts.items()),
        )
    every = fact.value if isinstance(fact, Known) else ()
    nat = next((item for item in every if item.nat_gateway_id == nat_id), None)
    ruling = _gateway(path, nat, nat_id, (*resources, nat_id), facts, peer, blackhole=blackhole)
    return Way(
        ruling, "nat_gateway", outcome_of(ruling), tuple(facts.items()), _gateway_endpoint_behind(path, nat)
    )


def _gateway_endpoint_behind(path: Path, nat: NatGateway | None) -> str | None:
    """S3's gateway endpoint that the layers take behind the NAT gateway, whose policy then decides too."""
    table = _own_table(path, nat) if nat is not None else None
    return _s3_gateway(path, table.value) if isinstance(table, Known) else None


def _is_regional(nat: NatGateway) -> bool:
    return (nat.availability_mode or "zonal").lower() == "regional"


def _own_table(path: Path, nat: NatGateway) -> Known[RouteTable] | Unavailable:
    """The table that the NAT gateway's packets go by: that of its subnet, or its own where it is regional."""
    call = "ec2:DescribeNatGateways"
    if _is_regional(nat):
        if nat.route_table_id:
            return table_by_id(nat.route_table_id, path.vpc)
        return Unavailable(reason=Why.ROUTE_TABLE_NOT_NAMED, call=call)
    if nat.subnet_id:
        return table_of(nat.subnet_id, path.vpc)
    return Unavailable(reason=Why.SUBNET_NOT_NAMED, call=call)


def _gateway(
    path: Path,
    nat: NatGateway | None,
    nat_id: str,
    resources: Resources,
    facts: Facts,
    peer: End,
    *,
    blackhole: bool,
) -> Ruling:
    what = "NAT gateway"
    state = (nat.state or "available").lower() if nat else "deleted"
    if nat is not None:
        facts = {
            **facts,
            **present(
                state=state,
                nat_subnet_id=nat.subnet_id,
                failure=nat.failure_message or nat.failure_code,
            ),
        }
    if nat is None or state == "deleted" or (blackhole and state == "available"):
        gone = (
            "does not exist any more"
            if nat is None or state == "deleted"
            else "is not available to the route"
        )
        says = (
            f"Route table {facts['route_table_id']} sends {facts['destination']} to {nat_id}, which {gone}: "
            "the route is a blackhole."
        )
        return blocked(
            what, nat_id, Blocker(fault=faults.ROUTE_BLACKHOLE, resources=resources, says=says, facts=facts)
        )
    if state != "available":
        why = f" ({facts['failure']})" if "failure" in facts else ""
        says = f"{nat_id}, which route table {facts['route_table_id']} names, is in the state {state}{why}."
        return blocked(
            what, nat_id, Blocker(fault=faults.NAT_UNUSABLE, resources=resources, says=says, facts=facts)
        )
    if (nat.connectivity_type or "public").lower() == "private":
        return _private(path, nat, resources, facts, peer)
    ruling = passed(
        what, nat_id, f"{nat_id} is available and public", faults.NAT_UNUSABLE, faults.ROUTE_BLACKHOLE
    )
    if nat.subnet_id and not _is_regional(nat) and nat.subnet_id != path.subnet_id:
        ruling = ruling + network_acls.server_side(
            nat.subnet_id, path.vpc, path.source, path.interface.windows, facts
        )
    return ruling + _own_way(path, nat, facts, peer)


def _private(path: Path, nat: NatGateway, resources: Resources, facts: Facts, peer: End) -> Ruling:
    """A private NAT gateway has no way to the internet of its own, but may lead to another network that has one."""
    nat_id = nat.nat_gateway_id
    table = table_of(nat.subnet_id or "", path.vpc)
    hidden = (faults.NAT_UNUSABLE, faults.NAT_NO_IGW, faults.FIREWALL)
    if isinstance(table, Unavailable):
        return cannot_tell("route table", None, missing(f"the routes of {nat.subnet_id}", table, hidden))
    targets = [
        target_of(item.route) for item in choose(table.value, peer.addresses, path.vpc).portions if item.route
    ]
    if any(target.startswith(("tgw-", "vgw-", "arn:")) for target in targets):
        return cannot_tell(
            "NAT gateway",
            nat_id,
            Missing(
                what=f"where {nat_id} leads",
                why="it is private, and its subnet's route goes on to another network",
                resource=nat_id,
                could_hide=hidden,
            ),
        )
    says = f"{nat_id}, which route table {facts['route_table_id']} names, is private: it has no way to the internet."
    return blocked(
        "NAT gateway",
        nat_id,
        Blocker(
            fault=faults.NAT_UNUSABLE, resources=resources, says=says, facts={**facts, "state": "private"}
        ),
    )


def _own_way(path: Path, nat: NatGateway, facts: Facts, peer: End) -> Ruling:
    """The route from the NAT gateway to an internet gateway, and the filters of its own subnet."""
    nat_id = nat.nat_gateway_id
    what = "route table"
    regional = _is_regional(nat)
    table = _own_table(path, nat)
    behind = (
        faults.NAT_NO_IGW, faults.ROUTE_BLACKHOLE, faults.BLOCK_PUBLIC_ACCESS, *faults.NACL, faults.FIREWALL,
    )  # fmt: skip
    if isinstance(table, Unavailable):
        return cannot_tell(what, None, missing(f"the routes of {nat_id}", table, behind, nat_id))
    name = table.value.route_table_id
    facts = {**facts, "nat_route_table_id": name}
    resources = (nat_id, name) if regional or nat.subnet_id is None else (nat_id, nat.subnet_id, name)
    gateway = _s3_gateway(path, table.value)
    if gateway is not None:
        return passed(what, name, f"{name} of {nat_id}: Amazon S3 → {gateway}", faults.NAT_NO_IGW)
    choice = choose(table.value, peer.addresses, path.vpc)
    portions = [
        item
        for item in choice.portions
        if item.route is None or not (_is_local(item.route) or _to_service(item.route, path.vpc))
    ]
    unread = [pair for pair in choice.unread if not _to_service(pair[0], path.vpc)]
    if unread:
        return cannot_tell(
            what,
            name,
            *(missing(f"the entries of {destination_of(route)}", fact, behind) for route, fact in unread),
        )
    ways = {
        _key(portion): _portion(path, portion, nat, name, resources, facts, peer, behind)
        for portion in portions
    }
    if len(ways) == 1:
        return next(iter(ways.values()))
    if all(not item.blockers and not item.missing for item in ways.values()):
        return any_of(tuple(ways.values()))
    return cannot_tell(
        what,
        name,
        Missing(
            what=f"which address {peer.who} has",
            why=f"{name} sends the addresses that it may have different ways",
            resource=name,
            could_hide=behind,
        ),
    )


def _key(portion: Portion) -> tuple[str, bool]:
    return (target_of(portion.route), is_blackhole(portion.route)) if portion.route else ("", False)


def _s3_gateway(path: Path, table: RouteTable) -> str | None:
    """S3's gateway endpoint on the NAT gateway's table, which takes the layers without an internet gateway."""
    if path.leg.service != "s3" or path.leg.region != path.task_region:
        return None
    for route in table.routes:
        endpoint = endpoint_named(route, path.vpc)
        if endpoint is not None and is_gateway_endpoint(endpoint) and endpoint.service_name.endswith(".s3"):
            return endpoint.vpc_endpoint_id
    return None


def _is_local(route: Route) -> bool:
    return target_of(route) == "local"


def _to_service(route: Route, vpc: VpcFacts) -> bool:
    """Whether a route is that of a gateway endpoint, which takes its service's packets out of the VPC."""
    endpoint = endpoint_named(route, vpc)
    return endpoint is not None and is_gateway_endpoint(endpoint)


def _portion(
    path: Path,
    portion: Portion,
    nat: NatGateway,
    table: str,
    resources: Resources,
    facts: Facts,
    peer: End,
    behind: tuple[str, ...],
) -> Ruling:
    what, nat_id, route = "route table", nat.nat_gateway_id, portion.route
    place = f"{nat.subnet_id}, the subnet of {nat_id}," if nat.subnet_id else nat_id
    if route is None:
        says = f"Route table {table} of {place} has no route to an internet gateway."
        return blocked(
            what, table, Blocker(fault=faults.NAT_NO_IGW, resources=resources, says=says, facts=facts)
        )
    target, destination = target_of(route), destination_of(route)
    if target.startswith("igw-"):
        gone = (*resources[1:], nat_id)
        more = {**facts, "destination": destination, "target": target, "route_table_id": table}
        if nat.subnet_id:
            more["subnet_id"] = nat.subnet_id
        if is_blackhole(route):
            says = f"Route table {table} of {place} sends {destination} to {target}, which is gone: the route is a blackhole."
            return blocked(
                what, table, Blocker(fault=faults.ROUTE_BLACKHOLE, resources=gone, says=says, facts=more)
            )
        ruling = passed(what, table, f"{table}: {destination} → {target}", faults.NAT_NO_IGW)
        ruling = ruling + internet.attached(path, target, gone, more)
        ruling = ruling + block_public_access.judge(path, nat.subnet_id, direct=False)
        if resources[1:2] == (nat.subnet_id,) and nat.subnet_id:
            ruling = ruling + network_acls.nat_outside(nat.subnet_id, path.vpc, peer, facts)
        return ruling
    if target.startswith(_BEYOND_VPC) and not is_blackhole(route):
        return cannot_tell(
            what,
            table,
            Missing(
                what=f"where {target} leads",
                why=f"{table} sends {destination} of {nat_id} there, and AWS's API does not show what lies beyond",
                resource=target,
                could_hide=behind,
            ),
        )
    says = f"Route table {table} of {place} sends {destination} to {target}, which is no internet gateway."
    return blocked(what, table, Blocker(fault=faults.NAT_NO_IGW, resources=resources, says=says, facts=facts))
