"""The repository has no image with the tag that the task names."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, passes, skipped
from diagnostics.faults.image.absent_images import absent, outside, told_by_owner
from diagnostics.faults.image.in_ecr import why_not_ecr
from diagnostics.faults.image.owners_word import owner_lacks
from diagnostics.faults.image.repo_not_found import NO_REPOSITORY
from diagnostics.faults.images import image_of
from diagnostics.faults.texts import NOT_FOUND
from diagnostics.finding import Explains, Fault, Outcome
from diagnostics.snapshot import Absent, Unavailable, need
from diagnostics.stop_reason import SymptomId

TAG_NOT_FOUND = Fault(
    id="tag-not-found",
    kind="image",
    title="The repository has the tag that the task names",
    short="its image's tag does not exist",
    why="The repository exists but has no image with this tag: it was never pushed, was moved to another image, or a lifecycle policy removed it.",
    how="Push the tag, or name one that exists in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)


def _judge(world: World, subject: Subject) -> Outcome:
    image = image_of(subject)
    reference, facts = image.reference, world.image_facts(image)
    why = why_not_ecr(image)
    if reference is None:
        return skipped(TAG_NOT_FOUND, why or "")
    if reference.digest:
        return skipped(TAG_NOT_FOUND, "the image is named by its digest")
    if why is not None:
        return outside(world, image, reference, TAG_NOT_FOUND, why)
    if isinstance(facts.repository, Absent):
        return skipped(TAG_NOT_FOUND, NO_REPOSITORY)
    if isinstance(facts.detail, Unavailable):
        by_text = told_by_owner(world, image, reference, TAG_NOT_FOUND)
        if by_text is not None:
            return by_text
        if owner_lacks(world, image) is not None:
            return skipped(TAG_NOT_FOUND, "the text names the digest that ECS resolved the tag to")
    if need(facts.detail) is not None:
        return passes(TAG_NOT_FOUND, f"{reference.repository} has {reference.tag_or_digest}")
    need(facts.repository)
    return absent(world, image, reference, facts, TAG_NOT_FOUND)


ROOM = Room(TAG_NOT_FOUND, _judge)
