"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.policy_changes import (
    change_key_policy,
    change_secret_policy,
    put_role_policy,
    simulate,
)

__all__ = ["change_key_policy", "change_secret_policy", "put_role_policy", "simulate"]
