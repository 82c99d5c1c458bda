"""The secrets that ECS reads before a pull: a room for each fault, or for each pair of twins.

A room holds its faults, what is to be said of one secret or parameter, and the repair. A check asks its rooms of every
secret and parameter that it is about.
"""

from __future__ import annotations

from diagnostics.faults.base import Check
from diagnostics.faults.permissions.then import with_then
from diagnostics.faults.secrets import access_denied, kms_denied, reference_invalid, secret_missing
from diagnostics.faults.secrets.item_checks import check_of_items
from diagnostics.faults.secrets.secret_items import container_items, every_item, registry_items

NONE_NAMED = "its containers take no secret or parameter"
NO_CREDENTIALS = "no repositoryCredentials are named"

CHECKS: tuple[Check, ...] = tuple(
    with_then(check)
    for check in (
        check_of_items("secrets.reference", every_item, NONE_NAMED, reference_invalid.ROOM),
        check_of_items(
            "secrets.container",
            container_items,
            NONE_NAMED,
            secret_missing.CONTAINER,
            access_denied.CONTAINER,
        ),
        check_of_items(
            "secrets.registry",
            registry_items,
            NO_CREDENTIALS,
            secret_missing.REGISTRY,
            access_denied.REGISTRY,
        ),
        check_of_items("secrets.key", every_item, NONE_NAMED, kms_denied.ROOM),
    )
)
"""By whose secrets they are; what makes one impossible to read comes before who may read it."""

__all__ = ["CHECKS"]
