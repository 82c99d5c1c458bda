"""Whose images a fault is about: what is not judged of an image, since it is in another registry."""

from __future__ import annotations

from collections.abc import Callable

from diagnostics.faults.base import Room, Subject, World, skipped
from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.faults.images import Place, image_of, reference_of
from diagnostics.finding import Fault, Outcome
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage


def why_not_ecr(image: ContainerImage) -> str | None:
    """Why nothing can be asked about an image; `None` where it is in private ECR."""
    if image.injected:
        return "AWS adds this container to the task, with an image of its own"
    if image.reference is not None and not image.reference.is_ecr:
        return f"{image.reference.registry} is not a private ECR registry"
    return not_valid(image)


def unless_from(
    registry: str, is_from: Callable[[ImageReference], bool]
) -> Callable[[World, Subject], str | None]:
    """Says why a fault of one registry's images is not judged of other images: `registry` is what it is called."""

    def why(world: World, subject: Subject) -> str | None:
        image = image_of(subject)
        if image.reference is None or is_from(image.reference):
            return not_valid(image)
        return f"{image.reference.registry} is not {registry}"

    return why


def ecr_room(fault: Fault, judge: Callable[[World, ContainerImage, Place], Outcome]) -> Room:
    """The room of a fault that an image outside private ECR cannot have."""

    def judge_subject(world: World, subject: Subject) -> Outcome:
        image = image_of(subject)
        why = why_not_ecr(image)
        return skipped(fault, why) if why else judge(world, image, Place.of(reference_of(image)))

    return Room(fault, judge_subject)
