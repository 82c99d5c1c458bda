"""The image lives in a Region that the subnet cannot reach."""

from __future__ import annotations

from diagnostics.faults.network.image_copies import copied
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.faults.network.way_out import way_out
from diagnostics.finding import Ways
from diagnostics.network.blockers import RegionOutOfReach
from diagnostics.network.endpoints import of_other_region
from diagnostics.pull import Leg

FAULT = network_fault(
    "image-region-unreachable",
    "The image's Region can be reached",
    "The image lives in another Region than the task. VPC endpoints serve only their own Region, and the subnet "
    "has no other way out, so neither the registry nor the layer bucket of that Region can be reached.",
    "Copy or replicate the image to the task's Region and name that one in the task definition, or give the subnet "
    "a route to a NAT gateway.",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    short="it cannot reach the Region of its image",
)


def _fix(repair: Repair[RegionOutOfReach]) -> Ways:
    """The image brought to the task's Region: where endpoints are the only way, the subnet has none out on purpose."""
    source = repair.blocker.image_region
    image = next(
        (
            item
            for item in repair.world.pull.images
            if item.reference is not None
            and item.reference.region == source
            and set(item.containers) & set(repair.leg.containers)
        ),
        None,
    )
    reference = image.reference if image else None
    if image is None or reference is None or reference.account_id is None:
        return way_out(repair)
    made_for_it = of_other_region(repair.world.vpc(repair.interface), source)
    why = (
        f"no endpoint serves {repair.leg.host}"
        if made_for_it
        else "VPC endpoints serve only their own Region"
    )
    registry = reference.registry.replace(f".{source}.", f".{repair.region}.", 1)
    return copied(
        repair, image, reference, registry,
        text=(
            f"{why}. To keep the copy up to date, let ECR replicate the repository to {repair.region} (it copies only what is "
            "pushed afterwards). Or give the subnet a route to a NAT gateway, if it may have a way to the internet: it "
            "seems to have none on purpose."
        ),
    )  # fmt: skip


def _never(leg: Leg, task_region: str) -> str | None:
    return f"{leg.host} is in the task's own Region" if leg.region == task_region else None


ROOM = NetworkFault(
    fault=FAULT,
    means=RegionOutOfReach,
    repair=_fix,
    never=_never,
    read_by="ec2:DescribeVpcEndpoints",
)
