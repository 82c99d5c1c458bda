"""Saved networks: one leg of one world each, and what the trace must say about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from diagnostics.faults.network import ROOMS
from diagnostics.finding import Disposition
from diagnostics.network import BlockerKind, Trace, Via, trace
from diagnostics.network import blockers as b
from diagnostics.pull import Interface, Leg, LegName, describe
from diagnostics.snapshot import Snapshot, VpcFacts, known_value
from tests.build import (
    S3_CIDRS,
    S3_LIST,
    Edit,
    absent,
    add_endpoints,
    add_s3_endpoint,
    changed,
    definition_of,
    ec2,
    endpoint_of,
    endpoints,
    fargate,
    items_of,
    no_way_out,
    public,
    routes_of,
    task_of,
    tcp,
)
from tests.build import network as e
from tests.build import tasks as t
from tests.build.vpc import interface_endpoint

Base = Callable[[], Snapshot]
Stop = tuple[BlockerKind, tuple[str, ...]]

KINDS: tuple[BlockerKind, ...] = tuple(dict.fromkeys(room.means for room in ROOMS))
"""Every kind of blocking that a fault is made of."""

PRIVATE = "subnet-private-a"
VPC = "vpc-main"


@dataclass(frozen=True)
class Case:
    """A world, the leg that is followed, and the answer.

    `blockers` are pairs of a kind and its resources; `partly` and `hidden` (what a missing fact could hide) are
    kinds of blocking. The hops stand in the golden file.
    """

    name: str
    base: Base
    edits: tuple[Edit, ...]
    leg: LegName
    disposition: Disposition
    via: Via
    blockers: tuple[Stop, ...] = ()
    partly: tuple[BlockerKind, ...] = ()
    hidden: tuple[BlockerKind, ...] = ()
    subnet: str = PRIVATE

    @cached_property
    def snapshot(self) -> Snapshot:
        """The world."""
        return changed(self.base(), *self.edits)


def subject(snapshot: Snapshot, leg: LegName, subnet: str) -> tuple[Leg, Interface]:
    """The leg and the interface of a case."""
    pull = describe(snapshot)
    interfaces = known_value(pull.interfaces) or ()
    return (
        next(item for item in pull.legs if item.name == leg),
        next(item for item in interfaces if item.subnet_id == subnet),
    )


def follow(snapshot: Snapshot, leg: LegName, subnet: str, dialled: str | None = None) -> Trace:
    """The trace of one leg from one subnet."""
    which, interface = subject(snapshot, leg, subnet)
    vpc_id = known_value(interface.vpc_id) or ""
    return trace(which, interface, snapshot.vpcs[vpc_id], task_region=snapshot.region, dialled=dialled)


def follow_in(snapshot: Snapshot, leg: Leg, interface: Interface, vpc: VpcFacts) -> Trace:
    """The trace of one leg in a VPC of which other facts are known."""
    return trace(leg, interface, vpc, task_region=snapshot.region)


def short(found: Trace) -> tuple[str, ...]:
    """The hops of a trace: `!` before those that block, `~` before partly open ones, `?` before open questions."""
    marks = {"ok": "", "blocked": "!", "partly_open": "~", "unknown": "?"}
    return tuple(
        f"{marks[hop.verdict]}{hop.what} {hop.resource}"
        if hop.resource
        else f"{marks[hop.verdict]}{hop.what}"
        for hop in found.hops
    )


def stopped(kind: BlockerKind, *resources: str) -> tuple[Stop, ...]:
    """One blocker."""
    return ((kind, resources),)


NO_EGRESS = stopped(b.NoWayOut, PRIVATE, "rtb-private")
NAT_ROUTE = (PRIVATE, "rtb-private", "nat-main")
NAT_PLACE = ("nat-main", "subnet-public-a", "rtb-public")
OUT, IN = True, False
EPHEMERAL = (1024, 65535)
SPLIT: tuple[BlockerKind, ...] = (
    b.NoWayOut, b.RouteToNothing, b.NatGatewayUnusable, b.NatWithoutInternetGateway, b.PublicAccessBlocked,
    b.FirewallOnRoute, b.AclBlocksRequest, b.AclBlocksAnswers, b.GroupBlocksOut,
    b.EndpointMissing, b.PrivateDnsOff, b.EndpointNotAvailable,
)  # fmt: skip
"""What may be hidden where it is not known which of two routes is taken."""


def both_ecr_endpoints(world: dict[str, object]) -> None:
    """ECR's endpoints beside the NAT gateway."""
    add_endpoints(world, "ecr.api", "ecr.dkr")


def abroad(world: dict[str, Any], *services: str, **more: Any) -> None:
    """Endpoints for services of us-west-2, beside those of the VPC's own Region."""
    for service in services:
        item, interfaces = interface_endpoint(service)
        item.update(
            VpcEndpointId=f"vpce-west-{service.replace('.', '-')}",
            ServiceName=f"com.amazonaws.us-west-2.{service}",
            ServiceRegion="us-west-2",
            **more,
        )
        items_of(world, "vpc_endpoints").append(item)
        e.vpc_of(world)["interfaces"].update(interfaces)


def without_service_names(world: dict[str, Any]) -> None:
    """VPC Lattice's two types of endpoints, which have no service name."""
    for kind in ("Resource", "ServiceNetwork"):
        items_of(world, "vpc_endpoints").append(
            {
                "VpcEndpointId": f"vpce-{kind.lower()}",
                "VpcEndpointType": kind,
                "VpcId": VPC,
                "State": "available",
            }
        )


def gone_group(world: dict[str, Any]) -> None:
    """The task's security group was deleted since."""
    e.vpc_of(world)["security_groups"]["sg-tasks"] = absent("ec2:DescribeSecurityGroups")


WEST = t.image("111122223333.dkr.ecr.us-west-2.amazonaws.com/payments-api:1.4.2")
FIPS = t.image("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/payments-api:1.4.2")
ALL_WEST = ("ecr.api", "ecr.dkr", "s3")


def only_endpoint(*services: str) -> Edit:
    """These endpoints, and no route out."""
    return e.all_of(no_way_out, lambda world: add_endpoints(world, *services))


ROUTES = (
    Case("NAT gateway", fargate, (), "login", "reachable", "nat_gateway"),
    Case("NAT gateway, layers", fargate, (), "layers", "reachable", "nat_gateway"),
    Case("NAT gateway, the service's other subnet", fargate, (), "manifest", "reachable", "nat_gateway", subnet="subnet-private-b"),
    Case("NAT gateway, the interface is still there", fargate, (t.task_interface,), "login", "reachable", "nat_gateway"),
    Case("public address", public, (), "login", "reachable", "internet_gateway", subnet="subnet-public-a"),
    Case("no default route", fargate, (no_way_out,), "login", "blocked", "none", NO_EGRESS),
    Case("no default route, layers", fargate, (no_way_out,), "layers", "blocked", "none", NO_EGRESS),
    Case("no default route, logs", fargate, (no_way_out,), "logs", "blocked", "none", NO_EGRESS),
    Case("no default route, an outside registry", fargate, (no_way_out, t.image("nginx:1.27")), "manifest", "blocked", "none", NO_EGRESS),
    Case("no default route on EC2", ec2, (no_way_out,), "manifest", "blocked", "none", NO_EGRESS),
    Case("a peering connection carries no internet traffic", fargate, (e.default_route(VpcPeeringConnectionId="pcx-1"),), "login", "insufficient_information", "peering", partly=(b.NoWayOut,), hidden=(b.FirewallOnRoute,)),
    Case("a peered network beside no default route", fargate, (no_way_out, e.route("10.9.0.0/16", VpcPeeringConnectionId="pcx-1")), "login", "insufficient_information", "none", partly=(b.NoWayOut,), hidden=(b.FirewallOnRoute,)),
    Case("the main table decides without an association", fargate, (lambda w: items_of(w, "route_tables").pop(2),), "login", "blocked", "none", stopped(b.NoWayOut, PRIVATE, "rtb-main")),
    Case("an unused broken table", fargate, (e.route("0.0.0.0/0", "rtb-main", GatewayId="igw-gone"),), "login", "reachable", "nat_gateway"),
    Case("deleted NAT gateway", fargate, (e.no_nat_gateway,), "login", "blocked", "nat_gateway", stopped(b.RouteToNothing, *NAT_ROUTE)),
    Case("deleted NAT gateway that AWS still shows", fargate, (e.nat(State="deleted"), e.default_route(state="blackhole", NatGatewayId="nat-main")), "login", "blocked", "nat_gateway", stopped(b.RouteToNothing, *NAT_ROUTE)),
    Case("failed NAT gateway", fargate, (e.nat(State="failed", FailureMessage="no free address"), e.default_route(state="blackhole", NatGatewayId="nat-main")), "login", "blocked", "nat_gateway", stopped(b.NatGatewayUnusable, *NAT_ROUTE)),
    Case("pending NAT gateway", fargate, (e.nat(State="pending"),), "manifest", "blocked", "nat_gateway", stopped(b.NatGatewayUnusable, *NAT_ROUTE)),
    Case("private NAT gateway", fargate, (e.nat(ConnectivityType="private"),), "login", "blocked", "nat_gateway", stopped(b.NatGatewayUnusable, *NAT_ROUTE)),
    Case("private NAT gateway before a transit gateway", fargate, (e.nat(ConnectivityType="private"), e.default_route("rtb-public", TransitGatewayId="tgw-1")), "login", "insufficient_information", "nat_gateway", hidden=(b.NatGatewayUnusable, b.NatWithoutInternetGateway, b.FirewallOnRoute)),
    Case("NAT gateway in a private subnet", fargate, (e.nat(SubnetId="subnet-private-b"),), "login", "blocked", "nat_gateway", stopped(b.NatWithoutInternetGateway, "nat-main", "subnet-private-b", "rtb-private")),
    Case("NAT gateway whose subnet has no default route", fargate, (e.default_route("rtb-public"),), "layers", "blocked", "nat_gateway", stopped(b.NatWithoutInternetGateway, *NAT_PLACE)),
    Case("NAT gateway whose internet gateway is detached", fargate, (e.no_internet_gateway, e.default_route("rtb-public", "blackhole", GatewayId="igw-main")), "login", "blocked", "nat_gateway", stopped(b.RouteToNothing, "subnet-public-a", "rtb-public", "nat-main")),
    Case("NAT gateway before a transit gateway", fargate, (e.default_route("rtb-public", TransitGatewayId="tgw-1"),), "login", "insufficient_information", "nat_gateway", hidden=(b.NatWithoutInternetGateway, b.RouteToNothing, b.PublicAccessBlocked, b.AclBlocksRequest, b.AclBlocksAnswers, b.FirewallOnRoute)),
    Case("layers leave by the gateway endpoint of the NAT gateway's subnet", fargate, (add_s3_endpoint, e.s3_on_table("rtb-public"), e.default_route("rtb-public")), "layers", "reachable", "nat_gateway"),
    Case("regional NAT gateway", fargate, (e.nat(AvailabilityMode="regional", SubnetId=None, RouteTableId="rtb-public"),), "login", "reachable", "nat_gateway"),
    Case("regional NAT gateway without a route", fargate, (e.nat(AvailabilityMode="regional", SubnetId=None, RouteTableId="rtb-main"),), "login", "blocked", "nat_gateway", stopped(b.NatWithoutInternetGateway, "nat-main", "rtb-main")),
    Case("detached internet gateway", public, (e.no_internet_gateway, e.default_route("rtb-public", "blackhole", GatewayId="igw-main")), "login", "blocked", "none", stopped(b.RouteToNothing, "subnet-public-a", "rtb-public"), subnet="subnet-public-a"),
    Case("no public address", public, (t.public_ip("DISABLED"),), "login", "blocked", "internet_gateway", stopped(b.NoPublicAddress, "subnet-public-a"), subnet="subnet-public-a"),
    Case("no public address on EC2", ec2, (e.default_route(GatewayId="igw-main"),), "manifest", "blocked", "internet_gateway", stopped(b.NoPublicAddress, PRIVATE, "i-0aaaabbbbccccdddd")),
    Case("the public address is not known", public, (t.without_service,), "login", "insufficient_information", "internet_gateway", hidden=(b.GroupBlocksOut, b.NoPublicAddress), subnet="subnet-public-a"),
    Case("transit gateway", fargate, (e.default_route(TransitGatewayId="tgw-1"),), "login", "insufficient_information", "transit_gateway", hidden=(b.FirewallOnRoute, b.NoWayOut)),
    Case("virtual private gateway", fargate, (e.default_route(GatewayId="vgw-1"),), "layers", "insufficient_information", "vpn", hidden=(b.FirewallOnRoute, b.NoWayOut)),
    Case("local gateway", fargate, (e.default_route(LocalGatewayId="lgw-1"),), "login", "insufficient_information", "none", hidden=(b.FirewallOnRoute, b.NoWayOut)),
    Case("no default route, and a hub over a transit gateway", fargate, (no_way_out, e.route("10.0.0.0/8", TransitGatewayId="tgw-1")), "login", "insufficient_information", "none", hidden=(b.NoWayOut, b.WrongAddressFamily)),
    Case("firewall endpoint", fargate, (e.firewall_endpoint,), "login", "insufficient_information", "appliance", partly=(b.FirewallOnRoute,), hidden=(b.NoWayOut,)),
    Case("two halves of the internet to one NAT gateway", fargate, (e.default_route(), e.route("0.0.0.0/1", NatGatewayId="nat-main"), e.route("128.0.0.0/1", NatGatewayId="nat-main")), "login", "reachable", "nat_gateway"),
    Case("a part of the internet elsewhere", fargate, (e.route("52.0.0.0/8", TransitGatewayId="tgw-1"),), "login", "insufficient_information", "none", hidden=SPLIT),
    Case("a part of the internet elsewhere, none of it S3's", fargate, (e.route("44.0.0.0/8", TransitGatewayId="tgw-1"),), "layers", "reachable", "nat_gateway"),
    Case("a prefix list of our own to a NAT gateway", fargate, (e.default_route(), e.prefix_list("pl-ours", "0.0.0.0/1", "128.0.0.0/1"), e.route("pl-ours", NatGatewayId="nat-main")), "login", "reachable", "nat_gateway"),
    Case("a static route wins over a propagated one", fargate, (lambda w: routes_of(w, "rtb-private").insert(0, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "vgw-1", "State": "active", "Origin": "EnableVgwRoutePropagation"}),), "login", "reachable", "nat_gateway"),
    Case("NAT instance", fargate, (e.nat_instance(),), "login", "insufficient_information", "nat_instance", hidden=(b.NatInstanceUnusable, b.FirewallOnRoute, b.NoWayOut, b.RouteToNothing, b.AclBlocksRequest, b.AclBlocksAnswers)),
    Case("NAT instance that checks addresses", fargate, (e.nat_instance(SourceDestCheck=True),), "login", "blocked", "nat_instance", stopped(b.NatInstanceUnusable, PRIVATE, "rtb-private", "i-nat"), hidden=(b.NatInstanceUnusable, b.FirewallOnRoute, b.NoWayOut, b.RouteToNothing, b.AclBlocksRequest, b.AclBlocksAnswers)),
    Case("NAT instance that is stopped", fargate, (e.nat_instance(State="stopped"),), "login", "blocked", "nat_instance", stopped(b.NatInstanceUnusable, PRIVATE, "rtb-private", "i-nat"), hidden=(b.NatInstanceUnusable, b.FirewallOnRoute, b.NoWayOut, b.RouteToNothing, b.AclBlocksRequest, b.AclBlocksAnswers)),
    Case("NAT instance without a public address", fargate, (e.nat_instance(Association=None),), "login", "blocked", "nat_instance", stopped(b.NatInstanceUnusable, PRIVATE, "rtb-private", "i-nat"), hidden=(b.NatInstanceUnusable, b.FirewallOnRoute, b.NoWayOut, b.RouteToNothing, b.AclBlocksRequest, b.AclBlocksAnswers)),
)  # fmt: skip

BLOCK = b.PublicAccessBlocked

BLOCKED_PUBLIC_ACCESS = (
    Case("both directions, NAT gateway", fargate, (e.block_public_access("block-bidirectional"),), "login", "blocked", "nat_gateway", stopped(BLOCK, VPC)),
    Case("both directions, public address", public, (e.block_public_access("block-bidirectional"),), "login", "blocked", "internet_gateway", stopped(BLOCK, VPC), subnet="subnet-public-a"),
    Case("ingress spares NAT gateways", fargate, (e.block_public_access("block-ingress"),), "login", "reachable", "nat_gateway"),
    Case("ingress and a public address", public, (e.block_public_access("block-ingress"),), "login", "blocked", "internet_gateway", stopped(BLOCK, VPC), subnet="subnet-public-a"),
    Case("both directions, the VPC is excluded", fargate, (e.block_public_access("block-bidirectional", (f"vpc/{VPC}", "allow-egress", "create-complete")),), "login", "reachable", "nat_gateway"),
    Case("an exclusion that was deleted", fargate, (e.block_public_access("block-bidirectional", (f"vpc/{VPC}", "allow-egress", "delete-complete")),), "login", "blocked", "nat_gateway", stopped(BLOCK, VPC)),
    Case("egress exclusion and a public address", public, (e.block_public_access("block-bidirectional", (f"vpc/{VPC}", "allow-egress", "create-complete")),), "login", "blocked", "internet_gateway", stopped(BLOCK, VPC), subnet="subnet-public-a"),
    Case("the public subnet is excluded", public, (e.block_public_access("block-bidirectional", ("subnet/subnet-public-a", "allow-bidirectional", "update-complete")),), "login", "reachable", "internet_gateway", subnet="subnet-public-a"),
    Case("only the NAT gateway's subnet is excluded", fargate, (e.block_public_access("block-bidirectional", ("subnet/subnet-public-a", "allow-egress", "create-complete")),), "login", "insufficient_information", "nat_gateway", hidden=(BLOCK,)),
    Case("another subnet is excluded", fargate, (e.block_public_access("block-bidirectional", ("subnet/subnet-public-b", "allow-bidirectional", "create-complete")),), "login", "blocked", "nat_gateway", stopped(BLOCK, VPC)),
    Case("endpoints do not care", endpoints, (e.block_public_access("block-bidirectional"),), "login", "reachable", "interface_endpoint"),
    Case("the gateway endpoint does not care", endpoints, (e.block_public_access("block-bidirectional"),), "layers", "reachable", "gateway_endpoint"),
    Case("the mode could not be read", fargate, (e.unread("block_public_access", call="ec2:DescribeVpcBlockPublicAccessOptions"),), "login", "insufficient_information", "nat_gateway", hidden=(BLOCK,)),
)  # fmt: skip

SG_TASKS = stopped(b.GroupBlocksOut, "sg-tasks")
S3_CLOSED = stopped(b.GroupBlocksS3, "sg-tasks")
DATABASE = tcp(5432, IpRanges=[{"CidrIp": "10.0.0.0/16"}])

GROUPS = (
    Case("a group without rules", fargate, (e.egress(),), "login", "blocked", "nat_gateway", SG_TASKS),
    Case("a group for the database only", fargate, (e.egress(DATABASE),), "layers", "blocked", "nat_gateway", SG_TASKS),
    Case("443 to the VPC only, behind a NAT gateway", fargate, (e.egress(e.to_cidr("10.0.0.0/16")),), "login", "blocked", "nat_gateway", SG_TASKS),
    Case("443 to the VPC only, behind a NAT gateway, layers", fargate, (e.egress(e.to_cidr("10.0.0.0/16")),), "layers", "blocked", "nat_gateway", SG_TASKS),
    Case("443 to everywhere", fargate, (e.egress(e.to_cidr("0.0.0.0/0")),), "layers", "reachable", "nat_gateway"),
    Case("443 to both halves of everywhere", fargate, (e.egress(e.to_cidr("0.0.0.0/1"), e.to_cidr("128.0.0.0/1")),), "login", "reachable", "nat_gateway"),
    Case("443 to a part of the internet", fargate, (e.egress(e.to_cidr("52.0.0.0/8")),), "login", "insufficient_information", "nat_gateway", hidden=(b.GroupBlocksOut,)),
    Case("a second group lets out", fargate, (e.egress(), e.new_group("sg-more", [e.to_cidr("0.0.0.0/0")], []), e.puller_groups("sg-tasks", "sg-more")), "login", "reachable", "nat_gateway"),
    Case("two closed groups", fargate, (e.egress(), e.new_group("sg-more", [], []), e.puller_groups("sg-tasks", "sg-more")), "login", "blocked", "nat_gateway", stopped(b.GroupBlocksOut, "sg-tasks", "sg-more")),
    Case("a second group could not be read", fargate, (e.egress(), e.unread_group("sg-more"), e.puller_groups("sg-tasks", "sg-more")), "login", "insufficient_information", "nat_gateway", hidden=(b.GroupBlocksOut,)),
    Case("a second group could not be read, and the first lets out", fargate, (e.unread_group("sg-more"), e.puller_groups("sg-tasks", "sg-more")), "login", "reachable", "nat_gateway"),
    Case("the interface is gone and nobody tells the groups", fargate, (t.without_service,), "login", "insufficient_information", "nat_gateway", hidden=(b.GroupBlocksOut,)),
    Case("port 53 is of no interest to Amazon's DNS", fargate, (e.egress(e.to_cidr("0.0.0.0/0")),), "manifest", "reachable", "nat_gateway"),
    Case("443 to the endpoints' group", endpoints, (e.egress(e.to_group("sg-endpoints")),), "login", "reachable", "interface_endpoint"),
    Case("443 to the endpoints' group, layers", endpoints, (e.egress(e.to_group("sg-endpoints")),), "layers", "blocked", "gateway_endpoint", S3_CLOSED),
    Case("443 to the endpoints' group and S3's list", endpoints, (e.egress(e.to_group("sg-endpoints"), e.to_list(S3_LIST)),), "layers", "reachable", "gateway_endpoint"),
    Case("443 to the VPC only, layers", endpoints, (e.egress(e.to_cidr("10.0.0.0/16")),), "layers", "blocked", "gateway_endpoint", S3_CLOSED),
    Case("443 to the VPC and a part of S3", endpoints, (e.egress(e.to_cidr("10.0.0.0/16"), e.to_cidr("52.216.0.0/15")),), "layers", "reachable", "gateway_endpoint", partly=(b.GroupBlocksS3,)),
    Case("443 to S3's ranges one by one", endpoints, (e.egress(*(e.to_cidr(cidr) for cidr in S3_CIDRS)),), "layers", "reachable", "gateway_endpoint"),
    Case("443 to S3 only", endpoints, (e.egress(e.to_list(S3_LIST)),), "login", "blocked", "interface_endpoint", SG_TASKS),
    Case("443 to another group", endpoints, (e.egress(e.to_group("sg-other")),), "manifest", "blocked", "interface_endpoint", SG_TASKS),
    Case("443 to one address of the endpoint", endpoints, (e.egress(e.to_cidr("10.0.10.0/24")),), "login", "reachable", "interface_endpoint", partly=(b.GroupBlocksOut,)),
    Case("a closed task group on EC2", ec2, (e.new_group("sg-tasks", [], []),), "manifest", "reachable", "nat_gateway"),
    Case("a closed host group on EC2", ec2, (e.egress(group="sg-hosts"),), "login", "blocked", "nat_gateway", stopped(b.GroupBlocksOut, "sg-hosts")),
    Case("no route, and nothing let out: both", fargate, (no_way_out, e.egress()), "login", "blocked", "none", ((b.GroupBlocksOut, ("sg-tasks",)), *NO_EGRESS)),
    Case("no route, and 443 let out inside only: the route", fargate, (no_way_out, e.egress(e.to_cidr("10.0.0.0/16"))), "login", "blocked", "none", NO_EGRESS),
)  # fmt: skip

ENDPOINT_SG = stopped(b.EndpointGroupBlocksIn, "sg-endpoints")

ENDPOINTS = (
    Case("endpoints, log-in", endpoints, (), "login", "reachable", "interface_endpoint"),
    Case("endpoints, manifest", endpoints, (), "manifest", "reachable", "interface_endpoint"),
    Case("endpoints, layers", endpoints, (), "layers", "reachable", "gateway_endpoint"),
    Case("endpoints, logs", endpoints, (), "logs", "reachable", "interface_endpoint"),
    Case("endpoints in a subnet of their own", endpoints, (e.in_subnet_of_their_own,), "manifest", "reachable", "interface_endpoint"),
    Case("an endpoint is used beside a NAT gateway", fargate, (both_ecr_endpoints,), "login", "reachable", "interface_endpoint"),
    Case("no S3 endpoint beside a NAT gateway", fargate, (both_ecr_endpoints,), "layers", "reachable", "nat_gateway"),
    Case("S3's endpoint is used beside a NAT gateway", fargate, (add_s3_endpoint,), "layers", "reachable", "gateway_endpoint"),
    Case("the group of an endpoint admits others, despite a NAT gateway", fargate, (both_ecr_endpoints, e.ingress(e.to_cidr("10.0.11.0/24"))), "manifest", "blocked", "interface_endpoint", ENDPOINT_SG),
    Case("the same endpoint from the subnet that it admits", fargate, (both_ecr_endpoints, e.ingress(e.to_cidr("10.0.11.0/24"))), "manifest", "reachable", "interface_endpoint", subnet="subnet-private-b"),
    Case("the group of an endpoint admits the tasks' group", endpoints, (e.ingress(e.to_group("sg-tasks")),), "login", "reachable", "interface_endpoint"),
    Case("the group of an endpoint admits another group", endpoints, (e.ingress(e.to_group("sg-bastion")),), "login", "blocked", "interface_endpoint", ENDPOINT_SG),
    Case("the group of an endpoint admits port 80", endpoints, (e.ingress(tcp(80, IpRanges=[{"CidrIp": "0.0.0.0/0"}])),), "logs", "blocked", "interface_endpoint", ENDPOINT_SG),
    Case("the group of an endpoint could not be read", endpoints, (e.unread_group("sg-endpoints"),), "login", "insufficient_information", "interface_endpoint", hidden=(b.EndpointGroupBlocksIn,)),
    Case("no endpoint for ecr.api", endpoints, (e.without_endpoint("ecr.api"),), "login", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for ecr.dkr", endpoints, (e.without_endpoint("ecr.dkr"),), "manifest", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for ecr.dkr, and 443 let out inside only", endpoints, (e.without_endpoint("ecr.dkr"), e.egress(e.to_group("sg-endpoints"))), "manifest", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for S3", endpoints, (e.without_endpoint("s3"),), "layers", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for logs", endpoints, (e.without_endpoint("logs"),), "logs", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for the secret", endpoints, (t.secret("arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"),), "secretsmanager", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("no endpoint for the parameter", endpoints, (t.secret("/payments/password"),), "ssm", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("none of ECR's endpoints: the route", endpoints, (e.without_endpoint("ecr.api", "ecr.dkr"),), "login", "blocked", "none", NO_EGRESS),
    Case("none of ECR's endpoints, layers", endpoints, (e.without_endpoint("ecr.api", "ecr.dkr"),), "layers", "reachable", "gateway_endpoint"),
    Case("a broken NAT gateway beside endpoints: the layers' route", endpoints, (e.without_endpoint("s3"), e.no_nat_gateway), "layers", "blocked", "nat_gateway", stopped(b.RouteToNothing, *NAT_ROUTE)),
    Case("a broken NAT gateway that no leg uses", endpoints, (e.no_nat_gateway,), "layers", "reachable", "gateway_endpoint"),
    Case("a broken endpoint that the leg does not use", endpoints, (e.endpoint("logs", State="failed"),), "login", "reachable", "interface_endpoint"),
    Case("S3's endpoint on another table", endpoints, (e.s3_on_table("rtb-main"),), "layers", "blocked", "none", stopped(b.GatewayOffTable, "vpce-s3", "rtb-private")),
    Case("S3's endpoint on another table, beside a NAT gateway", fargate, (add_s3_endpoint, e.s3_on_table("rtb-main")), "layers", "reachable", "nat_gateway"),
    Case("S3's endpoint on another table, and a deleted NAT gateway", endpoints, (e.s3_on_table("rtb-main"), e.no_nat_gateway), "layers", "blocked", "nat_gateway", ((b.RouteToNothing, NAT_ROUTE), (b.GatewayOffTable, ("vpce-s3", "rtb-private")))),
    Case("private DNS off", endpoints, (e.endpoint("ecr.dkr", PrivateDnsEnabled=False),), "manifest", "blocked", "none", stopped(b.PrivateDnsOff, "vpce-ecr-dkr")),
    Case("private DNS off, beside a NAT gateway", fargate, (both_ecr_endpoints, e.endpoint("ecr.dkr", PrivateDnsEnabled=False)), "manifest", "reachable", "nat_gateway"),
    Case("private DNS off, and the group shut: both", endpoints, (e.endpoint("ecr.dkr", PrivateDnsEnabled=False), e.ingress()), "manifest", "blocked", "none", ((b.PrivateDnsOff, ("vpce-ecr-dkr",)), *ENDPOINT_SG)),
    Case("two endpoints of one service, one with private DNS", endpoints, (lambda w: items_of(w, "vpc_endpoints").insert(0, {**endpoint_of(w, "ecr.api"), "VpcEndpointId": "vpce-other", "PrivateDnsEnabled": False}),), "login", "reachable", "interface_endpoint"),
    Case("an endpoint that waits for acceptance", endpoints, (e.endpoint("ecr.api", State="PendingAcceptance"),), "login", "blocked", "none", stopped(b.EndpointNotAvailable, "vpce-ecr-api")),
    Case("an endpoint in a state in other letters", endpoints, (e.endpoint("ecr.api", State="Available"),), "login", "reachable", "interface_endpoint"),
    Case("an endpoint that failed, beside a NAT gateway", fargate, (both_ecr_endpoints, e.endpoint("ecr.api", State="failed")), "login", "reachable", "nat_gateway"),
    Case("S3's gateway endpoint is not in service", endpoints, (e.endpoint("s3", State="deleting"),), "layers", "blocked", "gateway_endpoint", stopped(b.EndpointNotAvailable, "vpce-s3")),
    Case("S3's interface endpoint with private DNS takes the layers", fargate, (e.s3_interface_endpoint(), both_ecr_endpoints), "layers", "reachable", "interface_endpoint"),
    Case("S3's interface endpoint for inbound resolvers only", endpoints, (e.s3_interface_endpoint(DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": True}),), "layers", "reachable", "gateway_endpoint"),
    Case("S3's interface endpoint without private DNS and nothing else", endpoints, (e.without_endpoint("s3"), e.s3_interface_endpoint(PrivateDnsEnabled=False)), "layers", "blocked", "none", stopped(b.PrivateDnsOff, "vpce-s3-interface")),
    Case("an image in another Region, endpoints only", endpoints, (t.image_in("eu-west-1"),), "login", "blocked", "none", stopped(b.RegionOutOfReach, VPC)),
    Case("an image in another Region, layers", endpoints, (t.image_in("eu-west-1"),), "layers", "blocked", "none", stopped(b.RegionOutOfReach, VPC)),
    Case("an image in another Region, beside a NAT gateway", fargate, (t.image_in("eu-west-1"), add_s3_endpoint), "layers", "reachable", "nat_gateway"),
    Case("an image in another Region without any way", fargate, (t.image_in("eu-west-1"), no_way_out), "manifest", "blocked", "none", NO_EGRESS),
    Case("old Fargate logs in outside of the VPC", fargate, (no_way_out, lambda w: task_of(w).update(platformVersion="1.3.0")), "login", "reachable", "none"),
    Case("old Fargate without ecr.api", endpoints, (e.without_endpoint("ecr.api"), lambda w: task_of(w).update(platformVersion="1.3.0")), "manifest", "reachable", "interface_endpoint"),
    Case("only ecr.dkr on old Fargate, layers", fargate, (only_endpoint("ecr.dkr"), lambda w: task_of(w).update(platformVersion="1.3.0")), "layers", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("the endpoints could not be read", fargate, (e.unread("vpc_endpoints", call="ec2:DescribeVpcEndpoints"),), "login", "insufficient_information", "none"),
    Case("a more specific route inside the VPC to a firewall", endpoints, (e.in_subnet_of_their_own, e.route("10.0.40.0/24", GatewayId="vpce-inside")), "login", "insufficient_information", "interface_endpoint", hidden=(b.RouteToNothing, b.FirewallOnRoute)),
)  # fmt: skip

DNS_OFF = stopped(b.DnsOff, VPC)
DNS_SERVER = stopped(b.DnsServerUnusable, VPC, "dopt-own")

NAMES = (
    Case("DNS support off", fargate, (e.attribute("enable_dns_support", False),), "login", "blocked", "nat_gateway", DNS_OFF),
    Case("DNS support off, and the group shut: both", fargate, (e.attribute("enable_dns_support", False), e.egress()), "login", "blocked", "nat_gateway", (*DNS_OFF, *SG_TASKS)),
    Case("DNS host names off, endpoints only", endpoints, (e.attribute("enable_dns_hostnames", False),), "login", "blocked", "none", DNS_OFF),
    Case("DNS host names off, layers over the gateway endpoint", endpoints, (e.attribute("enable_dns_hostnames", False),), "layers", "reachable", "gateway_endpoint"),
    Case("DNS host names off, NAT gateway", fargate, (e.attribute("enable_dns_hostnames", False),), "login", "reachable", "nat_gateway"),
    Case("DNS host names off, endpoints beside a NAT gateway", fargate, (both_ecr_endpoints, e.attribute("enable_dns_hostnames", False)), "login", "reachable", "nat_gateway"),
    Case("the VPC's address plus two is Amazon's", fargate, (e.dns_servers("10.0.0.2"),), "login", "reachable", "nat_gateway"),
    Case("the link-local address is Amazon's", fargate, (e.dns_servers("169.254.169.253"),), "login", "reachable", "nat_gateway"),
    Case("a subnet in a second range", fargate, (e.secondary_range,), "login", "reachable", "nat_gateway"),
    Case("the primary range's address plus two, from a second range", fargate, (e.secondary_range, e.dns_servers("10.0.0.2")), "login", "reachable", "nat_gateway"),
    Case("the primary range's address plus two, no rule for port 53", fargate, (e.secondary_range, e.dns_servers("10.0.0.2"), e.egress(e.to_cidr("0.0.0.0/0"))), "login", "reachable", "nat_gateway"),
    Case("the link-local address, from a second range", fargate, (e.secondary_range, e.dns_servers("169.254.169.253")), "login", "reachable", "nat_gateway"),
    Case("the group of an endpoint admits the first range only", endpoints, (e.secondary_range,), "login", "blocked", "interface_endpoint", ENDPOINT_SG),
    Case("the group of an endpoint admits both ranges", endpoints, (e.secondary_range, e.ingress(e.to_cidr("10.0.0.0/16"), e.to_cidr("100.64.0.0/16"))), "login", "reachable", "interface_endpoint"),
    Case("a second range's address plus two", fargate, (e.secondary_range, e.dns_servers("100.64.0.2")), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a second range's address plus two, no rule for port 53", fargate, (e.secondary_range, e.dns_servers("100.64.0.2"), e.egress(e.to_cidr("0.0.0.0/0"))), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a second range's address plus two, beside Amazon's", fargate, (e.secondary_range, e.dns_servers("100.64.0.2", "AmazonProvidedDNS")), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a DNS server in the VPC", fargate, (e.dns_servers("10.0.11.53"),), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a DNS server behind a transit gateway", fargate, (e.dns_servers("10.99.0.53"), e.route("10.99.0.0/16", TransitGatewayId="tgw-1")), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a private DNS server over the internet", fargate, (e.dns_servers("10.99.0.53"),), "login", "blocked", "nat_gateway", DNS_SERVER),
    Case("a DNS server in a range of the VPC without subnets", fargate, (e.dns_servers("10.0.200.53"),), "login", "blocked", "nat_gateway", DNS_SERVER),
    Case("a DNS server that no rule lets out to", fargate, (e.dns_servers("10.0.11.53"), e.egress(e.to_cidr("0.0.0.0/0"))), "login", "blocked", "nat_gateway", DNS_SERVER),
    Case("one of two DNS servers may answer", fargate, (e.dns_servers("10.99.0.53", "10.0.11.53"),), "login", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
    Case("a public DNS server", fargate, (e.dns_servers("198.51.100.53"),), "layers", "insufficient_information", "nat_gateway", hidden=(b.DnsServerUnusable,)),
)  # fmt: skip

DUAL_STACK = "111122223333.dkr-ecr.us-east-1.on.aws/payments-api:1.4.2"
ACL_OUT = stopped(b.AclBlocksRequest, "acl-main")
ACL_BACK = stopped(b.AclBlocksAnswers, "acl-main")

ACLS = (
    Case("443 out inside of the VPC only", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT, cidr="10.0.0.0/16"), e.entry(100, IN)),), "login", "blocked", "nat_gateway", stopped(b.AclBlocksRequest, "acl-own")),
    Case("a deny before the allow", fargate, (e.acl(e.entry(90, OUT, "deny", ports=(443, 443)), e.entry(100, OUT), e.entry(100, IN)),), "login", "blocked", "nat_gateway", ACL_OUT),
    Case("a deny after the allow", fargate, (e.acl(e.entry(100, OUT), e.entry(110, OUT, "deny", ports=(443, 443)), e.entry(100, IN)),), "login", "reachable", "nat_gateway"),
    Case("odd rule numbers out of order", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(32766, IN), e.entry(7, OUT, "deny", ports=(22, 22)), e.entry(3, OUT, ports=(443, 443)), e.entry(13, IN, "deny", ports=(3389, 3389))),), "login", "reachable", "nat_gateway"),
    Case("an entry for UDP does not let TCP out", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT, protocol="17"), e.entry(100, IN)),), "manifest", "blocked", "nat_gateway", stopped(b.AclBlocksRequest, "acl-own")),
    Case("a deny for ranges that nobody has", fargate, (e.acl(e.entry(90, OUT, "deny", cidr="203.0.113.0/24"), e.entry(100, OUT), e.entry(100, IN)),), "login", "reachable", "nat_gateway"),
    Case("a deny for a part of the internet", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(90, OUT, "deny", cidr="52.0.0.0/8"), e.entry(100, OUT), e.entry(100, IN)),), "login", "insufficient_information", "nat_gateway", hidden=(b.AclBlocksRequest,)),
    Case("a deny for a part of S3", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(90, OUT, "deny", cidr="52.216.0.0/15"), e.entry(100, OUT), e.entry(100, IN)),), "layers", "reachable", "nat_gateway", partly=(b.AclBlocksRequest,)),
    Case("answers are let in on 443 only", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN, ports=(443, 443))),), "login", "blocked", "nat_gateway", stopped(b.AclBlocksAnswers, "acl-own")),
    Case("answers are let in to Linux's ports", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN, ports=(32768, 61000))),), "login", "reachable", "nat_gateway"),
    Case("answers are let in to a part of the ports", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN, ports=(49152, 65535))),), "login", "reachable", "nat_gateway", partly=(b.AclBlocksAnswers,)),
    Case("one ephemeral port is shut", fargate, (e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(90, IN, "deny", ports=(40000, 40000)), e.entry(100, IN)),), "login", "reachable", "nat_gateway", partly=(b.AclBlocksAnswers,)),
    Case("Windows answers to its own ports", fargate, (lambda w: task_of(w).update(platformFamily="WINDOWS_SERVER_2022_CORE", platformVersion="1.0.0"), lambda w: definition_of(w)["runtimePlatform"].update(operatingSystemFamily="WINDOWS_SERVER_2022_CORE"), e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN, ports=(49152, 65535)))), "login", "reachable", "nat_gateway"),
    Case("both directions shut: both", fargate, (e.own_acl("acl-own", [PRIVATE]),), "login", "blocked", "nat_gateway", ((b.AclBlocksRequest, ("acl-own",)), (b.AclBlocksAnswers, ("acl-own",)))),
    Case("the NAT gateway's subnet lets nothing in from the task", fargate, (e.own_acl("acl-nat", ["subnet-public-a"], e.entry(100, IN, cidr="10.0.11.0/24"), e.entry(110, IN, ports=EPHEMERAL, cidr="52.0.0.0/6"), e.entry(100, OUT), e.entry(120, IN, "deny", cidr="10.0.0.0/16"), e.entry(130, IN)),), "login", "blocked", "nat_gateway", stopped(b.AclBlocksRequest, "acl-nat")),
    Case("the NAT gateway's subnet lets 443 in from the internet only", fargate, (e.own_acl("acl-nat", ["subnet-public-a"], e.entry(100, OUT), e.entry(100, IN, ports=(443, 443))),), "login", "blocked", "nat_gateway", stopped(b.AclBlocksAnswers, "acl-nat")),
    Case("the NAT gateway's subnet lets in Linux's ports", fargate, (e.own_acl("acl-nat", ["subnet-public-a"], e.entry(100, OUT), e.entry(100, IN, ports=(443, 443)), e.entry(110, IN, ports=(32768, 65535))),), "login", "reachable", "nat_gateway", partly=(b.AclBlocksAnswers,)),
    Case("the ACL of another subnet", fargate, (e.own_acl("acl-b", ["subnet-private-b"]),), "login", "reachable", "nat_gateway"),
    Case("the endpoints' subnet lets nothing out to the task", endpoints, (e.in_subnet_of_their_own, e.own_acl("acl-e", ["subnet-endpoints"], e.entry(100, IN), e.entry(100, OUT, ports=(443, 443)))), "login", "blocked", "interface_endpoint", stopped(b.AclBlocksAnswers, "acl-e")),
    Case("the endpoints' subnet lets nothing in", endpoints, (e.in_subnet_of_their_own, e.own_acl("acl-e", ["subnet-endpoints"], e.entry(100, OUT))), "manifest", "blocked", "interface_endpoint", stopped(b.AclBlocksRequest, "acl-e")),
    Case("one of two endpoint subnets is shut", endpoints, (e.own_acl("acl-b", ["subnet-private-b"]),), "login", "reachable", "interface_endpoint", partly=(b.AclBlocksRequest, b.AclBlocksAnswers)),
    Case("no ACL is read inside one subnet", endpoints, (lambda w: [item.update(SubnetIds=[PRIVATE], NetworkInterfaceIds=item["NetworkInterfaceIds"][:1]) for item in items_of(w, "vpc_endpoints") if item["VpcEndpointType"] == "Interface"], e.acl()), "login", "reachable", "interface_endpoint"),
    Case("S3's ranges are not let out", endpoints, (e.acl(e.entry(100, OUT, cidr="10.0.0.0/16"), e.entry(100, IN)),), "layers", "blocked", "gateway_endpoint", ACL_OUT),
    Case("S3's answers are not let in", endpoints, (e.acl(e.entry(100, OUT), e.entry(100, IN, cidr="10.0.0.0/16")),), "layers", "blocked", "gateway_endpoint", ACL_BACK),
    Case("the ACLs could not be read", fargate, (e.unread("network_acls", call="ec2:DescribeNetworkAcls"),), "login", "insufficient_information", "nat_gateway", hidden=(b.AclBlocksRequest, b.AclBlocksAnswers)),
)  # fmt: skip

IPV6 = (
    Case("a dual-stack subnet with a NAT gateway", fargate, (e.ipv6(),), "login", "reachable", "nat_gateway"),
    Case("a dual-stack subnet with IPv6 only on its table", fargate, (e.ipv6(), e.default_route(), e.route("::/0", EgressOnlyInternetGatewayId="eigw-1")), "login", "blocked", "none", stopped(b.WrongAddressFamily, PRIVATE, "rtb-private")),
    Case("an IPv6 route and no IPv6 address", fargate, (e.default_route(), e.route("::/0", EgressOnlyInternetGatewayId="eigw-1")), "login", "blocked", "none", NO_EGRESS),
    Case("an IPv6-only subnet and an IPv4 registry name", fargate, (e.ipv6(native=True), e.route("::/0", EgressOnlyInternetGatewayId="eigw-1")), "manifest", "blocked", "none", stopped(b.WrongAddressFamily, PRIVATE)),
    Case("an IPv6-only subnet without an IPv6 route", fargate, (e.ipv6(native=True),), "login", "blocked", "none", stopped(b.WrongAddressFamily, PRIVATE, "rtb-private")),
    Case("a dual-stack registry name over IPv4", fargate, (e.ipv6(), t.image(DUAL_STACK)), "manifest", "reachable", "nat_gateway"),
    Case("a dual-stack registry name that only IPv6 leads to", fargate, (e.ipv6(), t.image(DUAL_STACK), e.default_route(), e.route("::/0", EgressOnlyInternetGatewayId="eigw-1")), "manifest", "insufficient_information", "none", hidden=(b.NoWayOut, b.WrongAddressFamily)),
    Case("a dual-stack registry name without IPv6", fargate, (t.image(DUAL_STACK), no_way_out), "manifest", "blocked", "none", NO_EGRESS),
    Case("a dual-stack registry name beside an endpoint", endpoints, (t.image(DUAL_STACK),), "manifest", "insufficient_information", "none"),
    Case("a dual-stack registry name that the endpoint names", endpoints, (t.image(DUAL_STACK), e.endpoint("ecr.dkr", DnsEntries=[{"DnsName": "*.dkr-ecr.us-east-1.on.aws"}])), "manifest", "reachable", "interface_endpoint"),
    Case("an IPv6-only subnet over an egress-only gateway", fargate, (e.ipv6(native=True), t.image(DUAL_STACK), e.egress_only_gateway, e.route("::/0", EgressOnlyInternetGatewayId="eigw-1"), e.ipv6_filters), "manifest", "reachable", "egress_only_internet_gateway"),
    Case("an IPv6-only subnet whose ACL knows IPv4 only", fargate, (e.ipv6(native=True), t.image(DUAL_STACK), e.egress_only_gateway, e.route("::/0", EgressOnlyInternetGatewayId="eigw-1"), e.ipv6_filters, e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN))), "manifest", "blocked", "egress_only_internet_gateway", ((b.AclBlocksRequest, ("acl-own",)), (b.AclBlocksAnswers, ("acl-own",)))),
    Case("an IPv6-only subnet and an egress-only gateway that is gone", fargate, (e.ipv6(native=True), t.image(DUAL_STACK), e.route("::/0", EgressOnlyInternetGatewayId="eigw-1"), e.ipv6_filters), "manifest", "blocked", "egress_only_internet_gateway", stopped(b.RouteToNothing, PRIVATE, "rtb-private")),
    Case("an IPv6-only subnet with DNS64", fargate, (e.ipv6(native=True, EnableDns64=True),), "manifest", "insufficient_information", "none"),
)  # fmt: skip

KINDS_OF_ENDPOINTS = (
    Case("endpoints without a service name, NAT gateway", fargate, (without_service_names,), "login", "reachable", "nat_gateway"),
    Case("endpoints without a service name, endpoints", endpoints, (without_service_names,), "login", "reachable", "interface_endpoint"),
    Case("endpoints without a service name, no way out", fargate, (no_way_out, without_service_names), "login", "blocked", "none", NO_EGRESS),
    Case("an image of another Region, and no endpoint for it", endpoints, (WEST,), "login", "blocked", "none", stopped(b.RegionOutOfReach, VPC)),
    Case("an image of another Region over its endpoint", endpoints, (WEST, lambda w: abroad(w, *ALL_WEST)), "login", "reachable", "interface_endpoint"),
    Case("an image of another Region over its endpoint, layers", endpoints, (WEST, lambda w: abroad(w, *ALL_WEST)), "layers", "reachable", "interface_endpoint"),
    Case("an image of another Region, the endpoint admits nobody", endpoints, (WEST, lambda w: abroad(w, *ALL_WEST), e.ingress()), "manifest", "blocked", "interface_endpoint", stopped(b.EndpointGroupBlocksIn, "sg-endpoints")),
    Case("an image of another Region, the endpoint has no private DNS", endpoints, (WEST, lambda w: abroad(w, *ALL_WEST, PrivateDnsEnabled=False)), "login", "insufficient_information", "none", hidden=(b.RegionOutOfReach,)),
    Case("an image of another Region, the endpoint has no private DNS, NAT gateway", fargate, (WEST, lambda w: add_endpoints(w, "logs"), lambda w: abroad(w, *ALL_WEST, PrivateDnsEnabled=False)), "login", "reachable", "nat_gateway"),
    Case("a FIPS host beside endpoints for the ordinary names", endpoints, (FIPS,), "manifest", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("a FIPS host and its endpoint", endpoints, (FIPS, lambda w: add_endpoints(w, "ecr-fips.dkr")), "manifest", "reachable", "interface_endpoint"),
    Case("a FIPS host beside endpoints for the ordinary names, NAT gateway", fargate, (FIPS, both_ecr_endpoints), "manifest", "reachable", "nat_gateway"),
    Case("the task's group was deleted since", fargate, (gone_group,), "login", "insufficient_information", "nat_gateway", hidden=(b.GroupBlocksOut,)),
    Case("the task's group was deleted since, no way out", fargate, (gone_group, no_way_out), "login", "blocked", "none", NO_EGRESS, hidden=(b.GroupBlocksOut,)),
    Case("a group without rules, and endpoints that could not be read", fargate, (e.egress(), e.unread("vpc_endpoints", call="ec2:DescribeVpcEndpoints")), "login", "blocked", "none", SG_TASKS, hidden=b.applicable(subject(fargate(), "login", PRIVATE)[0], "us-east-1")),
    Case("endpoints that could not be read", fargate, (e.unread("vpc_endpoints", call="ec2:DescribeVpcEndpoints"),), "login", "insufficient_information", "none"),
    Case("an appliance that is attached to the NAT gateway", fargate, (e.nat(AttachedAppliances=[{"Type": "network-firewall-proxy", "ApplianceArn": "arn:aws:network-firewall:us-east-1:111122223333:proxy/p-1", "AttachmentState": "attached"}]),), "login", "insufficient_information", "nat_gateway", hidden=(b.FirewallOnRoute,)),
    Case("an appliance that was detached from the NAT gateway", fargate, (e.nat(AttachedAppliances=[{"Type": "network-firewall-proxy", "AttachmentState": "detached"}]),), "login", "reachable", "nat_gateway"),
)  # fmt: skip

GONE, LIVE = "eni-gone", "vpce-fw"
BACK: tuple[BlockerKind, ...] = (b.RouteToNothing, b.FirewallOnRoute)
ANSWERS_OF_NAT = stopped(b.RouteToNothing, "subnet-public-a", "rtb-public", GONE)
ANSWERS_FROM_IGW = stopped(b.RouteToNothing, "igw-main", "rtb-edge", GONE)
PUBLIC = "subnet-public-a"
OTHER_ROUTE = "10.0.11.0/24"


def to_gone(destination: str, table: str = "rtb-public") -> Edit:
    """A route to an interface that does not exist any more."""
    return e.route(destination, table, NetworkInterfaceId=GONE, State="blackhole")


def to_appliance(destination: str, table: str = "rtb-public", **target: str) -> Edit:
    """A route to something that is there."""
    return e.route(destination, table, **(target or {"GatewayId": LIVE}))


def without_private_address(world: dict[str, Any]) -> None:
    """The task does not tell its address."""
    details = task_of(world)["attachments"][0]["details"]
    details[:] = [item for item in details if item["name"] != "privateIPv4Address"]


def edge_of(state: str) -> Edit:
    """The table of the internet gateway was taken from it again."""

    def edit(world: dict[str, Any]) -> None:
        table = next(item for item in items_of(world, "route_tables") if item["RouteTableId"] == "rtb-edge")
        table["Associations"][0]["AssociationState"]["State"] = state

    return edit


WAYS_BACK = (
    Case("back: the NAT gateway's subnet leads the answers to what is gone", fargate, (to_gone("10.0.10.0/24"),), "login", "blocked", "nat_gateway", ANSWERS_OF_NAT),
    Case("back: so it does for the layers", fargate, (to_gone("10.0.10.0/24"),), "layers", "blocked", "nat_gateway", ANSWERS_OF_NAT),
    Case("back: the answers to another subnet", fargate, (to_gone(OTHER_ROUTE),), "login", "reachable", "nat_gateway"),
    Case("back: a part of the subnet that the task is not in", fargate, (to_gone("10.0.10.128/25"),), "login", "reachable", "nat_gateway"),
    Case("back: a part of the subnet, and where the task is in it is not known", fargate, (to_gone("10.0.10.128/25"), without_private_address), "login", "insufficient_information", "nat_gateway", hidden=(b.RouteToNothing,)),
    Case("back: the NAT gateway's subnet leads the answers through a firewall", fargate, (to_appliance("10.0.10.0/24"),), "login", "insufficient_information", "nat_gateway", hidden=BACK),
    Case("back: the NAT gateway's subnet leads the answers through an instance", fargate, (to_appliance("10.0.10.0/24", NetworkInterfaceId="eni-inspects"),), "login", "insufficient_information", "nat_gateway", hidden=BACK),
    Case("back: the whole VPC is led to what is gone", fargate, (lambda w: routes_of(w, "rtb-public").__setitem__(0, {"DestinationCidrBlock": "10.0.0.0/16", "NetworkInterfaceId": GONE, "State": "blackhole"}),), "login", "blocked", "nat_gateway", ANSWERS_OF_NAT),
    Case("back: a firewall before the NAT gateway is not seen through", fargate, (e.firewall_endpoint, to_gone("10.0.10.0/24")), "login", "insufficient_information", "appliance", partly=(b.FirewallOnRoute,), hidden=(b.NoWayOut,)),
    Case("back: a pulling subnet's own route to the NAT gateway's subnet takes no packet", fargate, (to_gone("10.0.0.0/24", "rtb-private"),), "login", "reachable", "nat_gateway"),
    Case("back: the internet gateway leads the answers to what is gone", fargate, (e.edge_table("10.0.0.0/24", "blackhole", NetworkInterfaceId=GONE),), "login", "blocked", "nat_gateway", ANSWERS_FROM_IGW),
    Case("back: the internet gateway leads all of the VPC to what is gone", fargate, (e.edge_table("10.0.0.0/16", "blackhole", NetworkInterfaceId=GONE),), "layers", "blocked", "nat_gateway", ANSWERS_FROM_IGW),
    Case("back: the internet gateway leads other answers to what is gone", fargate, (e.edge_table("10.0.10.0/24", "blackhole", NetworkInterfaceId=GONE),), "login", "reachable", "nat_gateway"),
    Case("back: the internet gateway's table was taken from it", fargate, (e.edge_table("10.0.0.0/24", "blackhole", NetworkInterfaceId=GONE), edge_of("disassociated")), "login", "reachable", "nat_gateway"),
    Case("back: the internet gateway leads the answers through a firewall", fargate, (e.edge_table("10.0.0.0/24", GatewayId=LIVE),), "login", "insufficient_information", "nat_gateway", hidden=BACK),
    Case("back: the internet gateway's table is the local one", fargate, (e.edge_table("10.0.0.0/16", GatewayId="local"),), "login", "reachable", "nat_gateway"),
    Case("back: to a public address, what is gone", public, (e.edge_table("10.0.0.0/24", "blackhole", NetworkInterfaceId=GONE),), "login", "blocked", "internet_gateway", ANSWERS_FROM_IGW, subnet=PUBLIC),
    Case("back: to a public address, a firewall", public, (e.edge_table("10.0.0.0/24", GatewayId=LIVE),), "login", "insufficient_information", "internet_gateway", hidden=BACK, subnet=PUBLIC),
    Case("back: to a public address, another subnet's answers", public, (e.edge_table("10.0.1.0/24", "blackhole", NetworkInterfaceId=GONE),), "login", "reachable", "internet_gateway", subnet=PUBLIC),
    Case("back: the endpoints' subnet leads the answers to what is gone", endpoints, (e.in_subnet_of_their_own, e.own_table("subnet-endpoints", "10.0.10.0/24", "blackhole", NetworkInterfaceId=GONE)), "login", "blocked", "interface_endpoint", stopped(b.RouteToNothing, "subnet-endpoints", "rtb-of-subnet-endpoints", GONE)),
    Case("back: the endpoints' subnet leads the answers through a firewall", endpoints, (e.in_subnet_of_their_own, e.own_table("subnet-endpoints", "10.0.10.0/24", GatewayId=LIVE)), "login", "insufficient_information", "interface_endpoint", hidden=BACK),
    Case("back: the endpoints' subnet leads other answers to what is gone", endpoints, (e.in_subnet_of_their_own, e.own_table("subnet-endpoints", OTHER_ROUTE, "blackhole", NetworkInterfaceId=GONE)), "login", "reachable", "interface_endpoint"),
    Case("back: an endpoint in the puller's own subnet answers past every route", endpoints, (e.endpoint("ecr.api", SubnetIds=[PRIVATE], NetworkInterfaceIds=["eni-ecr-api-a"]), to_gone("10.0.10.0/24", "rtb-public")), "login", "reachable", "interface_endpoint"),
    Case("back: S3's gateway endpoint answers past every route", endpoints, (e.edge_table("10.0.0.0/16", "blackhole", NetworkInterfaceId=GONE),), "layers", "reachable", "gateway_endpoint"),
    Case("back: a NAT instance's subnet leads the answers to what is gone", fargate, (e.nat_instance(), to_gone("10.0.10.0/24")), "login", "blocked", "nat_instance", ANSWERS_OF_NAT, hidden=(b.NatInstanceUnusable, b.FirewallOnRoute, b.NoWayOut, b.RouteToNothing, b.AclBlocksRequest, b.AclBlocksAnswers)),
    Case("back: a regional NAT gateway's table leads the answers to what is gone", fargate, (e.regional_nat("us-east-1a", "us-east-1b"), to_gone("10.0.10.0/24")), "login", "blocked", "nat_gateway", stopped(b.RouteToNothing, "nat-main", "rtb-public", GONE)),
    Case("back: a regional NAT gateway stands in no subnet of the internet gateway's table", fargate, (e.regional_nat("us-east-1a", "us-east-1b"), e.edge_table("10.0.0.0/24", "blackhole", NetworkInterfaceId=GONE)), "login", "reachable", "nat_gateway"),
    Case("back: a route to an appliance in a state that nobody explains", fargate, (e.route("10.0.10.0/24", "rtb-public", NetworkInterfaceId=GONE, State="filtered"),), "login", "insufficient_information", "nat_gateway", hidden=BACK),
)  # fmt: skip

IN_DOUBT: tuple[BlockerKind, ...] = (
    *b.BEHIND_THE_ROUTE,
    *b.ACLS,
    b.GroupBlocksOut,
    b.EndpointMissing,
    b.PrivateDnsOff,
    b.EndpointNotAvailable,
)
FIREWALL = (b.FirewallOnRoute,)

UNSEEN = (
    Case("unseen: a filtered default route", fargate, (e.default_route(state="filtered", NatGatewayId="nat-main"),), "login", "insufficient_information", "none", hidden=IN_DOUBT),
    Case("unseen: a filtered route to a part of the internet", fargate, (e.route("52.0.0.0/8", TransitGatewayId="tgw-1", State="filtered"),), "login", "insufficient_information", "none", hidden=IN_DOUBT),
    Case("unseen: a filtered route that more specific ones leave nothing", fargate, (e.default_route(state="filtered", GatewayId="vgw-1"), e.route("0.0.0.0/1", NatGatewayId="nat-main"), e.route("128.0.0.0/1", NatGatewayId="nat-main")), "login", "reachable", "nat_gateway"),
    Case("unseen: a filtered route to another network", fargate, (e.route("10.9.0.0/16", TransitGatewayId="tgw-1", State="filtered"),), "login", "reachable", "nat_gateway"),
    Case("unseen: a filtered default route of the NAT gateway", fargate, (e.default_route("rtb-public", "filtered", GatewayId="igw-main"),), "login", "insufficient_information", "nat_gateway", hidden=(b.NatWithoutInternetGateway, b.RouteToNothing, b.PublicAccessBlocked, *b.ACLS, b.FirewallOnRoute)),
    Case("unseen: a route in a new state", fargate, (e.default_route(state="something-new", NatGatewayId="nat-main"),), "login", "insufficient_information", "none", hidden=IN_DOUBT),
    Case("unseen: regional NAT gateway with an address in the zone", fargate, (e.regional_nat("us-east-1a"),), "login", "reachable", "nat_gateway"),
    Case("unseen: regional NAT gateway without an address in the zone", fargate, (e.regional_nat("us-east-1b", AutoProvisionZones="disabled"),), "login", "insufficient_information", "nat_gateway", hidden=(b.NatGatewayUnusable,)),
    Case("unseen: regional NAT gateway that covers further zones by itself", fargate, (e.regional_nat("us-east-1b", AutoProvisionZones="enabled"),), "login", "reachable", "nat_gateway"),
    Case("unseen: regional NAT gateway that does not name its table", fargate, (e.regional_nat("us-east-1a", RouteTableId=None),), "login", "insufficient_information", "nat_gateway"),
    Case("unseen: firewall of the internet gateway, NAT gateway", fargate, (e.internet_firewall(),), "login", "insufficient_information", "nat_gateway", hidden=FIREWALL),
    Case("unseen: firewall of the internet gateway, regional NAT gateway", fargate, (e.regional_nat("us-east-1a"), e.internet_firewall()), "login", "insufficient_information", "nat_gateway", hidden=FIREWALL),
    Case("unseen: firewall of the internet gateway that only watches", fargate, (e.internet_firewall("monitor"),), "login", "reachable", "nat_gateway"),
    Case("unseen: firewall of the internet gateway, another subnet", fargate, (e.internet_firewall(public_a="exclude"),), "login", "reachable", "nat_gateway"),
    Case("unseen: firewall of the internet gateway, endpoints", endpoints, (e.internet_firewall(),), "login", "reachable", "interface_endpoint"),
    Case("unseen: firewall of the internet gateway, public address", public, (e.internet_firewall(),), "login", "insufficient_information", "internet_gateway", hidden=FIREWALL, subnet=PUBLIC),
    Case("unseen: the firewall gives the task an address", public, (t.public_ip("DISABLED"), e.internet_firewall(public_a="flexible")), "login", "insufficient_information", "internet_gateway", hidden=FIREWALL, subnet=PUBLIC),
    Case("unseen: the firewall that only watches gives the task an address", public, (t.public_ip("DISABLED"), e.internet_firewall("monitor", public_a="outbound-only")), "login", "reachable", "internet_gateway", subnet=PUBLIC),
    Case("unseen: the firewall is not set up yet", public, (t.public_ip("DISABLED"), e.internet_firewall("monitor", "pending", public_a="flexible")), "login", "insufficient_information", "internet_gateway", hidden=(b.NoPublicAddress,), subnet=PUBLIC),
    Case("unseen: the firewall gives no address here", public, (t.public_ip("DISABLED"), e.internet_firewall("monitor")), "login", "blocked", "internet_gateway", stopped(b.NoPublicAddress, PUBLIC), subnet=PUBLIC),
    Case("unseen: an appliance that could not be attached to the NAT gateway", fargate, (e.nat(AttachedAppliances=[{"Type": "network-firewall-proxy", "AttachmentState": "attach-failed"}]),), "login", "reachable", "nat_gateway"),
    Case("unseen: a route to a kind of target that is new", fargate, (e.default_route(OdbNetworkArn="arn:aws:odb:us-east-1:111122223333:odb-network/n-1"),), "login", "insufficient_information", "none"),
)  # fmt: skip

REGISTRY = t.unread_image("registry.corp.example:8443/team/api:1")
TO_8443 = tcp(8443, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
HTTPS_OUT = e.to_cidr("0.0.0.0/0")
INSIDE_8443 = tcp(8443, IpRanges=[{"CidrIp": "10.0.0.0/8"}])

PORTS = (
    Case("a registry on 8443", fargate, (REGISTRY,), "manifest", "reachable", "nat_gateway"),
    Case("a registry on 8443, the group lets it", fargate, (REGISTRY, e.egress(HTTPS_OUT, TO_8443)), "manifest", "reachable", "nat_gateway"),
    Case("a registry on 8443, the group lets 443 only", fargate, (REGISTRY, e.egress(HTTPS_OUT)), "manifest", "blocked", "nat_gateway", SG_TASKS),
    Case("a registry on 8443, the group lets 443 only, logs", fargate, (REGISTRY, e.egress(HTTPS_OUT)), "logs", "reachable", "nat_gateway"),
    Case("a registry on 8443, the group lets 8443 only, logs", fargate, (REGISTRY, e.egress(TO_8443)), "logs", "blocked", "nat_gateway", SG_TASKS),
    Case("a registry on 8443, the group lets private addresses", fargate, (REGISTRY, e.egress(INSIDE_8443)), "manifest", "insufficient_information", "nat_gateway", hidden=(b.GroupBlocksOut,)),
    Case("a registry on 8443, the ACL denies it", fargate, (REGISTRY, e.own_acl("acl-own", [PRIVATE], e.entry(90, OUT, "deny", ports=(8443, 8443)), e.entry(100, OUT), e.entry(100, IN))), "manifest", "blocked", "nat_gateway", stopped(b.AclBlocksRequest, "acl-own")),
    Case("a registry on 8443, the ACL denies it, logs", fargate, (REGISTRY, e.own_acl("acl-own", [PRIVATE], e.entry(90, OUT, "deny", ports=(8443, 8443)), e.entry(100, OUT), e.entry(100, IN))), "logs", "reachable", "nat_gateway"),
    Case("a registry on 8443, the ACL denies 443", fargate, (REGISTRY, e.own_acl("acl-own", [PRIVATE], e.entry(90, OUT, "deny", ports=(443, 443)), e.entry(100, OUT), e.entry(100, IN))), "manifest", "reachable", "nat_gateway"),
    Case("a registry on 8443, the ACL does not let answers in", fargate, (REGISTRY, e.own_acl("acl-own", [PRIVATE], e.entry(100, OUT), e.entry(100, IN, ports=(8443, 8443)))), "manifest", "blocked", "nat_gateway", stopped(b.AclBlocksAnswers, "acl-own")),
    Case("a registry on 8443, the NAT gateway's subnet lets 443 in", fargate, (REGISTRY, e.own_acl("acl-nat", ["subnet-public-a"], e.entry(100, IN, ports=(443, 443)), e.entry(110, IN, ports=(10000, 65535)), e.entry(100, OUT))), "manifest", "insufficient_information", "nat_gateway", partly=(b.AclBlocksRequest, b.AclBlocksAnswers), hidden=(b.FirewallOnRoute,)),
    Case("a registry on 8443, the NAT instance's group lets 443 in", fargate, (REGISTRY, e.nat_instance(), e.new_group("sg-nat", [e.to_cidr("0.0.0.0/0"), TO_8443], [e.to_cidr("10.0.0.0/16")])), "manifest", "insufficient_information", "nat_instance", partly=(b.NatInstanceUnusable,)),
    Case("a registry of one's own, no way out", fargate, (REGISTRY, no_way_out), "manifest", "insufficient_information", "none", partly=(b.NoWayOut,), hidden=(b.FirewallOnRoute,)),
    Case("a registry of one's own behind a peered network", fargate, (REGISTRY, no_way_out, e.route("10.9.0.0/16", VpcPeeringConnectionId="pcx-1")), "manifest", "insufficient_information", "none", hidden=(b.NoWayOut, b.WrongAddressFamily)),
    Case("a registry of one's own, deleted NAT gateway", fargate, (REGISTRY, e.no_nat_gateway), "manifest", "insufficient_information", "nat_gateway", partly=(b.RouteToNothing,), hidden=(b.FirewallOnRoute,)),
    Case("a registry that everybody knows, deleted NAT gateway", fargate, (t.unread_image("ghcr.io/team/api:1"), e.no_nat_gateway), "manifest", "blocked", "nat_gateway", stopped(b.RouteToNothing, *NAT_ROUTE)),
    Case("a peered network beside an endpoint for the log-in only", fargate, (no_way_out, e.route("10.9.0.0/16", VpcPeeringConnectionId="pcx-1"), lambda w: add_endpoints(w, "ecr.api")), "manifest", "blocked", "none", stopped(b.EndpointMissing, VPC, PRIVATE)),
    Case("an image of another Region, and a peered network", endpoints, (WEST, e.route("10.9.0.0/16", VpcPeeringConnectionId="pcx-1")), "login", "insufficient_information", "none", partly=(b.RegionOutOfReach,), hidden=(b.FirewallOnRoute,)),
)  # fmt: skip

CASES = (
    *PORTS,
    *KINDS_OF_ENDPOINTS,
    *ROUTES,
    *BLOCKED_PUBLIC_ACCESS,
    *GROUPS,
    *ENDPOINTS,
    *NAMES,
    *ACLS,
    *IPV6,
    *WAYS_BACK,
    *UNSEEN,
)
