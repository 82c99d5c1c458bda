"""VPC endpoints: which one serves a host, and whether its interfaces let the puller in.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from __future__ import annotations

from dataclasses import replace

from diagnostics.network import group_rules, way_back
from diagnostics.network.addresses import of_cidrs
from diagnostics.network.blockers import (
    ACLS,
    Blocker,
    BlockerKind,
    EndpointGroupBlocksIn,
    EndpointNotAvailable,
    FirewallOnRoute,
    GroupBlocksOut,
    PrivateDnsOff,
    RouteToNothing,
)
from diagnostics.network.ends import End, may_be_in, subnet_fact
from diagnostics.network.leg_path import LegPath, RouteTaken
from diagnostics.network.routes import choose, is_blackhole, target_of
from diagnostics.network.step_result import StepResult, any_of, blocked, cannot_tell, hop, in_a_row, missing
from diagnostics.network.trace import Gap
from diagnostics.network.vpc_view import is_gateway_endpoint
from diagnostics.snapshot import (
    Known,
    NetworkInterface,
    Unavailable,
    VpcEndpoint,
    VpcFacts,
    Why,
    known_or,
    known_value,
)


def serving(vpc: VpcFacts, region: str, service: str) -> tuple[VpcEndpoint, ...]:
    """The VPC's endpoints of a service of a Region, matched by the end of the name, which is the same in all partitions.

    The Region may be another than the VPC's, which `ServiceRegion` then names. FIPS services of other AWS services have the mark
    at the end (`kms-fips`, `airflow.api-fips`), so that ECR's are known by either spelling.
    """
    head, mark, tail = service.partition("-fips.")
    names = (service, f"{head}.{tail}-fips") if mark else (service,)
    return tuple(
        item
        for item in known_or(vpc.vpc_endpoints, ())
        if item.service_name.endswith(tuple(f".{region}.{name}" for name in names))
        and item.service_region in (None, region)
        and (item.state or "").lower() != "deleted"
    )


def of_other_region(vpc: VpcFacts, region: str) -> str | None:
    """The first endpoint that was made for another Region, by its id; `None` where all serve their own."""
    found = (item for item in known_or(vpc.vpc_endpoints, ()) if item.service_region == region)
    return next((item.vpc_endpoint_id for item in found), None)


def interfaces_of(vpc: VpcFacts, region: str, service: str) -> tuple[VpcEndpoint, ...]:
    """The interface endpoints of a service."""
    return tuple(
        item
        for item in serving(vpc, region, service)
        if (item.vpc_endpoint_type or "interface").lower() == "interface"
    )


def doubtful(vpc: VpcFacts, region: str, service: str) -> tuple[VpcEndpoint, ...]:
    """The endpoints of a service that may take its name or may not."""
    return tuple(
        item for item in serving(vpc, region, service) if in_doubt(item) and not is_gateway_endpoint(item)
    )


def gateways_of(vpc: VpcFacts, region: str) -> tuple[VpcEndpoint, ...]:
    """The gateway endpoints of Amazon S3."""
    return tuple(item for item in serving(vpc, region, "s3") if is_gateway_endpoint(item))


def has_ecr_endpoint(path: LegPath) -> bool:
    """True if the VPC has any of ECR's endpoints, so that one that is missing was forgotten."""
    return any(
        interfaces_of(path.vpc, path.task_region, name)
        for name in ("ecr.api", "ecr.dkr", "ecr-fips.api", "ecr-fips.dkr")
    )


_OUT_OF_SERVICE = (
    "pendingacceptance", "pending", "deleting", "deleted", "rejected", "failed", "expired", "",
)  # fmt: skip
"""States of which AWS's pages say that an endpoint cannot be used. `Partial` is none of them."""


def is_available(endpoint: VpcEndpoint) -> bool:
    """True if an endpoint is in service. The API page and live answers write the state differently."""
    return (endpoint.state or "").lower() == "available"


def in_doubt(endpoint: VpcEndpoint) -> str | None:
    """Why it is not known whether the host's name leads to this endpoint; `None` where that is known."""
    if not is_available(endpoint) and (endpoint.state or "").lower() not in _OUT_OF_SERVICE:
        return f"it is in the state {endpoint.state}"
    kind = (endpoint.vpc_endpoint_type or "interface").lower()
    if kind not in ("interface", "gateway", "gatewayloadbalancer", "resource", "servicenetwork", "tunnel"):
        return f"it is of the type {endpoint.vpc_endpoint_type}"
    if is_available(endpoint) and kind == "interface" and endpoint.private_dns_enabled is None:
        return "AWS does not answer whether private DNS is on"
    return None


def has_private_dns(endpoint: VpcEndpoint) -> bool:
    """True if the service's own name leads to the endpoint for clients inside the VPC."""
    inbound_only = (
        endpoint.dns_options is not None
        and endpoint.dns_options.private_dns_only_for_inbound_resolver_endpoint
    )
    return bool(endpoint.private_dns_enabled) and not inbound_only


def takes_the_name(endpoint: VpcEndpoint) -> bool:
    """True if the host's name leads to this endpoint, given that the VPC's DNS works."""
    return is_available(endpoint) and has_private_dns(endpoint)


# --- the interfaces of an endpoint -------------------------------------------------------------------


def ends_of(endpoint: VpcEndpoint, vpc: VpcFacts) -> tuple[End, ...]:
    """The endpoint's interfaces; where the address of one is not known, its subnet's range stands for it."""
    groups = tuple(group.group_id for group in endpoint.groups) or None
    name = endpoint.vpc_endpoint_id
    read: list[NetworkInterface] = []
    for identifier in endpoint.network_interface_ids:
        fact = vpc.interfaces.get(identifier)
        interface = known_value(fact) if fact is not None else None
        if interface is None or not interface.private_ip_address or not interface.subnet_id:
            continue
        if may_be_in(interface.subnet_id, interface.private_ip_address, vpc):
            read.append(interface)
    ends = [
        End(
            words=f"{name} ({item.private_ip_address})", addresses=of_cidrs((item.private_ip_address,), 4), exact=True,
            cidrs=_cidr(item.subnet_id or "", vpc), groups=groups, subnet_id=item.subnet_id,
        )
        for item in read
    ]  # fmt: skip
    seen = {item.subnet_id for item in read}
    for subnet_id in endpoint.subnet_ids:
        if subnet_id not in seen:
            cidrs = _cidr(subnet_id, vpc)
            ends.append(
                End(
                    words=f"{name} in {subnet_id}", addresses=of_cidrs(cidrs or ("0.0.0.0/0",), 4), exact=False,
                    cidrs=cidrs, groups=groups, subnet_id=subnet_id,
                )
            )  # fmt: skip
    return tuple(ends)


def has_address(endpoint: VpcEndpoint, address: str, vpc: VpcFacts) -> bool:
    """True if one of the endpoint's interfaces that were read has this address."""
    facts = (
        known_value(vpc.interfaces[name]) for name in endpoint.network_interface_ids if name in vpc.interfaces
    )
    return any(item is not None and item.private_ip_address == address for item in facts)


def _cidr(subnet_id: str, vpc: VpcFacts) -> tuple[str, ...]:
    fact = subnet_fact(subnet_id, vpc)
    return (fact.value.cidr_block,) if isinstance(fact, Known) and fact.value.cidr_block else ()


def through(path: LegPath, endpoint: VpcEndpoint, *, leads: str = "leads") -> StepResult:
    """The leg over the interfaces of an endpoint: both groups, the route inside the VPC, and the ACLs of both subnets.

    Args:
        leads: `would lead` where the endpoint is not in order yet.
    """
    name = endpoint.vpc_endpoint_id
    start = hop("interface endpoint", name, f"{path.leg.host} {leads} to {name} ({endpoint.service_name})")
    ends = ends_of(endpoint, path.vpc)
    if not ends:
        hidden = (GroupBlocksOut, EndpointGroupBlocksIn, *ACLS)
        gap = Gap(
            what=f"the interfaces of {name}", why="it names neither interfaces nor subnets", resource=name,
            could_hide=hidden,
        )  # fmt: skip
        return start + cannot_tell("interface endpoint", name, gap)
    return in_a_row(
        (
            start,
            _groups_out(path, endpoint, ends),
            any_of(tuple(_one_interface(path, end) for end in ends)),
            _group_in(path, endpoint),
        )
    )


def _groups_out(path: LegPath, endpoint: VpcEndpoint, ends: tuple[End, ...]) -> StepResult:
    """The puller's groups, out to the endpoint's interfaces or to some of them."""
    result = any_of(tuple(_group_out(path, endpoint, end) for end in ends))
    says = group_rules.closed(path.source.groups or (), f"out to {endpoint.vpc_endpoint_id}")
    return replace(result, blockers=tuple(replace(item, says=says) for item in result.blockers))


def _group_out(path: LegPath, endpoint: VpcEndpoint, end: End) -> StepResult:
    groups = path.source.groups
    if groups is None:
        return no_groups(path, (GroupBlocksOut,))
    blocker = GroupBlocksOut(
        resources=groups, says=group_rules.closed(groups, f"out to {end.words}"), group_id=groups[0],
        peer_cidrs=tuple(cidr for name in endpoint.subnet_ids for cidr in _cidr(name, path.vpc)) or end.cidrs,
        endpoint_group_ids=tuple(group.group_id for group in endpoint.groups),
    )  # fmt: skip
    return group_rules.judge(groups, path.vpc, end, blocker, egress=True)


def no_groups(path: LegPath, could_hide: tuple[BlockerKind, ...]) -> StepResult:
    """The puller's groups are not known."""
    fact = path.interface.security_group_ids
    if isinstance(fact, Known):
        fact = Unavailable(reason=Why.NONE_NAMED, call="ec2:DescribeNetworkInterfaces")
    gap = missing(f"the security groups of the interface in {path.subnet_id}", fact, could_hide)
    return cannot_tell("security group", None, gap)


def _one_interface(path: LegPath, end: End) -> StepResult:
    """The route to one interface of the endpoint, and the ACLs where it stands in another subnet."""
    result = _route_inside(path, end)
    if end.subnet_id is None or end.subnet_id == path.subnet_id:
        return result
    result = result + way_back.to_puller(path, end.subnet_id, end.words)
    own = path.gate(path.subnet_id)
    server = path.gate(end.subnet_id).server_side(path.source)
    return in_a_row((own.request(end, egress=True), result, server, own.answers(end, egress=False)))


def _route_inside(path: LegPath, end: End) -> StepResult:
    """The local route, unless a more specific one takes the packets to an appliance first."""
    table = path.view.table_of(path.subnet_id)
    hidden = (RouteToNothing, FirewallOnRoute)
    if isinstance(table, Unavailable):
        gap = missing(f"the route table of {path.subnet_id}", table, hidden)
        return cannot_tell("route table", None, gap)
    name = table.value.route_table_id
    choice = choose(table.value, end.addresses, path.vpc)
    results = []
    for portion in choice.portions:
        route = portion.route
        if route is None or target_of(route) == "local":
            continue
        taken = RouteTaken(path.subnet_id, name, route)
        if end.exact and is_blackhole(route):
            says = (
                f"Route table {name} sends {taken.destination} to {taken.target}, which is gone: "
                "the route is a blackhole."
            )
            results.append(blocked("route table", name, taken.leads_to_nothing(says, usable_nat=None)))
        elif end.exact:
            gap = Gap(
                what=f"what lies behind {taken.target}", question=True, why=f"{name} sends {taken.destination} there inside the VPC",
                resource=taken.target, could_hide=hidden,
            )  # fmt: skip
            results.append(cannot_tell("route table", name, gap))
    unclear = choice.unread and not end.exact
    if unclear or (
        not end.exact and any(item.route and target_of(item.route) != "local" for item in choice.portions)
    ):
        gap = Gap(
            what=f"the route to {end.words}", why="the address of the interface is not known",
            call="ec2:DescribeNetworkInterfaces", could_hide=hidden,
        )  # fmt: skip
        results.append(cannot_tell("route table", name, gap))
    return in_a_row((*results, StepResult(considered=(RouteToNothing,)))) if results else StepResult()


def _group_in(path: LegPath, endpoint: VpcEndpoint) -> StepResult:
    name = endpoint.vpc_endpoint_id
    groups = tuple(group.group_id for group in endpoint.groups)
    if not groups:
        gap = Gap(
            what=f"the security groups of {name}", why="none is named", call="ec2:DescribeVpcEndpoints", resource=name,
            could_hide=(EndpointGroupBlocksIn,),
        )  # fmt: skip
        return cannot_tell("security group", None, gap)
    source = path.source
    says = group_rules.closed(groups, f"in from {source.words}", of=name)
    blocker = EndpointGroupBlocksIn(
        resources=groups, says=says, group_id=groups[0], endpoint_id=name, peer_cidrs=source.cidrs
    )
    return group_rules.judge(groups, path.vpc, source, blocker, egress=False)


# --- endpoints that are there and of no use ----------------------------------------------------------


def unused(path: LegPath, candidates: tuple[VpcEndpoint, ...]) -> tuple[VpcEndpoint, Blocker] | None:
    """The endpoint that would carry the leg if it were in order, and what is wrong with it."""
    available = [item for item in candidates if is_available(item)]
    if available:
        endpoint = available[0]
        name = endpoint.vpc_endpoint_id
        how = (
            "Private DNS is off on"
            if not endpoint.private_dns_enabled
            else "Private DNS only serves inbound Resolver endpoints on"
        )
        says = f"{how} {name}, so {path.leg.host} leads to public addresses, and {path.subnet_id} has no way there."
        return endpoint, PrivateDnsOff(
            resources=(name,), says=says, endpoint_id=name, endpoint_service=endpoint.service_name,
            subnet_ids=endpoint.subnet_ids, endpoint_group_ids=tuple(group.group_id for group in endpoint.groups),
        )  # fmt: skip
    if candidates:
        endpoint = candidates[0]
        return endpoint, not_available(path, endpoint)
    return None


def not_available(path: LegPath, endpoint: VpcEndpoint) -> EndpointNotAvailable:
    """An endpoint that is not in service."""
    name = endpoint.vpc_endpoint_id
    says = f"{name}, the endpoint for {path.leg.host}, is in the state {endpoint.state}."
    return EndpointNotAvailable(
        resources=(name,), says=says, endpoint_id=name, endpoint_service=endpoint.service_name, state=endpoint.state
    )  # fmt: skip
