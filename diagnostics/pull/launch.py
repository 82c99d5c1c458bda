"""Where the task runs: on Fargate or on a host, on which platform version and operating system.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from diagnostics.pull.model import Launch
from diagnostics.pull.placement import planned_launch
from diagnostics.snapshot import (
    NOT_ASKED,
    Fact,
    Known,
    Service,
    ServiceRevision,
    Snapshot,
    Task,
    Unavailable,
    Why,
    known_value,
)

_LAUNCHES: Mapping[str | None, Launch] = {
    "FARGATE": "fargate",
    "EC2": "ec2",
    "EXTERNAL": "external",
    "MANAGED_INSTANCES": "managed_instances",
}

_ON_HOSTS: tuple[Launch | None, ...] = ("ec2", "managed_instances")


def launch_of(snapshot: Snapshot) -> Fact[Launch]:
    """How the task runs, from the task or its plan, else the service, else the task definition's compatibilities."""
    by_plan = planned_launch(snapshot)
    if by_plan is not None:
        return by_plan
    found = _launch(snapshot)
    if found is not None:
        return Known(value=found)
    for fact in (snapshot.task, snapshot.service_revision, snapshot.service, snapshot.task_definition):
        if isinstance(fact, Unavailable) and fact != NOT_ASKED:
            return fact
    return Unavailable(reason=Why.LAUNCH_NOT_TOLD, call="ecs:DescribeTasks")


def _launch(snapshot: Snapshot) -> Launch | None:
    task, service = known_value(snapshot.task), known_value(snapshot.service)
    definition = known_value(snapshot.task_definition)
    found = _of_task(task) if task is not None else None
    revision = known_value(snapshot.service_revision)
    if found is None and revision is not None:
        found = _LAUNCHES.get(revision.launch_type)
    if found is None and service is not None:
        found = _LAUNCHES.get(service.launch_type)
    if found is None and definition is not None:
        kinds = definition.requires_compatibilities
        found = _LAUNCHES.get(kinds[0]) if len(kinds) == 1 else None
    return found


def _of_task(task: Task) -> Launch | None:
    if task.launch_type in _LAUNCHES:
        return _LAUNCHES[task.launch_type]
    if (task.capacity_provider_name or "").startswith("FARGATE"):
        return "fargate"
    if task.container_instance_arn:
        return "ec2"
    return "fargate" if task.platform_version else None


def capacity_provider_of(task: Task) -> str | None:
    """The capacity provider that gave a task its room, where one did."""
    return task.capacity_provider_name


def has_old_platform(snapshot: Snapshot) -> bool:
    """True on Fargate Linux platform versions up to 1.3.0, whose log-in leaves by an interface that AWS owns.

    Fargate Windows counts its versions from 1.0.0 again, and sends everything over the task's interface.
    """
    told = _tells_platform(snapshot)
    if told is None or known_value(launch_of(snapshot)) != "fargate":
        return False
    old = re.fullmatch(r"1\.([0-3])(\.\d+)?", told.platform_version or "")
    return old is not None and "WINDOWS" not in (told.platform_family or "").upper()


def _tells_platform(snapshot: Snapshot) -> Task | ServiceRevision | Service | None:
    """What names the platform version and family: the task; of a planned one the service."""
    if snapshot.planned is None:
        return known_value(snapshot.task)
    return known_value(snapshot.service_revision) or known_value(snapshot.service)


def on_windows(snapshot: Snapshot) -> Fact[bool]:
    """The puller runs Windows, by the task definition's runtime platform, else by the task's platform family."""
    definition, told = known_value(snapshot.task_definition), _tells_platform(snapshot)
    platform = definition.runtime_platform if definition else None
    family = platform.operating_system_family if platform else None
    family = family or (told.platform_family if told else None)
    if family is not None:
        return Known(value=family.upper().startswith("WINDOWS"))
    for fact in (snapshot.task_definition, snapshot.task):
        if isinstance(fact, Unavailable):
            return fact
    return Known(value=False)


def is_placed_on_host(snapshot: Snapshot) -> bool:
    """True as soon as it is known that a planned task is placed on a container instance of the cluster."""
    return snapshot.planned is not None and known_value(launch_of(snapshot)) in _ON_HOSTS
