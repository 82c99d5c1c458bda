"""A service that was rolled back: which deployment failed, as far as the service itself still says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.snapshot import Deployment, Service, ServiceEvent

_SAYS = re.compile(r"rolling back to|deployment circuit breaker|rolled back", re.IGNORECASE)
_NAMES = re.compile(r"rolling back to (?:deployment )?(ecs-svc/[0-9]+)", re.IGNORECASE)
_COMPLETED = re.compile(r"\(deployment (ecs-svc/[0-9]+)\) deployment completed", re.IGNORECASE)


@dataclass(frozen=True)
class RollBack:
    """`failed` is the deployment that failed, while the service still lists it; `event` the one that tells of the roll-back."""

    failed: Deployment | None
    event: ServiceEvent | None


def roll_back_of(service: Service) -> RollBack | None:
    """The roll-back that a service is in, or that was the last thing which was deployed; `None` where there is none.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html and
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    # Without roll-back a deployment that failed stays the primary one.
    failed = next(
        (item for item in service.deployments if item.rollout_state == "FAILED" and item.status != "PRIMARY"),
        None,
    )
    event = _event(service)
    if event is not None and _deployed_since(service, event):
        return None
    return None if failed is None and event is None else RollBack(failed, event)


def _event(service: Service) -> ServiceEvent | None:
    """The newest event that tells of a roll-back, unless something else was deployed after it.

    That the deployment is completed which was rolled back to is the end of the roll-back.
    """
    events = service.events
    place = next((place for place, item in enumerate(events) if _SAYS.search(item.message)), None)
    if place is None:
        return None
    found = _NAMES.search(events[place].message)
    completed = {match[1] for item in events[:place] if (match := _COMPLETED.search(item.message))}
    if found is not None:
        completed.discard(found[1])
    return None if completed else events[place]


def _deployed_since(service: Service, event: ServiceEvent) -> bool:
    """True if the service has a deployment that began after the roll-back and is not what was rolled back to: nothing says that it
    failed, though it is not completed yet.

    Where the event does not name what was rolled back to, the two cannot be told apart.
    """
    back_to = _NAMES.search(event.message)
    if back_to is None or event.created_at is None:
        return False
    return any(
        item.id != back_to[1]
        and item.rollout_state != "FAILED"
        and item.created_at is not None
        and item.created_at > event.created_at
        for item in service.deployments
    )
