"""Who may pull: the role, its policies, and the policies of the repository, the registry and the endpoints.

A room for each fault, or for each family of twins, holds the fault, its judge, its words and its repair. The rooms of
`ROLE_ROOMS` share one role's pull of one image, whose refusals are found once.
"""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.permissions import (
    boundary_denies,
    organization_denies,
    other_account_policy,
    resource_policies_deny,
    role_explicit_deny,
    role_permission_missing,
)
from diagnostics.faults.permissions.endpoint_policies_deny import ecr_endpoints, s3_endpoint
from diagnostics.faults.permissions.execution_role import execution_role
from diagnostics.faults.permissions.guardduty_sidecar_denied import sidecar
from diagnostics.faults.permissions.instance_profile_missing import instance_profile
from diagnostics.faults.permissions.may_pull import pull_check
from diagnostics.faults.permissions.pulling_role import PolicyRoom
from diagnostics.faults.permissions.then import with_then

ROLE_ROOMS: tuple[PolicyRoom, ...] = (
    role_permission_missing.ROOM,
    role_explicit_deny.ROOM,
    boundary_denies.ROOM,
    resource_policies_deny.REPOSITORY_ROOM,
    other_account_policy.ROOM,
    resource_policies_deny.REGISTRY_ROOM,
    organization_denies.SERVICE_CONTROL_ROOM,
    organization_denies.RESOURCE_CONTROL_ROOM,
)
"""The rooms that judge one role's pull, in the order in which they are told."""

ROLE_CHECKS: tuple[Check, ...] = (with_then(execution_role), with_then(instance_profile))
"""Is there a role to pull with? That comes before the secrets, which ECS reads with it."""
PULL_CHECKS: tuple[Check, ...] = tuple(
    with_then(item) for item in (pull_check(ROLE_ROOMS), sidecar, ecr_endpoints, s3_endpoint)
)
"""What its policies, and those on the way, say of the pull."""
CHECKS: tuple[Check, ...] = (*ROLE_CHECKS, *PULL_CHECKS)

__all__ = ["CHECKS", "PULL_CHECKS", "ROLE_CHECKS", "ROLE_ROOMS"]
