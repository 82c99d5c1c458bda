"""NAT gateways and NAT instances: their own state, subnet, routes and filters.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html and
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
"""

from __future__ import annotations

from diagnostics.network import block_public_access, faults, internet, network_acls, security_groups
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
from diagnostics.network.ruling import Ruling, any_of, blocked, cannot_tell, hop, missing, passed
from diagnostics.network.trace import Blocker, Missing
from diagnostics.snapshot import Known, NatGateway, NetworkInterface, Route, RouteTable, Unavailable, VpcFacts

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
    return Way(ruling, "nat_gateway", outcome_of(ruling), tuple(facts.items()))


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
    regional = (nat.availability_mode or "zonal").lower() == "regional"
    if nat.subnet_id and not regional and nat.subnet_id != path.subnet_id:
        ruling = ruling + network_acls.server_side(
            nat.subnet_id, path.vpc, path.source, path.interface.windows, facts
        )
    return ruling + _own_way(path, nat, facts, peer, regional=regional)


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


def _own_way(path: Path, nat: NatGateway, facts: Facts, peer: End, *, regional: bool) -> Ruling:
    """The route from the NAT gateway to an internet gateway, and the filters of its own subnet."""
    nat_id = nat.nat_gateway_id
    what = "route table"
    table: Known[RouteTable] | Unavailable
    if regional:
        table = (
            table_by_id(nat.route_table_id, path.vpc)
            if nat.route_table_id
            else Unavailable(why="it does not name its route table", call="ec2:DescribeNatGateways")
        )
    else:
        table = table_of(nat.subnet_id or "", path.vpc)
    behind = (
        faults.NAT_NO_IGW, faults.ROUTE_BLACKHOLE, faults.BLOCK_PUBLIC_ACCESS, *faults.NACL, faults.FIREWALL,
    )  # fmt: skip
    if isinstance(table, Unavailable) or (not regional and nat.subnet_id is None):
        fact = table if isinstance(table, Unavailable) else Unavailable(call="ec2:DescribeNatGateways")
        return cannot_tell(what, None, missing(f"the routes of {nat_id}", fact, behind, nat_id))
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
            what=f"which address {peer.words} has",
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


# --- NAT instances -----------------------------------------------------------------------------------


def through_instance(path: Path, route: Route, resources: Resources, facts: Facts, peer: End) -> Way:
    """A route to an interface or instance: a NAT instance or an appliance, whose software no API shows."""
    name = route.instance_id or route.network_interface_id or "the instance"
    fault = faults.NAT_INSTANCE
    ruling = hop("NAT instance", name, f"{name} is to forward the packets")
    where = (*resources, name)
    facts = {**facts, "instance_id": name}
    instance_fact = path.vpc.instances.get(route.instance_id or "")
    interface_fact = path.vpc.interfaces.get(route.network_interface_id or "")
    instance = instance_fact.value if isinstance(instance_fact, Known) else None
    interface = interface_fact.value if isinstance(interface_fact, Known) else None
    if instance is not None and interface is None:
        interface = instance.primary_interface
    if (
        instance is not None
        and instance.state is not None
        and instance.state.name not in (None, "running", "pending")
    ):
        says = f"{name}, to which the route leads, is {instance.state.name}."
        ruling = ruling + blocked(
            "NAT instance", name, Blocker(fault=fault, resources=where, says=says, facts=facts)
        )
    # EC2 shows the check on the interface; on the instance it is that of the primary interface.
    check = interface.source_dest_check if interface is not None else None
    if check:
        says = f"{name} checks source and destination addresses, so it drops packets that are not its own."
        ruling = ruling + blocked(
            "source/destination check", name, Blocker(fault=fault, resources=where, says=says, facts=facts)
        )
    if interface is not None:
        ruling = ruling + _own_subnet(path, interface, name, where, facts, peer)
    ruling = ruling + cannot_tell(
        "NAT instance",
        name,
        Missing(
            what=f"what {name} does with the packets",
            why="AWS's API does not show how the software of an instance forwards",
            resource=name,
            could_hide=(fault, faults.FIREWALL, faults.ROUTE_NO_EGRESS, faults.ROUTE_BLACKHOLE, *faults.NACL),
        ),
    )
    return Way(ruling, "nat_instance", outcome_of(ruling), tuple(facts.items()))


def _own_subnet(
    path: Path, interface: NetworkInterface, name: str, where: Resources, facts: Facts, peer: End
) -> Ruling:
    subnet_id = interface.subnet_id
    ruling = Ruling()
    groups = tuple(group.group_id for group in interface.groups)
    if groups:
        for end, egress, way in ((path.source, False, "in from"), (peer, True, "out to")):
            says = f"{', '.join(groups)} of {name} does not let TCP 443 {way} {end.words}."
            blocker = Blocker(
                fault=faults.NAT_INSTANCE,
                resources=(name, *groups),
                says=says,
                facts={**facts, "group_id": ",".join(groups)},
            )
            ruling = ruling + security_groups.judge(groups, path.vpc, end, blocker, egress=egress)
    if subnet_id is None or subnet_id == path.subnet_id:
        return ruling
    ruling = ruling + network_acls.server_side(
        subnet_id, path.vpc, path.source, path.interface.windows, facts
    )
    ruling = ruling + network_acls.nat_outside(subnet_id, path.vpc, peer, facts)
    return ruling + _instance_route(path.vpc, subnet_id, interface, name, where, facts, peer)


def _instance_route(
    vpc: VpcFacts,
    subnet_id: str,
    interface: NetworkInterface,
    name: str,
    where: Resources,
    facts: Facts,
    peer: End,
) -> Ruling:
    table = table_of(subnet_id, vpc)
    if isinstance(table, Unavailable):
        return cannot_tell(
            "route table", None, missing(f"the routes of {subnet_id}", table, (faults.NAT_INSTANCE,))
        )
    choice = choose(table.value, peer.addresses, vpc)
    targets = {target_of(item.route) if item.route else "" for item in choice.portions}
    identifier = table.value.route_table_id
    if targets == {""} and not choice.unread:
        says = f"Route table {identifier} of {subnet_id}, the subnet of {name}, has no route to the internet."
        blocker = Blocker(
            fault=faults.NAT_INSTANCE, resources=(name, subnet_id, identifier), says=says, facts=facts
        )
        return blocked("route table", identifier, blocker)
    straight = all(target.startswith("igw-") for target in targets)
    if straight and (interface.association is None or not interface.association.public_ip):
        says = f"{name} stands behind an internet gateway and has no public address."
        return blocked(
            "public address",
            name,
            Blocker(fault=faults.NAT_INSTANCE, resources=where, says=says, facts=facts),
        )
    return hop("route table", identifier, f"{identifier}: → {', '.join(sorted(targets))}")
