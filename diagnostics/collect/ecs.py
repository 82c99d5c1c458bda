"""Reads the task, its task definition and service, and the host it was placed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader, hanging_on, is_pending, single
from diagnostics.collect.roll_backs import Failed, read_failed
from diagnostics.collect.tasks import (
    cluster_arn,
    failed_sibling,
    newest_of_service,
    read_task,
    task_of_service,
)
from diagnostics.pull import event_about_a_pull
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    ContainerInstance,
    Fact,
    Known,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Snapshot,
    Source,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
)
from diagnostics.target import Target

_RUNS = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING")
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html"""


@dataclass(frozen=True)
class EcsFacts:
    """What ECS says about the target."""

    source: Source
    task: Fact[Task]
    service: Fact[Service]
    task_definition: Fact[TaskDefinition]
    container_instance: Fact[ContainerInstance]
    failed_deployment: Fact[ServiceDeployment] = NOT_ASKED
    failed_revision: Fact[ServiceRevision] = NOT_ASKED


def read_ecs(
    reader: Reader,
    target: Target,
    previous: Snapshot | None,
    alert_text: str | None = None,
    now: datetime | None = None,
    newest: bool = False,
) -> EcsFacts:
    """The facts of a task, or of the task of a service that tells most about a failed pull; with `newest`, of the one that was made last.

    A task that ECS has forgotten (stopped tasks are kept for an hour at least) is taken from `previous`; where that has none, and
    its service is known, the newest task of the service whose pull failed stands in for it. Of one that cannot be read at all
    `alert_text` tells, or an event of its service that is not too old at `now`.
    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """
    named: Fact[Service] | None = None
    task: Fact[Task]
    if target.task_id:
        task = read_task(reader, target.task_id, target.cluster)
    elif target.service:
        named = read_service(reader, target.service, target.cluster)
        task = (_newest if newest else task_of_service)(reader, target.service, target.cluster)
    else:
        task = NOT_ASKED
    source: Source = "live" if isinstance(task, Known) else "none"
    saved = previous.task if previous is not None and isinstance(previous.task, Known) else None
    its_own = previous is not None and previous.source != "sibling"
    if isinstance(task, Absent) and saved is not None and its_own:
        task, source = saved, "saved"
    if isinstance(task, Absent) and target.task_id and target.service and not _without_cluster(task):
        named = read_service(reader, target.service, target.cluster)
        sibling = failed_sibling(reader, target.service, target.cluster, alert_text)
        if is_pending(sibling):
            task = sibling
        elif isinstance(sibling, Known):
            task, source = sibling, "sibling"
        elif saved is not None:
            task, source = saved, "sibling"
    elif isinstance(task, Unavailable) and not is_pending(task) and target.task_id and target.service:
        # It may be there, so that no other task stands in for it; how its service stands is known all the same.
        named = read_service(reader, target.service, target.cluster)
    known = known_value(task)
    service: Fact[Service]
    if named is not None:
        service = named
    elif known is not None and known.service_name:
        service = read_service(reader, known.service_name, known.cluster_arn or target.cluster)
    elif known is not None:
        service = NOT_ASKED
    else:
        service = hanging_on(task, Why.SERVICE_NAME_GONE)
    failed: Failed | None = None
    if named is not None and isinstance(named, Known) and _tells_nothing(task):
        failed = read_failed(reader, named.value, target.cluster)
    if failed is not None and (is_pending(failed[1]) or isinstance(failed[1], Known)):
        # What runs now is the older revision, which says nothing of the one that failed.
        task, source = failed[1] if is_pending(failed[1]) else Absent(call=calls.LIST_TASKS.action), "none"
    deployment, revision = failed or (NOT_ASKED, NOT_ASKED)
    told_by_alert = alert_text is not None and not _without_cluster(task)
    if source == "none" and told_by_alert and target.task_id is not None:
        source = "alert"
    gone = isinstance(task, Absent) and target.task_id is not None
    event = event_about_a_pull(
        known_value(service), now, failed=known_value(deployment), of_gone_task=gone and failed is None
    )
    if source == "none" and event is not None:
        source = "service_events"
    if source == "none" and told_by_alert:
        source = "alert"
    return EcsFacts(
        source=source,
        task=task,
        service=service,
        task_definition=_read_task_definition(reader, task, service, revision),
        container_instance=_read_container_instance(reader, task, target.cluster),
        failed_deployment=deployment,
        failed_revision=revision,
    )


def _newest(reader: Reader, service: str, cluster: str | None) -> Fact[Task]:
    """The task that was made last; absent in a service that has none."""
    found = newest_of_service(reader, service, cluster)
    if not isinstance(found, Known):
        return found
    return Absent(call=calls.LIST_TASKS.action) if found.value is None else Known(value=found.value)


def _tells_nothing(task: Fact[Task]) -> bool:
    """True if no task is there that stopped, so that none tells why a deployment failed."""
    return isinstance(task, Absent) or (isinstance(task, Known) and task.value.last_status in _RUNS)


def _without_cluster(task: Fact[Task]) -> bool:
    return isinstance(task, Absent) and task.without == "cluster"


# --- its definition, service and host ----------------------------------------------------------------


def read_service(reader: Reader, service: str, cluster: str | None) -> Fact[Service]:
    """A service as it is now."""
    fact = reader.read(
        calls.DESCRIBE_SERVICES,
        {"cluster": cluster_arn(reader, cluster), "services": [service]},
        about=service,
    )
    return single(fact, calls.DESCRIBE_SERVICES.action, service)


def _read_task_definition(
    reader: Reader, task: Fact[Task], service: Fact[Service], failed: Fact[ServiceRevision]
) -> Fact[TaskDefinition]:
    """The task's own revision; where there is no task, the one that failed, else the one that the service would start now."""
    if is_pending(task):
        return task
    known, fallback, revision = known_value(task), known_value(service), known_value(failed)
    if known is not None:
        name = known.task_definition_arn
    elif revision is not None:
        name = revision.task_definition
    elif fallback is not None:
        task_set = fallback.primary_task_set
        name = fallback.task_definition or (task_set.task_definition if task_set else None)
    else:
        return hanging_on(task, Why.DEFINITION_NAME_GONE)
    if name is None:
        return Unavailable(reason=Why.DEFINITION_NOT_NAMED, call=calls.DESCRIBE_TASKS.action)
    return reader.read(calls.DESCRIBE_TASK_DEFINITION, {"taskDefinition": name}, about=name)


def _read_container_instance(
    reader: Reader, task: Fact[Task], cluster: str | None
) -> Fact[ContainerInstance]:
    known = known_value(task)
    if known is None:
        return hanging_on(task, Why.HOST_NAME_GONE)
    arn = known.container_instance_arn
    if arn is None:
        return NOT_ASKED
    fact = reader.read(
        calls.DESCRIBE_CONTAINER_INSTANCES,
        {"cluster": cluster_arn(reader, known.cluster_arn or cluster), "containerInstances": [arn]},
        about=arn,
    )
    return single(fact, calls.DESCRIBE_CONTAINER_INSTANCES.action, arn)
