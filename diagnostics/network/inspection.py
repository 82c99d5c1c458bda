"""Inspection that no route leads to: a firewall or proxy that AWS puts at an internet gateway or a NAT gateway.

The targets of the routes stay what they were, and AWS's API of the VPC shows that such a thing is there but none of its
rules: what it lets through cannot be told.
"""

from __future__ import annotations

from typing import Literal

from diagnostics.network.blockers import BlockerKind, FirewallOnRoute, NoPublicAddress
from diagnostics.network.ends import subnet_fact
from diagnostics.network.leg_path import LegPath
from diagnostics.network.step_result import StepResult, cannot_tell, hop
from diagnostics.network.trace import Gap
from diagnostics.snapshot import Known, NatGateway, NetworkFirewallAssociation, Route

_NOT_INSPECTED = ("exclude", "az-unsupported")
_WITHOUT_ADDRESS = ("flexible", "outbound-only")


def at_nat_gateway(nat: NatGateway) -> StepResult:
    """An appliance attached to a NAT gateway inspects what goes through it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAttachedAppliance.html
    """
    attached = [
        item
        for item in nat.attached_appliances
        if (item.attachment_state or "").lower() not in ("detached", "attach-failed")
    ]
    if not attached:
        return StepResult()
    name = attached[0].appliance_arn or "an appliance"
    gap = Gap(
        what=f"whether {name} lets the pull through",
        question=True,
        why=f"it is attached to {nat.nat_gateway_id}, and AWS's API of the VPC does not show its rules",
        resource=nat.nat_gateway_id,
        could_hide=(FirewallOnRoute,),
    )
    return cannot_tell("appliance", name, gap)


def at_internet_gateway(path: LegPath, route: Route, subnet_id: str | None) -> StepResult:
    """The Automated Internet Firewall of a VPC inspects what its subnets send to the internet gateway.

    Args:
        route: the route to the internet gateway.
        subnet_id: the subnet whose table holds it; `None` for a regional NAT gateway, which is in none.
    """
    treatment = _treatment(path, subnet_id)
    found = _firewall(path, route)
    if found is None and treatment is None:
        return StepResult()
    name = (found.firewall_arn if found else None) or "the Automated Internet Firewall"
    if treatment in _NOT_INSPECTED:
        return hop("appliance", name, f"{name} does not inspect {subnet_id} ({treatment})")
    if found is not None and (found.firewall_mode or "").lower() == "monitor":
        return hop("appliance", name, f"{name} only watches what goes through the internet gateway")
    return cannot_tell("appliance", name, _question(path, name, (FirewallOnRoute,)))


Without = Literal["dropped", "carried", "unknown"]


def without_public_address(path: LegPath, route: Route) -> tuple[Without, Gap | None]:
    """What the internet gateway does with the packets of an interface of the pulling subnet that has no public address.

    `carried`: the firewall translates the addresses of such interfaces, as a NAT gateway does.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html (`networkFirewallConnectivityType`)
    """
    treatment = _treatment(path, path.subnet_id)
    found = _firewall(path, route)
    if (found is None and treatment is None) or treatment in ("bidirectional", *_NOT_INSPECTED):
        return "dropped", None
    name = (found.firewall_arn if found else None) or "the Automated Internet Firewall"
    active = found is not None and (found.firewall_onboarding_status or "").lower() == "active"
    if treatment in _WITHOUT_ADDRESS and active:
        return "carried", None
    why = (
        f"it may translate their addresses ({path.subnet_id} is {treatment or 'not known'} to it), and it is "
        f"{(found.firewall_onboarding_status if found else None) or 'in a state that is not known'}"
    )
    gap = Gap(
        what=f"whether {name} carries packets without a public address", question=True, why=why,
        resource=path.vpc.vpc_id, could_hide=(NoPublicAddress,),
    )  # fmt: skip
    return "unknown", gap


def _treatment(path: LegPath, subnet_id: str | None) -> str | None:
    subnet = subnet_fact(subnet_id, path.vpc) if subnet_id else None
    if not isinstance(subnet, Known):
        return None
    return (subnet.value.network_firewall_connectivity_type or "").lower() or None


def _firewall(path: LegPath, route: Route) -> NetworkFirewallAssociation | None:
    """The firewall, by what the VPC says of it or else by what the route does; `None` where there is none."""
    every = path.vpc.vpc.value.network_firewall_associations if isinstance(path.vpc.vpc, Known) else ()
    if every:
        return every[0]
    if route.igw_firewall is not None:
        return NetworkFirewallAssociation(firewall_arn=route.igw_firewall.firewall_arn)
    return None


def _question(path: LegPath, name: str, could_hide: tuple[BlockerKind, ...]) -> Gap:
    return Gap(
        what=f"whether {name} lets the pull through",
        question=True,
        why=f"it inspects what {path.vpc.vpc_id} sends to its internet gateway, and AWS's API of the VPC does not show its rules",
        resource=path.vpc.vpc_id,
        could_hide=could_hide,
    )
