"""The files in Amazon S3 that ECS reads with the execution role before the containers start.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef-customconfig.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from diagnostics.snapshot import ContainerDefinition, TaskDefinition

FileKind = Literal["environment", "firelens"]

_OBJECT = re.compile(r"arn:[a-z-]+:s3:::(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,254})/(?P<key>.+)", re.DOTALL)


@dataclass(frozen=True)
class NamedFile:
    """A file as a container definition names it, by the ARN of an object in S3."""

    kind: FileKind
    value: str
    container: str

    @property
    def bucket(self) -> str | None:
        """The bucket's name; `None` where the text is no ARN of an object."""
        found = _OBJECT.fullmatch(self.value)
        return found["bucket"] if found else None

    @property
    def key(self) -> str | None:
        """The object's key; `None` where the text is no ARN of an object."""
        found = _OBJECT.fullmatch(self.value)
        return found["key"] if found else None

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket."""
        return self.value.partition("/")[0]


def named_files(definition: TaskDefinition | None) -> Iterator[NamedFile]:
    """The files of a task definition, container by container."""
    for item in definition.container_definitions if definition else ():
        yield from files_of(item)


def files_of(container: ContainerDefinition) -> Iterator[NamedFile]:
    """The environment files of one container, and the configuration of a log router that keeps it in S3."""
    for file in container.environment_files:
        yield NamedFile("environment", file.value, container.name)
    router = container.firelens_configuration
    value = router.options.get("config-file-value") if router else None
    if router is not None and value and router.options.get("config-file-type") == "s3":
        yield NamedFile("firelens", value, container.name)
