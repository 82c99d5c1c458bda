"""Routes to what is gone."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import RouteToNothing
from tests.build import endpoints, fargate, items_of, public
from tests.build.network import (
    all_of,
    change_default_route,
    edge_table,
    in_subnet_of_their_own,
    no_way_out_and_no_nat,
    own_table,
    route,
)
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case


def detached(world: dict[str, Any]) -> None:
    """The internet gateway is not attached to the VPC."""
    items_of(world, "internet_gateways")[0]["Attachments"] = []


def _detached(world: dict[str, Any]) -> None:
    items_of(world, "internet_gateways")[0]["Attachments"] = []


WORLDS = (
    Broken(
        "route-blackhole",
        "login",
        (A, TABLE, "nat-gone"),
        fargate,
        change_default_route(NatGatewayId="nat-gone", State="blackhole"),
    ),
    Broken("route-blackhole", "login", ("subnet-public-a", "rtb-public"), public, detached, name="detached"),
    Broken(
        "route-blackhole",
        "login",
        ("subnet-public-a", "rtb-public", "eni-gone"),
        fargate,
        route("10.0.10.0/24", "rtb-public", NetworkInterfaceId="eni-gone", State="blackhole"),
        name="on the way back from the NAT gateway",
    ),
    Broken(
        "route-blackhole",
        "login",
        ("igw-main", "rtb-edge", "eni-gone"),
        fargate,
        edge_table("10.0.0.0/24", "blackhole", NetworkInterfaceId="eni-gone"),
        name="on the way back from the internet gateway",
    ),
    Broken(
        "route-blackhole",
        "login",
        ("igw-main", "rtb-edge", "eni-gone"),
        public,
        edge_table("10.0.0.0/16", "blackhole", NetworkInterfaceId="eni-gone"),
        name="on the way back to a public address",
    ),
    Broken(
        "route-blackhole",
        "manifest",
        ("subnet-endpoints", "rtb-of-subnet-endpoints", "eni-gone"),
        endpoints,
        all_of(
            in_subnet_of_their_own,
            own_table("subnet-endpoints", "10.0.10.0/24", "blackhole", NetworkInterfaceId="eni-gone"),
        ),
        name="on the way back from an endpoint",
    ),
)


def _back(destination: str, table: str = "rtb-public") -> RouteToNothing:
    """A route inside the VPC to an interface that is gone."""
    return RouteToNothing(
        resources=("subnet-public-a", table, "eni-gone"), says=SAYS, route_table_id=table, destination=destination,
        target="eni-gone", subnet_id=A,
    )  # fmt: skip


NO_GATEWAY = ("nat-main", "igw-main", "create-nat-gateway", "aws_route", "AWS::EC2::Route", "0.0.0.0/0")
"""A gateway to the internet is no target for a range of the VPC."""
REPAIRS = (
    Case(
        "route-blackhole",
        "a route inside the VPC goes, and the local one takes its packets",
        _back("10.0.10.0/24"),
        via="nat_gateway",
        wants=("delete-route --route-table-id rtb-public --destination-cidr-block 10.0.10.0/24",),
        never=NO_GATEWAY,
    ),
    Case(
        "route-blackhole",
        "the local route of an internet gateway's table is restored",
        _back("10.0.0.0/16", "rtb-edge"),
        via="nat_gateway",
        wants=(
            "replace-route --route-table-id rtb-edge --destination-cidr-block 10.0.0.0/16 --local-target",
        ),
        never=(*NO_GATEWAY, "delete-route"),
    ),
    Case(
        "route-blackhole",
        "another NAT gateway takes over",
        RouteToNothing(
            resources=(
                A,
                TABLE,
                "nat-gone",
            ),
            says=SAYS,
            route_table_id=TABLE,
            destination="0.0.0.0/0",
            target="nat-gone",
            usable_nat_gateway_id="nat-main",
            subnet_id=A,
        ),
        wants=("replace-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "route-blackhole",
        "the internet gateway is attached again",
        RouteToNothing(
            resources=(
                "subnet-public-a",
                "rtb-public",
            ),
            says=SAYS,
            route_table_id="rtb-public",
            destination="0.0.0.0/0",
            target="igw-main",
            subnet_id="subnet-public-a",
        ),
        world=public,
        edits=(_detached,),
        via="internet_gateway",
        wants=("attach-internet-gateway", "--internet-gateway-id igw-main --vpc-id vpc-main"),
    ),
    Case(
        "route-blackhole",
        "no NAT gateway is left",
        RouteToNothing(
            resources=(
                A,
                TABLE,
                "nat-gone",
            ),
            says=SAYS,
            route_table_id=TABLE,
            destination="0.0.0.0/0",
            target="nat-gone",
            subnet_id=A,
        ),
        edits=(no_way_out_and_no_nat,),
        wants=("allocate-address", "wait nat-gateway-available", "replace-route"),
    ),
    Case(
        "route-blackhole",
        "a route for IPv6",
        RouteToNothing(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
            destination="::/0",
            target="eigw-gone",
            subnet_id=A,
        ),
        wants=("create-egress-only-internet-gateway", "--destination-ipv6-cidr-block ::/0"),
    ),
)
