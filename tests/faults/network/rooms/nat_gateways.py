"""NAT gateways that do not work, and those without a way to the internet."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import NatGatewayUnusable, NatWithoutInternetGateway
from tests.build import VPC, fargate, items_of, routes_of
from tests.build.network import nat
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case


def _second_nat(world: dict[str, Any]) -> None:
    items_of(world, "nat_gateways").append(
        {
            "NatGatewayId": "nat-spare", "VpcId": VPC, "SubnetId": "subnet-public-b", "State": "available",
            "ConnectivityType": "public",
        }
    )  # fmt: skip


def _nat_inside(world: dict[str, Any]) -> None:
    items_of(world, "nat_gateways")[0]["SubnetId"] = "subnet-private-b"


def _table_of_its_own(world: dict[str, Any]) -> None:
    tables = items_of(world, "route_tables")
    private = next(item for item in tables if item["RouteTableId"] == TABLE)
    private["Associations"] = [item for item in private["Associations"] if item["SubnetId"] == A]
    association = {"Main": False, "SubnetId": "subnet-private-b"}
    tables.append({"RouteTableId": "rtb-b", "VpcId": VPC, "Associations": [association], "Routes": []})


def _nothing_public(world: dict[str, Any]) -> None:
    routes_of(world, "rtb-public").pop()


WORLDS = (
    Broken("nat-gateway-unusable", "login", (A, TABLE, "nat-main"), fargate, nat(State="failed")),
    Broken(
        "nat-gateway-unusable",
        "layers",
        (A, TABLE, "nat-main"),
        fargate,
        nat(ConnectivityType="private"),
        name="private",
    ),
    Broken(
        "nat-subnet-no-igw",
        "login",
        ("nat-main", "subnet-private-b", TABLE),
        fargate,
        nat(SubnetId="subnet-private-b"),
    ),
)
REPAIRS = (
    Case(
        "nat-gateway-unusable",
        "failed, and another one works",
        NatGatewayUnusable(
            resources=(
                A,
                TABLE,
                "nat-main",
            ),
            says=SAYS,
            route_table_id=TABLE,
            destination="0.0.0.0/0",
            nat_gateway_id="nat-main",
            state="failed",
            usable_nat_gateway_id="nat-spare",
        ),
        edits=(_second_nat,),
        via="nat_gateway",
        wants=("replace-route", "--nat-gateway-id nat-spare"),
    ),
    Case(
        "nat-gateway-unusable",
        "pending",
        NatGatewayUnusable(
            resources=(
                A,
                TABLE,
                "nat-main",
            ),
            says=SAYS,
            route_table_id=TABLE,
            nat_gateway_id="nat-main",
            state="pending",
        ),
        via="nat_gateway",
        wants=("wait nat-gateway-available --nat-gateway-ids nat-main",),
    ),
    Case(
        "nat-gateway-unusable",
        "private, and no other one",
        NatGatewayUnusable(
            resources=(
                A,
                TABLE,
                "nat-main",
            ),
            says=SAYS,
            route_table_id=TABLE,
            nat_gateway_id="nat-main",
            state="available",
        ),
        via="nat_gateway",
        wants=("create-nat-gateway", "replace-route"),
    ),
    Case(
        "nat-subnet-no-igw",
        "a route table of its own lacks the route",
        NatWithoutInternetGateway(
            resources=(
                "nat-main",
                "subnet-public-a",
                "rtb-public",
            ),
            says=SAYS,
            nat_gateway_id="nat-main",
            nat_subnet_id="subnet-egress",
            nat_route_table_id="rtb-egress",
        ),
        via="nat_gateway",
        wants=("create-route --route-table-id rtb-egress", "--gateway-id igw-main"),
    ),
    Case(
        "nat-subnet-no-igw",
        "it stands in a private subnet, and there is a public one",
        NatWithoutInternetGateway(
            resources=(
                "nat-main",
                "subnet-private-b",
                TABLE,
            ),
            says=SAYS,
            nat_gateway_id="nat-main",
            route_table_id=TABLE,
            nat_subnet_id="subnet-private-b",
            nat_route_table_id=TABLE,
        ),
        edits=(_nat_inside,),
        via="nat_gateway",
        wants=("--subnet-id subnet-public-a", "replace-route"),
    ),
    Case(
        "nat-subnet-no-igw",
        "it shares its table, and no subnet is public",
        NatWithoutInternetGateway(
            resources=(
                "nat-main",
                "subnet-public-a",
                TABLE,
            ),
            says=SAYS,
            nat_gateway_id="nat-main",
            route_table_id=TABLE,
            nat_subnet_id="subnet-public-a",
            nat_route_table_id=TABLE,
        ),
        edits=(_nothing_public,),
        via="nat_gateway",
        wants=("create-route-table", "replace-route-table-association"),
    ),
    Case(
        "nat-subnet-no-igw",
        "its own table, in a subnet where tasks run too",
        NatWithoutInternetGateway(
            resources=(
                "nat-main",
                "subnet-private-b",
                "rtb-b",
            ),
            says=SAYS,
            nat_gateway_id="nat-main",
            route_table_id=TABLE,
            nat_subnet_id="subnet-private-b",
            nat_route_table_id="rtb-b",
        ),
        edits=(_nat_inside, _table_of_its_own),
        via="nat_gateway",
        wants=("create-nat-gateway", "replace-route"),
    ),
    Case(
        "nat-subnet-no-igw",
        "another NAT gateway works",
        NatWithoutInternetGateway(
            resources=(
                "nat-main",
                "subnet-private-b",
                TABLE,
            ),
            says=SAYS,
            nat_gateway_id="nat-main",
            route_table_id=TABLE,
            nat_subnet_id="subnet-private-b",
            nat_route_table_id=TABLE,
            usable_nat_gateway_id="nat-spare",
        ),
        edits=(_nat_inside, _second_nat),
        via="nat_gateway",
        wants=("replace-route", "nat-spare"),
    ),
)
