"""The image lives in a Region that the subnet cannot reach."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.faults.network.way_out import way_out
from diagnostics.finding import Fix, Ways
from diagnostics.image_reference import ImageReference
from diagnostics.network.blockers import RegionOutOfReach
from diagnostics.network.endpoints import of_other_region
from diagnostics.pull import Leg
from diagnostics.write.snippets import lines, template

FAULT = network_fault(
    "image-region-unreachable",
    "The image's Region can be reached",
    "The image lives in another Region than the task. VPC endpoints serve only their own Region, and the subnet "
    "has no other way out, so neither the registry nor the layer bucket of that Region can be reached.",
    "Copy or replicate the image to the task's Region and name that one in the task definition, or give the subnet "
    "a route to a NAT gateway.",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
)


def _fix(repair: Repair[RegionOutOfReach]) -> Ways:
    """The image brought to the task's Region: where endpoints are the only way, the subnet has none out on purpose."""
    source = repair.blocker.image_region
    image = _image_of(repair, source)
    if image is None or image.account_id is None:
        return way_out(repair)
    made_for_it = of_other_region(repair.world.vpc(repair.interface), source)
    why = (
        f"no endpoint serves {repair.leg.host}"
        if made_for_it
        else "VPC endpoints serve only their own Region"
    )
    tag = image.tag or ("copy" if image.digest else "latest")
    base = f"{image.registry}/{image.repository}"
    old = f"{base}@{image.digest}" if image.digest else f"{base}:{tag}"
    new = f"{base.replace(f'.{source}.', f'.{repair.region}.', 1)}:{tag}"
    rule = {
        "Destinations": [{"Region": repair.region, "RegistryId": image.account_id}],
        "RepositoryFilters": [{"Filter": image.repository, "FilterType": "PREFIX_MATCH"}],
    }
    return Fix(
        text=(
            f"Copy the image to {repair.region} and name {new} in the task definition: {why}. Create the repository if it is not there yet, and run the commands where both Regions can be reached and Docker is logged in to both "
            "registries. To keep the copy up to date, replicate the repository (the snippets, which stand for the "
            "whole registry's replication; it copies only what is pushed afterwards). Or give the subnet a route to a "
            "NAT gateway, if it may have a way to the internet: it seems to have none on purpose."
        ),
        cli=lines(
            repair.aws("ecr", "create-repository", repository_name=image.repository),
            f"docker pull {old} && docker tag {old} {new} && docker push {new}",
        ),
        terraform=_replication(repair.region, image.account_id, image.repository),
        cloudformation=template(
            "Replication", "AWS::ECR::ReplicationConfiguration", ReplicationConfiguration={"Rules": [rule]}
        ),
        verify=repair.aws("ecr", "describe-images", repository_name=image.repository),
        undo=repair.aws(
            "ecr", "batch-delete-image", repository_name=image.repository, image_ids=f"imageTag={tag}"
        ),
    )


def _image_of(repair: Repair[RegionOutOfReach], region: str) -> ImageReference | None:
    """The image of the leg that lives in a Region."""
    for item in repair.world.pull.images:
        found = item.reference
        if found is not None and found.region == region and set(item.containers) & set(repair.leg.containers):
            return found
    return None


def _replication(region: str, account: str, repository: str) -> str:
    return (
        'resource "aws_ecr_replication_configuration" "this" {\n'
        "  replication_configuration {\n"
        "    rule {\n"
        "      destination {\n"
        f'        region      = "{region}"\n'
        f'        registry_id = "{account}"\n'
        "      }\n"
        "      repository_filter {\n"
        f'        filter      = "{repository}"\n'
        '        filter_type = "PREFIX_MATCH"\n'
        "      }\n"
        "    }\n"
        "  }\n"
        "}"
    )


def _never(leg: Leg, task_region: str) -> str | None:
    return f"{leg.host} is in the task's own Region" if leg.region == task_region else None


ROOM = NetworkFault(
    fault=FAULT,
    means=RegionOutOfReach,
    repair=_fix,
    never=_never,
    read_by="ec2:DescribeVpcEndpoints",
)
