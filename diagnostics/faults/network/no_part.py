"""Why a fault plays no part on a leg, in a short clause for a person."""

from __future__ import annotations

from diagnostics.faults.network.room import AnyFault, fault_of
from diagnostics.network import Trace, Via
from diagnostics.pull import Leg

WAYS: dict[Via, str] = {
    "interface_endpoint": "an interface endpoint",
    "gateway_endpoint": "a gateway endpoint",
    "nat_gateway": "a NAT gateway",
    "internet_gateway": "the internet gateway",
    "egress_only_internet_gateway": "an egress-only internet gateway",
    "local": "the VPC itself",
    "nat_instance": "a NAT instance",
    "appliance": "a firewall or appliance",
    "transit_gateway": "a transit gateway",
    "peering": "a peering connection",
    "vpn": "a virtual private gateway",
    "none": "no gateway at all",
}


def _way(trace: Trace) -> str:
    """What carries the leg, with the endpoint's id where it is one."""
    if trace.endpoint_id and trace.via in ("interface_endpoint", "gateway_endpoint"):
        return f"endpoint {trace.endpoint_id}"
    return WAYS[trace.via]


def why_not_considered(
    rooms: tuple[AnyFault, ...], room: AnyFault, leg: Leg, trace: Trace, task_region: str
) -> str:
    """Why the trace did not rule on a fault."""
    if leg.by == "aws":
        return "on this platform version the request leaves by an interface that AWS owns, outside the VPC"
    if not room.serves(leg):
        return f"the request goes to {leg.host}, which the {room.service} endpoint does not serve"
    never = room.never(leg, task_region)
    if never is not None:
        return never
    if trace.via == "none" and trace.blockers:
        first = fault_of(rooms, type(trace.blockers[0]), leg)
        return f"the pull is stopped before that could matter: {first.id}"
    if trace.via == "none":
        return "the leg was not followed that far"
    return room.unless.format(way=_way(trace))
