"""Why a fault plays no part on a leg, in a short clause for a person."""

from __future__ import annotations

from diagnostics.finding import Fault
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
# What a fault is about, where that is one kind of way.
ABOUT = {
    "nat-gateway-unusable": "a NAT gateway",
    "nat-subnet-no-igw": "a NAT gateway",
    "nat-instance-unusable": "a NAT instance",
    "public-subnet-no-public-ip": "an internet gateway",
    "vpc-block-public-access": "an internet gateway",
    "firewall-inspection": "a firewall or appliance",
    "endpoint-sg-ingress-blocked": "an interface endpoint",
    "endpoint-private-dns-off": "an interface endpoint",
    "endpoint-not-available": "an endpoint",
}
SERVICES = {
    "endpoint-missing-ecr-api": "ecr.api",
    "endpoint-missing-ecr-dkr": "ecr.dkr",
    "endpoint-missing-s3": "s3",
    "endpoint-missing-secretsmanager": "secretsmanager",
    "endpoint-missing-ssm": "ssm",
    "endpoint-missing-logs": "logs",
    "endpoint-s3-not-on-route-table": "s3",
    "sg-egress-s3-blocked": "s3",
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
    if fault.id == "image-region-unreachable" and leg.region == task_region:
        return f"{leg.host} is in the task's own Region"
    if fault.id == "ipv6-mismatch":
        return "the subnet is not IPv6-only"
    if fault.id == "dns-server-unusable":
        return "the VPC's own DNS server answers for it, not one of yours"
    if trace.via == "none" and trace.blockers:
        return f"the leg is stopped before that could matter: {trace.blockers[0].fault}"
    if trace.via == "none":
        return "the leg was not followed that far"
    if fault.id in ("route-no-egress", "route-blackhole"):
        return f"the leg goes through {way(trace)}, so this is not what stops it"
    about = ABOUT.get(fault.id)
    if about is not None:
        return f"the leg goes through {way(trace)}, not through {about}"
    if service is not None:
        return f"the leg has another way: it goes through {way(trace)}"
    return f"it plays no part where the leg goes through {way(trace)}"
