"""Who may pull: the role and its policies, and the policies of the repository, the registry and the endpoints."""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.permissions.endpoint import ecr_endpoints, s3_endpoint
from diagnostics.faults.permissions.guardduty import sidecar
from diagnostics.faults.permissions.pull import may_pull
from diagnostics.faults.permissions.role import execution_role, instance_profile

ROLE_CHECKS: tuple[Check, ...] = (execution_role, instance_profile)
"""Is there a role to pull with? That comes before the secrets, which ECS reads with it."""
PULL_CHECKS: tuple[Check, ...] = (may_pull, sidecar, ecr_endpoints, s3_endpoint)
"""What its policies, and those on the way, say of the pull."""
CHECKS: tuple[Check, ...] = (*ROLE_CHECKS, *PULL_CHECKS)

__all__ = ["CHECKS", "PULL_CHECKS", "ROLE_CHECKS"]
