"""The service that started a task, as commands name it."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.snapshot import known_value
from diagnostics.write import quoted


def service_of(world: World) -> tuple[str, str] | None:
    """The cluster and the service that started the task."""
    task, name = known_value(world.snapshot.task), world.snapshot.service_name
    cluster = world.snapshot.target.cluster or (task.cluster_arn if task else None)
    return (cluster.rsplit("/", 1)[-1], name) if name and cluster else None


def update_service(world: World, options: str) -> str | None:
    """The command that deploys the task's service again; `None` where no service started the task."""
    named = service_of(world)
    if named is None:
        return None
    cluster, service = named
    return f"aws ecs update-service --cluster {quoted(cluster)} --service {quoted(service)} {options} --region {world.region}"
