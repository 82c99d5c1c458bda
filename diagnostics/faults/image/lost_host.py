"""An image of this account's own ECR that was written without ECR's host, so that Docker Hub is asked for it."""

from __future__ import annotations

from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import World
from diagnostics.faults.image.placeholders import is_commit
from diagnostics.faults.images import reference_of
from diagnostics.faults.task_definition import with_image
from diagnostics.finding import Evidence, Fix
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage, account_named
from diagnostics.snapshot import Repository, known_value
from diagnostics.write import asked


def repository_meant(world: World, image: ContainerImage) -> Repository | None:
    """The repository of the account's own registry that has the name of an image of Docker Hub, if it is known."""
    if image.reference is None or image.reference.kind != "docker-hub":
        return None
    return known_value(world.image_facts(image).own_repository)


def in_own_ecr(repository: Repository) -> Evidence:
    """What proves that the repository is there."""
    return Evidence(what=f"ECR has repository {repository.repository_arn}", source="ecr:DescribeRepositories")


def looks_lost(image: ContainerImage, reference: ImageReference) -> str | None:
    """What speaks for a lost host where no repository of the account's own has the name; `None` where nothing does."""
    host, slash, _ = image.image.partition("/")
    written = bool(slash) and "." in host
    if reference.kind != "docker-hub" or written or not is_commit(reference.tag):
        return None
    return (
        f"Written without a host it means Docker Hub, and {reference.tag} looks like a commit of one's own builds: "
        "the registry's host was probably left out."
    )


def named_in_ecr(world: World, image: ContainerImage, own: Repository) -> Fix:
    """The image with ECR's host, in the task definition."""
    reference = reference_of(image)
    host = ecr_dkr_host(account_named(own.repository_arn) or "", world.region)
    mark = f"@{reference.digest}" if reference.digest else f":{reference.tag_or_digest}"
    meant = f"{host}/{own.repository_name}{mark}"
    return with_image(
        world,
        image,
        meant,
        title="Name the image with ECR's host",
        text=f"Name the image with ECR's host: {meant}.",
    )


def named_with_its_host(world: World, image: ContainerImage) -> Fix:
    """The image with a host, where nothing tells which."""
    return with_image(
        world,
        image,
        (asked("HOST_OF_REGISTRY", "the host of the registry that has the image"), f"/{image.image}"),
        title="Name the image with its host",
        text=f"Name the image with the host of its registry, such as {ecr_dkr_host(world.snapshot.account_id or 'ACCOUNT', world.region)}.",
    )
