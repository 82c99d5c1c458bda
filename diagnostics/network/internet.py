"""Internet gateways and egress-only internet gateways, and what a packet needs to pass them.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
"""

from __future__ import annotations

from diagnostics.network import block_public_access, inspection, way_back
from diagnostics.network.blockers import Blocker, NoPublicAddress, RouteToNothing
from diagnostics.network.leg_path import LegPath, RoutedWay, RouteTaken, outcome_of
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import What
from diagnostics.snapshot import Known, Unavailable, Why


def not_attached(path: LegPath, gateway_id: str) -> str:
    """The sentence about an internet gateway that is not attached to the VPC."""
    return f"The route leads to {gateway_id}, which is not attached to {path.vpc.vpc_id}."


def attached(path: LegPath, gateway_id: str, otherwise: Blocker) -> StepResult:
    """Rules on whether an internet gateway is attached to the VPC; `otherwise` says what it means where it is not."""
    what: What = "internet gateway"
    fact = path.vpc.internet_gateways
    if isinstance(fact, Unavailable):
        gap = missing(f"whether {gateway_id} is attached", fact, (RouteToNothing,), gateway_id, question=True)
        return cannot_tell(what, gateway_id, gap)
    every = fact.value if isinstance(fact, Known) else ()
    found = next((item for item in every if item.internet_gateway_id == gateway_id), None)
    told = path.view.attachment_of(found) if found is not None else "no"
    if told == "unknown" or (found is None and isinstance(fact, Known) and fact.may_hold(gateway_id)):
        reason = Unavailable(
            reason=Why.UNREADABLE_RECORD, call="ec2:DescribeInternetGateways", resource=gateway_id
        )
        gap = missing(
            f"whether {gateway_id} is attached", reason, (RouteToNothing,), gateway_id, question=True
        )
        return cannot_tell(what, gateway_id, gap)
    if told == "yes":
        says = f"{gateway_id} is attached to {path.vpc.vpc_id}"
        return passed(what, gateway_id, says, RouteToNothing)
    if any(item.internet_gateway_id == gateway_id and not path.view.is_detached(item) for item in every):
        strange = Unavailable(reason=Why.UNREADABLE, call="ec2:DescribeInternetGateways", resource=gateway_id)
        gap = missing(
            f"whether {gateway_id} is attached", strange, (RouteToNothing,), gateway_id, question=True
        )
        return cannot_tell(what, gateway_id, gap)
    return blocked(what, gateway_id, otherwise)


def through_internet_gateway(path: LegPath, taken: RouteTaken, family: int) -> RoutedWay:
    """A route straight to an internet gateway: the interface needs a public address of its own."""
    gone = taken.leads_to_nothing(not_attached(path, taken.target), usable_nat=None)
    result = attached(path, taken.target, gone)
    if family == 4:
        result = result + _public_address(path, taken)
    result = result + inspection.at_internet_gateway(path, taken.route, path.subnet_id)
    result = result + block_public_access.judge(path, path.subnet_id, direct=True)
    end = way_back.puller(path, 4 if family == 4 else 6)
    result = result + way_back.from_internet(path, taken.target, end)
    return RoutedWay(result, "internet_gateway", outcome_of(result))


def _public_address(path: LegPath, taken: RouteTaken) -> StepResult:
    what: What = "public address"
    interface = path.interface
    fact = interface.public_ip
    name = interface.interface_id or interface.instance_id or path.subnet_id
    if isinstance(fact, Unavailable):
        question = f"whether the interface in {path.subnet_id} has a public address"
        return cannot_tell(what, name, missing(question, fact, (NoPublicAddress,)))
    if isinstance(fact, Known) and fact.value:
        says = f"{name} has a public IPv4 address ({interface.told_by})"
        return passed(what, name, says, NoPublicAddress)
    carried, gap = inspection.without_public_address(path, taken.route)
    if gap is not None:
        return cannot_tell(what, name, gap)
    if carried == "carried":
        says = (
            f"{name} has no public IPv4 address, and the firewall of {path.vpc.vpc_id} translates its address"
        )
        return passed(what, name, says, NoPublicAddress)
    says = (
        f"{path.subnet_id} routes to {taken.target}, and {interface.told_by} gives the interface that pulls no public "
        "address, so the internet gateway drops its packets."
    )
    blocker = NoPublicAddress(
        resources=(path.subnet_id, interface.instance_id) if interface.instance_id else (path.subnet_id,),
        says=says, route_table_id=taken.table_id, usable_nat_gateway_id=path.view.usable_nat_gateway(),
    )  # fmt: skip
    return blocked(what, name, blocker)


def through_egress_only_gateway(path: LegPath, taken: RouteTaken) -> RoutedWay:
    """A route to an egress-only internet gateway: IPv6 out, answers in, no public IPv4 address needed."""
    fact = path.vpc.egress_only_internet_gateways
    what: What = "egress-only internet gateway"
    name = taken.target
    if isinstance(fact, Unavailable):
        gap = missing(f"whether {name} is attached", fact, (RouteToNothing,), name, question=True)
        result = cannot_tell(what, name, gap)
    elif name in path.view.egress_only_gateway_ids:
        result = passed(what, name, f"{name} lets IPv6 out", RouteToNothing)
    elif isinstance(fact, Known) and fact.may_hold(name):
        reason = Unavailable(
            reason=Why.UNREADABLE_RECORD, call="ec2:DescribeEgressOnlyInternetGateways", resource=name
        )
        gap = missing(f"whether {name} is attached", reason, (RouteToNothing,), name, question=True)
        result = cannot_tell(what, name, gap)
    else:
        says = f"The route leads to {name}, which {path.vpc.vpc_id} does not have."
        result = blocked(what, name, taken.leads_to_nothing(says, usable_nat=None))
    result = result + inspection.at_internet_gateway(path, taken.route, path.subnet_id)
    result = result + block_public_access.judge(path, path.subnet_id, direct=False)
    return RoutedWay(result, "egress_only_internet_gateway", outcome_of(result))
