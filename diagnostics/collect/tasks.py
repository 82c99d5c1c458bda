"""Finds a task: by its id, or the one of a service that tells most about a failed pull."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from diagnostics.collect import calls
from diagnostics.collect.parsing import Found
from diagnostics.collect.reading import Reader, hanging_on, single
from diagnostics.snapshot import Absent, Fact, Known, Task, Unavailable, Why, known_or
from diagnostics.stop_reason import classify

BATCH = 100
"""The most tasks that one DescribeTasks call takes."""

MOST_CLUSTERS = 20

ABOUT_A_PULL = re.compile(
    r"CannotPull|pull|image manifest|ResourceInitializationError|registry|ECR|GetAuthorizationToken",
    re.IGNORECASE,
)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def cluster_arn(reader: Reader, cluster: str | None) -> str:
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


def read_task(reader: Reader, name: str, cluster: str | None) -> Fact[Task]:
    action = calls.DESCRIBE_TASKS.action
    task = single(_describe_tasks(reader, cluster_arn(reader, cluster), (name,)), action, name)
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


def failed_sibling(reader: Reader, service: str, cluster: str | None, alert_text: str | None) -> Fact[Task]:
    """The newest stopped task of a service whose pull failed, for one that ECS has forgotten.

    Where an alert told why that one stopped, only a task that stopped for the same reason stands in for it.
    """
    tasks = _tasks(reader, service, cluster, _list_tasks(reader, service, cluster, "STOPPED"))
    if not isinstance(tasks, Known):
        return tasks
    wanted = None if alert_text is None else classify(alert_text).id
    failed = [
        task
        for task in tasks.value
        if any(item.about_pull and wanted in (None, item.id) for item in map(classify, _texts(task)))
    ]
    return Known(value=max(failed, key=_moment)) if failed else Absent(call=calls.DESCRIBE_TASKS.action)


def task_of_service(reader: Reader, service: str, cluster: str | None) -> Fact[Task]:
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


def newest_of_service(reader: Reader, service: str, cluster: str | None) -> Fact[Task | None]:
    """The task of a service that was made last, whatever became of it; `None` where it has none at all.

    What cannot be read leaves it unknown: a newer one may be among what is missing.
    """
    listed = [_list_tasks(reader, service, cluster, status) for status in ("STOPPED", "RUNNING")]
    found: list[Task] = []
    answers = [_tasks(reader, service, cluster, arns) for arns in listed]
    for arns, tasks in zip(listed, answers, strict=True):
        if isinstance(arns, Absent):
            return arns
        if not isinstance(tasks, Known):
            return tasks
        found += tasks.value
    return Known(value=max(found, key=_made) if found else None)


def _list_tasks(reader: Reader, service: str, cluster: str | None, status: str) -> Fact[tuple[str, ...]]:
    """The ARNs of a service's tasks with a desired status; `RUNNING` is also what a pending task desires."""
    params = {"cluster": cluster_arn(reader, cluster), "serviceName": service, "desiredStatus": status}
    return reader.read(calls.LIST_TASKS, params, about=service)


def _tasks(
    reader: Reader, service: str, cluster: str | None, arns: Fact[tuple[str, ...]]
) -> Fact[tuple[Task, ...]]:
    if not isinstance(arns, Known):
        return arns if isinstance(arns, Unavailable) else Known(value=())
    where = cluster_arn(reader, cluster)
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
        about_a_pull = any(ABOUT_A_PULL.search(text) for text in texts if text)
        moment = task.stopped_at or task.stopping_at or task.created_at or _NEVER
        return about_a_pull, task.last_status != "RUNNING", moment, task.task_arn

    return max(tasks, key=rank)


def _texts(task: Task) -> tuple[str, ...]:
    """Every place in which ECS says why a task stopped."""
    texts = (task.stopped_reason, *(item.reason for item in task.containers))
    return tuple(text for text in texts if text)


def _moment(task: Task) -> tuple[datetime, str]:
    return task.stopped_at or task.stopping_at or task.created_at or _NEVER, task.task_arn


def _made(task: Task) -> tuple[datetime, str]:
    return task.created_at or _NEVER, task.task_arn
