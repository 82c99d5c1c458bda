"""The KMS keys that a pull-through cache depends on: of its upstream secret, and of the template of its repositories."""

from __future__ import annotations

from diagnostics.faults.image.repository_key_unusable import USABLE_STATES
from diagnostics.finding import Fix
from diagnostics.pull import region_named
from diagnostics.snapshot import KmsKey
from diagnostics.write import quoted


def trouble_of(key: KmsKey | None) -> str | None:
    """Why a key cannot be used, as the end of a sentence; `None` where it can. `key` is `None` where there is none."""
    if key is None:
        return "does not exist"
    if (key.key_state or "") in USABLE_STATES:
        return None
    says = {"PendingDeletion": "is scheduled for deletion", "Disabled": "is disabled"}
    return says.get(key.key_state or "", f"is in state {key.key_state}")


def usable_again(key: KmsKey | None, arn: str, region: str, otherwise: Fix) -> Fix:
    """The key enabled again where that is possible; else what is to be done without it."""
    which = f"--key-id {quoted(arn)} --region {region_named(arn) or region}"
    state = key.key_state if key else None
    enable = f"aws kms enable-key {which}"
    verify = f"aws kms describe-key {which} --query KeyMetadata.KeyState"
    if state == "Disabled":
        return Fix(text="Enable the key.", cli=enable, verify=verify, undo=f"aws kms disable-key {which}")
    if state == "PendingDeletion":
        return Fix(
            text="Cancel the deletion of the key and enable it.",
            cli=f"aws kms cancel-key-deletion {which} &&\n{enable}",
            verify=verify,
            undo=f"aws kms schedule-key-deletion {which} --pending-window-in-days 30",
        )
    return otherwise
