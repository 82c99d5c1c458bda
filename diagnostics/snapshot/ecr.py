"""The shapes of ECR answers, by AWS's own names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import AliasChoices, Field, field_validator

from diagnostics.snapshot.facts import CamelCaseKeys


class EncryptionConfiguration(CamelCaseKeys):
    """How a repository is encrypted. A puller needs no permission on the key."""

    encryption_type: str | None = None
    kms_key: str | None = None


class Repository(CamelCaseKeys):
    """An ECR repository."""

    repository_arn: str
    repository_name: str
    registry_id: str | None = None
    created_at: datetime | None = None
    image_tag_mutability: str | None = None
    encryption_configuration: EncryptionConfiguration | None = None


class ImageDetail(CamelCaseKeys):
    """An image of a repository; `image_size_in_bytes` is the compressed size.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
    """

    image_digest: str | None = None
    image_tags: tuple[str, ...] = ()
    image_pushed_at: datetime | None = None
    image_size_in_bytes: int | None = None
    image_manifest_media_type: str | None = None
    artifact_media_type: str | None = None
    image_status: str | None = None
    last_archived_at: datetime | None = None
    last_activated_at: datetime | None = None
    last_recorded_pull_time: datetime | None = None
    subject_manifest_digest: str | None = Field(None, exclude_if=lambda value: value is None)

    @property
    def is_index(self) -> bool:
        """True of an image index, which refers to images of the repository."""
        media_type = self.image_manifest_media_type or ""
        return media_type.endswith(("image.index.v1+json", "manifest.list.v2+json"))


class LifecyclePolicy(CamelCaseKeys):
    """A repository's lifecycle policy, as JSON text, and when it last ran.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicy.html
    """

    lifecycle_policy_text: str
    last_evaluated_at: datetime | None = None


class Platform(CamelCaseKeys):
    """A platform that an image index offers; a member is `None` where the index does not say it.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md
    """

    os: str | None = None
    architecture: str | None = None
    variant: str | None = None
    os_version: str | None = None

    def __str__(self) -> str:
        parts = (self.os or "?", self.architecture or "?", self.variant)
        name = "/".join(part for part in parts if part)
        return f"{name} {self.os_version}" if self.os_version else name


class ImageManifest(CamelCaseKeys):
    """What a manifest says of platforms.

    A manifest of one image (`index` is false) names none: its platform stands in a layer, which is never read.
    """

    media_type: str | None = None
    index: bool = False
    platforms: tuple[Platform, ...] = ()


class PullThroughCacheRule(CamelCaseKeys):
    """A pull-through cache rule of the registry.

    `upstream_repository_prefix` is put before the rest of the name upstream; `None` or `ROOT` puts nothing there.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PullThroughCacheRule.html
    """

    ecr_repository_prefix: str
    upstream_registry_url: str | None = None
    upstream_registry: str | None = None
    upstream_repository_prefix: str | None = None
    credential_arn: str | None = None
    custom_role_arn: str | None = None

    @property
    def prefix(self) -> str:
        """The prefix without the slash that is always assumed after it; empty for `ROOT`."""
        return "" if self.ecr_repository_prefix == "ROOT" else self.ecr_repository_prefix.rstrip("/")

    def upstream_name(self, repository: str) -> str:
        """What a repository of the cache is called upstream."""
        rest = repository.removeprefix(f"{self.prefix}/") if self.prefix else repository
        before = self.upstream_repository_prefix or "ROOT"
        return rest if before == "ROOT" else f"{before.rstrip('/')}/{rest}"


class RepositoryCreationTemplate(CamelCaseKeys):
    """What ECR gives a repository that it creates by itself. `tagged` tells whether it puts tags on it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
    """

    prefix: str
    applied_for: tuple[str, ...] = ()
    custom_role_arn: str | None = None
    encryption_configuration: EncryptionConfiguration | None = None
    tagged: bool = Field(False, validation_alias=AliasChoices("resourceTags", "tagged"))

    @field_validator("tagged", mode="before")
    @classmethod
    def _any(cls, value: object) -> object:
        """Which tags they are is of no use here."""
        return bool(value) if isinstance(value, list | tuple) else value

    @property
    def kms_key(self) -> str | None:
        """The customer managed key that it names."""
        return self.encryption_configuration.kms_key if self.encryption_configuration else None

    @property
    def by_kms(self) -> bool:
        """True if the repository is to be encrypted with a KMS key, be it AWS's own."""
        kind = self.encryption_configuration.encryption_type if self.encryption_configuration else None
        return (kind or "").startswith("KMS")


def creation_template(
    repository: str, templates: Iterable[RepositoryCreationTemplate]
) -> RepositoryCreationTemplate | None:
    """The template for a repository that a pull-through cache creates: that of the longest prefix, else `ROOT`'s."""
    fitting = [
        item
        for item in templates
        if "PULL_THROUGH_CACHE" in item.applied_for
        and (item.prefix == "ROOT" or repository.startswith(f"{item.prefix.rstrip('/')}/"))
    ]
    return max(fitting, key=lambda item: 0 if item.prefix == "ROOT" else len(item.prefix), default=None)


def serving_rule(repository: str, rules: Iterable[PullThroughCacheRule]) -> PullThroughCacheRule | None:
    """The rule that serves a repository name: the one with the longest prefix; `None` where none does."""
    fitting = [rule for rule in rules if not rule.prefix or repository.startswith(f"{rule.prefix}/")]
    return max(fitting, key=lambda rule: len(rule.prefix), default=None)
