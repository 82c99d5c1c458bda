"""The pull-through cache rule that may fetch an image which is not in the registry."""

from __future__ import annotations

import re

from diagnostics.faults.base import World, skipped, unknown
from diagnostics.faults.told import told
from diagnostics.finding import Fault, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import (
    Known,
    PullThroughCacheRule,
    Unavailable,
    UnavailableError,
    Why,
    serving_rule,
)
from diagnostics.stop_reason import SymptomId

FAILED_ANSWERS = (Why.ERROR, Why.UNREADABLE_ERROR, Why.CALL_FAILED)
"""What was asked for and neither denied nor late: the question itself went wrong."""

NOT_FOUND_TEXTS = (
    SymptomId.IMAGE_NOT_FOUND,
    SymptomId.REPO_NOT_FOUND,
    SymptomId.IMAGE_DIGEST_GONE,
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
)

UPSTREAM_TEXTS = (
    SymptomId.IMAGE_NOT_FOUND,
    SymptomId.IMAGE_DIGEST_GONE,
    SymptomId.PTC_IMPORT_FAILED,
    SymptomId.PTC_UPSTREAM_SECRET,
)
"""Texts after which the tag may be missing upstream as well."""

CACHE_PREFIXES = (
    "docker-hub", "dockerhub", "docker.io", "ecr-public", "public.ecr.aws", "quay", "quay.io", "ghcr", "ghcr.io",
    "k8s", "registry.k8s.io", "mcr.microsoft.com", "registry.gitlab.com", "azurecr.io", "cgr.dev",
)  # fmt: skip
"""Prefixes that only a cache has: those that AWS's pages propose, and the upstream registries' own names."""

SHARED_PREFIXES = ("kubernetes", "github", "gitlab", "azure", "chainguard")
"""Further prefixes that AWS's pages propose, but that a team may have chosen for its own repositories too."""

_WORDS = frozenset(
    {
        "docker", "hub", "dockerhub", "public", "quay", "ghcr", "github", "gitlab", "gcr", "k8s", "kubernetes",
        "registry", "mcr", "microsoft", "azure", "azurecr", "chainguard", "cgr", "cache", "cached", "proxy", "mirror",
        "upstream", "remote", "external", "ptc",
    }
)  # fmt: skip


def prefix_of(repository: str) -> str:
    """The first part of a repository's name, empty where it has only one."""
    return repository.partition("/")[0] if "/" in repository else ""


def plain(prefix: str) -> str:
    """A prefix without the marks that are easily mistaken."""
    return re.sub(r"[-_.]", "", prefix)


def may_be_cached(repository: str) -> bool:
    """True if a name sounds like one that a cache rule serves."""
    return bool(_WORDS.intersection(re.split(r"[-_.]+", prefix_of(repository))))


def is_cache_name(repository: str, rules: tuple[PullThroughCacheRule, ...]) -> bool:
    """True if a name that no rule serves is one of a cache all the same.

    Its prefix is one that only caches have, or nearly that of a rule, or one that caches share with others in a registry
    that has rules.
    """
    prefix = prefix_of(repository)
    if not prefix:
        return False
    nearly = any(plain(rule.prefix) == plain(prefix) for rule in rules)
    return nearly or prefix in CACHE_PREFIXES or (bool(rules) and prefix in SHARED_PREFIXES)


def rule_for(world: World, image: ContainerImage) -> PullThroughCacheRule | None:
    """The rule that may fetch an absent image; `None` where none does.

    A name without a slash has no prefix and is not served (the prefix `ROOT`, which serves every name, counts for names
    with a slash only). An endpoint that answers the question with an error of its own may not offer the cache at all,
    as not every partition does; then an error text that says "not found" settles it for a name that does not sound like
    one of a cache: the registry was asked, nothing helped, and the image is missing still.

    Raises:
        UnavailableError: the rules could not be read, and one may fetch the image.
    """
    reference = image.reference
    if reference is None or "/" not in reference.repository:
        return None
    rules = world.image_facts(image).pull_through_cache_rules
    if isinstance(rules, Unavailable):
        failed = rules.reason.why in FAILED_ANSWERS and not may_be_cached(reference.repository)
        if failed and told(world, image, *NOT_FOUND_TEXTS):
            return None
        raise UnavailableError(rules)
    return serving_rule(reference.repository, rules.value) if isinstance(rules, Known) else None


def upstream(rule: PullThroughCacheRule) -> str:
    """The registry that a rule fetches from."""
    return rule.upstream_registry_url or rule.upstream_registry or "its upstream registry"


def may_be_fetched(
    world: World, image: ContainerImage, rule: PullThroughCacheRule, fault: Fault, resources: tuple[str, ...]
) -> Outcome:
    """What is said of an absent tag or digest that a rule may fetch.

    Where the error says that it was not found, it may be missing upstream too, which nothing here can look into;
    otherwise its absence is what a first pull looks like.

    Raises:
        UnavailableError: the error text could not be read.
    """
    name = f"pull-through cache rule {rule.ecr_repository_prefix}"
    if told(world, image, *UPSTREAM_TEXTS):
        why = f"{name} fetches it from {upstream(rule)}, which cannot be looked into"
        return unknown(fault, why, "manifest", resources)
    return skipped(fault, f"{name} fetches it from {upstream(rule)} at the pull")
