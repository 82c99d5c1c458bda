"""The KMS keys that a pull-through cache depends on: of its upstream secret, and of the template of its repositories."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.faults.image.repository_key_unusable import USABLE_STATES, key_enabled
from diagnostics.finding import Fix
from diagnostics.pull import region_named
from diagnostics.snapshot import KmsKey


def trouble_of(key: KmsKey | None) -> str | None:
    """Why a key cannot be used, as the end of a sentence; `None` where it can. `key` is `None` where there is none."""
    if key is None:
        return "does not exist"
    if (key.key_state or "") in USABLE_STATES:
        return None
    says = {"PendingDeletion": "is scheduled for deletion", "Disabled": "is disabled"}
    return says.get(key.key_state or "", f"is in state {key.key_state}")


def usable_again(world: World, key: KmsKey | None, arn: str, region: str, otherwise: Fix) -> Fix:
    """The key made usable again where that is possible; else what is to be done without it."""
    state = key.key_state if key else None
    if state not in ("Disabled", "PendingDeletion"):
        return otherwise
    return key_enabled(world, arn, region_named(arn) or region, state)
