"""Keeps, of a long list of names, what may help a person who mistyped one."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from diagnostics.image_reference import nearest
from diagnostics.snapshot import ImageDetail

NEWEST_IMAGES = 50
NEAREST = 20
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def nearest_names(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names most like the wanted one, the nearest first. Remembered, for the plan asks again and again."""
    return nearest(name, names, NEAREST)


@lru_cache(maxsize=64)
def worth_keeping(tag: str | None, images: tuple[ImageDetail, ...]) -> tuple[ImageDetail, ...]:
    """The newest images and those with a tag like the wanted one, the newest first."""
    order = sorted(images, key=lambda item: item.image_tags)
    order.sort(key=lambda item: item.image_pushed_at or _NEVER, reverse=True)
    near: set[str] = set()
    if tag is not None:
        near = set(nearest_names(tag, tuple(name for item in order for name in item.image_tags)))
    return tuple(
        item
        for place, item in enumerate(order)
        if place < NEWEST_IMAGES or near.intersection(item.image_tags)
    )
