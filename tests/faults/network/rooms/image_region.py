"""Images in another Region."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import RegionOutOfReach
from tests.build import VPC, definition_of, endpoints, known, task_of, vpc_of
from tests.build.tasks import unread_image
from tests.faults.network.tables import OPENS, SAYS, A, Broken, Case


def _image_in_ireland(world: dict[str, Any]) -> None:
    image = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api:1.4.2"
    task_of(world)["containers"][0]["image"] = image
    definition_of(world)["containerDefinitions"][0]["image"] = image
    world["images"][0]["image"] = image


WORLDS = (
    Broken(
        "image-region-unreachable",
        "login",
        (VPC,),
        endpoints,
        unread_image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api:1.4.2"),
    ),
)
REPAIRS = (
    Case(
        "image-region-unreachable",
        "no NAT gateway",
        RegionOutOfReach(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            image_region="eu-west-1",
        ),
        world=endpoints,
        edits=(_image_in_ireland, lambda world: vpc_of(world).update(nat_gateways=known([]))),
        wants=("create-repository --registry-id 111122223333 --repository-name payments-api", "docker push"),
    ),
    Case(
        "image-region-unreachable",
        "a NAT gateway that works",
        RegionOutOfReach(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            image_region="eu-west-1",
            usable_nat_gateway_id="nat-main",
        ),
        world=endpoints,
        edits=(_image_in_ireland,),
        wants=("create-repository --registry-id 111122223333 --repository-name payments-api", "docker push"),
        never=OPENS,
    ),
)
