"""Reads AWS: the only code that turns a target into a snapshot."""

from diagnostics.collect.clients import AwsClients
from diagnostics.collect.collector import (
    AwsUnreachableError,
    Clock,
    Progress,
    RegionNeededError,
    SystemClock,
    collect,
)
from diagnostics.collect.permissions import PermissionRow, permission_rows, policy_document

__all__ = [
    "AwsClients",
    "AwsUnreachableError",
    "Clock",
    "PermissionRow",
    "Progress",
    "RegionNeededError",
    "SystemClock",
    "collect",
    "permission_rows",
    "policy_document",
]
