"""VPC Block Public Access."""

from __future__ import annotations

from diagnostics.network.blockers import PublicAccessBlocked
from tests.build import VPC, Edit, fargate, known, public, vpc_of
from tests.faults.network.tables import SAYS, Broken, Case


def block_public_access(mode: str) -> Edit:
    """VPC Block Public Access in a mode."""
    options = {"InternetGatewayBlockMode": mode, "State": "update-complete"}
    return lambda world: vpc_of(world).update(block_public_access=known(options))


WORLDS = (
    Broken("vpc-block-public-access", "login", (VPC,), fargate, block_public_access("block-bidirectional")),
)
REPAIRS = (
    Case(
        "vpc-block-public-access",
        "through a NAT gateway",
        PublicAccessBlocked(resources=(VPC,), says=SAYS),
        via="nat_gateway",
        wants=("--vpc-id vpc-main --internet-gateway-exclusion-mode allow-egress",),
    ),
    Case(
        "vpc-block-public-access",
        "with a public address",
        PublicAccessBlocked(resources=(VPC,), says=SAYS),
        world=public,
        via="internet_gateway",
        wants=("--subnet-id subnet-public-a --internet-gateway-exclusion-mode allow-bidirectional",),
    ),
    Case(
        "vpc-block-public-access",
        "an exclusion for the other direction",
        PublicAccessBlocked(resources=(VPC,), says=SAYS, exclusion_id="vpcbpa-exclude-1"),
        world=public,
        via="internet_gateway",
        wants=("modify-vpc-block-public-access-exclusion --exclusion-id vpcbpa-exclude-1",),
    ),
)
