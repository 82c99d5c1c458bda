"""Public subnets without a public address."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import NoPublicAddress
from tests.build import ec2, public, task_of
from tests.faults.network.tables import SAYS, A, Broken, Case


def no_public_address(world: dict[str, Any]) -> None:
    """The service does not assign public addresses."""
    for holder in (world["service"]["value"], world["service"]["value"]["deployments"][0]):
        holder["networkConfiguration"]["awsvpcConfiguration"].update(assignPublicIp="DISABLED")


def _alone(world: dict[str, Any]) -> None:
    world["service"] = {"kind": "absent", "call": None}
    task_of(world).update(group="family:payments-api", startedBy=None)


WORLDS = (Broken("public-subnet-no-public-ip", "login", ("subnet-public-a",), public, no_public_address),)
REPAIRS = (
    Case(
        "public-subnet-no-public-ip",
        "a service on Fargate",
        NoPublicAddress(resources=("subnet-public-a",), says=SAYS),
        world=public,
        via="internet_gateway",
        wants=("ecs update-service --cluster payments --service payments-api", '"assignPublicIp":"ENABLED"'),
    ),
    Case(
        "public-subnet-no-public-ip",
        "a task that was started alone",
        NoPublicAddress(resources=("subnet-public-a",), says=SAYS),
        world=public,
        edits=(_alone,),
        via="internet_gateway",
        wants=("ecs run-task", '"assignPublicIp":"ENABLED"'),
    ),
    Case(
        "public-subnet-no-public-ip",
        "a container instance",
        NoPublicAddress(
            resources=(
                A,
                "i-0aaaabbbbccccdddd",
            ),
            says=SAYS,
        ),
        world=ec2,
        via="internet_gateway",
        wants=("associate-address", "--network-interface-id eni-host"),
    ),
)
