"""The VPC endpoint that carries a request of a pull, if one does, and the condition keys that follow from the way."""

from __future__ import annotations

from diagnostics.faults.base import World, once
from diagnostics.faults.gaps import in_brackets
from diagnostics.faults.network import meant_by
from diagnostics.finding import Unsettled, together
from diagnostics.network import BlockerKind, Gap, Trace
from diagnostics.network.blockers import (
    DnsOff,
    DnsServerUnusable,
    EndpointMissing,
    GatewayOffTable,
    NoWayOut,
    PrivateDnsOff,
    PublicAccessBlocked,
)
from diagnostics.policy import ContextValue, through_endpoint, through_internet
from diagnostics.pull import ContainerImage, Interface, Leg, LegName
from diagnostics.snapshot import Known, Model, Unavailable, VpcEndpoint, known_value

_OVER_THE_INTERNET = ("nat_gateway", "internet_gateway", "egress_only_internet_gateway")
# What would send a leg another way than through the endpoint that should carry it.
_DIVERTING: tuple[BlockerKind, ...] = (
    PrivateDnsOff, DnsOff, DnsServerUnusable, GatewayOffTable, EndpointMissing, NoWayOut,
)  # fmt: skip


class Way(Model):
    """How one leg leaves: through which endpoint, or over public addresses; or why that is not known.

    `blocked` names the faults that stop it before any endpoint is reached.
    `elsewhere` is set where the leg leaves by an interface that AWS owns, so that no endpoint of the VPC carries it.
    """

    leg: Leg
    endpoint: VpcEndpoint | None = None
    over_internet: bool = False
    elsewhere: bool = False
    unknown: Unsettled | None = None
    blocked: str | None = None
    trace: Trace | None = None


def leg_of(world: World, image: ContainerImage, name: LegName) -> Leg | None:
    """The leg of that name of one image's pull."""
    return next((leg for leg in world.legs(image) if leg.name == name and _serves(leg, image)), None)


def _serves(leg: Leg, image: ContainerImage) -> bool:
    reference = image.reference
    return reference is None or reference.region is None or leg.region == reference.region


@once
def way_of(world: World, leg: Leg, interface: Interface | None) -> Way:
    """Follows one leg, as far as what decides about its policies goes."""
    if leg.by == "aws":
        return Way(leg=leg, elsewhere=True)
    if interface is None:
        return Way(leg=leg, unknown=Unsettled(words="the interface that pulls is not known"))
    if isinstance(interface.vpc_id, Unavailable):
        return Way(leg=leg, unknown=Unsettled.by(interface.vpc_id))
    trace = world.trace(leg, interface)
    if trace.endpoint_id is not None and (open_end := _may_lead_elsewhere(trace)):
        return Way(leg=leg, trace=trace, unknown=open_end)
    if trace.endpoint_id is not None:
        endpoints = world.vpc(interface).vpc_endpoints
        every = endpoints.value if isinstance(endpoints, Known) else ()
        found = next((item for item in every if item.vpc_endpoint_id == trace.endpoint_id), None)
        why = Unsettled.by(endpoints) if isinstance(endpoints, Unavailable) else Unsettled(words="it is gone")
        return Way(leg=leg, endpoint=found, trace=trace, unknown=None if found else why)
    over_internet = trace.via in _OVER_THE_INTERNET and _is_settled(trace)
    if trace.disposition == "reachable" or over_internet:
        return Way(leg=leg, trace=trace, over_internet=over_internet)
    stops = (item for item in trace.blockers if not isinstance(item, PublicAccessBlocked))
    faults = ", ".join(dict.fromkeys(meant_by(item, leg).id for item in stops))
    if faults:
        return Way(leg=leg, trace=trace, blocked=f"{leg.host} cannot be reached: {faults}")
    return Way(leg=leg, trace=trace, unknown=_not_known(trace, trace.missing))


def _is_settled(trace: Trace) -> bool:
    """The way is clear, though it is blocked or not known to be open.

    VPC Block Public Access stops packets on their way to an internet gateway, or does not; it sends none another way.
    """
    stopped = {type(item) for item in trace.blockers}
    hidden = {kind for item in trace.missing for kind in item.could_hide}
    return stopped | hidden <= {PublicAccessBlocked}


def _may_lead_elsewhere(trace: Trace) -> Unsettled | None:
    """Why it is not certain that the endpoint carries the leg, though it is the one that should."""
    diverting = tuple(item for item in trace.missing if any(kind in _DIVERTING for kind in item.could_hide))
    return _not_known(trace, diverting) if diverting else None


def _not_known(trace: Trace, missing: tuple[Gap, ...]) -> Unsettled:
    return together([in_brackets(item) for item in missing]).within(
        f"the way to {trace.host} is not known: {{}}"
    )


def network_keys(world: World, way: Way, interface: Interface | None) -> dict[str, ContextValue]:
    """The condition keys that follow from the way; a way that is not known says nothing of them."""
    if interface is None or way.elsewhere:
        return {}
    if way.endpoint is not None:
        vpc = interface.vpc_id.value if isinstance(interface.vpc_id, Known) else None
        return through_endpoint(way.endpoint.vpc_endpoint_id, vpc, interface.private_ip)
    return through_internet(_public_address(world, way, interface)) if way.over_internet else {}


def _public_address(world: World, way: Way, interface: Interface) -> str | None:
    """The address that ECR sees: that of the NAT gateway on the way where it has just one, else the interface's own."""
    if way.trace is None or way.trace.via == "egress_only_internet_gateway":
        return None
    if way.trace.via == "nat_gateway":
        gateways = known_value(world.vpc(interface).nat_gateways) or ()
        passed = {hop.resource for hop in way.trace.hops}
        addresses = {
            address.public_ip
            for gateway in gateways
            if gateway.nat_gateway_id in passed
            for address in gateway.nat_gateway_addresses
        }
        return next(iter(addresses)) if len(addresses) == 1 else None
    own = known_value(world.snapshot.task_interface) if interface.kind == "task" else None
    if own is not None and own.association is not None:
        return own.association.public_ip
    host = known_value(world.snapshot.instance)
    return host.public_ip_address if host is not None and interface.kind == "container_instance" else None
