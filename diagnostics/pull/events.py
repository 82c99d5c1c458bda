"""Which event of a service tells of the pull that is asked about: a service keeps its newest 100, whatever their age."""

from __future__ import annotations

from datetime import datetime, timedelta

from diagnostics.snapshot import Service, ServiceDeployment, ServiceEvent
from diagnostics.stop_reason import classify

OLDEST = timedelta(hours=24)
"""The most that an event about a pull may be old to tell of what fails now. While a service keeps failing, ECS adds an event
at every attempt, some minutes apart; it keeps stopped tasks for an hour."""

_OVER = "has reached a steady state"


def event_about_a_pull(
    service: Service | None,
    now: datetime | None,
    *,
    failed: ServiceDeployment | None = None,
    of_gone_task: bool = False,
) -> ServiceEvent | None:
    """The newest event that tells of the failed pull that is asked about; ECS lists events from the newest to the oldest.

    Args:
        service: the service whose events are looked at.
        now: when the facts were read; `None` where the age does not matter.
        failed: the deployment that was rolled back, where the answer is about that: an event counts since it began.
        of_gone_task: a task is asked about that ECS has forgotten; its service may be steady again since.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    for event in service.events if service else ():
        if classify(event.message).about_pull:
            return event if _tells_of_it(event, service, now, failed) else None
        if _OVER in event.message and failed is None and not of_gone_task:
            return None
    return None


def old_event_about_a_pull(service: Service | None) -> ServiceEvent | None:
    """The newest event of a failed pull, however old."""
    return event_about_a_pull(service, None, of_gone_task=True)


def _tells_of_it(
    event: ServiceEvent, service: Service | None, now: datetime | None, failed: ServiceDeployment | None
) -> bool:
    at = event.created_at
    if at is None:
        return True
    if failed is not None:
        return failed.created_at is None or at >= failed.created_at
    if now is None or now - at <= OLDEST:
        return True
    # A deployment that the circuit breaker ended is not tried again: its last event stays the newest.
    return any(
        item.status == "PRIMARY"
        and item.rollout_state == "FAILED"
        and item.created_at is not None
        and item.created_at <= at
        for item in (service.deployments if service else ())
    )
