"""Is what the tag or digest names an image, and one that can be pulled as it is stored?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Subject, World, check, fails, passes, skipped
from diagnostics.faults.image.faults import (
    DIGEST_NOT_FOUND,
    IMAGE_ARCHIVED,
    REPO_NOT_FOUND,
    TAG_NOT_FOUND,
    UNSUPPORTED_ARTIFACT,
)
from diagnostics.faults.image.wording import Place, image_of, why_not_ecr
from diagnostics.faults.told import quoted as text_of
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fix, Outcome, Status
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageDetail, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

IMAGE_CONFIGS = (
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
)
IMAGE_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html"""

UNSUPPORTED_TEXTS = (SymptomId.UNSUPPORTED_ARTIFACT, SymptomId.MANIFEST_UNSUPPORTED)


@check("image.stored", "image", IMAGE_ARCHIVED, UNSUPPORTED_ARTIFACT)
def stored(world: World, subject: Subject) -> Iterator[Outcome]:
    """The image must be an image, and not be in the archive."""
    image = image_of(subject)
    why = why_not_ecr(image)
    if why is not None or image.reference is None:
        yield skipped(IMAGE_ARCHIVED, why or "")
        symptom = told(world, image, *UNSUPPORTED_TEXTS)
        if symptom is None or image.reference is None:
            yield skipped(UNSUPPORTED_ARTIFACT, why or "")
        else:
            yield _unsupported(image, image.reference, None, Status.WARN, text_of(symptom))
        return
    detail = need(world.image_facts(image).detail)
    if detail is None:
        why = f"there is no such image: {TAG_NOT_FOUND.id}, {DIGEST_NOT_FOUND.id} or {REPO_NOT_FOUND.id}"
        yield from (skipped(fault, why) for fault in stored.faults)
        return
    if detail.image_status in ("ARCHIVED", "ACTIVATING"):
        yield _archived(image.reference, detail)
    else:
        yield passes(IMAGE_ARCHIVED)
    kind = not_an_image(detail)
    if kind is not None:
        what = f"{image.reference.tag_or_digest} is of type {kind}"
        evidence = Evidence(what=what, source="ecr:DescribeImages")
        yield _unsupported(image, image.reference, kind, Status.FAIL, evidence)
        return
    symptom = told(world, image, *UNSUPPORTED_TEXTS)
    if symptom is None:
        yield passes(UNSUPPORTED_ARTIFACT)
    else:
        yield _unsupported(image, image.reference, None, Status.WARN, text_of(symptom))


def not_an_image(detail: ImageDetail) -> str | None:
    """The media type of what is no container image, `None` where nothing says that it is none.

    An attestation may carry the media types of an image, so that only the error text shows it.
    """
    artifact, manifest = detail.artifact_media_type, detail.image_manifest_media_type
    if artifact and artifact not in IMAGE_CONFIGS:
        return artifact
    return manifest if manifest and manifest not in IMAGE_MANIFESTS else None


def _archived(reference: ImageReference, detail: ImageDetail) -> Outcome:
    place = Place.of(reference)
    archived = detail.image_status == "ARCHIVED"
    say = "is in the archive storage class" if archived else "is being restored from the archive"
    name = (
        f"imageDigest={detail.image_digest}" if detail.image_digest else f"imageTag={reference.tag_or_digest}"
    )
    change = (
        f"aws ecr update-image-storage-class {place.flags} --image-id {quoted(name)} --target-storage-class"
    )
    return fails(
        IMAGE_ARCHIVED,
        f"Image {reference.tag_or_digest} of {place.repository} {say}.",
        stage="manifest",
        resources=(place.arn, reference.tag_or_digest),
        evidence=(Evidence(what=f"imageStatus is {detail.image_status}", source="ecr:DescribeImages"),),
        fix=Fix(
            text=(
                "Restore the image (it takes up to 20 minutes), or push it again."
                if archived
                else "Wait until the image is restored (up to 20 minutes), then start the task again."
            ),
            cli=f"{change} STANDARD" if archived else None,
            verify=f"aws ecr describe-images {place.flags} --image-ids {quoted(name)} --query 'imageDetails[].imageStatus'",
            undo=f"{change} ARCHIVE",
        ),
        console_url=place.link,
    )


def _unsupported(
    image: ContainerImage,
    reference: ImageReference,
    kind: str | None,
    status: Status,
    evidence: Evidence,
) -> Outcome:
    wanted = reference.tag_or_digest
    what = (
        f"of type {kind} and no container image"
        if kind
        else "something that the container runtime cannot use"
    )
    place = Place.of(reference) if reference.is_ecr else None
    build = f"docker buildx build --provenance=false --sbom=false --tag {quoted(image.image)} --push ."
    verify = (
        f"aws ecr describe-images {place.flags} --image-ids {'imageDigest' if reference.digest else 'imageTag'}={quoted(wanted)}"
        " --query 'imageDetails[].[imageManifestMediaType,artifactMediaType]'"
    ) if place else f"docker buildx imagetools inspect {quoted(image.image)}"  # fmt: skip
    return fails(
        UNSUPPORTED_ARTIFACT,
        f"{wanted} of {reference.repository} is {what}.",
        named=True,
        stage="manifest",
        resources=(place.arn if place else image.image, wanted),
        evidence=(evidence,),
        fix=Fix(
            text="Build the image without attestations and push it again under the tag.",
            cli=build,
            verify=verify,
        ),
        console_url=place.link if place else None,
        status=status,
    )
