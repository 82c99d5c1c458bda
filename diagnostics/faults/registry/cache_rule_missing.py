"""The image's name is one of a pull-through cache, and no rule serves its prefix."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, fails, skipped
from diagnostics.faults.image.repositories import not_there
from diagnostics.faults.image.serving_rules import is_cache_name, plain, prefix_of
from diagnostics.faults.image.wrong_region import WRONG_REGION, regions_of
from diagnostics.faults.images import Place, containers, image_of, reference_of
from diagnostics.faults.registry.cache_rule_commands import SECRET_PREFIX, made_rule, rule_as_code
from diagnostics.faults.registry.first_pulls import by_the_rules
from diagnostics.faults.registry.secret_values import UPSTREAM_LOGIN, write_the_file
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import PullThroughCacheRule, known_or, need
from diagnostics.write import Asked, asked, chain, free_name, quoted

RULE_MISSING = Fault(
    id="pull-through-cache-rule-missing",
    kind="image",
    title="A pull-through cache rule serves the reference's prefix",
    short="no pull-through cache rule serves its image",
    why="The image's name begins like one of a pull-through cache, but this registry has no rule for that prefix in this Region, so ECR looks for an ordinary repository of that name and finds none.",
    how="Create the rule, or name the prefix of a rule that exists.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html",
    explains=Explains(symptoms=MISSING_OR_REFUSED),
)

UPSTREAMS = {
    "docker-hub": "registry-1.docker.io", "dockerhub": "registry-1.docker.io", "docker.io": "registry-1.docker.io",
    "ecr-public": "public.ecr.aws", "public.ecr.aws": "public.ecr.aws", "quay": "quay.io", "quay.io": "quay.io",
    "ghcr": "ghcr.io", "ghcr.io": "ghcr.io", "github": "ghcr.io", "k8s": "registry.k8s.io",
    "registry.k8s.io": "registry.k8s.io", "kubernetes": "registry.k8s.io", "gitlab": "registry.gitlab.com",
    "registry.gitlab.com": "registry.gitlab.com", "chainguard": "cgr.dev", "cgr.dev": "cgr.dev",
}  # fmt: skip
"""The upstream registry that a prefix stands for by AWS's own examples."""

WITHOUT_CREDENTIALS = ("public.ecr.aws", "quay.io", "registry.k8s.io")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html"""


def _judge(world: World, subject: Subject) -> Outcome:
    """No rule serves the name of this image, which is not in the registry."""
    image = image_of(subject)
    place, facts = Place.of(reference_of(image)), world.image_facts(image)
    rules = known_or(facts.pull_through_cache_rules, ())
    if not is_cache_name(place.repository, rules):
        return skipped(RULE_MISSING, "the name is not one of a pull-through cache")
    if need(facts.repository) is not None:
        return skipped(RULE_MISSING, "there is a repository of that name, so that its images are pushed")
    return _no_rule(world, image, place, rules)


def _no_rule(
    world: World, image: ContainerImage, place: Place, rules: tuple[PullThroughCacheRule, ...]
) -> Outcome:
    prefix = prefix_of(place.repository)
    like = next((rule for rule in rules if plain(rule.prefix) == plain(prefix)), None)
    existing = ", ".join(rule.ecr_repository_prefix for rule in rules) or "none"
    return fails(
        RULE_MISSING,
        f"Registry {place.account} in {place.region} has neither a repository {place.repository}, which {containers(image)} names, nor a pull-through cache rule for {prefix}.",
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            not_there(place),
            by_the_rules(f"prefixes of the registry's cache rules: {existing}"),
        ),
        fix=_name_the_rule(world, image, prefix, like) if like else _make_the_rule(world, place, prefix),
        console_url=console.cache_rules(place.region),
        follows_from=WRONG_REGION if regions_of(world.image_facts(image)) else None,
    )


def _name_the_rule(world: World, image: ContainerImage, prefix: str, like: PullThroughCacheRule) -> Fix:
    meant = image.image.replace(f"/{prefix}/", f"/{like.prefix}/", 1)
    return with_image(
        world,
        image,
        meant,
        title=f"Name the prefix {like.prefix}",
        text=f"Name {meant} in the task definition: the rule's prefix is {like.prefix}.",
    )


def _make_the_rule(world: World, place: Place, prefix: str) -> Fix:
    known = UPSTREAMS.get(prefix)
    url: str = known or asked("UPSTREAM_HOST", "the host of the upstream registry")
    secret = None
    if known not in WITHOUT_CREDENTIALS:
        # The secret of a rule that was deleted may be there still.
        secret = free_name(f"{SECRET_PREFIX}{prefix}", None, of=place.arn)
    make, back = made_rule(prefix, url, place.region, secret)
    terraform, cloudformation = rule_as_code(prefix, known, secret) if known else (None, None)
    return Fix(
        title=f"Create a rule for {prefix}",
        text=f"Create a pull-through cache rule for {prefix}{f' with upstream {known}' if known else ''}.{f' {write_the_file(UPSTREAM_LOGIN)}' if secret else ''}",
        cli=chain(url if isinstance(url, Asked) else None, *make),
        verify=f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes {quoted(prefix)} --region {place.region} --query 'length(pullThroughCacheRules)' --output text",
        expect="1",
        undo=chain(*back),
        undo_note="What the rule has fetched by then stays in its repositories.",
        terraform=terraform,
        cloudformation=cloudformation,
        then=then_for(world),
    )


ROOM = Room(RULE_MISSING, _judge)
