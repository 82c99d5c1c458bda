"""The image reference cannot be parsed."""

from __future__ import annotations

import re

from diagnostics.faults.base import Room, Subject, World, fails, passes
from diagnostics.faults.images import containers, image_of
from diagnostics.faults.task_definition import definition_page, with_image
from diagnostics.faults.texts import NOT_FOUND
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.image_reference import InvalidImageReference, Misspelt, misspelt_ecr_host, parse
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

INVALID_REFERENCE = Fault(
    id="invalid-image-reference",
    kind="image",
    title="The image reference can be parsed",
    why="The container runtime refuses the reference before it asks any registry: upper-case letters in the repository, a placeholder that was never filled in, a scheme or a space. A host that is nearly one of ECR's is accepted, and then not found, or another's.",
    how="Correct the image in the task definition and deploy the new revision.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.REGISTRY_ACCESS_DENIED,
            SymptomId.INVALID_REFERENCE,
            SymptomId.DNS_FAILURE,
            SymptomId.ECR_DKR_UNREACHABLE,
            SymptomId.REGISTRY_UNREACHABLE,
            SymptomId.TLS_FAILURE,
            SymptomId.CONNECTION_REFUSED_RESET,
        )
    ),
)


def repaired(text: str) -> str | None:
    """The reference that was probably meant: without a scheme and white space, the name in lower case."""
    plain = re.sub(r"^[A-Za-z]+://|\s+", "", text)
    name, separator, tag = plain.rpartition(":") if ":" in plain.rpartition("/")[2] else (plain, "", "")
    for candidate in (plain, f"{name.lower()}{separator}{tag}", f"{name.lower()}"):
        try:
            return parse(candidate).text
        except InvalidImageReference:
            continue
    return None


def not_valid(image: ContainerImage) -> str | None:
    """Why nothing else is judged of an image whose reference is not valid; `None` where it is."""
    return f"the image reference is not valid: {INVALID_REFERENCE.id}" if image.reference is None else None


def misspelt(image: ContainerImage) -> Misspelt | None:
    """What is wrong with a host that was meant to be ECR's."""
    return misspelt_ecr_host(image.reference.registry) if image.reference is not None else None


def not_usable(image: ContainerImage) -> str | None:
    """Why nobody can be asked about an image, not even by its host; `None` where its host is not misspelt."""
    if misspelt(image) is not None:
        return f"the host is nearly one of ECR's: {INVALID_REFERENCE.id}"
    return not_valid(image)


def _judge(world: World, subject: Subject) -> Outcome:
    """The reference must be one that a container runtime accepts, with a host of ECR's if it is meant for ECR."""
    image = image_of(subject)
    wrong = misspelt(image)
    if image.reference is not None and wrong is None:
        return passes(INVALID_REFERENCE)
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else None
    verify = None
    if arn:
        verify = f"aws ecs describe-task-definition --task-definition {quoted(definition.family if definition and definition.family else arn)} --region {world.region} --query 'taskDefinition.containerDefinitions[].image'"
    meant, says = repaired(image.image), f"is not valid: {image.error}"
    if wrong is not None and image.reference is not None:
        host = image.reference.registry
        meant = image.image.replace(host, wrong.meant, 1) if wrong.meant else None
        says = f"has no host of ECR's: {wrong.says}."
    offer = f"{meant}, if that was meant," if meant else "a valid image in place of HOST/REPOSITORY:TAG"
    return fails(
        INVALID_REFERENCE,
        f"The image reference of {containers(image)} {says}",
        stage="manifest",
        resources=(image.image, *((arn,) if arn else ())),
        evidence=(
            Evidence(
                what=f"the image of {containers(image)} is {image.image}",
                source="ecs:DescribeTaskDefinition" if arn else "ecs:DescribeTasks",
            ),
        ),
        fix=with_image(
            world,
            image,
            meant or "HOST/REPOSITORY:TAG",
            f"Name {offer} for {containers(image)} in a new revision of the task definition.",
            verify,
            placeholder=meant is None,
        ),
        console_url=definition_page(world),
    )


ROOM = Room(INVALID_REFERENCE, _judge)
