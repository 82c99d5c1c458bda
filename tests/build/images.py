"""Edits of the image of a healthy world, and of what ECR says of it."""

from __future__ import annotations

from typing import Any

from tests.build.facts import Edit, absent, known
from tests.build.places import definition_of, image_of, task_of


def named(image: str, defined: str | None = None) -> Edit:
    """The task's container has this image; `defined` is another text that the task definition has in its place."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["image"] = image
        definition_of(world)["containerDefinitions"][0]["image"] = defined or image
        image_of(world)["image"] = image

    return edit


def facts(**more: Any) -> Edit:
    """Facts of the image; each is `known(…)`, `absent(…)` or `unavailable(…)`."""
    return lambda world: image_of(world).update(more)


def detail(**more: Any) -> Edit:
    """Members of the image's detail."""
    return lambda world: image_of(world)["detail"]["value"].update(more)


def no_image(world: dict[str, Any]) -> None:
    """The repository has no such tag or digest."""
    image_of(world).update(detail=absent("ecr:DescribeImages"), tagged=known([]))


def no_repository(world: dict[str, Any]) -> None:
    """The registry has no such repository."""
    image_of(world).update(
        repository=absent("ecr:DescribeRepositories"),
        detail=absent("ecr:DescribeImages"),
        repository_names=known([]),
    )


def rules(*items: dict[str, Any]) -> Edit:
    """The pull-through cache rules of the registry."""
    return facts(pull_through_cache_rules=known(list(items)))


def rule(prefix: str, url: str, **more: Any) -> dict[str, Any]:
    """A pull-through cache rule."""
    return {"ecrRepositoryPrefix": prefix, "upstreamRegistryUrl": url, **more}
