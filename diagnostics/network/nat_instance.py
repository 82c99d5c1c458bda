"""NAT instances: what can be seen of them, which never suffices to say that they forward.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
"""

from __future__ import annotations

from diagnostics.network import faults, network_acls, security_groups
from diagnostics.network.ends import End
from diagnostics.network.path import Path, Way, outcome_of, present, usable_nat_gateway
from diagnostics.network.routes import choose, table_of, target_of
from diagnostics.network.ruling import Ruling, blocked, cannot_tell, hop, missing
from diagnostics.network.trace import Blocker, Missing
from diagnostics.snapshot import Instance, Known, NetworkInterface, Route, Unavailable

Resources = tuple[str, ...]
Facts = dict[str, str]

_FAULT = faults.NAT_INSTANCE
_WHAT = "NAT instance"


def through_instance(path: Path, route: Route, resources: Resources, facts: Facts, peer: End) -> Way:
    """A route to an interface or instance: a NAT instance or an appliance, whose software no API shows."""
    name = route.instance_id or route.network_interface_id or "the instance"
    where = (*resources, name)
    instance, interface = _known(path, route)
    state = instance.state.name if instance is not None and instance.state is not None else None
    eni = route.network_interface_id or (interface.network_interface_id if interface is not None else None)
    facts = {key: value for key, value in facts.items() if key not in ("interface_id", "instance_id")}
    facts.update(present(instance_id=route.instance_id, interface_id=eni, state=state))
    facts.update(present(usable_nat_gateway_id=usable_nat_gateway(path.vpc)))
    ruling = hop(_WHAT, name, f"{name} is to forward the packets")
    if state not in (None, "running", "pending"):
        says = f"{name}, to which the route leads, is {state}."
        ruling = ruling + blocked(_WHAT, name, _blocker(where, says, facts))
    # EC2 shows the check on the interface; on the instance it is that of the primary interface.
    if interface is not None and interface.source_dest_check:
        says = f"{name} checks source and destination addresses, so it drops packets that are not its own."
        ruling = ruling + blocked("source/destination check", name, _blocker(where, says, facts))
    if interface is not None:
        ruling = ruling + _in(path, interface, name, facts)
    # An appliance with several interfaces may send the packets on by another one.
    if interface is not None and instance is not None and len(instance.network_interfaces) == 1:
        ruling = ruling + _out(path, interface, name, where, facts, peer)
    gap = Missing(
        what=f"what {name} does with the packets",
        why="AWS's API does not show how the software of an instance forwards",
        resource=name,
        could_hide=(_FAULT, faults.FIREWALL, faults.ROUTE_NO_EGRESS, faults.ROUTE_BLACKHOLE, *faults.NACL),
    )
    ruling = ruling + cannot_tell(_WHAT, name, gap)
    return Way(ruling, "nat_instance", outcome_of(ruling), tuple(facts.items()))


def _known(path: Path, route: Route) -> tuple[Instance | None, NetworkInterface | None]:
    instance_fact = path.vpc.instances.get(route.instance_id or "")
    interface_fact = path.vpc.interfaces.get(route.network_interface_id or "")
    instance = instance_fact.value if isinstance(instance_fact, Known) else None
    interface = interface_fact.value if isinstance(interface_fact, Known) else None
    if instance is not None and interface is None and route.network_interface_id is None:
        interface = instance.primary_interface
    return instance, interface


def _blocker(resources: Resources, says: str, facts: Facts) -> Blocker:
    return Blocker(fault=_FAULT, resources=resources, says=says, facts=facts)


def _group(
    path: Path, interface: NetworkInterface, name: str, end: End, facts: Facts, *, egress: bool
) -> Ruling:
    groups = tuple(group.group_id for group in interface.groups)
    if not groups:
        return Ruling()
    way = "out to" if egress else "in from"
    says = security_groups.closed(groups, f"{way} {end.words}", of=name)
    blocker = _blocker((name, *groups), says, {**facts, "group_id": ",".join(groups)})
    return security_groups.judge(groups, path.vpc, end, blocker, egress=egress)


def _in(path: Path, interface: NetworkInterface, name: str, facts: Facts) -> Ruling:
    """From the puller to the instance."""
    ruling = _group(path, interface, name, path.source, facts, egress=False)
    if interface.subnet_id is None or interface.subnet_id == path.subnet_id:
        return ruling
    windows = path.interface.windows
    return ruling + network_acls.server_side(interface.subnet_id, path.vpc, path.source, windows, facts)


def _out(
    path: Path, interface: NetworkInterface, name: str, where: Resources, facts: Facts, peer: End
) -> Ruling:
    """From the instance to the internet."""
    ruling = _group(path, interface, name, peer, facts, egress=True)
    subnet_id = interface.subnet_id
    if subnet_id is None or subnet_id == path.subnet_id:
        return ruling
    ruling = ruling + network_acls.nat_outside(subnet_id, path.vpc, peer, facts)
    table = table_of(subnet_id, path.vpc)
    if isinstance(table, Unavailable):
        return ruling + cannot_tell(
            "route table", None, missing(f"the routes of {subnet_id}", table, (_FAULT,))
        )
    choice = choose(table.value, peer.addresses, path.vpc)
    targets = {target_of(item.route) if item.route else "" for item in choice.portions}
    identifier = table.value.route_table_id
    if targets == {""} and not choice.unread:
        says = f"Route table {identifier} of {subnet_id}, the subnet of {name}, has no route to the internet."
        return ruling + blocked(
            "route table", identifier, _blocker((name, subnet_id, identifier), says, facts)
        )
    straight = all(target.startswith("igw-") for target in targets) and not choice.unread
    if straight and (interface.association is None or not interface.association.public_ip):
        says = f"{name} stands behind an internet gateway and has no public address."
        return ruling + blocked("public address", name, _blocker(where, says, facts))
    return ruling + hop("route table", identifier, f"{identifier}: → {', '.join(sorted(targets))}")
