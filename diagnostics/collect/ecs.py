"""Reads the task, its task definition and service, and the host it was placed on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from diagnostics.collect import calls
from diagnostics.collect.parsing import Found
from diagnostics.collect.reading import Reader, hanging_on, is_pending, single
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    ContainerInstance,
    Fact,
    Known,
    Service,
    ServiceEvent,
    Snapshot,
    Source,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
    known_or,
    known_value,
)
from diagnostics.target import Target

BATCH = 100
"""The most tasks that one DescribeTasks call takes."""

MOST_CLUSTERS = 20

_ABOUT_A_PULL = re.compile(
    r"CannotPull|pull|image manifest|ResourceInitializationError|registry|ECR|GetAuthorizationToken",
    re.IGNORECASE,
)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EcsFacts:
    """What ECS says about the target."""

    source: Source
    task: Fact[Task]
    service: Fact[Service]
    task_definition: Fact[TaskDefinition]
    container_instance: Fact[ContainerInstance]


def read_ecs(
    reader: Reader, target: Target, previous: Snapshot | None, alert_text: str | None = None
) -> EcsFacts:
    """The facts of a task, or of the task of a service that tells most about a failed pull.

    A task that ECS has forgotten (stopped tasks are kept for an hour at least) is taken from `previous`; of one that cannot be
    read at all `alert_text` tells, or an event of its service.
    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
    """
    named = _read_service(reader, target.service, target.cluster) if target.service else None
    task: Fact[Task]
    if target.task_id:
        task = _read_task(reader, target.task_id, target.cluster)
    elif target.service:
        task = _task_of_service(reader, target.service, target.cluster)
    else:
        task = NOT_ASKED
    source: Source = "live" if isinstance(task, Known) else "none"
    if isinstance(task, Absent) and previous is not None and isinstance(previous.task, Known):
        task, source = previous.task, "saved"
    known = known_value(task)
    service: Fact[Service]
    if named is not None:
        service = named
    elif known is not None and known.service_name:
        service = _read_service(reader, known.service_name, known.cluster_arn or target.cluster)
    elif known is not None:
        service = NOT_ASKED
    else:
        service = hanging_on(task, Why.SERVICE_NAME_GONE)
    told_by_alert = alert_text is not None and not _without_cluster(task)
    if source == "none" and told_by_alert and target.task_id is not None:
        source = "alert"
    if source == "none" and any(_ABOUT_A_PULL.search(event.message) for event in _events(service)):
        source = "service_events"
    if source == "none" and told_by_alert:
        source = "alert"
    return EcsFacts(
        source=source,
        task=task,
        service=service,
        task_definition=_read_task_definition(reader, task, service),
        container_instance=_read_container_instance(reader, task, target.cluster),
    )


def _without_cluster(task: Fact[Task]) -> bool:
    return isinstance(task, Absent) and task.without == "cluster"


def _events(service: Fact[Service]) -> tuple[ServiceEvent, ...]:
    known = known_value(service)
    return known.events if known else ()


def _cluster(reader: Reader, cluster: str | None) -> str:
    """The ARN of a cluster where the account is known.

    A name alone would be looked up in the account of the credentials, whatever account the task is in, and
    a cluster that is missing *there* says nothing about the task.
    """
    name = (cluster or "default").rsplit("/", 1)[-1]
    if cluster and cluster.startswith("arn:"):
        return cluster
    if reader.account is None:
        return name
    return f"arn:{reader.partition}:ecs:{reader.region}:{reader.account}:cluster/{name}"


# --- the task ----------------------------------------------------------------------------------------


def _describe_tasks(reader: Reader, cluster: str, tasks: tuple[str, ...]) -> Fact[Found[Task]]:
    return reader.read(
        calls.DESCRIBE_TASKS,
        {"cluster": cluster, "tasks": list(tasks)},
        about=tasks[0] if len(tasks) == 1 else cluster,
    )


def _read_task(reader: Reader, name: str, cluster: str | None) -> Fact[Task]:
    action = calls.DESCRIBE_TASKS.action
    task = single(_describe_tasks(reader, _cluster(reader, cluster), (name,)), action, name)
    if cluster is not None or not isinstance(task, Absent):
        return task
    # An ARN in the old format does not name the cluster, and the task is not in the one called `default`.
    clusters = reader.read(calls.LIST_CLUSTERS)
    if not isinstance(clusters, Known):
        return hanging_on(clusters, Why.CLUSTER_NOT_NAMED)
    others = [item for item in clusters.value if item.rsplit("/", 1)[-1] != "default"]
    answers = [
        single(_describe_tasks(reader, item, (name,)), action, name) for item in others[:MOST_CLUSTERS]
    ]
    for answer in answers:
        if isinstance(answer, Known):
            return answer
    for answer in answers:
        if isinstance(answer, Unavailable):
            return answer
    if len(others) > MOST_CLUSTERS:
        return Unavailable(
            reason=Why.TOO_MANY_CLUSTERS,
            call=action,
            resource=name,
        )
    # That there is no cluster `default` says nothing: the task was in another one.
    return Absent(call=action)


def _task_of_service(reader: Reader, service: str, cluster: str | None) -> Fact[Task]:
    """The newest stopped task of a service, one that failed at a pull before any other; else a live one.

    Both lists are asked for at once, so that a service without a stopped task is not a call deeper.
    """
    listed = {status: _list_tasks(reader, service, cluster, status) for status in ("STOPPED", "RUNNING")}
    for arns in listed.values():
        tasks = _tasks(reader, service, cluster, arns)
        if not isinstance(tasks, Known):
            return tasks
        if tasks.value:
            return Known(value=_most_telling(tasks.value))
    return next(
        (arns for arns in listed.values() if isinstance(arns, Absent)), Absent(call=calls.LIST_TASKS.action)
    )


def _list_tasks(reader: Reader, service: str, cluster: str | None, status: str) -> Fact[tuple[str, ...]]:
    """The ARNs of a service's tasks with a desired status; `RUNNING` is also what a pending task desires."""
    params = {"cluster": _cluster(reader, cluster), "serviceName": service, "desiredStatus": status}
    return reader.read(calls.LIST_TASKS, params, about=service)


def _tasks(
    reader: Reader, service: str, cluster: str | None, arns: Fact[tuple[str, ...]]
) -> Fact[tuple[Task, ...]]:
    if not isinstance(arns, Known):
        return arns if isinstance(arns, Unavailable) else Known(value=())
    where = _cluster(reader, cluster)
    batches = [arns.value[start : start + BATCH] for start in range(0, len(arns.value), BATCH)]
    answers = [_describe_tasks(reader, where, batch) for batch in batches]
    tasks: list[Task] = []
    for answer in answers:
        if isinstance(answer, Unavailable):
            return answer
        tasks.extend(item for item in known_or(answer, Found((), ())).items if item.service_name == service)
    return Known(value=tuple(tasks))


def _most_telling(tasks: tuple[Task, ...]) -> Task:
    def rank(task: Task) -> tuple[bool, bool, datetime, str]:
        texts = (task.stopped_reason, *(item.reason for item in task.containers))
        about_a_pull = any(_ABOUT_A_PULL.search(text) for text in texts if text)
        moment = task.stopped_at or task.stopping_at or task.created_at or _NEVER
        return about_a_pull, task.last_status != "RUNNING", moment, task.task_arn

    return max(tasks, key=rank)


# --- its definition, service and host ----------------------------------------------------------------


def _read_service(reader: Reader, service: str, cluster: str | None) -> Fact[Service]:
    fact = reader.read(
        calls.DESCRIBE_SERVICES, {"cluster": _cluster(reader, cluster), "services": [service]}, about=service
    )
    return single(fact, calls.DESCRIBE_SERVICES.action, service)


def _read_task_definition(reader: Reader, task: Fact[Task], service: Fact[Service]) -> Fact[TaskDefinition]:
    """The task's own revision; where there is no task, the one that the service would start now."""
    if is_pending(task):
        return task
    known, fallback = known_value(task), known_value(service)
    if known is not None:
        name = known.task_definition_arn
    elif fallback is not None:
        name = fallback.task_definition
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
        {"cluster": _cluster(reader, known.cluster_arn or cluster), "containerInstances": [arn]},
        about=arn,
    )
    return single(fact, calls.DESCRIBE_CONTAINER_INSTANCES.action, arn)
