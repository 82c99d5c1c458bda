"""A leg that leaves the VPC: the filters of the puller around the way that the routes give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnostics.network import blame, dns, endpoints, group_rules, way_out
from diagnostics.network.blockers import (
    ACLS,
    BEHIND_THE_ROUTE,
    Blocker,
    BlockerKind,
    DnsOff,
    EndpointGroupBlocksIn,
    FirewallOnRoute,
    GroupBlocksOut,
    GroupBlocksS3,
    NoWayOut,
    RouteToNothing,
    of_choice,
    of_groups,
)
from diagnostics.network.ends import End, internet, s3, somewhere
from diagnostics.network.leg_path import LegPath, RoutedWay
from diagnostics.network.routes import choose, is_default, target_of
from diagnostics.network.step_result import (
    StepResult,
    also_hiding,
    blocked,
    cannot_tell,
    considering,
    hop,
    in_a_row,
    passed,
    perhaps,
)
from diagnostics.network.trace import Gap, Via
from diagnostics.network.vpc_view import is_gateway_endpoint
from diagnostics.snapshot import Known, Route, RouteTable, VpcEndpoint


@dataclass(frozen=True)
class Branch:
    """A leg followed one way to the end."""

    result: StepResult
    via: Via
    endpoint_id: str | None = None


def follow(path: LegPath, private_names: str = "works", passed_by: Gap | None = None) -> Branch:
    """The leg by the public addresses of its host, over a gateway endpoint or the internet.

    Args:
        private_names: tells if private DNS of endpoints works in the VPC; where it does not, an endpoint in good order
            is of no use, which is to blame only if no other way leads out.
        passed_by: asks why the name did not lead to an endpoint that should carry the leg, where the error text shows that
            it did not. Where no way leads out, that is the question.
    """
    if path.is_s3:
        gateway = _gateway_branch(path, private_names)
        if gateway is not None:
            return gateway
    peer = s3(path.leg.host, path.leg.region, path.vpc) if path.is_s3 else internet(path.leg.host)
    way = way_out.follow(path, peer)
    if path.may_be_private:
        # By the routes the name of a registry on the internet; the filters let its addresses out wherever they are.
        peer = somewhere(path.leg.host)
        if way.outcome == "stopped" and not filtered(path, peer, StepResult()).blockers:
            way = replace(way, result=perhaps(way.result, blame.may_stand_inside(path)))
        way = replace(way, result=hiding_more(way.result, FirewallOnRoute))
    choice = of_choice(path.leg, path.task_region)
    if way.outcome == "unknown":
        off = (DnsOff,) if path.in_region and private_names == "off" else ()
        result = hiding_more(way.result, *choice, *off, *_of_endpoints(path))
        return Branch(_perhaps_filtered(path, peer, result), way.via)
    if passed_by is not None and way.outcome == "no_route":
        # A pull that starts now may go over the endpoint, of which nothing is said.
        over = (EndpointGroupBlocksIn, RouteToNothing, FirewallOnRoute, *of_groups(path.leg), *ACLS)
        question = also_hiding(passed_by, (NoWayOut, *over))
        result = considering(way.result + cannot_tell("DNS", path.vpc.vpc_id, question), *choice)
        return Branch(_around(path, peer, result), way.via)
    if way.outcome == "beyond":
        idle = _idle_endpoint(path, private_names) if passed_by is None else None
        result = considering(way.result, *choice)
        if idle is not None:
            result = hiding_more(result, type(idle[1]))
        return Branch(filtered(path, peer, result), way.via, idle[0].vpc_endpoint_id if idle else None)
    if way.outcome == "open":
        return Branch(considering(filtered(path, peer, way.result), *choice), way.via, way.endpoint_id)
    idle = _idle_endpoint(path, private_names) if passed_by is None else None
    return _closed(path, peer, way, idle, choice)


def _closed(
    path: LegPath,
    peer: End,
    way: RoutedWay,
    idle: tuple[VpcEndpoint, Blocker] | None,
    choice: tuple[BlockerKind, ...],
) -> Branch:
    """No way out: an endpoint that is there and not used is to blame, beside a route that is broken."""
    if way.outcome == "stopped":
        result = considering(filtered(path, peer, way.result), *choice)
        return Branch(result + _because(idle), way.via, idle[0].vpc_endpoint_id if idle else None)
    if idle is None:
        first = blame.no_route(path, way)
        hops = way.result if not first.hops or first.hops[-1].what != "route table" else StepResult()
        result = considering(hops + first, *choice)
        return Branch(_around(path, peer, result), way.via)
    endpoint, _ = idle
    result = considering(way.result + _because(idle), *choice)
    if is_gateway_endpoint(endpoint):
        result = filtered(path, peer, result)
    else:
        result = result + endpoints.through(path, endpoint, leads="would lead")
    return Branch(result, way.via, endpoint.vpc_endpoint_id)


def _because(idle: tuple[VpcEndpoint, Blocker] | None) -> StepResult:
    if idle is None:
        return StepResult()
    endpoint, blocker = idle
    return blocked("VPC endpoint", endpoint.vpc_endpoint_id, blocker)


def _idle_endpoint(path: LegPath, private_names: str) -> tuple[VpcEndpoint, Blocker] | None:
    """The endpoint of the service that does not take the leg, and why it does not."""
    leg = path.leg
    if leg.service is None or not path.in_region:
        return None
    candidates = endpoints.interfaces_of(path.vpc, path.task_region, leg.service)
    ready = [item for item in candidates if endpoints.takes_the_name(item)]
    if ready and private_names == "off":
        return ready[0], dns.off(path, "enableDnsHostnames")
    off_table = blame.gateway_off_table(path)
    if off_table is not None:
        return off_table
    if leg.service == "s3" and not endpoints.has_ecr_endpoint(path):
        return None
    return endpoints.unused(path, candidates)


def _around(path: LegPath, peer: End, result: StepResult) -> StepResult:
    """Filters where no route leads out. Both repairs of the layers' way need S3's ranges; others may stay in the VPC."""
    if path.is_s3:
        return filtered(path, peer, result)
    return blame.shut_altogether(path) + result


def _of_endpoints(path: LegPath) -> tuple[BlockerKind, ...]:
    """What an endpoint of the service could be blamed for besides, if it turned out to be the only way."""
    if path.leg.service is None or not path.in_region:
        return ()
    if not endpoints.interfaces_of(path.vpc, path.task_region, path.leg.service):
        return ()
    return GroupBlocksOut, EndpointGroupBlocksIn, RouteToNothing, FirewallOnRoute


def hiding_more(result: StepResult, *kinds: BlockerKind) -> StepResult:
    """The result, with more kinds of blocking behind each fact that is missing."""
    return replace(result, missing=tuple(also_hiding(item, kinds) for item in result.missing))


def _perhaps_filtered(path: LegPath, peer: End, way: StepResult) -> StepResult:
    """Filters where the route is not known: with no route at all, the puller need not be let out to public addresses."""
    sure = blame.shut_altogether(path)
    around = filtered(path, peer, StepResult())
    found = (*(type(item) for item in (*around.blockers, *around.partly)), *around.considered)
    hops = tuple(item for item in around.hops if item.verdict == "ok")
    result = sure + StepResult(hops=hops, missing=around.missing) + way
    return hiding_more(result, *found)


def filtered(path: LegPath, peer: End, way: StepResult) -> StepResult:
    """The puller's groups and ACL around a way to public addresses."""
    gate = path.gate(path.subnet_id)
    steps = (groups_out(path, peer), gate.request(peer, egress=True), way, gate.answers(peer, egress=False))
    return in_a_row(steps)


# --- security groups ---------------------------------------------------------------------------------


def groups_out(path: LegPath, peer: End) -> StepResult:
    """The puller's groups, out to public addresses."""
    groups = path.source.groups
    both = of_groups(path.leg)
    if groups is None:
        return endpoints.no_groups(path, both)
    name = ", ".join(groups)
    allowed = group_rules.permitted(groups, path.vpc, peer, egress=True, port=path.leg.port)
    verdict = group_rules.answer(allowed, peer)
    if verdict == "all":
        return passed("security group", name, f"{name} lets TCP {path.leg.port} out to {peer.words}", *both)
    if verdict == "unknown":
        return cannot_tell("security group", name, *group_rules.unsettled(allowed, peer, both))
    kind = _kind_of_group(path, groups)
    if kind is None:
        gap = Gap(
            what=f"what else {name} lets out", question=True, why="what it lets out to ECR is not known", resource=name,
            could_hide=both,
        )  # fmt: skip
        return cannot_tell("security group", name, gap)
    blocker = kind(
        resources=groups, says=group_rules.closed(groups, f"out to {peer.words}", port=path.leg.port),
        group_id=groups[0], port=path.leg.port, peer_cidrs=peer.cidrs, prefix_list_id=peer.prefix_list_id,
    )  # fmt: skip
    result = group_rules.judge(groups, path.vpc, peer, blocker, egress=True, port=path.leg.port)
    return considering(result, *both)


def _kind_of_group(path: LegPath, groups: tuple[str, ...]) -> type[GroupBlocksOut] | None:
    """`GroupBlocksS3` where the groups let the legs before this one out; `None` where that is not known."""
    if not path.is_s3:
        return GroupBlocksOut
    any_out = group_rules.lets_any_out(groups, path.vpc)
    if any_out is not True:
        return None if any_out is None else GroupBlocksOut
    ready = [
        item
        for item in endpoints.interfaces_of(path.vpc, path.task_region, "ecr.dkr")
        if item.network_interface_ids or item.subnet_ids
    ]
    peers = [end for item in ready[:1] for end in endpoints.ends_of(item, path.vpc)] or [
        internet(path.leg.host)
    ]
    answers = {
        group_rules.answer(group_rules.permitted(groups, path.vpc, peer, egress=True), peer) for peer in peers
    }
    if answers & {"all", "some"}:
        return GroupBlocksS3
    return None if "unknown" in answers else GroupBlocksOut


# --- S3's gateway endpoint ---------------------------------------------------------------------------


def _gateway_branch(path: LegPath, private_names: str) -> Branch | None:
    """The layers over S3's gateway endpoint, where the pulling subnet's table leads there; `None` where it does not."""
    table = path.view.table_of(path.subnet_id)
    if not isinstance(table, Known):
        return None
    found = _gateway_route(path, table.value)
    if found is None:
        return None
    route, endpoint = found
    name, table_id = endpoint.vpc_endpoint_id, table.value.route_table_id
    peer = s3(path.leg.host, path.leg.region, path.vpc, route.destination_prefix_list_id if route else None)
    choice = of_choice(path.leg, path.task_region)
    if not _takes_all(path, table.value, endpoint, peer):
        off = (DnsOff,) if private_names == "off" else ()
        hidden = (*choice, *BEHIND_THE_ROUTE, *ACLS, *off, *_of_endpoints(path))
        gap = Gap(
            what=f"which route takes {peer.words}", question=True,
            why=f"{table_id} leads a part of it elsewhere than to {name}", resource=table_id, could_hide=hidden,
        )  # fmt: skip
        return Branch(filtered(path, peer, cannot_tell("route table", table_id, gap)), "none")
    destination = route.destination_prefix_list_id if route else peer.prefix_list_id
    way = hop("route table", table_id, f"{table_id} of {path.subnet_id}: {destination} → {name}")
    if strange := endpoints.in_doubt(endpoint):
        gap = Gap(
            what=f"whether {name} carries the layers", question=True, why=f"{strange}, which pullcheck does not know",
            resource=name, could_hide=choice,
        )  # fmt: skip
        way = way + cannot_tell("gateway endpoint", name, gap)
    elif endpoints.is_available(endpoint):
        way = way + passed("gateway endpoint", name, f"{name} leads to Amazon S3 of {path.task_region}")
    else:
        blocker = endpoints.not_available(path, endpoint)
        way = way + blocked("gateway endpoint", name, blocker)
    return Branch(considering(filtered(path, peer, way), *choice), "gateway_endpoint", name)


def _gateway_route(path: LegPath, table: RouteTable) -> tuple[Route | None, VpcEndpoint] | None:
    """The route to S3's gateway endpoint. Where the endpoint itself names the table, the route is on its way."""
    gateways = endpoints.gateways_of(path.vpc, path.task_region)
    for route in table.routes:
        endpoint = path.view.gateway_endpoint_of(route)
        if endpoint is not None and endpoint in gateways:
            return route, endpoint
    for endpoint in gateways:
        if table.route_table_id in endpoint.route_table_ids:
            return None, endpoint
    return None


def _takes_all(path: LegPath, table: RouteTable, endpoint: VpcEndpoint, peer: End) -> bool:
    """True if every address of S3 goes to the endpoint: no route inside of its list leads elsewhere."""
    name = endpoint.vpc_endpoint_id
    choice = choose(table, peer.addresses, path.vpc)
    others = [item.route for item in choice.portions if item.route is None or item.route.gateway_id != name]
    unread = [route for route, _ in choice.unread if route.gateway_id != name]
    if unread:
        return False
    if peer.exact and any(route.gateway_id == name for route in table.routes):
        return not others
    # The list's entries are not known (or the route is not there yet), and all of S3 is in them: only a route to a
    # part of the public addresses could take some.
    return all(route is None or is_default(route, 4) or target_of(route) == "local" for route in others)
