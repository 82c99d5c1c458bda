"""NAT instances that cannot forward."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import NatInstanceUnusable
from tests.build import VPC, fargate, known, vpc_of
from tests.build.network import change_default_route
from tests.faults.network.tables import SAYS, TABLE, A, Broken, Case


def nat_instance(world: dict[str, Any]) -> None:
    """The default route leads to an instance, which is stopped."""
    change_default_route(NatGatewayId=None, InstanceId="i-nat", NetworkInterfaceId="eni-nat")(world)
    vpc_of(world)["instances"] = {
        "i-nat": known(
            {
                "InstanceId": "i-nat", "State": {"Name": "stopped"}, "SourceDestCheck": True, "VpcId": VPC,
                "SubnetId": "subnet-public-a", "PublicIpAddress": "198.51.100.9",
            }
        )
    }  # fmt: skip


def _checking_interface(world: dict[str, Any]) -> None:
    vpc_of(world)["interfaces"]["eni-nat"] = known({"NetworkInterfaceId": "eni-nat", "SourceDestCheck": True})


WORLDS = (Broken("nat-instance-unusable", "login", (A, TABLE, "i-nat"), fargate, nat_instance),)
REPAIRS = (
    Case(
        "nat-instance-unusable",
        "stopped",
        NatInstanceUnusable(resources=("i-nat",), says=SAYS, instance_id="i-nat", state="stopped"),
        via="nat_instance",
        wants=("start-instances --instance-ids i-nat",),
    ),
    Case(
        "nat-instance-unusable",
        "its check is on",
        NatInstanceUnusable(
            resources=("i-nat",), says=SAYS, interface_id="eni-nat", instance_id="i-nat", state="running"
        ),
        edits=(_checking_interface,),
        via="nat_instance",
        wants=("--network-interface-id eni-nat --no-source-dest-check",),
    ),
    Case(
        "nat-instance-unusable",
        "its own group drops the packets",
        NatInstanceUnusable(
            resources=(
                "i-nat",
                "sg-nat",
            ),
            says=SAYS,
            route_table_id=TABLE,
            instance_id="i-nat",
            state="running",
        ),
        via="nat_instance",
        wants=("create-nat-gateway", "replace-route"),
    ),
)
