"""Who is to blame where no route leads out: a missing endpoint, one that is of no use, or the route itself."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.network import endpoints, group_rules
from diagnostics.network.acl_rules import acl_of, flow
from diagnostics.network.addresses import everything
from diagnostics.network.blockers import (
    ACLS,
    BlockerKind,
    EndpointMissing,
    FirewallOnRoute,
    GatewayOffTable,
    GroupBlocksOut,
    NoWayOut,
    RegionOutOfReach,
    WrongAddressFamily,
    of_choice,
    of_groups,
)
from diagnostics.network.ends import End
from diagnostics.network.leg_path import LegPath, RoutedWay
from diagnostics.network.routes import is_blackhole, is_default, target_of
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, perhaps
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Unavailable, VpcEndpoint, known_value


def gateway_off_table(path: LegPath) -> tuple[VpcEndpoint, GatewayOffTable] | None:
    """An S3 gateway endpoint of the VPC that the pulling subnet's table does not name."""
    gateways = endpoints.gateways_of(path.vpc, path.task_region) if path.leg.service == "s3" else ()
    table_id = path.view.table_id_of(path.subnet_id)
    if not gateways or table_id is None or not endpoints.has_ecr_endpoint(path):
        return None
    endpoint = gateways[0]
    name = endpoint.vpc_endpoint_id
    says = f"S3 endpoint {name} is not on route table {table_id} of {path.subnet_id}."
    return endpoint, GatewayOffTable(
        resources=(name, table_id), says=says, route_table_id=table_id, endpoint_id=name,
        endpoint_service=endpoint.service_name, gateway_table_ids=endpoint.route_table_ids,
    )  # fmt: skip


def no_route(path: LegPath, way: RoutedWay) -> StepResult:
    """Names the cause where the table has no route and no endpoint of the service is there."""
    leg = path.leg
    if isinstance(path.vpc.vpc_endpoints, Unavailable) and leg.service is not None:
        hidden = (NoWayOut, WrongAddressFamily, *of_choice(leg, path.task_region))
        gap = missing("the endpoints of the VPC", path.vpc.vpc_endpoints, hidden)
        return cannot_tell("VPC endpoint", None, gap)
    kind = _kind_of(path)
    if path.may_be_private:
        return _own_registry(path, way)
    shared = _shared_endpoints(path) if leg.service is not None and not path.resolves_publicly else None
    if shared is not None:
        where, why = shared
        stops: tuple[BlockerKind, ...] = (NoWayOut, WrongAddressFamily) if kind is NoWayOut else (kind,)
        gap = replace(_whether_shared(path, where, why), could_hide=stops)
        return cannot_tell("route target", where, gap)
    named = _named(path, way, kind)
    # A VPC with endpoints of its own for ECR does not use another's for the one that it lacks.
    neighbour = _neighbour(path) if leg.service is not None and not path.resolves_publicly else None
    if neighbour is None or kind is EndpointMissing:
        return named
    why = f"{neighbour} leads to another network, which may share its endpoints over a private hosted zone"
    return perhaps(named, _whether_shared(path, neighbour, why))


def _whether_shared(path: LegPath, where: str, why: str) -> Gap:
    return Gap(
        what=f"whether {path.leg.host} leads to endpoints of another VPC",
        question=True,
        why=f"no route leads out, and {why}",
        resource=where,
        could_hide=(FirewallOnRoute,),
    )


def _neighbour(path: LegPath) -> str | None:
    """A peering connection or virtual private gateway on the table: few of them lead to endpoints, but some do."""
    targets = (target_of(route) for route in path.view.routes_of(path.subnet_id) if not is_blackhole(route))
    return next((target for target in targets if target.startswith(("pcx-", "vgw-"))), None)


def may_stand_inside(path: LegPath) -> Gap:
    """The question of a registry's name of which nothing tells where it leads."""
    host = path.leg.hostname
    return Gap(
        what=f"whether {host} leads to a private address",
        question=True,
        why=f"a registry of your own may stand in {path.vpc.vpc_id} or in a network that it is connected with, and the "
        "error text shows no address",
        resource=path.vpc.vpc_id,
        could_hide=(FirewallOnRoute,),
    )  # fmt: skip


def _own_registry(path: LegPath, way: RoutedWay) -> StepResult:
    """No way to the internet, for a registry that may not stand there: likely, unless the table leads to other networks."""
    question = may_stand_inside(path)
    shared = _shared_endpoints(path)
    where = shared[0] if shared is not None else _neighbour(path)
    if where is None:
        return perhaps(_named(path, way, NoWayOut), question)
    why = f"no route leads to the internet, {where} leads to other networks, and the error text shows no address"
    gap = replace(question, why=why, resource=where, could_hide=(NoWayOut, WrongAddressFamily))
    return cannot_tell("route target", where, gap)


def _named(path: LegPath, way: RoutedWay, kind: BlockerKind) -> StepResult:
    """The cause, given that the name leads to public addresses."""
    table_id = path.view.table_id_of(path.subnet_id) or ""
    vpc_id, leg = path.vpc.vpc_id, path.leg
    if kind is NoWayOut:
        return _no_egress(path, table_id, way)
    if kind is RegionOutOfReach:
        there = endpoints.of_other_region(path.vpc, leg.region)
        serve = f"serve {path.task_region} only" if there is None else f"({there} among them) do not serve it"
        says = f"{leg.host} is in {leg.region}, the endpoints of {vpc_id} {serve}, and {path.subnet_id} has no way to the internet."
        region = RegionOutOfReach(
            resources=(vpc_id,), says=says, route_table_id=table_id, image_region=leg.region,
            usable_nat_gateway_id=path.view.usable_nat_gateway(),
        )  # fmt: skip
        return blocked("route table", table_id, region)
    service = _service_name(path, leg.service or "")
    says = f"{vpc_id} has no endpoint for {service}, and {path.subnet_id} has no other way to {leg.host}."
    blocker = EndpointMissing(
        resources=(vpc_id, path.subnet_id), says=says, route_table_id=table_id, endpoint_service=service
    )
    return blocked("VPC endpoint", vpc_id, blocker)


def _kind_of(path: LegPath) -> BlockerKind:
    leg = path.leg
    if leg.service is None or not endpoints.has_ecr_endpoint(path):
        return NoWayOut
    if leg.region == path.task_region:
        return EndpointMissing
    return RegionOutOfReach if leg.name in ("login", "manifest", "layers") else NoWayOut


def _service_name(path: LegPath, service: str) -> str:
    """The full name of a service, for ECR's spelt as that of its other endpoint is: China has a prefix of its own."""
    if service.startswith("ecr."):
        for neighbour in ("ecr.api", "ecr.dkr"):
            for endpoint in endpoints.interfaces_of(path.vpc, path.task_region, neighbour):
                return endpoint.service_name.removesuffix(neighbour) + service
    return f"com.amazonaws.{path.task_region}.{service}"


def _shared_endpoints(path: LegPath) -> tuple[str, str] | None:
    """Why the service's name may lead to endpoints that a hub VPC shares over private zones, and what tells so.

    Either another name of the same pull does, as the error text shows, or a transit gateway or core network is on the
    table.
    https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html
    """
    if path.hub is not None:
        why = f"the error text shows another name of the pull leading to {path.hub}, a private address"
        return path.vpc.vpc_id, why
    for route in path.view.routes_of(path.subnet_id):
        target = target_of(route)
        if target.startswith(("tgw-", "arn:")) and not is_blackhole(route):
            return target, f"{target} leads to other networks, which may share theirs"
    return None


def _no_egress(path: LegPath, table_id: str, way: RoutedWay) -> StepResult:
    usable = path.view.usable_nat_gateway()
    resources = (path.subnet_id, table_id)
    over_ipv6 = _ipv6_target(path)
    has = path.interface.ipv6
    hidden = (NoWayOut, WrongAddressFamily)
    if over_ipv6 is not None and path.dual_stack_name and known_value(has) is not False:
        gap = Gap(
            what=f"whether the pull reaches {path.leg.host} over IPv6",
            question=True,
            why=f"{over_ipv6} leads out over IPv6, and nothing leads out over IPv4",
            resource=over_ipv6,
            could_hide=hidden,
        )
        return cannot_tell("route table", table_id, gap)
    if over_ipv6 is not None and isinstance(has, Unavailable):
        gap = missing("whether the interface has an IPv6 address", has, hidden, question=True)
        return cannot_tell("route table", table_id, gap)
    if over_ipv6 is not None and known_value(has):
        says = f"{path.subnet_id} leads out over IPv6 only ({over_ipv6}), and {path.leg.host} has IPv4 addresses only."
        family = WrongAddressFamily(
            resources=resources, says=says, route_table_id=table_id, route_target=over_ipv6, usable_nat_gateway_id=usable
        )  # fmt: skip
        return blocked("route table", table_id, family)
    says = f"Route table {way.why_not}."
    blocker = NoWayOut(resources=resources, says=says, route_table_id=table_id, usable_nat_gateway_id=usable)
    return blocked("route table", table_id, blocker)


def _ipv6_target(path: LegPath) -> str | None:
    for route in path.view.routes_of(path.subnet_id):
        if is_default(route, 6) and not is_blackhole(route):
            target = target_of(route)
            return target if target.startswith(("igw-", "eigw-")) else None
    return None


def shut_altogether(path: LegPath) -> StepResult:
    """Filters that let nothing out to the leg's port at all, which stop the leg whatever way is made for it."""
    return shut_groups(path) + _acl(path)


def shut_groups(path: LegPath) -> StepResult:
    groups = path.source.groups
    hidden = of_groups(path.leg)
    if groups is None:
        return endpoints.no_groups(path, hidden)
    any_out = group_rules.lets_any_out(groups, path.vpc, path.leg.port)
    if any_out:
        return StepResult()
    if any_out is None:
        gaps = [
            missing(f"the rules of security group {name}", fact, hidden)
            for name in groups
            if isinstance(fact := group_rules.rules_of(name, path.vpc), Unavailable)
        ]
        return cannot_tell("security group", ", ".join(groups), *gaps)
    return blocked("security group", ", ".join(groups), nothing_out(groups, path.leg.port))


def nothing_out(groups: tuple[str, ...], port: int) -> GroupBlocksOut:
    """The puller's groups have no rule for the port at all."""
    says = group_rules.closed(groups, "out to anywhere", port=port)
    return GroupBlocksOut(
        resources=groups, says=says, group_id=groups[0], port=port, peer_cidrs=("0.0.0.0/0",)
    )


def _acl(path: LegPath) -> StepResult:
    fact = acl_of(path.subnet_id, path.vpc)
    if isinstance(fact, Unavailable):
        gap = missing(f"the network ACL of {path.subnet_id}", fact, ACLS)
        return cannot_tell("network ACL", None, gap)
    anywhere = End(words="anywhere", addresses=everything(4), exact=False, cidrs=("0.0.0.0/0",))
    port = path.leg.port
    if flow(fact.value, anywhere, (port, port), egress=True).answer == "none":
        return path.gate(path.subnet_id).request(anywhere, egress=True)
    return StepResult()
