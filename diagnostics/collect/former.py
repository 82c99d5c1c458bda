"""The revision of the task definition that ran before the one whose image the repository lacks."""

from __future__ import annotations

from diagnostics.collect import calls
from diagnostics.collect.ecs import EcsFacts
from diagnostics.collect.reading import Reader
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    ImageFacts,
    Known,
    Service,
    TaskDefinition,
    known_value,
)


def read_former(reader: Reader, ecs: EcsFacts, images: tuple[ImageFacts, ...]) -> Fact[TaskDefinition]:
    """The revision before, asked only where an image is missing from a repository that exists."""
    definition, service = known_value(ecs.task_definition), known_value(ecs.service)
    missing = any(isinstance(item.detail, Absent) and isinstance(item.repository, Known) for item in images)
    name = _former(definition, service) if definition is not None and missing else None
    if name is None:
        return NOT_ASKED
    return reader.read(calls.DESCRIBE_TASK_DEFINITION, {"taskDefinition": name}, about=name)


def _former(definition: TaskDefinition, service: Service | None) -> str | None:
    """What still runs of the service beside this revision; else the one before it by number, which may be deregistered."""
    deployments = (*service.deployments, *service.task_sets) if service else ()
    running = [item for item in deployments if item.running_count and item.task_definition]
    for item in sorted(running, key=lambda one: one.running_count or 0, reverse=True):
        if item.task_definition != definition.task_definition_arn:
            return item.task_definition
    family, _, number = definition.task_definition_arn.rpartition(":")
    return f"{family}:{int(number) - 1}" if number.isdigit() and int(number) > 1 else None
