"""Who may pull: the role, its policies and secrets, and the policies of the repository, the registry and the endpoints."""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.permissions.endpoint import ecr_endpoints, s3_endpoint
from diagnostics.faults.permissions.guardduty import sidecar
from diagnostics.faults.permissions.pull import may_pull
from diagnostics.faults.permissions.role import execution_role, instance_profile
from diagnostics.faults.permissions.secrets import of_containers, of_keys, of_registry

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
