"""The shapes of IAM, KMS, Secrets Manager, Systems Manager and STS answers, by AWS's own names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from diagnostics.snapshot.facts import Model, PascalCaseKeys


class PermissionsBoundary(PascalCaseKeys):
    """The permissions boundary of a role."""

    permissions_boundary_arn: str | None = None


class Tag(PascalCaseKeys):
    """A tag of a role, a secret, a parameter, a key or a repository."""

    key: str
    value: str


class RoleLastUsed(PascalCaseKeys):
    """When a role last made a request, which AWS tells for 400 days.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
    """

    last_used_date: datetime | None = None


class Role(PascalCaseKeys):
    """An IAM role; `assume_role_policy_document` is its trust policy as JSON text. `tags` is `None` where not known."""

    role_name: str
    arn: str
    path: str | None = None
    role_id: str | None = None
    assume_role_policy_document: str | None = None
    permissions_boundary: PermissionsBoundary | None = None
    tags: tuple[Tag, ...] | None = None
    create_date: datetime | None = Field(None, exclude_if=lambda value: value is None)
    role_last_used: RoleLastUsed | None = Field(None, exclude_if=lambda value: value is None)


class ManagedPolicy(PascalCaseKeys):
    """A managed policy: which version counts, and how many attach it or have it as their boundary; `None` where not known.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html
    """

    default_version_id: str
    attachment_count: int | None = None
    permissions_boundary_usage_count: int | None = None


class Simulated(Model):
    """What IAM's policy simulator says of one action on one resource.

    `allowed_by_organizations` is `None` where it says nothing of the organization's policies, or nothing of this
    resource alone; `allowed_by_boundary` where the role has no permissions boundary. `missing_context` are the condition
    keys that it wanted and was not given.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """

    action: str
    resource: str
    decision: str
    allowed_by_organizations: bool | None = None
    allowed_by_boundary: bool | None = None
    missing_context: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """True if identity policies, boundary and service control policies together allow it."""
        return self.decision == "allowed"


class Simulation(Model):
    """One question to IAM's policy simulator: the condition keys that it was given, and its answers."""

    context: Mapping[str, str] = {}
    results: tuple[Simulated, ...] = ()

    def of(self, action: str, resource: str) -> Simulated | None:
        """The answer about one action on one resource."""
        wanted = (action.lower(), resource)
        return next((item for item in self.results if (item.action.lower(), item.resource) == wanted), None)


class ProfileRole(PascalCaseKeys):
    """The role inside an instance profile."""

    role_name: str
    arn: str


class InstanceProfile(PascalCaseKeys):
    """An instance profile."""

    instance_profile_name: str
    arn: str
    roles: tuple[ProfileRole, ...] = ()


class Secret(PascalCaseKeys):
    """A secret's metadata. Its value is never read. `tags` is `None` where not known.

    `version_ids_to_stages` are the versions that have a staging label, with their labels: none where the secret has no
    value yet, `None` where not known.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """

    arn: str | None = Field(None, alias="ARN")
    name: str | None = None
    kms_key_id: str | None = None
    deleted_date: datetime | None = None
    last_changed_date: datetime | None = None
    tags: tuple[Tag, ...] | None = None
    version_ids_to_stages: Mapping[str, tuple[str, ...]] | None = None


class KmsKey(PascalCaseKeys):
    """A KMS key's metadata.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """

    key_id: str
    arn: str | None = None
    key_state: str | None = None
    key_manager: str | None = None
    deletion_date: datetime | None = None


class Parameter(PascalCaseKeys):
    """A parameter's metadata. Its value is never read.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
    """

    name: str
    arn: str | None = Field(None, alias="ARN")
    type: str | None = None
    key_id: str | None = None


class CallerIdentity(PascalCaseKeys):
    """Who pullcheck itself is in the account."""

    account: str
    arn: str
    user_id: str | None = None
