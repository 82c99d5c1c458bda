"""Who may pull: the role, its policies and secrets, and the policies of the repository, the registry and the endpoints."""

from __future__ import annotations

from diagnostics.checks.base import Check
from diagnostics.checks.permissions.endpoint import ecr_endpoints, s3_endpoint
from diagnostics.checks.permissions.guardduty import sidecar
from diagnostics.checks.permissions.pull import may_pull
from diagnostics.checks.permissions.role import execution_role, instance_profile
from diagnostics.checks.permissions.secrets import of_containers, of_keys, of_registry

CHECKS: tuple[Check, ...] = (
    execution_role,
    instance_profile,
    of_containers,
    of_registry,
    of_keys,
    may_pull,
    sidecar,
    ecr_endpoints,
    s3_endpoint,
)

__all__ = ["CHECKS"]
