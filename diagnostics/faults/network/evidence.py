"""The facts behind a network finding: the hops that decide, each with the IAM action that read it."""

from __future__ import annotations

from diagnostics.finding import Evidence
from diagnostics.network import Blocker, Hop, Trace
from diagnostics.network import faults as ids

# The IAM action that reads a resource, by the prefix of its id; longer prefixes first where one begins another.
READ_BY = {
    "subnet-": "ec2:DescribeSubnets",
    "rtb-": "ec2:DescribeRouteTables",
    "nat-": "ec2:DescribeNatGateways",
    "igw-": "ec2:DescribeInternetGateways",
    "eigw-": "ec2:DescribeEgressOnlyInternetGateways",
    "sg-": "ec2:DescribeSecurityGroups",
    "acl-": "ec2:DescribeNetworkAcls",
    "vpce-": "ec2:DescribeVpcEndpoints",
    "dopt-": "ec2:DescribeDhcpOptions",
    "eni-": "ec2:DescribeNetworkInterfaces",
    "pl-": "ec2:DescribePrefixLists",
    "vpcbpa-": "ec2:DescribeVpcBlockPublicAccessExclusions",
    "i-": "ec2:DescribeInstances",
}
# What decides where the resource alone does not tell which call answered.
READ_FOR = {
    ids.VPC_DNS_OFF: "ec2:DescribeVpcAttribute",
    ids.BLOCK_PUBLIC_ACCESS: "ec2:DescribeVpcBlockPublicAccessOptions",
    ids.ROUTE_NO_EGRESS: "ec2:DescribeRouteTables",
    ids.IMAGE_REGION: "ec2:DescribeVpcEndpoints",
    ids.DNS_SERVER: "ec2:DescribeDhcpOptions",
}

LEADING = ("route table", "NAT gateway", "internet gateway", "interface endpoint", "gateway endpoint")
"""Hops that tell which way the leg goes."""


def short(hop: Hop) -> str:
    """A hop in one short readable string: `route table rtb-1: 0.0.0.0/0 → nat-1`."""
    says = hop.says.removesuffix(".")
    if says.lower().startswith(hop.what.lower()):
        return says
    named = hop.resource and hop.resource not in says
    head = f"{hop.what} {hop.resource}" if named else hop.what
    return f"{head}: {says}" if says else head


def evidence_for(trace: Trace, blocker: Blocker, launch_call: str) -> tuple[Evidence, ...]:
    """The hops that decide a blocker: those that stopped the leg there, and the way that led to them.

    `launch_call` is the IAM action that told of the interface itself, its groups and its public address.
    """
    named = {*blocker.resources, *(part for value in blocker.facts.values() for part in value.split(","))}
    ways = {*blocker.resources, blocker.facts.get("route_table_id")}
    stopping = [hop for hop in trace.hops if hop.verdict in ("blocked", "partly_open")]
    deciding = [hop for hop in stopping if hop.says == blocker.says] or [
        hop for hop in stopping if hop.resource is None or hop.resource in named
    ]
    leading = [hop for hop in trace.hops if hop.what in LEADING and hop.resource in ways]
    found = [
        Evidence(what=short(hop), source=_read_by(hop, blocker, launch_call))
        for hop in trace.hops
        if hop in deciding or (hop in leading and hop.verdict == "ok")
    ]
    if not deciding:
        says = blocker.says.removesuffix(".")
        found.append(Evidence(what=says, source=_read_by(None, blocker, launch_call)))
    return tuple(dict.fromkeys(found))


def _read_by(hop: Hop | None, blocker: Blocker, launch_call: str) -> str:
    """The IAM action behind a hop; without one, behind the blocker itself."""
    is_blocker = hop is None or hop.says == blocker.says
    if is_blocker and blocker.fault == ids.NO_PUBLIC_IP:
        return launch_call
    if is_blocker and blocker.fault in READ_FOR:
        return READ_FOR[blocker.fault]
    if is_blocker and blocker.fault in ids.MISSING_ENDPOINT.values():
        return "ec2:DescribeVpcEndpoints"
    # Where the leg begins tells less than what else is named.
    named = sorted(blocker.resources, key=lambda item: item.startswith("subnet-"))
    for item in (hop.resource,) if hop is not None and hop.resource else named:
        for prefix, action in READ_BY.items():
            if item.startswith(prefix):
                return action
    return READ_FOR.get(blocker.fault, launch_call)
