"""A repository that may be missing: what the faults that it can mean have in common."""

from __future__ import annotations

from diagnostics.faults.base import World, passes, skipped
from diagnostics.faults.image.owners_word import owner_let_in
from diagnostics.faults.image.serving_rules import rule_for
from diagnostics.faults.images import Place
from diagnostics.finding import Evidence, Fault, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Known, Unavailable, need


def unless_missing(
    world: World, image: ContainerImage, fault: Fault, exists: str | None = None
) -> Outcome | None:
    """What is said of such a fault where the repository is not missing; `None` where it is.

    Raises:
        UnavailableError: the repository, or the rules that may make it, could not be read.
    """
    facts = world.image_facts(image)
    if isinstance(facts.repository, Unavailable) and (let_in := owner_let_in(world, image)) is not None:
        return skipped(fault, let_in)
    # An image that is there proves the repository, whatever became of the question about the repository.
    if isinstance(facts.detail, Known) or need(facts.repository) is not None:
        return passes(fault, exists)
    rule = rule_for(world, image)
    if rule is None:
        return None
    return skipped(
        fault, f"the first pull through cache rule {rule.ecr_repository_prefix} makes the repository"
    )


def not_there(place: Place) -> Evidence:
    """What proves that a repository is missing."""
    return Evidence(
        what=f"no repository {place.repository} in registry {place.account}, {place.region}",
        source="ecr:DescribeRepositories",
    )
