"""Targets: what a diagnosis is asked about."""

from __future__ import annotations

from diagnostics.target import Target

REGION = "eu-central-1"
"""Another Region than that of the healthy worlds: nothing may take it from there."""
ACCOUNT = "111122223333"
TASK_ID = "0123456789abcdef0123456789abcdef"


def task_target(
    task_id: str = TASK_ID, cluster: str | None = "prod", account: str = ACCOUNT, region: str = REGION
) -> Target:
    """A task, as its ARN names it; without a cluster it is an ARN in the old format."""
    return Target(kind="task", region=region, account_id=account, cluster=cluster, task_id=task_id)


def service_target(
    service: str = "shop", account: str | None = ACCOUNT, region: str | None = REGION
) -> Target:
    """A service of cluster `prod`."""
    return Target(kind="service", region=region, account_id=account, cluster="prod", service=service)
