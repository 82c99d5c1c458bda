"""Who is to blame where no route leads out: a missing endpoint, one that is of no use, or the route itself."""

from __future__ import annotations

from diagnostics.network import endpoints, faults, network_acls, security_groups
from diagnostics.network.addresses import everything
from diagnostics.network.ends import End
from diagnostics.network.path import Path, Way
from diagnostics.network.routes import is_blackhole, table_of, target_of
from diagnostics.network.ruling import Ruling, blocked, cannot_tell, missing
from diagnostics.network.trace import Blocker, Missing
from diagnostics.pull import Leg
from diagnostics.snapshot import Known, Unavailable, VpcEndpoint, known_value


def gateway_off_table(path: Path) -> tuple[VpcEndpoint, Blocker] | None:
    """An S3 gateway endpoint of the VPC that the pulling subnet's table does not name."""
    gateways = endpoints.gateways_of(path.vpc, path.task_region) if path.leg.service == "s3" else ()
    table = table_of(path.subnet_id, path.vpc)
    if not gateways or not isinstance(table, Known) or not endpoints.has_ecr_endpoint(path):
        return None
    endpoint = gateways[0]
    name, table_id = endpoint.vpc_endpoint_id, table.value.route_table_id
    says = f"S3 endpoint {name} is not on route table {table_id} of {path.subnet_id}."
    facts = {**endpoints.facts_of(path, endpoint), "route_table_id": table_id}
    facts["gateway_table_ids"] = ",".join(endpoint.route_table_ids)
    return endpoint, Blocker(fault=faults.S3_NOT_ON_TABLE, resources=(name, table_id), says=says, facts=facts)


def no_route(path: Path, way: Way) -> Ruling:
    """Names the cause where the table has no route and no endpoint of the service is there."""
    facts = dict(way.facts) or path.facts
    table_id = facts.get("route_table_id", "")
    vpc_id, leg = path.vpc.vpc_id, path.leg
    told = way.ruling.hops[-1].says if way.ruling.hops else f"{table_id} has no route to {leg.host}"
    says = f"Route table {told}"
    elsewhere = _shared_endpoints(path)
    fault = _fault_of(path)
    if isinstance(fault, Unavailable):
        hidden = (faults.ROUTE_NO_EGRESS, faults.IPV6, *faults.choice_faults(leg, path.task_region))
        return cannot_tell(
            "VPC endpoint", None, missing("the endpoints of the VPC", fact=fault, could_hide=hidden)
        )
    if elsewhere is not None and leg.service is not None and not path.resolves_publicly:
        gap = Missing(
            what=f"whether {leg.host} leads to endpoints of another VPC",
            why=f"no route leads out, and {elsewhere} leads to other networks, which may share theirs",
            resource=elsewhere,
            could_hide=(fault, faults.IPV6) if fault == faults.ROUTE_NO_EGRESS else (fault,),
        )
        return cannot_tell("route target", elsewhere, gap)
    if fault == faults.ROUTE_NO_EGRESS:
        return _no_egress(path, table_id, says, facts)
    if fault == faults.IMAGE_REGION:
        says = (
            f"{leg.host} is in {leg.region}, the endpoints of {vpc_id} serve {path.task_region} only, "
            f"and {path.subnet_id} has no way to the internet."
        )
        return blocked(
            "route table",
            table_id,
            Blocker(
                fault=fault,
                resources=(vpc_id,),
                says=says,
                facts={**facts, "image_region": leg.region},
            ),
        )
    service = _service_name(path, leg.service or "")
    says = f"{vpc_id} has no endpoint for {service}, and {path.subnet_id} has no other way to {leg.host}."
    more = {**facts, "endpoint_service": service, **_neighbours(path)}
    return blocked(
        "VPC endpoint",
        vpc_id,
        Blocker(fault=fault, resources=(vpc_id, path.subnet_id), says=says, facts=more),
    )


def _fault_of(path: Path) -> str | Unavailable:
    leg: Leg = path.leg
    if leg.service is None:
        return faults.ROUTE_NO_EGRESS
    if isinstance(path.vpc.vpc_endpoints, Unavailable):
        return path.vpc.vpc_endpoints
    if not endpoints.has_ecr_endpoint(path):
        return faults.ROUTE_NO_EGRESS
    if leg.region == path.task_region:
        return faults.MISSING_ENDPOINT[leg.service]
    return faults.IMAGE_REGION if leg.name in ("login", "manifest", "layers") else faults.ROUTE_NO_EGRESS


def _service_name(path: Path, service: str) -> str:
    """The full name of a service, for ECR's spelt as that of its other endpoint is: China has a prefix of its own."""
    if service.startswith("ecr."):
        for neighbour in ("ecr.api", "ecr.dkr"):
            for endpoint in endpoints.interfaces_of(path.vpc, path.task_region, neighbour):
                return endpoint.service_name.removesuffix(neighbour) + service
    return f"com.amazonaws.{path.task_region}.{service}"


def _neighbours(path: Path) -> dict[str, str]:
    """Group and subnets of the endpoints that are there: where one goes, the missing one can go."""
    for service in ("ecr.api", "ecr.dkr"):
        for endpoint in endpoints.interfaces_of(path.vpc, path.task_region, service):
            facts = endpoints.facts_of(path, endpoint)
            return {name: facts[name] for name in ("endpoint_group_id", "subnet_cidr") if name in facts}
    return {}


def _shared_endpoints(path: Path) -> str | None:
    """A transit gateway or core network on the table: the way to endpoints that a hub VPC shares over private zones.

    https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/centralized-access-to-vpc-private-endpoints.html
    """
    table = table_of(path.subnet_id, path.vpc)
    if not isinstance(table, Known):
        return None
    for route in table.value.routes:
        target = target_of(route)
        if target.startswith(("tgw-", "arn:")) and not is_blackhole(route):
            return target
    return None


def _no_egress(path: Path, table_id: str, says: str, facts: dict[str, str]) -> Ruling:
    fault = faults.ROUTE_NO_EGRESS
    resources = (path.subnet_id, table_id)
    over_ipv6 = _ipv6_target(path)
    if over_ipv6 is None:
        blocker = Blocker(fault=fault, resources=resources, says=f"{says}.", facts=facts)
        return blocked("route table", table_id, blocker)
    has = path.interface.ipv6
    if path.dual_stack_name and known_value(has) is not False:
        gap = Missing(
            what=f"whether the pull reaches {path.leg.host} over IPv6",
            why=f"{over_ipv6} leads out over IPv6, and nothing leads out over IPv4",
            resource=over_ipv6,
            could_hide=(fault, faults.IPV6),
        )
        return cannot_tell("route table", table_id, gap)
    if isinstance(has, Unavailable):
        gap = missing("whether the interface has an IPv6 address", has, (fault, faults.IPV6))
        return cannot_tell("route table", table_id, gap)
    if known_value(has):
        words = f"{path.subnet_id} leads out over IPv6 only ({over_ipv6}), and {path.leg.host} has IPv4 addresses only."
        more = {**facts, "target": over_ipv6}
        return blocked(
            "route table", table_id, Blocker(fault=faults.IPV6, resources=resources, says=words, facts=more)
        )
    return blocked(
        "route table", table_id, Blocker(fault=fault, resources=resources, says=f"{says}.", facts=facts)
    )


def _ipv6_target(path: Path) -> str | None:
    table = table_of(path.subnet_id, path.vpc)
    for route in table.value.routes if isinstance(table, Known) else ():
        if route.destination_ipv6_cidr_block == "::/0" and not is_blackhole(route):
            target = target_of(route)
            return target if target.startswith(("igw-", "eigw-")) else None
    return None


def shut_altogether(path: Path) -> Ruling:
    """Filters that let nothing out to 443 at all, which stop the leg whatever way is made for it."""
    return _groups(path) + _acl(path)


def _groups(path: Path) -> Ruling:
    groups = path.source.groups
    hidden = faults.group_faults(path.leg)
    if groups is None:
        return endpoints.no_groups(path, hidden)
    any_out = security_groups.lets_any_out(groups, path.vpc)
    if any_out:
        return Ruling()
    if any_out is None:
        gaps = [
            missing(f"the rules of security group {name}", fact, hidden)
            for name in groups
            if isinstance(fact := path.vpc.security_groups.get(name, Unavailable()), Unavailable)
        ]
        return cannot_tell("security group", ", ".join(groups), *gaps)
    return blocked("security group", ", ".join(groups), nothing_out(path, groups))


def nothing_out(path: Path, groups: tuple[str, ...]) -> Blocker:
    """The puller's groups have no rule for 443 at all."""
    says = security_groups.closed(groups, "out to anywhere")
    facts = {
        **path.facts,
        "group_id": ",".join(groups),
        "ports": "443",
        "direction": "egress",
        "peer_cidr": "0.0.0.0/0",
    }
    return Blocker(fault=faults.SG_EGRESS, resources=groups, says=says, facts=facts)


def _acl(path: Path) -> Ruling:
    fact = network_acls.acl_of(path.subnet_id, path.vpc)
    if isinstance(fact, Unavailable):
        gap = missing(f"the network ACL of {path.subnet_id}", fact, faults.NACL)
        return cannot_tell("network ACL", None, gap)
    anywhere = End(words="anywhere", addresses=everything(4), exact=False, cidrs=("0.0.0.0/0",))
    if network_acls.flow(fact.value, anywhere, network_acls.HTTPS, egress=True).answer == "none":
        return network_acls.judge(
            path.subnet_id, path.vpc, anywhere, network_acls.HTTPS, faults.NACL_OUT, path.facts, egress=True
        )
    return Ruling()
