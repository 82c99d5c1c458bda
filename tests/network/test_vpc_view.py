"""What the facts of a VPC amount to for a repair: which NAT gateway a repaired route may name."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.network import VpcView
from tests.build import Edit, changed, fargate
from tests.build import network as e


def usable(*edits: Edit) -> str | None:
    """The NAT gateway that a repair would name."""
    (facts,) = changed(fargate(), *edits).vpcs.values()
    return VpcView(facts).usable_nat_gateway()


def _unread_tables(world: dict[str, Any]) -> None:
    e.unread("route_tables", call="ec2:DescribeRouteTables")(world)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((), "nat-main"),
        ((e.nat(SubnetId="subnet-private-b"),), None),
        ((e.nat(SubnetId=None),), None),
        ((e.nat(State="pending"),), None),
        ((e.nat(ConnectivityType="private"),), None),
        ((_unread_tables,), None),
        ((e.regional_nat("us-east-1a"),), "nat-main"),
        ((e.regional_nat("us-east-1a", RouteTableId="rtb-main"),), None),
        ((e.regional_nat("us-east-1a", RouteTableId="rtb-gone"),), None),
        ((e.regional_nat("us-east-1a"), e.default_route("rtb-public", "blackhole", GatewayId="igw-main")), None),
        ((e.regional_nat("us-east-1a", RouteTableId=None),), "nat-main"),
    ],
)  # fmt: skip
def test_a_nat_gateway_that_a_route_may_name(edits: tuple[Edit, ...], expected: str | None) -> None:
    """A regional one goes by a table of its own, which AWS makes with a route to the internet gateway."""
    assert usable(*edits) == expected
