"""The permissions that reading needs, generated from the table of calls."""

from __future__ import annotations

from typing import Any, NamedTuple

from diagnostics.collect.calls import OPERATIONS


class PermissionRow(NamedTuple):
    """One line of the permission table: an IAM action, the resources it is wanted on, and what it is for."""

    action: str
    resource: str
    purpose: str


def _arn(resource: str, partition: str) -> str:
    return "*" if resource == "*" else f"arn:{partition}:{resource}"


def permission_rows(partition: str = "aws") -> tuple[PermissionRow, ...]:
    """One row for each IAM action, in the order of the table of calls."""
    rows: dict[str, PermissionRow] = {}
    for item in OPERATIONS:
        rows.setdefault(item.action, PermissionRow(item.action, _arn(item.resource, partition), item.purpose))
    return tuple(rows.values())


def policy_document(partition: str = "aws") -> dict[str, Any]:
    """The IAM policy that allows exactly the calls of the table, one statement for each kind of resource.

    `partition` may be a placeholder of the template that the policy goes into (`${AWS::Partition}`).
    """
    by_resource: dict[str, list[str]] = {}
    for row in permission_rows(partition):
        by_resource.setdefault(row.resource, []).append(row.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
            for resource, actions in by_resource.items()
        ],
    }
