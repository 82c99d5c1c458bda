"""The image is in ECR's archive storage class."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.lifecycle import may_have_archived
from diagnostics.faults.image.no_such_image import NO_IMAGE
from diagnostics.faults.image.owners_word import owner_lacks
from diagnostics.faults.images import Place, image_id, reference_of
from diagnostics.faults.texts import NOT_FOUND
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageDetail, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

IMAGE_ARCHIVED = Fault(
    id="image-archived",
    kind="image",
    title="The image is not in ECR's archive storage class",
    short="its image is archived",
    why="An archived image is still listed, but it cannot be pulled until it has been restored.",
    how="Restore the image (up to 20 minutes) or push it again.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)


def _judge(world: World, image: ContainerImage, place: Place) -> Outcome:
    if owner_lacks(world, image) is not None:
        return skipped(IMAGE_ARCHIVED, NO_IMAGE)
    detail = need(world.image_facts(image).detail)
    if detail is None:
        return skipped(IMAGE_ARCHIVED, NO_IMAGE)
    if detail.image_status in ("ARCHIVED", "ACTIVATING"):
        return _archived(world, image, place, detail)
    return passes(IMAGE_ARCHIVED)


def _archived(world: World, image: ContainerImage, place: Place, detail: ImageDetail) -> Outcome:
    reference = reference_of(image)
    suspect = may_have_archived(world.image_facts(image), detail)
    since = f"; it was archived on {detail.last_archived_at:%Y-%m-%d}" if detail.last_archived_at else ""
    again = f" {suspect.advice}" if suspect else ""
    archived = detail.image_status == "ARCHIVED"
    say = "is in the archive storage class" if archived else "is being restored from the archive"
    name = f"imageDigest={detail.image_digest}" if detail.image_digest else image_id(reference)
    change = (
        f"aws ecr update-image-storage-class {place.flags} --image-id {quoted(name)} --target-storage-class"
    )
    return fails(
        IMAGE_ARCHIVED,
        f"Image {reference.tag_or_digest} of {place.repository} {say}.",
        more=suspect.says if suspect else None,
        stage="manifest",
        resources=(place.arn, reference.tag_or_digest),
        evidence=(
            Evidence(what=f"imageStatus is {detail.image_status}{since}", source="ecr:DescribeImages"),
            *((suspect.evidence,) if suspect else ()),
        ),
        fix=Fix(
            title="Restore the image" if archived else None,
            text=(
                f"Restore the image (it takes up to 20 minutes), or push it again.{again}"
                if archived
                else "Wait until the image is restored (up to 20 minutes), then start the task again."
            ),
            cli=f"{change} STANDARD" if archived else None,
            verify=f"aws ecr describe-images {place.flags} --image-ids {quoted(name)} --query 'imageDetails[0].imageStatus' --output text",
            expect="ACTIVE",
            undo=f"{change} ARCHIVE" if archived else None,
            then=then_for(world),
        ),
        console_url=place.link,
    )


ROOM = ecr_room(IMAGE_ARCHIVED, _judge)
