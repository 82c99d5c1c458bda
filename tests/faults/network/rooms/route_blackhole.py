"""Routes to what is gone."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import RouteToNothing
from tests.build import fargate, items_of, public
from tests.build.network import change_default_route, no_way_out_and_no_nat
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
)
REPAIRS = (
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
