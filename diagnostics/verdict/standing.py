"""How a service stands where none of its tasks failed to pull: deleted, without room for a task, rolled back."""

from __future__ import annotations

from diagnostics.arn import revision_named
from diagnostics.faults.base import World
from diagnostics.pull import RollBack, roll_back_of
from diagnostics.snapshot import (
    Absent,
    Known,
    Service,
    ServiceRevision,
    Snapshot,
    Task,
    Unavailable,
    known_value,
)
from diagnostics.stop_reason import SymptomId, classify, redact
from diagnostics.verdict.ends import end_of
from diagnostics.verdict.neighbours import NEIGHBOURS, Neighbour
from diagnostics.verdict.rests_on import TODAY, in_utc

_OVER = ("has reached a steady state", "has started ")
"""Events after which what an older one says is over."""

_CANNOT_START = "unable to consistently start tasks"
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


def does_not_start(world: World) -> str | None:
    """That a service has no running task though it should, where ECS says that its tasks fail; `None` where that is not so.

    What can be read of the pull may all be in order then: that is no reason to say that nothing is wrong.
    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    service = _service(world)
    if service is None or service.running_count != 0 or not service.desired_count:
        return None
    failed = any(item.rollout_state == "FAILED" and item.status == "PRIMARY" for item in service.deployments)
    newest = service.events[0].message if service.events else ""
    if not failed and _CANNOT_START not in newest:
        return None
    why = "its deployment failed" if failed else "ECS cannot start its tasks consistently"
    return f"None of the {service.desired_count} tasks of {service.service_name} runs and {why}"


def _not_placed(message: str) -> Neighbour:
    why = message.partition(_NOT_PLACED)[2].strip(" .").removeprefix("Reason: ")
    end = end_of(message)
    return Neighbour(
        f"ECS was unable to place a task, so that no pull began ({redact(why.removeprefix('because '))[:200]})",
        end.step if end else "",
    )


def rolled_back(world: World) -> str | None:
    """That the service's deployment was rolled back, which a look at what runs now does not show."""
    snapshot, service = world.snapshot, _service(world)
    back = roll_back_of(service) if service is not None else None
    if service is None or back is None:
        return None
    says = f" (“{redact(back.event.message)[:160]}”)" if back.event is not None else ""
    if failed_revision(snapshot) is None:
        return (
            f"A deployment of {service.service_name} failed and was rolled back{says}: what runs now is the older revision. "
            "Ask about a task of the failed deployment to see why that one could not start."
        )
    deployment = known_value(snapshot.failed_deployment)
    reason = deployment.status_reason if deployment is not None else None
    told = f" (“{redact(reason)[:160]}”)" if reason else says
    return (
        f"This is about the revision that failed{told}, with {TODAY} around it: what runs now is {_runs(service)}. "
        f"{_images_since(world)}{_DEPLOY_AGAIN}"
    )


_DEPLOY_AGAIN = "ECS does not retry what it rolled back: deploy it again after the repair."
_SHOWN_DIGEST = len("sha256:") + 12


def _images_since(world: World) -> str:
    """What became of the images that the failed revision had resolved: a sentence each, with a space behind it."""
    revision = failed_revision(world.snapshot)
    said = []
    for resolved in revision.container_images if revision else ():
        image = next((item for item in world.pull.images if item.image == resolved.image), None)
        reference = image.in_ecr if image is not None else None
        pinned = resolved.image_digest
        if image is None or reference is None or reference.digest or not pinned:
            continue
        name, was = image.image.rpartition("/")[2], redact(pinned)[:_SHOWN_DIGEST]
        detail = world.image_facts(image).detail
        if isinstance(detail, Absent):
            said.append(f"When it was deployed, {name} was there ({was}): it was removed since. ")
        elif isinstance(detail, Known) and detail.value.image_digest not in (None, pinned):
            now = (detail.value.image_digest or "")[:_SHOWN_DIGEST]
            said.append(f"When it was deployed, {name} was {was}; now it is {now}. ")
    return "".join(dict.fromkeys(said))


def rolled_back_since(world: World) -> str | None:
    """That the deployment which started the task was rolled back after the task failed; `None` where that is not known.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    task, service = known_value(world.snapshot.task), known_value(world.snapshot.service)
    back = roll_back_of(service) if service is not None else None
    if task is None or service is None or back is None or task.service_name != service.service_name:
        return None
    runs = _runs(service)
    if revision_named(task.task_definition_arn) == runs or not _started_by_what_failed(task, service, back):
        return None
    at = back.event.created_at if back.event is not None else None
    when = f" at {in_utc(at, world.snapshot.taken_at)}" if at is not None else ""
    return (
        f"The deployment of {revision_named(task.task_definition_arn)} failed and was rolled back{when}: what runs now is {runs}. "
        f"{_DEPLOY_AGAIN}"
    )


def _started_by_what_failed(task: Task, service: Service, back: RollBack) -> bool:
    """True if the deployment that started the task is the one that was rolled back, by its id, else by the times."""
    if back.failed is not None:
        return task.started_by == back.failed.id
    if back.event is None:
        return False
    by = task.started_by or ""
    if by and any(f"(deployment {by}) deployment failed" in item.message for item in service.events):
        return True
    if any(item.id == by for item in service.deployments):
        return False
    created, rolled = task.created_at, back.event.created_at
    return created is not None and rolled is not None and created <= rolled


def what_failed(world: World) -> str | None:
    """Which revision failed and was rolled back to which one when, where that is what the answer is about."""
    snapshot, service = world.snapshot, _service(world)
    revision, back = failed_revision(snapshot), roll_back_of(service) if service is not None else None
    if service is None or revision is None or back is None:
        return None
    deployment = known_value(snapshot.failed_deployment)
    at = back.event.created_at if back.event else deployment.finished_at if deployment else None
    when = f" at {in_utc(at, snapshot.taken_at)}" if at is not None else ""
    return f"{revision_named(revision.task_definition)} failed and was rolled back to {_runs(service)}{when}"


def failed_revision(snapshot: Snapshot) -> ServiceRevision | None:
    """The revision that failed, where no task tells more."""
    return known_value(snapshot.failed_revision) if known_value(snapshot.task) is None else None


def unread_subnets(world: World) -> str | None:
    """That the subnets of a VPC that a pull leaves by could not be read, with why; `None` where they were, or not asked for."""
    for name, facts in world.snapshot.vpcs.items():
        if isinstance(facts.subnets, Unavailable) and facts.subnets.was_asked:
            call = facts.subnets.call or "ec2:DescribeSubnets"
            return f"the subnets of {name} could not be read ({call}: {facts.subnets.why})"
    return None


def _runs(service: Service) -> str:
    """The task definition that the service runs."""
    primary = next((item for item in service.deployments if item.status == "PRIMARY"), None)
    return revision_named((primary.task_definition if primary else None) or service.task_definition)


def _service(world: World) -> Service | None:
    return known_value(world.snapshot.service) if world.snapshot.through_service else None
