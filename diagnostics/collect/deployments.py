"""Waits for the newest deployment of a service, as a pipeline does: with a limit, and asking seldom.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from diagnostics.collect import calls
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.operation import Call
from diagnostics.collect.perform import perform
from diagnostics.snapshot import Absent, Fact, Known, ServiceDeployment
from diagnostics.target import Target

UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html (status)"""
PAUSE = 10.0
"""Seconds between two looks; the account's rate for this call is 20 a second, shared with everything else."""
NEW = timedelta(minutes=2)
"""A deployment that is done is taken for the one that is waited for if it began no longer ago than this."""
APPEARS = 60.0
"""Seconds that are waited for a newer one to appear where the newest has long been done."""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class WaitingClock:
    """The time of a wait."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    elapsed: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def newest_deployment(target: Target, clients: AwsClients, region: str) -> Fact[ServiceDeployment]:
    """The newest deployment of a service; absent where it never had one, or where there is no such service."""
    call = Call.to(
        calls.LIST_SERVICE_DEPLOYMENTS,
        {"cluster": target.cluster or "default", "service": target.service, "maxResults": 100},
        region=region,
        account=target.account_id,
        resource=target.service,
    )
    fact = perform(call, clients).fact
    if not isinstance(fact, Known):
        return fact
    newest = max(fact.value, key=lambda item: item.created_at or _NEVER, default=None)
    return Absent(call=calls.LIST_SERVICE_DEPLOYMENTS.action) if newest is None else Known(value=newest)


def awaited(
    look: Callable[[], Fact[ServiceDeployment]],
    limit: float,
    clock: WaitingClock,
    told: Callable[[ServiceDeployment], None] = lambda _: None,
) -> Fact[ServiceDeployment]:
    """The deployment once it is done, or as it is when the time is up.

    Args:
        look: reads the newest deployment.
        limit: seconds to wait.
        clock: the time.
        told: is told of each look that shows one under way.
    """
    started, began = clock.elapsed(), clock.now()
    while True:
        fact = look()
        spent = clock.elapsed() - started
        if isinstance(fact, Known):
            deployment = fact.value
            under_way = deployment.status in UNDER_WAY
            old = (deployment.created_at or _NEVER) < began - NEW
            if under_way:
                told(deployment)
            # One that failed is what somebody asks about, however old; one that succeeded may be the one before.
            elif not (deployment.status == "SUCCESSFUL" and old) or spent >= min(APPEARS, limit):
                return fact
        elif not isinstance(fact, Absent) or spent >= min(APPEARS, limit):
            return fact
        if spent + PAUSE > limit:
            return fact
        clock.sleep(PAUSE)
