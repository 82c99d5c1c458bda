"""The shapes of ECR answers, by AWS's own names."""

from __future__ import annotations

from datetime import datetime

from diagnostics.snapshot.facts import Ecs


class EncryptionConfiguration(Ecs):
    """How a repository is encrypted. A puller needs no permission on the key."""

    encryption_type: str | None = None
    kms_key: str | None = None


class Repository(Ecs):
    """An ECR repository."""

    repository_arn: str
    repository_name: str
    registry_id: str | None = None
    created_at: datetime | None = None
    image_tag_mutability: str | None = None
    encryption_configuration: EncryptionConfiguration | None = None


class ImageDetail(Ecs):
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


class PullThroughCacheRule(Ecs):
    """A pull-through cache rule of the registry."""

    ecr_repository_prefix: str
    upstream_registry_url: str | None = None
    upstream_registry: str | None = None
    credential_arn: str | None = None
    custom_role_arn: str | None = None
