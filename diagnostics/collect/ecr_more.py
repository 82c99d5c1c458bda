"""Reads about an image what only some situations call for: other Regions, other names, platforms, keys, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from diagnostics.arn import partition_of_region
from diagnostics.collect import calls
from diagnostics.collect.reading import Reader, is_pending
from diagnostics.image_reference import ImageReference, nearly
from diagnostics.pull import ContainerImage, parsed_image, regions_named
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    ImageDetail,
    ImageManifest,
    KmsKey,
    Known,
    LifecyclePolicy,
    PlannedTask,
    PullThroughCacheRule,
    Reason,
    Repository,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
    serving_rule,
)
from diagnostics.stop_reason import Symptom, SymptomId, classify

USUAL_REGIONS: Mapping[str, tuple[str, ...]] = {
    "aws": ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
    "aws-us-gov": ("us-gov-west-1", "us-gov-east-1"),
}
"""Where a repository that is in neither of the two expected Regions most often turns up."""

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    *INDEX_TYPES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
REFUSED_SYMPTOMS = (SymptomId.REGISTRY_ACCESS_DENIED, SymptomId.IMAGE_NOT_FOUND)
PLATFORM_SYMPTOMS = (SymptomId.PLATFORM_MISMATCH, SymptomId.WINDOWS_OS_MISMATCH)


@lru_cache(maxsize=256)
def _symptom(text: str) -> Symptom:
    """What a text shows. Remembered, for the plan is built again after each answer."""
    return classify(text)


def texts_about(image: ContainerImage, task: Task | None) -> tuple[Symptom, ...]:
    """What the error texts show that are about one image: those of its containers, else the task's own."""
    if task is None:
        return ()
    own = [item.reason for item in task.containers if item.name in image.containers and item.reason]
    others = [item for item in task.containers if item.reason and item.name not in image.containers]
    if not own and not others and task.stopped_reason:
        own = [task.stopped_reason]
    found = (_symptom(text) for text in own)
    return tuple(item for item in found if item.image is None or _is_about(item.image, image))


def _is_about(text: str, image: ContainerImage) -> bool:
    same = image.is_in_repository_of(text)
    return text == image.image if same is None else same


# --- the same repository in another Region -----------------------------------------------------------


def read_elsewhere(
    reader: Reader, reference: ImageReference, definition: TaskDefinition | None, repository: Fact[Repository]
) -> dict[str, Fact[Repository]]:
    """The repository of this name in other Regions, where the image's own Region has none.

    Asked are the task's Region, those that its task definition names, and a few usual ones. A usual Region that is
    denied is one that the organization closed, so nothing follows from it and it is left out.
    """
    if not isinstance(repository, Absent) or reference.region is None:
        return {}
    named = {reader.region, *regions_named(definition)}
    partition = partition_of_region(reference.region)
    usual = USUAL_REGIONS.get(partition, ())
    wanted = (region for region in (*sorted(named), *usual) if partition_of_region(region) == partition)
    result: dict[str, Fact[Repository]] = {}
    for region in dict.fromkeys(wanted):
        if region == reference.region:
            continue
        fact = reader.read(
            calls.DESCRIBE_REPOSITORY,
            {"registryId": reference.account_id, "repositoryNames": [reference.repository]},
            about=f"{reference.account_id}/{reference.repository} in {region}",
            region=region,
        )
        if region in named or not (isinstance(fact, Unavailable) and fact.reason.why is Why.DENIED):
            result[region] = fact
    return result


def read_own_repository(
    reader: Reader, image: ContainerImage, task: Task | None, account: str | None
) -> Fact[Repository]:
    """The repository of the task's own registry that was meant, where an image was written without ECR's host.

    Such an image is one of Docker Hub's, which refuses what it does not have.
    """
    reference = image.reference
    if reference is None or reference.kind != "docker-hub" or account is None:
        return NOT_ASKED
    host, slash, _ = image.image.partition("/")
    if slash and "." in host:
        return NOT_ASKED
    if not any(item.id in REFUSED_SYMPTOMS for item in texts_about(image, task)):
        return NOT_ASKED
    name = reference.repository.removeprefix("library/")
    return reader.read(
        calls.DESCRIBE_REPOSITORY,
        {"registryId": account, "repositoryNames": [name]},
        about=f"{account}/{name} in {reader.region}",
    )


def read_meant_repository(
    reader: Reader, reference: ImageReference, registries: tuple[str, ...], repository: Fact[Repository]
) -> Fact[Repository]:
    """The repository of the registry that was probably meant, where an account's id is nearly that of another.

    Asked only where the registry that is named does not show it.
    """
    others = tuple(item for item in registries if item != reference.account_id)
    meant = nearly(reference.account_id or "", others)
    if meant is None or is_pending(repository) or isinstance(repository, Known):
        return NOT_ASKED
    return reader.read(
        calls.DESCRIBE_REPOSITORY,
        {"registryId": meant, "repositoryNames": [reference.repository]},
        about=f"{meant}/{reference.repository} in {reference.region}",
        region=reference.region,
    )


# --- the same image under its other name -------------------------------------------------------------


def counterpart_id(
    reference: ImageReference, image: ContainerImage, task: Task | None, definition: TaskDefinition | None
) -> str | None:
    """The digest that ECS resolved the tag to, or the tag that stood where the task's image has a digest.

    ECS resolves tags when it deploys a service and starts all its tasks with the digest. AWS:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
    """
    if reference.digest:
        for name in image.containers:
            defined = definition.container(name) if definition else None
            written = parsed_image(defined.image)[0] if defined and defined.image else None
            if written is not None and not written.digest and image.is_in_repository_of(written.text):
                return written.tag_or_digest
        return None
    for container in task.containers if task else ():
        if container.name in image.containers and container.image_digest:
            return container.image_digest
    for symptom in texts_about(image, task):
        said = parsed_image(symptom.image)[0] if symptom.image else None
        if said is not None and said.digest:
            return said.digest
    return None


def read_counterpart(
    reader: Reader,
    reference: ImageReference,
    named: dict[str, Any],
    other: str | None,
    detail: Fact[ImageDetail],
) -> Fact[ImageDetail]:
    """The image by its other name, asked only where the first answer does not tell already."""
    if other is None or is_pending(detail):
        return NOT_ASKED
    known = known_value(detail)
    by_digest = other.startswith("sha256:")
    if known is not None and (known.image_digest == other if by_digest else other in known.image_tags):
        return detail
    wanted = {"imageDigest": other} if by_digest else {"imageTag": other}
    return reader.read(
        calls.DESCRIBE_IMAGE,
        {**named, "imageIds": [wanted]},
        about=f"{named['repositoryName']} {other}",
        region=reference.region,
    )


# --- platforms, keys and the secrets of cache rules --------------------------------------------------


def wants_platforms(
    image: ContainerImage, task: Task | None, detail: Fact[ImageDetail], planned: PlannedTask | None = None
) -> bool:
    """True if the error is about the platform of an image that exists, or if it is an index whose manifest may be read before a pull."""
    if not isinstance(detail, Known):
        return False
    if planned is not None:
        return planned.reads_manifests and detail.value.image_manifest_media_type in INDEX_TYPES
    return any(item.id in PLATFORM_SYMPTOMS for item in texts_about(image, task))


def read_manifest(
    reader: Reader,
    reference: ImageReference,
    named: dict[str, Any],
    rules: Fact[tuple[PullThroughCacheRule, ...]],
    wanted: dict[str, str],
) -> Fact[ImageManifest]:
    """The platforms of an image; never of one that a pull-through cache rule serves.

    `BatchGetImage` on such a repository makes ECR ask the upstream registry and keep what it answers.
    """
    if "/" in reference.repository:
        if not isinstance(rules, Known):
            return rules
        rule = serving_rule(reference.repository, rules.value)
        if rule is not None:
            return Unavailable(
                reason=Reason.about(Why.SERVED_BY_CACHE, rule.ecr_repository_prefix),
                call=calls.BATCH_GET_IMAGE.action,
                resource=named["repositoryName"],
            )
    return reader.read(
        calls.BATCH_GET_IMAGE,
        {**named, "imageIds": [wanted], "acceptedMediaTypes": list(MANIFEST_TYPES)},
        about=f"{named['repositoryName']} {reference.tag_or_digest}",
        region=reference.region,
    )


def read_lifecycle_policy(
    reader: Reader,
    reference: ImageReference,
    named: dict[str, Any],
    repository: Fact[Repository],
    images: tuple[Fact[ImageDetail], ...],
) -> Fact[LifecyclePolicy]:
    """Asked only where an image is gone from a repository that exists, or archived: a rule may have done it."""
    matters = any(
        isinstance(fact, Absent) or (isinstance(fact, Known) and fact.value.image_status == "ARCHIVED")
        for fact in images
    )
    if not matters or not isinstance(repository, Known):
        return NOT_ASKED
    return reader.read(
        calls.GET_LIFECYCLE_POLICY, named, about=named["repositoryName"], region=reference.region
    )


def read_key(reader: Reader, reference: ImageReference, repository: Fact[Repository]) -> Fact[KmsKey]:
    """The KMS key of a repository that is encrypted with one."""
    known = known_value(repository)
    encryption = known.encryption_configuration if known else None
    if (
        encryption is None
        or not encryption.kms_key
        or not (encryption.encryption_type or "").startswith("KMS")
    ):
        return NOT_ASKED
    return reader.read(
        calls.DESCRIBE_KEY, {"KeyId": encryption.kms_key}, about=encryption.kms_key, region=reference.region
    )
