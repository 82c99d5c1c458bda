"""Internet gateways and egress-only internet gateways, and what a packet needs to pass them.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
"""

from __future__ import annotations

from diagnostics.network import block_public_access, faults
from diagnostics.network.path import Path, Way, is_attached, outcome_of, present, usable_nat_gateway
from diagnostics.network.ruling import Ruling, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import Blocker
from diagnostics.snapshot import Known, Unavailable


def attached(
    path: Path, gateway_id: str, resources: tuple[str, ...], facts: dict[str, str], *could_hide: str
) -> Ruling:
    """Whether an internet gateway is attached to the VPC.

    Args:
        resources: what a detached gateway is blamed on.
        could_hide: what lies behind this gateway.
    """
    what = "internet gateway"
    fact = path.vpc.internet_gateways
    if isinstance(fact, Unavailable):
        hidden = (faults.ROUTE_BLACKHOLE, *could_hide)
        return cannot_tell(
            what, gateway_id, missing(f"whether {gateway_id} is attached", fact, hidden, gateway_id)
        )
    every = fact.value if isinstance(fact, Known) else ()
    if any(item.internet_gateway_id == gateway_id and is_attached(item, path.vpc.vpc_id) for item in every):
        return passed(
            what, gateway_id, f"{gateway_id} is attached to {path.vpc.vpc_id}", faults.ROUTE_BLACKHOLE
        )
    says = f"The route leads to {gateway_id}, which is not attached to {path.vpc.vpc_id}."
    return blocked(
        what,
        gateway_id,
        Blocker(
            fault=faults.ROUTE_BLACKHOLE,
            resources=resources,
            says=says,
            facts={**facts, "internet_gateway_id": gateway_id},
        ),
    )


def through_internet_gateway(
    path: Path, gateway_id: str, resources: tuple[str, ...], facts: dict[str, str], family: int
) -> Way:
    """A route straight to an internet gateway: the interface needs a public address of its own."""
    ruling = attached(path, gateway_id, resources, facts)
    if family == 4:
        ruling = ruling + _public_address(path, gateway_id, facts)
    ruling = ruling + block_public_access.judge(path, path.subnet_id, direct=True)
    return Way(ruling, "internet_gateway", outcome_of(ruling), tuple(facts.items()))


def _public_address(path: Path, gateway_id: str, facts: dict[str, str]) -> Ruling:
    fault, what = faults.NO_PUBLIC_IP, "public address"
    interface = path.interface
    fact = interface.public_ip
    name = interface.interface_id or interface.instance_id or path.subnet_id
    if isinstance(fact, Unavailable):
        return cannot_tell(
            what,
            name,
            missing(f"whether the interface in {path.subnet_id} has a public address", fact, (fault,)),
        )
    if isinstance(fact, Known) and fact.value:
        return passed(what, name, f"{name} has a public IPv4 address ({interface.told_by})", fault)
    resources = (path.subnet_id, interface.instance_id) if interface.instance_id else (path.subnet_id,)
    setting = "instance" if interface.kind == "container_instance" else "DISABLED"
    says = (
        f"{path.subnet_id} routes to {gateway_id}, and {interface.told_by} gives the interface that pulls no public "
        "address, so the internet gateway drops its packets."
    )
    more = {
        **facts,
        **present(
            internet_gateway_id=gateway_id,
            public_ip_setting=setting,
            usable_nat_gateway_id=usable_nat_gateway(path.vpc),
        ),
    }
    return blocked(what, name, Blocker(fault=fault, resources=resources, says=says, facts=more))


def through_egress_only_gateway(
    path: Path, gateway_id: str, resources: tuple[str, ...], facts: dict[str, str]
) -> Way:
    """A route to an egress-only internet gateway: IPv6 out, answers in, no public IPv4 address needed."""
    fact = path.vpc.egress_only_internet_gateways
    what = "egress-only internet gateway"
    if isinstance(fact, Unavailable):
        hidden = (faults.ROUTE_BLACKHOLE,)
        ruling = cannot_tell(
            what, gateway_id, missing(f"whether {gateway_id} is attached", fact, hidden, gateway_id)
        )
    elif isinstance(fact, Known) and any(
        item.egress_only_internet_gateway_id == gateway_id for item in fact.value
    ):
        ruling = passed(what, gateway_id, f"{gateway_id} lets IPv6 out", faults.ROUTE_BLACKHOLE)
    else:
        says = f"The route leads to {gateway_id}, which {path.vpc.vpc_id} does not have."
        ruling = blocked(
            what,
            gateway_id,
            Blocker(fault=faults.ROUTE_BLACKHOLE, resources=resources, says=says, facts=facts),
        )
    ruling = ruling + block_public_access.judge(path, path.subnet_id, direct=False)
    return Way(ruling, "egress_only_internet_gateway", outcome_of(ruling), tuple(facts.items()))
