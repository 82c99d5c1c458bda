"""A leg that leaves the VPC: the filters of the puller around the way that the routes give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnostics.network import blame, dns, endpoints, faults, network_acls, security_groups, way_out
from diagnostics.network.ends import End, internet, s3
from diagnostics.network.path import Path, Way, endpoint_named, is_gateway_endpoint
from diagnostics.network.routes import choose, table_of, target_of
from diagnostics.network.ruling import (
    Ruling,
    blocked,
    cannot_tell,
    considering,
    hop,
    in_a_row,
    passed,
    replace_could_hide,
)
from diagnostics.network.trace import Blocker, Missing, Via
from diagnostics.snapshot import Known, Route, RouteTable, VpcEndpoint


@dataclass(frozen=True)
class Branch:
    """A leg followed one way to the end."""

    ruling: Ruling
    via: Via
    endpoint_id: str | None = None


def follow(path: Path, private_names: str = "works") -> Branch:
    """The leg by the public addresses of its host, over a gateway endpoint or the internet.

    Args:
        private_names: whether private DNS of endpoints works in the VPC; where it does not, an endpoint in good order
            is of no use, which is to blame only if no other way leads out.
    """
    own_region = path.leg.service is not None and path.leg.region == path.task_region
    if own_region and path.leg.service == "s3":
        gateway = _gateway_branch(path, private_names)
        if gateway is not None:
            return gateway
    peer = s3(path.leg.host, path.leg.region, path.vpc) if _is_s3(path) else internet(path.leg.host)
    way = way_out.follow(path, peer)
    choice = faults.choice_faults(path.leg, path.task_region)
    if way.outcome == "unknown":
        off = (faults.VPC_DNS_OFF,) if own_region and private_names == "off" else ()
        ruling = also_hiding(way.ruling, (*choice, *off, *_of_endpoints(path)))
        return Branch(_perhaps_filtered(path, peer, ruling), way.via)
    if way.outcome == "beyond":
        idle = _idle_endpoint(path, private_names)
        ruling = considering(way.ruling, *choice)
        if idle is not None:
            ruling = also_hiding(ruling, (idle[1].fault,))
        return Branch(filtered(path, peer, ruling), way.via, idle[0].vpc_endpoint_id if idle else None)
    if way.outcome == "open":
        return Branch(considering(filtered(path, peer, way.ruling), *choice), way.via, way.endpoint_id)
    return _closed(path, peer, way, private_names, choice)


def _is_s3(path: Path) -> bool:
    return path.leg.service == "s3" and path.leg.region == path.task_region


def _closed(path: Path, peer: End, way: Way, private_names: str, choice: tuple[str, ...]) -> Branch:
    """No way out: an endpoint that is there and not used is to blame, beside a route that is broken."""
    idle = _idle_endpoint(path, private_names)
    if way.outcome == "stopped":
        ruling = considering(filtered(path, peer, way.ruling), *choice)
        return Branch(ruling + _because(idle), way.via, idle[0].vpc_endpoint_id if idle else None)
    if idle is None:
        first = blame.no_route(path, way)
        hops = way.ruling if not first.hops or first.hops[-1].what != "route table" else Ruling()
        ruling = considering(hops + first, *choice)
        return Branch(_around(path, peer, ruling), way.via)
    endpoint, _ = idle
    ruling = considering(way.ruling + _because(idle), *choice)
    if is_gateway_endpoint(endpoint):
        ruling = filtered(path, peer, ruling)
    else:
        ruling = ruling + endpoints.through(path, endpoint, leads="would lead")
    return Branch(ruling, way.via, endpoint.vpc_endpoint_id)


def _because(idle: tuple[VpcEndpoint, Blocker] | None) -> Ruling:
    if idle is None:
        return Ruling()
    endpoint, blocker = idle
    return blocked("VPC endpoint", endpoint.vpc_endpoint_id, blocker)


def _idle_endpoint(path: Path, private_names: str) -> tuple[VpcEndpoint, Blocker] | None:
    """The endpoint of the service that does not take the leg, and why it does not."""
    leg = path.leg
    if leg.service is None or leg.region != path.task_region:
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


def _around(path: Path, peer: End, ruling: Ruling) -> Ruling:
    """Filters where no route leads out. Both repairs of the layers' way need S3's ranges; others may stay in the VPC."""
    if _is_s3(path):
        return filtered(path, peer, ruling)
    return blame.shut_altogether(path) + ruling


def _of_endpoints(path: Path) -> tuple[str, ...]:
    """What an endpoint of the service could be blamed for besides, if it turned out to be the only way."""
    if path.leg.service is None or path.leg.region != path.task_region:
        return ()
    if not endpoints.interfaces_of(path.vpc, path.task_region, path.leg.service):
        return ()
    return faults.SG_EGRESS, faults.ENDPOINT_SG, faults.ROUTE_BLACKHOLE, faults.FIREWALL


def also_hiding(ruling: Ruling, hidden: tuple[str, ...]) -> Ruling:
    """The ruling, with more causes behind each fact that is missing."""
    gaps = tuple(
        replace_could_hide(item, tuple(dict.fromkeys((*item.could_hide, *hidden)))) for item in ruling.missing
    )
    return replace(ruling, missing=gaps)


def _perhaps_filtered(path: Path, peer: End, way: Ruling) -> Ruling:
    """Filters where the route is not known: with no route at all, the puller need not be let out to public addresses."""
    sure = blame.shut_altogether(path)
    around = filtered(path, peer, Ruling())
    found = {item.fault for item in (*around.blockers, *around.partly)} | set(around.considered)
    hops = tuple(item for item in around.hops if item.verdict == "ok")
    ruling = sure + Ruling(hops=hops, missing=around.missing) + way
    return also_hiding(ruling, tuple(sorted(found)))


def filtered(path: Path, peer: End, way: Ruling) -> Ruling:
    """The puller's groups and ACL around a way to public addresses."""
    facts = path.facts
    out, back = network_acls.client_side(path.subnet_id, path.vpc, peer, path.interface.windows, facts)
    return in_a_row((groups_out(path, peer), out, way, back))


# --- security groups ---------------------------------------------------------------------------------


def groups_out(path: Path, peer: End) -> Ruling:
    """Whether the puller's groups let the leg out to public addresses."""
    groups = path.source.groups
    both = faults.group_faults(path.leg)
    if groups is None:
        return endpoints.no_groups(path, both)
    name = ", ".join(groups)
    allowed = security_groups.permitted(groups, path.vpc, peer, egress=True)
    verdict = security_groups.answer(allowed, peer)
    if verdict == "all":
        return passed("security group", name, f"{name} lets TCP 443 out to {peer.words}", *both)
    if verdict == "unknown":
        return cannot_tell("security group", name, *security_groups.unsettled(allowed, peer, both))
    fault = _fault_of_group(path, groups)
    if fault is None:
        gap = Missing(
            what=f"what else {name} lets out", why="what it lets out to ECR is not known", resource=name,
            could_hide=both,
        )  # fmt: skip
        return cannot_tell("security group", name, gap)
    says = security_groups.closed(groups, f"out to {peer.words}")
    facts = {
        **path.facts, "group_id": ",".join(groups), "ports": "443", "direction": "egress",
        "peer_cidr": ",".join(peer.cidrs), **({"prefix_list_id": peer.prefix_list_id} if peer.prefix_list_id else {}),
    }  # fmt: skip
    blocker = Blocker(fault=fault, resources=groups, says=says, facts=facts)
    return considering(security_groups.judge(groups, path.vpc, peer, blocker, egress=True), *both)


def _fault_of_group(path: Path, groups: tuple[str, ...]) -> str | None:
    """`sg-egress-s3-blocked` where the groups let the legs before this one out; `None` where that is not known."""
    if not _is_s3(path):
        return faults.SG_EGRESS
    any_out = security_groups.lets_any_out(groups, path.vpc)
    if any_out is not True:
        return None if any_out is None else faults.SG_EGRESS
    ready = [
        item
        for item in endpoints.interfaces_of(path.vpc, path.task_region, "ecr.dkr")
        if item.network_interface_ids or item.subnet_ids
    ]
    peers = [end for item in ready[:1] for end in endpoints.ends_of(item, path.vpc)] or [
        internet(path.leg.host)
    ]
    answers = {
        security_groups.answer(security_groups.permitted(groups, path.vpc, peer, egress=True), peer)
        for peer in peers
    }
    if answers & {"all", "some"}:
        return faults.SG_EGRESS_S3
    return None if "unknown" in answers else faults.SG_EGRESS


# --- S3's gateway endpoint ---------------------------------------------------------------------------


def _gateway_branch(path: Path, private_names: str) -> Branch | None:
    """The layers over S3's gateway endpoint, where the pulling subnet's table leads there; `None` where it does not."""
    table = table_of(path.subnet_id, path.vpc)
    if not isinstance(table, Known):
        return None
    found = _gateway_route(path, table.value)
    if found is None:
        return None
    route, endpoint = found
    name, table_id = endpoint.vpc_endpoint_id, table.value.route_table_id
    peer = s3(path.leg.host, path.leg.region, path.vpc, route.destination_prefix_list_id if route else None)
    choice = faults.choice_faults(path.leg, path.task_region)
    if not _takes_all(path, table.value, endpoint, peer):
        off = (faults.VPC_DNS_OFF,) if private_names == "off" else ()
        hidden = (*choice, *faults.BEHIND_THE_ROUTE, *faults.NACL, *off, *_of_endpoints(path))
        gap = Missing(
            what=f"which route takes {peer.words}",
            why=f"{table_id} leads a part of it elsewhere than to {name}", resource=table_id, could_hide=hidden,
        )  # fmt: skip
        return Branch(filtered(path, peer, cannot_tell("route table", table_id, gap)), "none")
    destination = route.destination_prefix_list_id if route else peer.prefix_list_id
    way = hop("route table", table_id, f"{table_id} of {path.subnet_id}: {destination} → {name}")
    if endpoints.is_available(endpoint):
        way = way + passed("gateway endpoint", name, f"{name} leads to Amazon S3 of {path.task_region}")
    else:
        blocker = endpoints.not_available(path, endpoint)
        way = way + blocked("gateway endpoint", name, blocker)
    return Branch(considering(filtered(path, peer, way), *choice), "gateway_endpoint", name)


def _gateway_route(path: Path, table: RouteTable) -> tuple[Route | None, VpcEndpoint] | None:
    """The route to S3's gateway endpoint. Where the endpoint itself names the table, the route is on its way."""
    gateways = endpoints.gateways_of(path.vpc, path.task_region)
    for route in table.routes:
        endpoint = endpoint_named(route, path.vpc)
        if endpoint in gateways and endpoint is not None:
            return route, endpoint
    for endpoint in gateways:
        if table.route_table_id in endpoint.route_table_ids:
            return None, endpoint
    return None


def _takes_all(path: Path, table: RouteTable, endpoint: VpcEndpoint, peer: End) -> bool:
    """Whether every address of S3 goes to the endpoint: no route inside of its list leads elsewhere."""
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
    return all(route is None or _is_default(route) or target_of(route) == "local" for route in others)


def _is_default(route: Route) -> bool:
    return route.destination_cidr_block == "0.0.0.0/0"
