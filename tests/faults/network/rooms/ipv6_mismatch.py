"""Subnets, names and endpoints of two address families."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import WrongAddressFamily
from tests.build import endpoints, fargate, items_of, no_way_out, task_of, vpc_of
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case


def ipv6_only(world: dict[str, Any]) -> None:
    """The first private subnet has no IPv4 at all, and the task's address is one of IPv6."""
    block = {"Ipv6CidrBlock": "2600:1f18::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    values = {"Ipv6Native": True, "CidrBlock": None, "Ipv6CidrBlockAssociationSet": [block]}
    for item in items_of(world, "subnets"):
        if item["SubnetId"] == A:
            item.update(values)
    world["subnets"][A]["value"].update(values)
    vpc_of(world)["vpc"]["value"]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2600:1f18::/56", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    details = task_of(world)["attachments"][0]["details"]
    details[:] = [item for item in details if item["name"] != "privateIPv4Address"]


WORLDS = (Broken("ipv6-mismatch", "manifest", (A,), fargate, ipv6_only),)
REPAIRS = (
    Case(
        "ipv6-mismatch",
        "the registry's name",
        WrongAddressFamily(resources=(A,), says=SAYS),
        leg="manifest",
        via="egress_only_internet_gateway",
        wants=("register-task-definition",),
    ),
    Case(
        "ipv6-mismatch",
        "the route",
        WrongAddressFamily(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
        ),
        leg="manifest",
        wants=("create-egress-only-internet-gateway", "--destination-ipv6-cidr-block ::/0"),
    ),
    Case(
        "ipv6-mismatch",
        "an interface with both, and routes for IPv6 alone",
        WrongAddressFamily(
            resources=(
                A,
                TABLE,
            ),
            says=SAYS,
            route_table_id=TABLE,
            route_target="eigw-1",
            usable_nat_gateway_id="nat-main",
        ),
        edits=(no_way_out,),
        wants=("create-route", "--nat-gateway-id nat-main"),
    ),
    Case(
        "ipv6-mismatch",
        "the endpoint",
        WrongAddressFamily(
            resources=(
                A,
                "vpce-ecr-dkr",
            ),
            says=SAYS,
            endpoint_id="vpce-ecr-dkr",
        ),
        world=endpoints,
        leg="manifest",
        via="interface_endpoint",
        endpoint_id="vpce-ecr-dkr",
        wants=("--ip-address-type dualstack",),
    ),
)
