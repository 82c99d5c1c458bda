"""Reads AWS: the only code that turns a target into a snapshot."""

from diagnostics.collect import listing
from diagnostics.collect.budget import Budget, SharedBudget
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.collector import (
    Clock,
    OnProgress,
    SystemClock,
    collect,
)
from diagnostics.collect.permissions import PermissionRow, permission_rows, policy_document
from diagnostics.collect.reaching import AwsUnreachableError, RegionNeededError
from diagnostics.collect.shared import FactStore

__all__ = [
    "AwsClients",
    "AwsUnreachableError",
    "Budget",
    "Clock",
    "FactStore",
    "OnProgress",
    "PermissionRow",
    "RegionNeededError",
    "SharedBudget",
    "SystemClock",
    "collect",
    "listing",
    "permission_rows",
    "policy_document",
]
