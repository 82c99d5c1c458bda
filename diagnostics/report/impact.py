"""How the service is doing: its counts, which deployment fails, what is not affected, and what ECS will do by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import ceil

from diagnostics.arn import revision_named
from diagnostics.finding import Impact
from diagnostics.snapshot import Deployment, Service, Snapshot, ThresholdConfiguration, known_value

LEAST, MOST = 3, 200
"""Between these a threshold of the circuit breaker stays unless it is a count or unbounded."""

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
DAEMON = "DAEMON"
"""ECS counts the container instances for it: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html"""


def impact(snapshot: Snapshot) -> Impact | None:
    """What DescribeServices says of the service, `None` where there is none or it could not be read."""
    service = known_value(snapshot.service)
    if service is None:
        return None
    desired, running = service.desired_count, service.running_count
    headline = None
    if desired is not None and running is not None:
        headline = f"{running} of {_tasks(desired)} running"
        if service.pending_count:
            headline = f"{headline}, {service.pending_count} pending"
        if service.scheduling_strategy == DAEMON:
            headline = f"{headline} (a daemon service: one task for each container instance)"
    failing = _deployment_of(snapshot, service)
    failed = failing.failed_tasks if failing is not None and failing.failed_tasks else None
    return Impact(
        desired=desired,
        running=running,
        pending=service.pending_count,
        headline=headline,
        notes=(
            *_notes(service, failing),
            *_of_task_sets(service, _task_set_of(snapshot, service)),
        ),
        failed_tasks=failed,
        deployment=failing.id if failing is not None and failed else None,
        deployed_at=failing.created_at if failing is not None and failed else None,
    )


def _deployment_of(snapshot: Snapshot, service: Service) -> Deployment | None:
    """The deployment that started the task, else the one that the service tries to complete."""
    task = known_value(snapshot.task)
    if task is not None:
        return next((item for item in service.deployments if item.id and item.id == task.started_by), None)
    return next((item for item in service.deployments if item.status == "PRIMARY"), None)


def _notes(service: Service, failing: Deployment | None) -> Iterator[str]:
    if failing is None or not failing.failed_tasks:
        return
    since = f" of {failing.created_at:%Y-%m-%d %H:%M} UTC" if failing.created_at else ""
    in_a_row = " in a row," if failing.failed_tasks > 1 else ""
    yield f"{_tasks(failing.failed_tasks)} of {revision_named(failing.task_definition)} failed{in_a_row} in the deployment{since}"
    for other in service.deployments:
        if other.id != failing.id and other.running_count:
            runs = "runs" if other.running_count == 1 else "run"
            yield f"{_tasks(other.running_count)} of {revision_named(other.task_definition)} still {runs}: a running task pulls nothing and is not affected"
    yield from _what_ecs_does(service, failing)


def _what_ecs_does(service: Service, failing: Deployment) -> Iterator[str]:
    """AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""
    configuration, controller = service.deployment_configuration, service.deployment_controller
    breaker = configuration.deployment_circuit_breaker if configuration else None
    if breaker is None or breaker.enable is None or (controller and controller.type not in (None, "ECS")):
        return
    if failing.rollout_state == "FAILED":
        yield "The deployment circuit breaker ended this deployment: ECS starts no more tasks of it"
    elif not breaker.enable:
        yield "The deployment circuit breaker is off: ECS goes on trying, at growing intervals"
    elif failing.rollout_state == "COMPLETED":
        yield "This deployment was completed before, so its circuit breaker does not act: ECS goes on trying, at growing intervals"
    elif failing.rollout_state == "IN_PROGRESS":
        limit = _threshold(breaker.threshold_configuration, service.desired_count)
        after = f"after {_tasks(limit)} that fail" if limit else "after some more tasks that fail"
        end = (
            "rolls the service back to its last completed deployment"
            if breaker.rollback
            else "ends this deployment, without rolling back"
        )
        yield f"The deployment circuit breaker {end} {after}"


def _threshold(configured: ThresholdConfiguration | None, desired: int | None) -> int | None:
    """How many failed tasks end a deployment: half of the desired ones by default, between 3 and 200.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
    """
    kind = (configured.type if configured else None) or "BOUNDED_PERCENT"
    value = configured.value if configured else None
    if kind == "COUNT":
        return value
    if desired is None or kind not in ("BOUNDED_PERCENT", "UNBOUNDED_PERCENT"):
        return None
    share = ceil((50 if value is None else value) * desired / 100)
    return share if kind == "UNBOUNDED_PERCENT" else min(max(share, LEAST), MOST)


def _task_set_of(snapshot: Snapshot, service: Service) -> Deployment | None:
    """The task set that started the task; without a task the newest that is not steady, else the one that serves."""
    task = known_value(snapshot.task)
    if task is not None:
        return next((item for item in service.task_sets if item.id and item.id == task.started_by), None)
    unsteady = [item for item in service.task_sets if item.stability_status == "STABILIZING"]
    return max(unsteady, key=lambda item: item.created_at or _NEVER, default=service.primary_task_set)


def _of_task_sets(service: Service, failing: Deployment | None) -> Iterator[str]:
    """AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html"""
    if failing is None or failing.stability_status != "STABILIZING":
        return
    running, wanted = failing.running_count, failing.computed_desired_count
    since = f" of {failing.created_at:%Y-%m-%d %H:%M} UTC" if failing.created_at else ""
    counts = (
        f"{running} of {_tasks(wanted)} running"
        if running is not None and wanted is not None
        else "its counts are not told"
    )
    yield f"The task set of {revision_named(failing.task_definition)}{since} does not become steady: {counts}"
    for other in service.task_sets:
        if other.id != failing.id and other.running_count:
            serves = "serves: " if other.status == "PRIMARY" else "still runs: "
            yield (
                f"The task set of {revision_named(other.task_definition)} {serves}{_tasks(other.running_count)} running, "
                "and a running task pulls nothing and is not affected"
            )
    # A task set's own `startedBy` is CODE_DEPLOY or EXTERNAL.
    if failing.started_by == "CODE_DEPLOY":
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
        yield (
            "CodeDeploy shifts no traffic to it before it is steady, and stops or rolls the deployment back by its own settings: "
            "the circuit breaker of ECS does not act"
        )
    elif failing.started_by is not None:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-external.html
        yield (
            "The tool that made the task set decides what becomes of it: ECS goes on trying to start its tasks, and rolls "
            "nothing back"
        )


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"
