"""Firewalls on the route."""

from __future__ import annotations

from typing import Any

from diagnostics.finding import Status
from diagnostics.network.blockers import FirewallOnRoute
from tests.build import VPC, fargate, items_of
from tests.build.network import change_default_route, no_way_out_and_no_nat
from tests.build.tasks import unread_image
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case


def appliance(world: dict[str, Any]) -> None:
    """The default route leads to a firewall endpoint."""
    change_default_route(NatGatewayId=None, GatewayId="vpce-firewall")(world)
    items_of(world, "vpc_endpoints").append(
        {
            "VpcEndpointId": "vpce-firewall", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": VPC,
            "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1", "State": "available",
        }
    )  # fmt: skip


WORLDS = (
    Broken("firewall-inspection", "login", (A, TABLE, "vpce-firewall"), fargate, appliance, Status.WARN),
)
REPAIRS = (
    Case(
        "firewall-inspection",
        "ECR",
        FirewallOnRoute(
            resources=(
                A,
                "vpce-firewall",
            ),
            says=SAYS,
        ),
        edits=(no_way_out_and_no_nat,),
        via="appliance",
        wants=("create-vpc-endpoint",),
    ),
    Case(
        "firewall-inspection",
        "another registry",
        FirewallOnRoute(
            resources=(
                A,
                "vpce-firewall",
            ),
            says=SAYS,
        ),
        edits=(unread_image("nginx:1.27"),),
        leg="manifest",
        via="appliance",
    ),
)
