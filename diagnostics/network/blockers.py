"""What may stop a leg, as typed records: one class for each kind of blocking, with the ids that its repair needs.

The steps of a trace make them; the rooms of `diagnostics.faults.network` say which fault each kind means and repair it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from diagnostics.image_reference import HTTPS_PORT
from diagnostics.pull import Leg


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One thing that stops the leg.

    `resources` name exactly what must change or what the missing thing belongs to, most telling first. `says` is one
    sentence with the real ids. `route_table_id` is the table whose route led to where the leg stops, if one did.
    """

    resources: tuple[str, ...]
    says: str
    route_table_id: str | None = None


BlockerKind = type[Blocker]
"""A kind of blocking. What a trace has ruled on, and what a missing fact could hide, are kinds."""


@dataclass(frozen=True, kw_only=True)
class Reroutable(Blocker):
    """A blocking that a route to a NAT gateway would end; `usable_nat_gateway_id` is one of the VPC, if it has one."""

    usable_nat_gateway_id: str | None = None


# --- routes ------------------------------------------------------------------------------------------


class NoWayOut(Reroutable):
    """The subnet's table has no route that leads out, and no endpoint takes its place."""


@dataclass(frozen=True, kw_only=True)
class RouteToNothing(Reroutable):
    """A route whose target is gone. `subnet_id` is the subnet of the table: the pulling one, or that of a NAT gateway."""

    route_table_id: str = field()
    subnet_id: str
    destination: str
    target: str


@dataclass(frozen=True, kw_only=True)
class NatGatewayUnusable(Reroutable):
    """The NAT gateway on the route is not in service, or private."""

    nat_gateway_id: str
    state: str
    destination: str = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NatWithoutInternetGateway(Reroutable):
    """A NAT gateway whose own table leads to no internet gateway. A regional one stands in no subnet."""

    nat_gateway_id: str
    nat_subnet_id: str | None
    nat_route_table_id: str


@dataclass(frozen=True, kw_only=True)
class NatInstanceUnusable(Reroutable):
    """A NAT instance that cannot forward. Either of its ids may be unknown, and so may its state."""

    instance_id: str | None = None
    interface_id: str | None = None
    state: str | None = None
    destination: str = "0.0.0.0/0"


class NoPublicAddress(Reroutable):
    """The route leads to an internet gateway, and the interface that pulls has no public address."""


@dataclass(frozen=True, kw_only=True)
class PublicAccessBlocked(Blocker):
    """VPC Block Public Access is on; `exclusion_id` is an exclusion that does not suffice for this way."""

    exclusion_id: str | None = None


class FirewallOnRoute(Blocker):
    """The route leads through a firewall or appliance, which may interfere."""


@dataclass(frozen=True, kw_only=True)
class RegionOutOfReach(Reroutable):
    """The image is in `image_region`, which no endpoint of the VPC serves and no route leads to."""

    image_region: str


@dataclass(frozen=True, kw_only=True)
class WrongAddressFamily(Reroutable):
    """Names, routes or endpoints that do not speak the address family of the subnet.

    `route_target`: what the one route that does not fit leads to. `endpoint_id`: the endpoint that is not dual-stack.
    """

    route_target: str | None = None
    endpoint_id: str | None = None


# --- filters -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GroupBlocksOut(Blocker):
    """The puller's security groups do not let the leg out.

    `peer_cidrs` are the ranges at the other end that a rule must name (an endpoint's subnets, S3's ranges, 0.0.0.0/0
    only where nothing narrower will do); with an endpoint `endpoint_group_ids` are its groups. `port` is the leg's.
    """

    group_id: str
    port: int = HTTPS_PORT
    peer_cidrs: tuple[str, ...] = field(default=(), compare=False)
    endpoint_group_ids: tuple[str, ...] = ()
    prefix_list_id: str | None = None


class GroupBlocksS3(GroupBlocksOut):
    """The puller's security groups let the leg out to ECR, and not to Amazon S3."""


@dataclass(frozen=True, kw_only=True)
class EndpointGroupBlocksIn(Blocker):
    """The security groups of an endpoint do not let the puller in, whose ranges are `peer_cidrs`."""

    group_id: str
    endpoint_id: str
    peer_cidrs: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class AclBlocks(Blocker):
    """A network ACL denies packets of the leg in one direction.

    `rule_number` is that of the first entry that denies, `free_rule_number` one for a new entry that is read before it.
    `port` is that of the request.
    """

    network_acl_id: str
    direction: Literal["egress", "ingress"]
    rule_number: int
    free_rule_number: int | None
    port: int = HTTPS_PORT
    peer_cidrs: tuple[str, ...] = field(default=(), compare=False)


class AclBlocksRequest(AclBlocks):
    """The request is denied."""


class AclBlocksAnswers(AclBlocks):
    """The answers to ephemeral ports are denied, all or some of them."""


Filter = GroupBlocksOut | EndpointGroupBlocksIn | AclBlocks
"""What one more rule opens: several of one kind at the same resources are one, with the ranges of all."""


# --- endpoints ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class EndpointMissing(Blocker):
    """The VPC has no endpoint for the leg's service, whose full name is `endpoint_service`."""

    endpoint_service: str


@dataclass(frozen=True, kw_only=True)
class GatewayOffTable(Blocker):
    """S3's gateway endpoint serves other route tables (`gateway_table_ids`), not that of the pulling subnet."""

    route_table_id: str = field()
    endpoint_id: str
    endpoint_service: str
    gateway_table_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PrivateDnsOff(Blocker):
    """The endpoint is there, and the service's own name does not lead to it."""

    endpoint_id: str
    endpoint_service: str
    subnet_ids: tuple[str, ...]
    endpoint_group_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class EndpointNotAvailable(Blocker):
    """The endpoint is there and not in service."""

    endpoint_id: str
    endpoint_service: str
    state: str | None


# --- names -------------------------------------------------------------------------------------------

DnsAttribute = Literal["enableDnsSupport", "enableDnsHostnames"]


@dataclass(frozen=True, kw_only=True)
class DnsOff(Blocker):
    """One of the two DNS attributes of the VPC is off."""

    attribute: DnsAttribute


@dataclass(frozen=True, kw_only=True)
class DnsServerUnusable(Blocker):
    """The VPC's own DNS servers cannot be reached, or did not answer."""

    servers: tuple[str, ...]
    dhcp_options_id: str | None


# --- which of them a leg can have --------------------------------------------------------------------

DNS: tuple[BlockerKind, ...] = (DnsOff, DnsServerUnusable)
ACLS: tuple[BlockerKind, ...] = (AclBlocksRequest, AclBlocksAnswers)
NAT: tuple[BlockerKind, ...] = (NatGatewayUnusable, NatWithoutInternetGateway)
BEHIND_THE_ROUTE: tuple[BlockerKind, ...] = (
    NoWayOut, RouteToNothing, *NAT, NatInstanceUnusable, NoPublicAddress, PublicAccessBlocked, WrongAddressFamily,
    FirewallOnRoute,
)  # fmt: skip
"""All that may be wrong with the way that a route opens."""


def of_choice(leg: Leg, task_region: str) -> tuple[BlockerKind, ...]:
    """What the choice between an endpoint and a public address decides about."""
    if leg.service is None:
        return ()
    if leg.region != task_region:
        return (RegionOutOfReach,) if leg.name in ("login", "manifest", "layers") else ()
    s3: tuple[BlockerKind, ...] = (GatewayOffTable,) if leg.service == "s3" else ()
    return (EndpointMissing, PrivateDnsOff, EndpointNotAvailable, *s3)


def of_groups(leg: Leg) -> tuple[BlockerKind, ...]:
    """What the puller's security groups may be blamed for on this leg."""
    return (GroupBlocksOut, GroupBlocksS3) if leg.service == "s3" else (GroupBlocksOut,)


def applicable(leg: Leg, task_region: str) -> tuple[BlockerKind, ...]:
    """Every kind of blocking that this leg can have."""
    endpoint: tuple[BlockerKind, ...] = (EndpointGroupBlocksIn,) if leg.service is not None else ()
    return (*DNS, *of_choice(leg, task_region), *endpoint, *BEHIND_THE_ROUTE, *of_groups(leg), *ACLS)
