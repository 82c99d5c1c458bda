"""Why a fault plays no part on a leg, in a short clause for a person."""

from __future__ import annotations

from diagnostics.finding import Fault
from diagnostics.network import Trace, Via
from diagnostics.network import faults as ids
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
# What a fault is about, where that is one kind of way.
ABOUT = {
    ids.NAT_UNUSABLE: "a NAT gateway",
    ids.NAT_NO_IGW: "a NAT gateway",
    ids.NAT_INSTANCE: "a NAT instance",
    ids.NO_PUBLIC_IP: "an internet gateway",
    ids.BLOCK_PUBLIC_ACCESS: "an internet gateway",
    ids.FIREWALL: "a firewall or appliance",
    ids.ENDPOINT_SG: "an interface endpoint",
    ids.PRIVATE_DNS_OFF: "an interface endpoint",
    ids.ENDPOINT_NOT_AVAILABLE: "an endpoint",
}
SERVICES = {
    ids.MISSING_ECR_API: "ecr.api",
    ids.MISSING_ECR_DKR: "ecr.dkr",
    ids.MISSING_S3: "s3",
    ids.MISSING_SECRETSMANAGER: "secretsmanager",
    ids.MISSING_SSM: "ssm",
    ids.MISSING_LOGS: "logs",
    ids.S3_NOT_ON_TABLE: "s3",
    ids.SG_EGRESS_S3: "s3",
}


def way(trace: Trace) -> str:
    """What carries the leg, with the endpoint's id where it is one."""
    if trace.endpoint_id and trace.via in ("interface_endpoint", "gateway_endpoint"):
        return f"endpoint {trace.endpoint_id}"
    return WAYS[trace.via]


def why_not_considered(fault: Fault, leg: Leg, trace: Trace, task_region: str) -> str:
    """Why the trace did not rule on a fault."""
    if leg.by == "aws":
        return "on this platform version the leg leaves by an interface that AWS owns, outside the VPC"
    service = SERVICES.get(fault.id)
    if service is not None and service != leg.service:
        return f"the leg goes to {leg.host}, which the {service} endpoint does not serve"
    if fault.id == ids.IMAGE_REGION and leg.region == task_region:
        return f"{leg.host} is in the task's own Region"
    if fault.id == ids.IPV6:
        return "the subnet is not IPv6-only"
    if fault.id == ids.DNS_SERVER:
        return "the VPC's own DNS server answers for it, not one of yours"
    if trace.via == "none" and trace.blockers:
        return f"the leg is stopped before that could matter: {trace.blockers[0].fault}"
    if trace.via == "none":
        return "the leg was not followed that far"
    if fault.id in (ids.ROUTE_NO_EGRESS, ids.ROUTE_BLACKHOLE):
        return f"the leg goes through {way(trace)}, so this is not what stops it"
    about = ABOUT.get(fault.id)
    if about is not None:
        return f"the leg goes through {way(trace)}, not through {about}"
    if service is not None:
        return f"the leg has another way: it goes through {way(trace)}"
    return f"it plays no part where the leg goes through {way(trace)}"
