"""What the report is about: the task and who pulls."""

from __future__ import annotations

from diagnostics.finding import PulledBy, TaskContainer, TaskSummary
from diagnostics.pull import Pull, launch_of
from diagnostics.report.started_by import started_by
from diagnostics.snapshot import Snapshot, known_value
from diagnostics.stop_reason import redact


def task_summary(snapshot: Snapshot) -> TaskSummary:
    """The task, or the service where there is none."""
    task, service = known_value(snapshot.task), known_value(snapshot.service)
    definition = known_value(snapshot.task_definition)
    target = snapshot.target
    containers: tuple[TaskContainer, ...]
    if task is not None:
        containers = tuple(
            TaskContainer(
                name=item.name, image=item.image, reason=redact(item.reason) if item.reason else None
            )
            for item in task.containers
        )
    else:
        defined = definition.container_definitions if definition else ()
        containers = tuple(TaskContainer(name=item.name, image=item.image, reason=None) for item in defined)
    cluster = (task.cluster_arn if task else None) or (service.cluster_arn if service else None)
    return TaskSummary(
        arn=task.task_arn if task else target.task_arn,
        cluster=cluster.rsplit("/", 1)[-1] if cluster else target.cluster,
        account_id=snapshot.account_id,
        region=snapshot.region,
        partition=snapshot.partition,
        service=snapshot.service_name or target.service,
        launch_type=_launch_type(snapshot),
        platform_version=task.platform_version if task else None,
        last_status=task.last_status if task else None,
        stop_code=task.stop_code if task else None,
        stopped_reason=redact(task.stopped_reason) if task and task.stopped_reason else None,
        stopped_at=task.stopped_at if task else None,
        containers=containers,
        source=snapshot.source,
        started_by=started_by(snapshot),
        task_definition=_planned_definition(snapshot),
    )


def _planned_definition(snapshot: Snapshot) -> str | None:
    if snapshot.planned is None:
        return None
    definition = known_value(snapshot.task_definition)
    return definition.task_definition_arn if definition else snapshot.target.task_definition


def _launch_type(snapshot: Snapshot) -> str | None:
    if snapshot.planned is not None:
        launch = known_value(launch_of(snapshot))
        return launch.upper() if launch else None
    task, service = known_value(snapshot.task), known_value(snapshot.service)
    return (task.launch_type if task else None) or (service.launch_type if service else None)


def pulled_by(described: Pull) -> PulledBy:
    """The role and the interface that pull, where each is settled."""
    one = described.principal
    used = described.used_interface
    return PulledBy(
        principal=one.role_arn if one else None,
        principal_kind=one.kind if one else None,
        interface=used.interface_id if used else None,
        subnet=used.subnet_id if used else None,
    )
