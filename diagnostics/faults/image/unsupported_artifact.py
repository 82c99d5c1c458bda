"""What the tag or digest names is no container image."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped
from diagnostics.faults.image.in_ecr import why_not_ecr
from diagnostics.faults.image.no_such_image import NO_IMAGE
from diagnostics.faults.image.tag_rules import built_anew
from diagnostics.faults.images import Place, image_of
from diagnostics.faults.told import text_evidence, told
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Status, UndecidedError
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageDetail, need
from diagnostics.stop_reason import SymptomId

UNSUPPORTED_ARTIFACT = Fault(
    id="unsupported-artifact",
    kind="platform",
    title="The tag points to a container image",
    short="its tag is not of a container image",
    why="A repository also holds things that are no container image: build attestations, signatures, Helm charts, lists of components. The tag points to one of these, and the container runtime cannot make a container of it.",
    how="Push the image again under the tag; with docker buildx, push with --provenance=false --sbom=false.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html",
    explains=Explains(
        symptoms=(SymptomId.PLATFORM_MISMATCH, SymptomId.UNSUPPORTED_ARTIFACT, SymptomId.MANIFEST_UNSUPPORTED)
    ),
)

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


def _judge(world: World, subject: Subject) -> Outcome:
    """What ECR says of the image decides; where it says nothing, or cannot be asked, the error text does."""
    image = image_of(subject)
    reference, why = image.reference, why_not_ecr(image)
    new: str | None = None
    if why is None:
        detail = need(world.image_facts(image).detail)
        if detail is None:
            return skipped(UNSUPPORTED_ARTIFACT, NO_IMAGE)
        kind = _not_an_image(detail)
        new = None if kind else _new_type(detail)
        if kind is not None and reference is not None:
            what = f"{reference.tag_or_digest} is of type {kind}"
            evidence = Evidence(what=what, source="ecr:DescribeImages")
            return _unsupported(world, image, reference, kind, Status.FAIL, evidence)
    symptom = told(world, image, *UNSUPPORTED_TEXTS)
    if symptom is not None and reference is not None:
        return _unsupported(world, image, reference, None, Status.WARN, text_evidence(symptom))
    if new is not None:
        raise UndecidedError(f"whether the container runtime can use the media type {new} is not known here")
    return passes(UNSUPPORTED_ARTIFACT) if why is None else skipped(UNSUPPORTED_ARTIFACT, why)


def _not_an_image(detail: ImageDetail) -> str | None:
    """The media type of what is no container image, `None` where nothing says that it is none.

    An attestation may carry the media types of an image, so that only the error text shows it.
    """
    artifact, manifest = detail.artifact_media_type, detail.image_manifest_media_type
    if artifact and artifact not in IMAGE_CONFIGS and not _may_be_newer(artifact):
        return artifact
    return manifest if manifest and manifest not in IMAGE_MANIFESTS and not _may_be_newer(manifest) else None


def _new_type(detail: ImageDetail) -> str | None:
    """A media type that may be a newer one of images."""
    artifact, manifest = detail.artifact_media_type, detail.image_manifest_media_type
    if artifact and artifact not in IMAGE_CONFIGS:
        return artifact
    return manifest if manifest and manifest not in IMAGE_MANIFESTS else None


def _may_be_newer(kind: str) -> bool:
    """A type of the families that images have, or no media type at all; all other types are of something else."""
    return "/" not in kind or kind.startswith(("application/vnd.oci.image.", "application/vnd.docker."))


ATTESTATION = "an attestation"
_CALLED = (
    ("helm", "a Helm chart"),
    ("in-toto", ATTESTATION),
    ("dsse", ATTESTATION),
    ("cosign", "a signature"),
    ("notary", "a signature"),
    ("sigstore", "a signature"),
    ("spdx", "a list of components"),
    ("cyclonedx", "a list of components"),
    ("wasm", "a WebAssembly module"),
    ("buildkit.cache", "a build cache"),
    ("soci", "a SOCI index"),
)
"""What media types of artefacts hold, and what these are called."""


def artefact_called(kind: str) -> str | None:
    """What an artefact of this media type is called; `None` where it is not known here."""
    return next((name for part, name in _CALLED if part in kind.lower()), None)


def _unsupported(
    world: World,
    image: ContainerImage,
    reference: ImageReference,
    kind: str | None,
    status: Status,
    evidence: Evidence,
) -> Outcome:
    wanted = reference.tag_or_digest
    called = artefact_called(kind or evidence.what)
    what = (
        f"{called} (of type {kind}) and no container image"
        if kind and called
        else f"of type {kind} and no container image"
        if kind
        else "something that the container runtime cannot use"
    )
    place = Place.of(reference) if reference.is_ecr else None
    plain = called in (None, ATTESTATION)
    without = "Build the image without attestations" if plain else f"{wanted} is {called}. Build the image"
    return fails(
        UNSUPPORTED_ARTIFACT,
        f"{wanted} of {reference.repository} is {what}.",
        named=True,
        stage="manifest",
        resources=(place.arn if place else image.image, wanted),
        evidence=(evidence,),
        fix=built_anew(
            world,
            image,
            reference,
            ending="image",
            build="--provenance=false --sbom=false",
            title="Build the image and push it under a tag of its own",
            text=f"{without} and push it under the tag",
        ),
        console_url=place.link if place else None,
        status=status,
    )


ROOM = Room(UNSUPPORTED_ARTIFACT, _judge)
