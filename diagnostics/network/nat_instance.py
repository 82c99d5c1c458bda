"""NAT instances: what can be seen of them, which never suffices to say that they forward.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.network import way_back
from diagnostics.network.acl_rules import Gate
from diagnostics.network.addresses import of_cidrs
from diagnostics.network.blockers import ACLS, FirewallOnRoute, NatInstanceUnusable, NoWayOut, RouteToNothing
from diagnostics.network.ends import End
from diagnostics.network.group_rules import closed
from diagnostics.network.group_rules import judge as judge_groups
from diagnostics.network.leg_path import LegPath, RoutedWay, RouteTaken, outcome_of
from diagnostics.network.routes import choose, target_of
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, hop, in_a_row, missing
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Instance, Known, NetworkInterface, Route, Unavailable


def through_instance(path: LegPath, taken: RouteTaken, peer: End) -> RoutedWay:
    """A route to an interface or instance: a NAT instance or an appliance, whose software no API shows."""
    route = taken.route
    name = route.instance_id or route.network_interface_id or "the instance"
    instance, interface = _known(path, route)
    state = instance.state.name if instance is not None and instance.state is not None else None
    eni = route.network_interface_id or (interface.network_interface_id if interface is not None else None)

    def unusable(says: str, *resources: str) -> NatInstanceUnusable:
        return NatInstanceUnusable(
            resources=resources or (*taken.resources, name), says=says, route_table_id=taken.table_id,
            instance_id=route.instance_id, interface_id=eni, state=state, destination=taken.destination,
            usable_nat_gateway_id=path.view.usable_nat_gateway(),
        )  # fmt: skip

    result = hop("NAT instance", name, f"{name} is to forward the packets")
    if state not in (None, "running", "pending"):
        says = f"{name}, to which the route leads, is {state}."
        result = result + blocked("NAT instance", name, unusable(says))
    # EC2 shows the check on the interface; on the instance it is that of the primary interface.
    if interface is not None and interface.source_dest_check:
        says = f"{name} checks source and destination addresses, so it drops packets that are not its own."
        result = result + blocked("source/destination check", name, unusable(says))
    if interface is not None:
        step = _InstanceStep(path, taken, interface, name, unusable)
        result = result + step.into()
        # An appliance with several interfaces may send the packets on by another one.
        if instance is not None and len(instance.network_interfaces) == 1:
            result = result + step.out(peer)
    gap = Gap(
        what=f"what {name} does with the packets",
        question=True,
        why="AWS's API does not show how the software of an instance forwards",
        resource=name,
        could_hide=(NatInstanceUnusable, FirewallOnRoute, NoWayOut, RouteToNothing, *ACLS),
    )
    result = result + cannot_tell("NAT instance", name, gap)
    return RoutedWay(result, "nat_instance", outcome_of(result))


def _known(path: LegPath, route: Route) -> tuple[Instance | None, NetworkInterface | None]:
    instance_fact = path.vpc.instances.get(route.instance_id or "")
    interface_fact = path.vpc.interfaces.get(route.network_interface_id or "")
    instance = instance_fact.value if isinstance(instance_fact, Known) else None
    interface = interface_fact.value if isinstance(interface_fact, Known) else None
    if instance is not None and interface is None and route.network_interface_id is None:
        interface = instance.primary_interface
    return instance, interface


@dataclass(frozen=True)
class _InstanceStep:
    """The filters and the route of the interface that forwards. `unusable` makes the blocker of a sentence."""

    path: LegPath
    taken: RouteTaken
    interface: NetworkInterface
    name: str
    unusable: Callable[..., NatInstanceUnusable]

    def gate(self) -> Gate | None:
        """The ACL of the interface's subnet, where that is another one than the puller's."""
        subnet_id = self.interface.subnet_id
        if subnet_id is None or subnet_id == self.path.subnet_id:
            return None
        return self.path.gate(subnet_id, self.taken.table_id)

    def groups(self, end: End, *, egress: bool) -> StepResult:
        """The security groups of the interface."""
        groups = tuple(group.group_id for group in self.interface.groups)
        if not groups:
            return StepResult()
        port = self.path.leg.port
        says = closed(groups, f"{'out to' if egress else 'in from'} {end.words}", of=self.name, port=port)
        return judge_groups(
            groups, self.path.vpc, end, self.unusable(says, self.name, *groups), egress=egress, port=port
        )

    def into(self) -> StepResult:
        """From the puller to the instance."""
        result = self.groups(self.path.source, egress=False)
        gate = self.gate()
        return result + gate.server_side(self.path.source) if gate else result

    def out(self, peer: End) -> StepResult:
        """From the instance to the internet."""
        result = self.groups(peer, egress=True)
        gate = self.gate()
        if gate is None:
            return result
        subnet_id, name = gate.subnet_id, self.name
        result = result + gate.nat_outside(peer) + way_back.to_puller(self.path, subnet_id, name)
        table = self.path.view.table_of(subnet_id)
        if isinstance(table, Unavailable):
            gap = missing(f"the routes of {subnet_id}", table, (NatInstanceUnusable,))
            return result + cannot_tell("route table", None, gap)
        choice = choose(table.value, peer.addresses, self.path.vpc)
        targets = {target_of(item.route) if item.route else "" for item in choice.portions}
        identifier = table.value.route_table_id
        if targets == {""} and not choice.unread:
            says = f"Route table {identifier} of {subnet_id}, the subnet of {name}, has no route to the internet."
            blocker = self.unusable(says, name, subnet_id, identifier)
            return result + blocked("route table", identifier, blocker)
        straight = all(target.startswith("igw-") for target in targets) and not choice.unread
        if straight and (self.interface.association is None or not self.interface.association.public_ip):
            says = f"{name} stands behind an internet gateway and has no public address."
            return result + blocked("public address", name, self.unusable(says))
        result = result + hop("route table", identifier, f"{identifier}: → {', '.join(sorted(targets))}")
        end = End(
            words=name, addresses=of_cidrs((self.interface.private_ip_address,), 4), exact=True,
            cidrs=(f"{self.interface.private_ip_address}/32",) if self.interface.private_ip_address else (),
            subnet_id=subnet_id,
        )  # fmt: skip
        back = (way_back.from_internet(self.path, target, end) for target in sorted(targets) if straight)
        return in_a_row((result, *back))
