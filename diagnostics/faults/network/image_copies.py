"""An image copied into ECR of the task's Region, where endpoints can serve it, and named in the task definition."""

from __future__ import annotations

from diagnostics.faults.images import Place, log_in
from diagnostics.faults.network.repair import TAG, Repair
from diagnostics.faults.task_definition import with_image
from diagnostics.finding import Fix
from diagnostics.image_reference import ImageReference
from diagnostics.network.blockers import Blocker
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.write import free_name, quoted


def image_of(repair: Repair[Blocker]) -> ContainerImage | None:
    """The image of the leg, with a reference that can be read."""
    return next(
        (
            item
            for item in repair.world.pull.images
            if item.reference is not None and set(item.containers) & set(repair.leg.containers)
        ),
        None,
    )


def copied(
    repair: Repair[Blocker], image: ContainerImage, source: ImageReference, registry: str, *, text: str
) -> Fix:
    """The copy under a tag that no image has, in a repository that is made where it is not there yet.

    Args:
        image: what the task names now.
        source: the same, read.
        registry: the host of the registry of the task's Region, beginning with the account.
        text: why that is enough.
    """
    name, region = source.repository, repair.region
    tag = free_name(source.tag or "copy", None, repair.mark)
    base = f"{source.registry if source.is_ecr else source.pull_host}/{name}"
    old = f"{base}@{source.digest}" if source.digest else f"{base}:{source.tag or 'latest'}"
    account, partition = registry.partition(".")[0], repair.world.snapshot.partition
    home = Place(
        account,
        region,
        name,
        f"arn:{partition}:ecr:{region}:{account}:repository/{name}",
        f"{registry}/{name}",
    )
    new = f"{home.base}:{tag}"
    platform = _platform(repair)
    return with_image(
        repair.world,
        image,
        new,
        title=f"Copy the image to {region}",
        text=f"Copy the image to {name}:{tag} of {region} and name that in the task definition: {text}",
        warning=(
            "The copy stays as it is when the original changes, and holds one platform"
            f"{f' ({platform})' if platform else ''}. Run this where Docker is and both registries can be reached."
        ),
        first=(
            log_in(Place.of(source)) if source.is_ecr else None,
            log_in(home),
            _repository_if_missing(repair, home),
            f"docker pull {f'--platform {platform} ' if platform else ''}{quoted(old)}",
            f"docker tag {quoted(old)} {quoted(new)}",
            f"docker push {quoted(new)}",
        ),
        last=(
            repair.aws(
                "ecr", "batch-delete-image", registry_id=home.account, repository_name=name, image_ids=f"imageTag={tag}"
            ),
            _without_repository(repair, home),
        ),
    )  # fmt: skip


def _repository_if_missing(repair: Repair[Blocker], home: Place) -> str:
    """Makes the repository if the registry has none of that name; nobody asked what it has in this Region."""
    query = f"! (repositories[?repositoryName=='{home.repository}']) && '{home.repository}' || ''"
    missing = repair.aws(
        "ecr", "describe-repositories", registry_id=home.account, max_results="1000", paginate=False, query=query, output="text"
    )  # fmt: skip
    made = repair.aws(
        "ecr",
        "create-repository",
        registry_id=home.account,
        repository_name=home.repository,
        tags=f"Key={TAG},Value={repair.mark}",
    )
    return f"for MISSING in $({missing}); do {made}; done"


def _without_repository(repair: Repair[Blocker], home: Place) -> str:
    """Deletes the repository if this repair made it, and nobody put anything else into it since."""
    made = repair.aws(
        "ecr", "list-tags-for-resource", resource_arn=home.arn, query=f"tags[?Key=='{TAG}' && Value=='{repair.mark}'].Value", output="text"
    )  # fmt: skip
    gone = repair.aws("ecr", "delete-repository", registry_id=home.account, repository_name=home.repository)
    return f"for MADE in $({made}); do {gone}; done"


def _platform(repair: Repair[Blocker]) -> str | None:
    """The platform that the task runs on, as Docker names it; `None` where the facts do not tell it."""
    snapshot = repair.world.snapshot
    definition, instance = known_value(snapshot.task_definition), known_value(snapshot.instance)
    given = definition.runtime_platform if definition else None
    if ((given.operating_system_family if given else None) or "").startswith("WINDOWS"):
        return "windows/amd64"
    machine = (given.cpu_architecture if given else None) or (instance.architecture if instance else None)
    if machine is None and repair.is_fargate:
        machine = "X86_64"
    return {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}.get((machine or "").upper())
