"""The facts behind a network finding: the hops that decide, each with the IAM action that read it."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import AnyFault
from diagnostics.finding import Evidence
from diagnostics.network import Blocker, Hop, Trace
from diagnostics.network.trace import What
from diagnostics.pull import Interface, Leg
from diagnostics.stop_reason import Symptom

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

LEADING: tuple[What, ...] = (
    "route table", "NAT gateway", "internet gateway", "interface endpoint", "gateway endpoint",
)  # fmt: skip
"""Hops that tell which way the leg goes."""


def short(hop: Hop) -> str:
    """A hop in one short readable string: `route table rtb-1: 0.0.0.0/0 → nat-1`."""
    says = hop.says.removesuffix(".")
    if says.lower().startswith(hop.what.lower()):
        return says
    named = hop.resource and hop.resource not in says
    head = f"{hop.what} {hop.resource}" if named else hop.what
    return f"{head}: {says}" if says else head


def evidence_for(room: AnyFault, repair: Repair[Blocker]) -> tuple[Evidence, ...]:
    """The hops that decide a blocker: those that stopped the leg there, and the way that led to them."""
    trace, blocker = repair.trace, repair.blocker
    deciding = _deciding(trace, blocker)
    ways = {*blocker.resources, blocker.route_table_id}
    found = []
    for hop in trace.hops:
        leads = hop.what in LEADING and hop.resource in ways and hop.verdict == "ok"
        if hop in deciding or leads:
            resources = (hop.resource,) if hop.resource else blocker.resources
            source = _read_by(room, repair, resources, is_blocker=hop.blocker == blocker)
            found.append(Evidence(what=short(hop), source=source))
    if not deciding:
        source = _read_by(room, repair, blocker.resources, is_blocker=True)
        found.append(Evidence(what=blocker.says.removesuffix("."), source=source))
    return tuple(dict.fromkeys(found))


def _deciding(trace: Trace, blocker: Blocker) -> list[Hop]:
    """The hops of this very blocker, else those that stopped the leg for the same reason at one of its resources."""
    own = [hop for hop in trace.hops if hop.blocker == blocker]
    alike = [hop for hop in trace.hops if hop.blocker and type(hop.blocker) is type(blocker)]
    return own or [hop for hop in alike if hop.resource in blocker.resources]


def _read_by(room: AnyFault, repair: Repair[Blocker], resources: tuple[str, ...], *, is_blocker: bool) -> str:
    """The IAM action behind a hop or the blocker itself."""
    launch_call = _launch_call(repair.interface)
    if is_blocker and room.told_by_interface:
        return launch_call
    if is_blocker and room.read_by:
        return room.read_by
    # Where the leg begins tells less than what else is named. What no call of ours lists was named by what led to it.
    led = repair.blocker.resources if is_blocker else ()
    for item in (*sorted(resources, key=_is_subnet), *sorted(led, key=_is_subnet)):
        for prefix, action in READ_BY.items():
            if item.startswith(prefix):
                return action
    return room.read_by or launch_call


def _is_subnet(resource: str) -> bool:
    return resource.startswith("subnet-")


def _launch_call(interface: Interface) -> str:
    """The IAM action that told of the interface, its groups and its public address."""
    if interface.kind == "container_instance":
        return "ec2:DescribeInstances"
    if interface.told_by.startswith("network interface"):
        return "ec2:DescribeNetworkInterfaces"
    return "ecs:DescribeServices" if interface.told_by != "nothing" else "ecs:DescribeTasks"


def speaks_of(symptom: Symptom, leg: Leg) -> bool:
    """True if an error text may be about this leg, by the step and the host that it names."""
    return symptom.stage in (None, leg.stage) and (symptom.host is None or leg.is_at(symptom.host))
