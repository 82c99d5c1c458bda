"""The checks, each a pure function of the facts. This is the list of all rooms, in the order of the steps of a pull."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.faults import files, network, permissions, secrets
from diagnostics.faults.base import Check, check_of
from diagnostics.faults.host import (
    agent_disconnected,
    agent_image_missing,
    agent_too_old,
    daemon_unavailable,
    disk_full,
    external_network,
    layer_not_unpackable,
    proxy_unusable,
    pull_timeout,
)
from diagnostics.faults.image import (
    digest_not_found,
    image_archived,
    invalid_reference,
    platform_mismatch,
    repo_not_found,
    repository_key_unusable,
    tag_not_found,
    unsupported_artifact,
    wrong_region,
)
from diagnostics.faults.registry import (
    cache_library_prefix,
    cache_needs_internet,
    cache_permission_missing,
    cache_rule_missing,
    cache_secret_unusable,
    cache_template_unusable,
    certificate_not_trusted,
    ecr_throttled,
    name_not_found,
    public_rate_limits,
    registry_credentials,
    registry_outage,
    registry_secret_malformed,
    registry_unreachable,
    registry_without_tls,
)
from diagnostics.faults.registry.first_pulls import cache_check
from diagnostics.faults.task import stopped_before_pull, task_role_not_assumable
from diagnostics.finding import Fault

TASK_CHECKS: tuple[Check, ...] = (
    check_of("task.stopped", "task", stopped_before_pull.ROOM),
    check_of("task.role", "task", task_role_not_assumable.ROOM),
)

IMAGE_CHECKS: tuple[Check, ...] = (
    check_of("image.reference", "image", invalid_reference.ROOM),
    check_of(
        "image.repository",
        "image",
        repo_not_found.ROOM,
        wrong_region.room_beside(repo_not_found.REPO_NOT_FOUND),
    ),
    check_of("image.key", "image", repository_key_unusable.ROOM),
    check_of("image.tag", "image", tag_not_found.ROOM),
    check_of("image.digest", "image", *digest_not_found.ROOMS),
    check_of("image.stored", "image", image_archived.ROOM, unsupported_artifact.ROOM),
    check_of("image.platform", "image", platform_mismatch.ROOM),
)

REGISTRY_CHECKS: tuple[Check, ...] = (
    cache_check(
        cache_rule_missing.ROOM,
        cache_library_prefix.ROOM,
        cache_secret_unusable.ROOM,
        cache_template_unusable.ROOM,
    ),
    check_of("registry.cache-permission", "role", cache_permission_missing.ROOM),
    check_of("registry.cache-internet", "path", cache_needs_internet.ROOM),
    check_of("registry.credentials", "image", *registry_credentials.ROOMS, registry_secret_malformed.ROOM),
    check_of(
        "registry.limits",
        "image",
        *public_rate_limits.ROOMS,
        ecr_throttled.ROOM,
        registry_outage.ROOM,
    ),
    check_of(
        "registry.reached",
        "image",
        name_not_found.ROOM,
        certificate_not_trusted.ROOM,
        registry_without_tls.ROOM,
        registry_unreachable.ROOM,
    ),
)

HOST_CHECKS: tuple[Check, ...] = (
    check_of("host.connected", "task", agent_disconnected.ROOM),
    check_of("host.daemon", "task", daemon_unavailable.ROOM),
    check_of("host.external", "task", external_network.ROOM),
    check_of("host.proxy", "task", proxy_unusable.ROOM),
    check_of("host.agent", "task", agent_image_missing.ROOM, agent_too_old.ROOM),
    check_of("host.layers", "image", layer_not_unpackable.ROOM),
    check_of("host.disk", "task", disk_full.ROOM),
    check_of("host.timeout", "task", pull_timeout.ROOM),
)

ALL_CHECKS: tuple[Check, ...] = (
    *TASK_CHECKS,
    *files.CHECKS,
    *permissions.ROLE_CHECKS,
    *secrets.CHECKS,
    *permissions.PULL_CHECKS,
    *network.CHECKS,
    *IMAGE_CHECKS,
    *REGISTRY_CHECKS,
    *HOST_CHECKS,
)
"""Every check, in the order of the steps of a pull."""

ALL_FAULTS: Mapping[str, Fault] = {fault.id: fault for check in ALL_CHECKS for fault in check.faults}
"""Every fault that is judged, by its id."""

__all__ = ["ALL_CHECKS", "ALL_FAULTS", "HOST_CHECKS", "IMAGE_CHECKS", "REGISTRY_CHECKS", "TASK_CHECKS"]
