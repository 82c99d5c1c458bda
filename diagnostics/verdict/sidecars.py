"""Containers that AWS adds to a task: said by name where it is theirs that failed, and not the task's own."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom
from diagnostics.verdict.situation import Situation

_ADDED_BY = (
    ("aws-guardduty-agent", "GuardDuty Runtime Monitoring"),
    ("ecs-service-connect", "ECS Service Connect"),
    ("aws-otel-collector", "the AWS Distro for OpenTelemetry"),
    ("~internal~ecs~pause", "the ECS agent, for the task's network (awsvpc mode)"),
    ("~internal~ecs", "the ECS agent"),
)
"""By what the container's name begins with.

AWS: https://docs.aws.amazon.com/guardduty/latest/ug/how-runtime-monitoring-works-ecs-fargate.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
"""


def of_a_sidecar(world: World, situation: Situation) -> str | None:
    """That the container whose image could not be pulled is none of the task definition's; `None` where it may be one."""
    definition = known_value(world.snapshot.task_definition)
    if definition is None:
        return None
    names = [name for item in situation.symptoms for name in _containers_of(world, item)]
    if not names or any(definition.container(name) is not None for name in names):
        return None
    name = names[0]
    who = next((who for begin, who in _ADDED_BY if name.startswith(begin)), None)
    added = f"{who} added it" if who else "it was added to the task"
    return f"Container {name} is none of the task definition's: {added}. The task's own images are not what failed."


def _containers_of(world: World, symptom: Symptom) -> tuple[str, ...]:
    """The container that a text stands at, else those whose image it names."""
    if symptom.container is not None:
        return (symptom.container,)
    text = symptom.image
    if text is None:
        return ()
    return tuple(
        name for item in world.pull.images if item.is_in_repository_of(text) for name in item.containers
    )
