"""Which tag of a repository to deploy in place of one that it does not have.

What was meant, where the tag is only misspelt; else what ran last, which is known to work; else the newest. Two tags that differ in
a number or a date are two versions, and no misspelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher

from diagnostics.faults.base import World
from diagnostics.faults.image.serving_rules import plain
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage, parsed_image
from diagnostics.snapshot import ImageDetail, ImageFacts, known_or, known_value

_NUMBERS = re.compile(r"[0-9]+")
_NO_IMAGE = re.compile(r"sha256-[0-9a-f]{64}(?:\..+)?")
"""The tag of a signature or an attestation of another image. https://docs.sigstore.dev/cosign/system_config/registry_support/"""
_ALIKE = 0.8
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Offer:
    """A tag that a repository has, and why it is offered: it stands behind "which"."""

    tag: str
    why: str


def tag_to_deploy(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts
) -> Offer | None:
    """The tag to deploy; `None` where the repository has none, or what it has is not known."""
    usable = [item for item in known_or(facts.tagged, ()) if _can_be_pulled(item)]
    tags = tuple(tag for item in newest_first(usable, reference.tag) for tag in _tags(item, reference.tag))
    if not tags:
        return None
    wanted = reference.tag
    if wanted is not None and (meant := _misspelt(wanted, tags)) is not None:
        return Offer(meant, f"is probably what {wanted} was meant to be")
    ran = ran_last(world, image, reference)
    if ran is not None and ran in tags:
        return Offer(ran, "ran before")
    return Offer(tags[0], "is its newest tag")


def ran_last(world: World, image: ContainerImage, reference: ImageReference) -> str | None:
    """The tag of this repository that the deployment before has for the same container, if that is known."""
    former = known_value(world.snapshot.former_definition)
    for name in image.containers if former else ():
        before = former.container(name) if former else None
        parsed = parsed_image(before.image)[0] if before and before.image else None
        same = parsed is not None and (parsed.registry, parsed.repository) == (
            reference.registry,
            reference.repository,
        )
        if parsed is not None and same and parsed.tag not in (None, reference.tag):
            return parsed.tag
    return None


def newest_first(items: list[ImageDetail], like: str | None = None) -> list[ImageDetail]:
    """Images by the time of their push, then by the order of versions and dates; such as have a tag of the same form first."""

    def order(item: ImageDetail) -> tuple[bool, datetime, list[int]]:
        tags = _tags(item, like)
        fits = like is not None and any(form(tag) == form(like) for tag in tags)
        return fits, item.image_pushed_at or _OLDEST, max(map(_numbers, tags), default=[])

    return sorted(items, key=order, reverse=True)


def form(tag: str) -> str:
    """A tag without its numbers: `v1.4.2` and `v2.0.11` are of one form."""
    return _NUMBERS.sub("0", tag.lower())


def _misspelt(wanted: str, tags: tuple[str, ...]) -> str | None:
    """The tag that has the same numbers and nearly the same letters; the one most like it."""

    def likeness(tag: str) -> float:
        if _numbers(tag) != _numbers(wanted):
            return 0
        one, other = plain(tag.lower()).removeprefix("v"), plain(wanted.lower()).removeprefix("v")
        return 1 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()

    best = max(tags, key=likeness)
    return best if likeness(best) >= _ALIKE else None


def _can_be_pulled(item: ImageDetail) -> bool:
    return item.image_status in (None, "ACTIVE") and bool(_tags(item, None))


def _tags(item: ImageDetail, like: str | None) -> list[str]:
    """The tags of an image, such as have the wanted form first, then the one that says most of its version."""
    tags = [tag for tag in item.image_tags if not _NO_IMAGE.fullmatch(tag)]
    return sorted(
        tags, key=lambda tag: (like is not None and form(tag) == form(like), _numbers(tag)), reverse=True
    )


def _numbers(tag: str) -> list[int]:
    return [int(number) for number in _NUMBERS.findall(tag)]
