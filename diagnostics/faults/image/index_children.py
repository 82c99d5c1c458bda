"""An image index whose image for one platform is gone: the index is still there, and cannot be pulled.

A lifecycle policy leaves such images alone as long as their index is there; other cleaners that delete what has no tag do not.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

import re

from diagnostics.faults.base import World, unknown
from diagnostics.faults.image.owners_word import owner_lacks
from diagnostics.faults.image.tag_rules import built_anew
from diagnostics.faults.images import Place, containers, reference_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fault, Outcome, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, Unavailable, need
from diagnostics.stop_reason import SymptomId

INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_ASKED_FOR = re.compile(r"(?:/manifests/|@)(sha256:[0-9a-f]{64})")
_AFTER_THE_INDEX = ("failed to copy", "content at ", "httpreadseeker", "httpreaderseeker")


def child_gone(world: World, image: ContainerImage, facts: ImageFacts, fault: Fault) -> Outcome | None:
    """A digest that the text says is missing, and that is not the index itself, which is there; `None` where it is not so.

    Raises:
        UnavailableError: the text, or the task that tells which digest was asked for, could not be read.
    """
    symptom = told(world, image, SymptomId.IMAGE_DIGEST_GONE, SymptomId.IMAGE_NOT_FOUND)
    asked = _ASKED_FOR.findall(symptom.text) if symptom is not None else []
    # Of another account's repository the text is all that tells, which the faults of its digests go by.
    if symptom is None or not asked or owner_lacks(world, image) is not None:
        return None
    if isinstance(facts.detail, Unavailable):
        return unknown(fault, Unsettled.by(facts.detail), "manifest")
    detail, task = need(facts.detail), need(world.snapshot.task)
    child = asked[-1]
    if (
        detail is None
        or detail.image_manifest_media_type not in INDEXES
        or detail.image_digest in (None, child)
    ):
        return None
    pulled = (
        {item.image_digest for item in task.containers if item.name in image.containers} if task else set()
    )
    if detail.image_digest not in pulled and not any(
        word in symptom.text.lower() for word in _AFTER_THE_INDEX
    ):
        return None
    reference = reference_of(image)
    place = Place.of(reference)
    return shown(
        fault,
        symptom,
        f"Image index {reference.tag_or_digest} of {place.repository}, which {containers(image)} names, refers to {child}, which the repository no longer has.",
        built_anew(
            world,
            image,
            reference,
            ending="whole",
            build="--platform linux/amd64,linux/arm64",
            title="Build the image for all its platforms",
            text="Where something deletes images without a tag, let it spare those that an index refers to. Build the image for all its platforms and push it under the tag",
        ),
        Evidence(
            what=f"{reference.tag_or_digest} is the index {detail.image_digest}", source="ecr:DescribeImages"
        ),
        stage=symptom.stage or "manifest",
        resources=(place.arn, child),
        console_url=place.link,
    )
