"""The first pull of an image through a pull-through cache rule: which images need one, and through which rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diagnostics.faults.base import Check, Room, Subject, World, passes, skipped
from diagnostics.faults.image.in_ecr import why_not_ecr
from diagnostics.faults.image.owners_word import owner_let_in
from diagnostics.faults.image.serving_rules import rule_for
from diagnostics.faults.images import Place, image_of, reference_of
from diagnostics.finding import Evidence, Fault, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import PullThroughCacheRule, need

IN_THE_REGISTRY = "the image is in the registry, so that no rule has to fetch it"
NO_RULE = "no pull-through cache rule serves the name"


def why_no_cache(world: World, image: ContainerImage) -> str | None:
    """Why no pull-through cache rule matters for an image; `None` where one may.

    Raises:
        UnavailableError: the image could not be read.
    """
    why = why_not_ecr(image)
    if why is not None or image.reference is None:
        return why or ""
    if "/" not in image.reference.repository:
        return "the repository's name has no prefix that a pull-through cache rule could serve"
    if (let_in := owner_let_in(world, image)) is not None:
        return let_in
    return IN_THE_REGISTRY if need(world.image_facts(image).detail) is not None else None


def rule_of_first_pull(world: World, image: ContainerImage) -> tuple[PullThroughCacheRule | None, str]:
    """The rule that has to fetch the image; else why none has to.

    Raises:
        UnavailableError: the image or the rules could not be read.
    """
    why = why_no_cache(world, image)
    return (None, why) if why is not None else (rule_for(world, image), NO_RULE)


def by_the_rules(what: str) -> Evidence:
    """What the registry's pull-through cache rules prove."""
    return Evidence(what=what, source="ecr:DescribePullThroughCacheRules")


@dataclass(frozen=True)
class RuleRoom:
    """One fault of a rule that serves an image, and how it is judged."""

    fault: Fault
    judge: Callable[[World, ContainerImage, PullThroughCacheRule], Outcome]


def cache_check(missing: Room, *of_the_rule: RuleRoom) -> Check:
    """The check of an image that is not there yet: is there a rule that serves its prefix, and is that in order?"""

    faults = (missing.fault, *(room.fault for room in of_the_rule))

    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        image = image_of(subject)
        why = why_no_cache(world, image)
        if why is not None:
            yield from (skipped(fault, why) for fault in faults)
            return
        rule = rule_for(world, image)
        if rule is None:
            yield from (skipped(room.fault, NO_RULE) for room in of_the_rule)
            yield missing.judge(world, subject)
            return
        name = Place.of(reference_of(image)).repository
        yield passes(missing.fault, f"Pull-through cache rule {rule.ecr_repository_prefix} serves {name}")
        for room in of_the_rule:
            yield room.judge(world, image, rule)

    return Check(name="registry.cache", subject="image", faults=faults, judge=judge)
