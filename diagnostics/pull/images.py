"""Which images the task pulls, and for which of its containers."""

from __future__ import annotations

import re

from diagnostics.image_reference import ImageReference, InvalidImageReference
from diagnostics.image_reference import parse as parse_image
from diagnostics.pull.model import ContainerImage
from diagnostics.snapshot import ServiceRevision, Task, TaskDefinition
from diagnostics.stop_reason import classify

_ASKED_FOR = re.compile(
    r"https://([A-Za-z0-9.-]{1,200})/v2/([a-z0-9._/-]{1,255}?)/manifests/(sha256:[0-9a-f]{64}|(?!sha256)[\w][\w.-]{0,127})",
    re.ASCII,
)
"""A manifest as a registry is asked for it. https://distribution.github.io/distribution/spec/api/#pulling-an-image-manifest"""


def container_images(
    task: Task | None,
    definition: TaskDefinition | None,
    alert_text: str | None = None,
    revision: ServiceRevision | None = None,
) -> tuple[ContainerImage, ...]:
    """The distinct images of a task in the order of its containers.

    `containers[].image` of the task is what ECS used and wins over the task definition; a container that is in the
    task but not in the definition was injected (GuardDuty, Service Connect). Where neither can be read, it is the image that an
    alert's error text names, of no container. Of a task that is planned, `revision` is that of its service: all tasks of it pull the
    digests that ECS resolved their tags to.
    """
    resolved = (
        {item.container_name: item.image_digest for item in revision.container_images} if revision else {}
    )
    pairs: list[tuple[str, str, bool]] = []
    seen: set[str] = set()
    for container in task.containers if task else ():
        defined = definition.container(container.name) if definition else None
        image = container.image or (defined.image if defined else None)
        seen.add(container.name)
        if image:
            pairs.append((container.name, image, definition is not None and defined is None))
    for item in definition.container_definitions if definition else ():
        if item.name not in seen and item.image:
            pairs.append((item.name, _with_digest(item.image, resolved.get(item.name)), False))
    if not seen and not pairs and alert_text is not None:
        return _image_of(alert_text)
    result: list[ContainerImage] = []
    for image in dict.fromkeys(image for _, image, _ in pairs):
        names = tuple(name for name, other, _ in pairs if other == image)
        injected = all(flag for _, other, flag in pairs if other == image)
        reference, error = parsed_image(image)
        result.append(
            ContainerImage(
                image=image,
                containers=names,
                reference=reference,
                error=error,
                credentials_parameter=_credentials(definition, names),
                injected=injected,
            )
        )
    return tuple(result)


def _with_digest(image: str, digest: str | None) -> str:
    """An image as ECS starts it. AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"""
    return image if digest is None or "@" in image else f"{image}@{digest}"


def _image_of(alert_text: str) -> tuple[ContainerImage, ...]:
    image = classify(alert_text).image or _image_asked_for(alert_text)
    if image is None:
        return ()
    reference, error = parsed_image(image)
    return (ContainerImage(image=image, containers=(), reference=reference, error=error),)


def _image_asked_for(text: str) -> str | None:
    """The image of the registry's address in a text."""
    found = _ASKED_FOR.search(text)
    if found is None:
        return None
    host, repository, reference = found.groups()
    host = "docker.io" if host == "registry-1.docker.io" else host
    return f"{host}/{repository}{'@' if reference.startswith('sha256:') else ':'}{reference}"


def _credentials(definition: TaskDefinition | None, containers: tuple[str, ...]) -> str | None:
    """The secret that the last of the containers with `repositoryCredentials` names."""
    found = None
    for name in containers:
        defined = definition.container(name) if definition else None
        if defined is not None and defined.repository_credentials is not None:
            found = defined.repository_credentials.credentials_parameter
    return found


def parsed_image(image: str) -> tuple[ImageReference | None, str | None]:
    """An image reference taken apart, or why it cannot be."""
    try:
        return parse_image(image), None
    except InvalidImageReference as error:
        return None, str(error)
