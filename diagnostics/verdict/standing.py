"""How a service stands where none of its tasks failed to pull: deleted, without room for a task, rolled back."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.snapshot import Service, known_value
from diagnostics.stop_reason import SymptomId, classify, redact
from diagnostics.verdict.neighbours import NEIGHBOURS, Neighbour

_OVER = ("has reached a steady state", "has started ")
"""Events after which what an older one says is over."""

_ROLLED_BACK = ("rolling back to", "deployment circuit breaker", "rolled back")

_NOT_PLACED = "was unable to place a task"


def other_end_of(world: World) -> Neighbour | None:
    """Why a service has no task that could pull, though no pull failed; `None` where that is not so.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    service = _service(world)
    if service is None:
        return None
    if service.status in ("INACTIVE", "DRAINING"):
        return Neighbour(
            f"the service was deleted (its status is {service.status}), so that nothing is pulled for it",
            "Create the service again if it is still wanted; a cluster that has one of that name elsewhere is another target.",
        )
    if service.running_count is None or service.running_count >= (service.desired_count or 0):
        return None
    for event in service.events:
        if any(phrase in event.message for phrase in _OVER):
            return None
        shown = classify(event.message)
        if shown.about_pull:
            return None
        if shown.id in NEIGHBOURS:
            return NEIGHBOURS[shown.id]
        if _NOT_PLACED in event.message and shown.id == SymptomId.NONE:
            return _not_placed(event.message)
    return None


def _not_placed(message: str) -> Neighbour:
    why = message.partition(_NOT_PLACED)[2].strip(" .").removeprefix("Reason: ")
    return Neighbour(
        f"ECS was unable to place a task, so that no pull began ({redact(why.removeprefix('because '))[:200]})",
        "Look at what the event names: container instances with the CPU, memory, ports and attributes that the task asks "
        "for, or the capacity of the service's capacity provider.",
    )


def rolled_back(world: World) -> str | None:
    """That the service's deployment was rolled back, which a look at what runs now does not show."""
    service = _service(world)
    if service is None:
        return None
    failed = next((item for item in service.deployments if item.rollout_state == "FAILED"), None)
    event = next(
        (item for item in service.events if any(phrase in item.message.lower() for phrase in _ROLLED_BACK)),
        None,
    )
    if failed is None and event is None:
        return None
    if event is None and failed is not None and not service.running_count:
        return (
            f"A deployment of {service.service_name} failed and no task of the service runs: ask about a task of that "
            "deployment to see why it could not start."
        )
    says = f" (“{redact(event.message)[:160]}”)" if event is not None else ""
    return (
        f"A deployment of {service.service_name} failed and was rolled back{says}: what runs now is the older revision. "
        "Ask about a task of the failed deployment to see why that one could not start."
    )


def _service(world: World) -> Service | None:
    return known_value(world.snapshot.service) if world.snapshot.target.kind == "service" else None
