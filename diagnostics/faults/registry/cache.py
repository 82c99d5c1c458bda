"""Is the pull-through cache set up so that it can fetch the image?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped
from diagnostics.faults.image.cached import is_cache_name, plain, prefix_of, rule_for, upstream
from diagnostics.faults.image.faults import WRONG_REGION
from diagnostics.faults.image.wording import (
    Place,
    as_code,
    back_to_old,
    containers,
    image_of,
    new_secret,
    other_image,
    why_not_ecr,
)
from diagnostics.faults.registry.faults import CACHE_SECRET, LIBRARY_PREFIX, RULE_MISSING
from diagnostics.finding import Evidence, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, Known, PullThroughCacheRule, known_or, need
from diagnostics.write import quoted

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

SECRET_PREFIX = "ecr-pullthroughcache/"
IN_THE_REGISTRY = "the image is in the registry, so that no rule has to fetch it"


def why_no_cache(world: World, image: ContainerImage) -> str | None:
    """Why no pull-through cache rule matters for an image; `None` where one may.

    Raises:
        UnavailableError: whether the image is there could not be read.
    """
    why = why_not_ecr(image)
    if why is not None or image.reference is None:
        return why or ""
    if "/" not in image.reference.repository:
        return "the repository's name has no prefix that a pull-through cache rule could serve"
    return IN_THE_REGISTRY if need(world.image_facts(image).detail) is not None else None


@check("registry.cache", "image", RULE_MISSING, LIBRARY_PREFIX, CACHE_SECRET)
def cache(world: World, subject: Subject) -> Iterator[Outcome]:
    """An image that is not there yet comes through the rule that serves its prefix, if there is one."""
    image = image_of(subject)
    why = why_no_cache(world, image)
    if why is not None or image.reference is None:
        yield from (skipped(fault, why or "") for fault in cache.faults)
        return
    place, facts = Place.of(image.reference), world.image_facts(image)
    rule = rule_for(world, image)
    if rule is None:
        rules = known_or(facts.pull_through_cache_rules, ())
        why = "no pull-through cache rule serves the name"
        yield skipped(LIBRARY_PREFIX, why)
        yield skipped(CACHE_SECRET, why)
        if not is_cache_name(place.repository, rules):
            yield skipped(RULE_MISSING, "the name is not one of a pull-through cache")
        elif need(facts.repository) is not None:
            yield skipped(RULE_MISSING, "there is a repository of that name, so that its images are pushed")
        else:
            yield _no_rule(world, image, place, facts, rules)
        return
    yield passes(
        RULE_MISSING, f"Pull-through cache rule {rule.ecr_repository_prefix} serves {place.repository}"
    )
    yield _library(world, image, place, rule)
    yield _secret(place, facts, rule)


def _no_rule(
    world: World,
    image: ContainerImage,
    place: Place,
    facts: ImageFacts,
    rules: tuple[PullThroughCacheRule, ...],
) -> Outcome:
    prefix = prefix_of(place.repository)
    like = next((rule for rule in rules if plain(rule.prefix) == plain(prefix)), None)
    existing = ", ".join(rule.ecr_repository_prefix for rule in rules) or "none"
    found = any(isinstance(fact, Known) for fact in facts.elsewhere.values())
    return fails(
        RULE_MISSING,
        f"Registry {place.account} in {place.region} has neither a repository {place.repository}, which {containers(image)} names, nor a pull-through cache rule for {prefix}.",
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            Evidence(
                what=f"no repository {place.repository} in registry {place.account}, {place.region}",
                source="ecr:DescribeRepositories",
            ),
            Evidence(
                what=f"prefixes of the registry's cache rules: {existing}",
                source="ecr:DescribePullThroughCacheRules",
            ),
        ),
        fix=_name_the_rule(world, image, place, prefix, like) if like else _make_the_rule(place, prefix),
        console_url=console.cache_rules(place.region),
        follows_from=WRONG_REGION if found else None,
    )


def _name_the_rule(
    world: World, image: ContainerImage, place: Place, prefix: str, like: PullThroughCacheRule
) -> Fix:
    meant = image.image.replace(f"/{prefix}/", f"/{like.prefix}/", 1)
    terraform, cloudformation = as_code(world, image, meant)
    return Fix(
        text=f"Name {meant} in the task definition: the rule's prefix is {like.prefix}.",
        cli=other_image(world, image, meant),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes {quoted(like.ecr_repository_prefix)} --region {place.region}",
        undo=back_to_old(world),
    )


def _make_the_rule(place: Place, prefix: str) -> Fix:
    url, where = UPSTREAMS.get(prefix, "UPSTREAM-HOST"), f"--region {place.region}"
    open_to_all = url in WITHOUT_CREDENTIALS
    create = f"aws ecr create-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} --upstream-registry-url {url} {where}"
    text = f"Create a pull-through cache rule for {prefix} with upstream {url}"
    if not open_to_all:
        text += '; credentials.json holds {"username":…,"accessToken":…}'
        secret = new_secret(f"{SECRET_PREFIX}{prefix}", place.region)
        create = f'{secret}\n{create} --credential-arn "$secret"'
    return Fix(
        text=f"{text}.",
        cli=create,
        terraform=rule_in_terraform(prefix, url, secret=not open_to_all),
        cloudformation=rule_in_cloudformation(prefix, url, secret=not open_to_all),
        verify=f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes {quoted(prefix)} {where}",
        undo=f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} {where}",
    )


def rule_in_terraform(prefix: str, url: str, *, secret: bool) -> str:
    """A pull-through cache rule as Terraform, with the secret that it logs in with."""
    name = prefix.replace("-", "_").replace(".", "_")
    more = f"\n  credential_arn        = aws_secretsmanager_secret.{name}.arn" if secret else ""
    rule = f'resource "aws_ecr_pull_through_cache_rule" "{name}" {{\n  ecr_repository_prefix = "{prefix}"\n  upstream_registry_url = "{url}"{more}\n}}'
    kept = f'resource "aws_secretsmanager_secret" "{name}" {{\n  name = "{SECRET_PREFIX}{prefix}"\n}}\n\n'
    return f"{kept if secret else ''}{rule}"


def rule_in_cloudformation(prefix: str, url: str, *, secret: bool) -> str:
    """The same as CloudFormation."""
    more = "\n    CredentialArn: !Ref UpstreamSecret" if secret else ""
    rule = f"CacheRule:\n  Type: AWS::ECR::PullThroughCacheRule\n  Properties:\n    EcrRepositoryPrefix: {prefix}\n    UpstreamRegistryUrl: {url}{more}"
    kept = f"UpstreamSecret:\n  Type: AWS::SecretsManager::Secret\n  Properties:\n    Name: {SECRET_PREFIX}{prefix}\n"
    return f"{kept if secret else ''}{rule}"


def _library(world: World, image: ContainerImage, place: Place, rule: PullThroughCacheRule) -> Outcome:
    if "docker.io" not in (rule.upstream_registry_url or "") and rule.upstream_registry != "docker-hub":
        return skipped(LIBRARY_PREFIX, f"the rule's upstream is {upstream(rule)}, not Docker Hub")
    name = rule.upstream_name(place.repository)
    if "/" in name:
        return passes(LIBRARY_PREFIX, f"Docker Hub is asked for {name}")
    base = f"{rule.prefix}/" if rule.prefix else ""
    corrected = image.image.replace(f"/{place.repository}", f"/{base}library/{name}", 1)
    return fails(
        LIBRARY_PREFIX,
        f"Pull-through cache rule {rule.ecr_repository_prefix} asks Docker Hub for {name}, but its official images are under library/.",
        stage="manifest",
        resources=(place.arn, image.reference.tag_or_digest if image.reference else ""),
        evidence=(
            Evidence(
                what=f"rule {rule.ecr_repository_prefix} fetches from {upstream(rule)}",
                source="ecr:DescribePullThroughCacheRules",
            ),
            Evidence(what=f"{containers(image)} names {image.image}", source="ecs:DescribeTasks"),
        ),
        fix=Fix(
            text=f"Name {corrected} in the task definition.",
            cli=other_image(world, image, corrected),
            terraform=as_code(world, image, corrected)[0],
            cloudformation=as_code(world, image, corrected)[1],
            verify=f"docker manifest inspect {quoted(f'docker.io/library/{name}')}",
            undo=back_to_old(world),
        ),
        console_url=console.cache_rules(place.region),
    )


def _secret(place: Place, facts: ImageFacts, rule: PullThroughCacheRule) -> Outcome:
    arn = rule.credential_arn
    if not arn:
        return skipped(CACHE_SECRET, f"rule {rule.ecr_repository_prefix} logs in without a secret")
    parts = arn.split(":", 6)
    name = parts[6] if len(parts) == 7 else arn
    region, account = (parts[3], parts[4]) if len(parts) == 7 else ("", "")
    source = "ecr:DescribePullThroughCacheRules"
    if not name.startswith(SECRET_PREFIX):
        return _unusable(place, rule, arn, f"is not named {SECRET_PREFIX}…", source)
    if (region, account) != (place.region, place.account):
        return _unusable(
            place,
            rule,
            arn,
            f"is in account {account}, {region}, and the rule in {place.account}, {place.region}",
            source,
        )
    secret = need(facts.cache_secret)
    if secret is None:
        return _unusable(place, rule, arn, "does not exist", "secretsmanager:DescribeSecret")
    if secret.deleted_date is not None:
        return _unusable(place, rule, arn, "is scheduled for deletion", "secretsmanager:DescribeSecret")
    return passes(CACHE_SECRET, f"The secret of cache rule {rule.ecr_repository_prefix} exists")


def _unusable(place: Place, rule: PullThroughCacheRule, arn: str, what: str, source: str) -> Outcome:
    prefix, where = rule.ecr_repository_prefix, f"--region {place.region}"
    verify = f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} {where}"
    if what == "is scheduled for deletion":
        text = "Take the secret back from its deletion."
        cli = f"aws secretsmanager restore-secret --secret-id {quoted(arn)} {where}"
        undo = f"aws secretsmanager delete-secret --secret-id {quoted(arn)} {where}"
    else:
        text = 'Create a secret that ECR accepts, from a file with {"username":…,"accessToken":…}, and give it to the rule.'
        new = f"{SECRET_PREFIX}{rule.prefix or 'root'}"
        cli = (
            f"{new_secret(new, place.region)}\n"
            f'aws ecr update-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} --credential-arn "$secret" {where}'
        )
        undo = f"aws ecr update-pull-through-cache-rule --ecr-repository-prefix {quoted(prefix)} --credential-arn {quoted(arn)} {where}"
    return fails(
        CACHE_SECRET,
        f"The secret of pull-through cache rule {prefix} {what}, so ECR cannot log in to {upstream(rule)}.",
        stage="manifest",
        resources=(arn, prefix),
        evidence=(
            Evidence(
                what=f"rule {prefix} logs in to {upstream(rule)} with {arn}",
                source="ecr:DescribePullThroughCacheRules",
            ),
            Evidence(what=f"the secret {what}", source=source),
        ),
        fix=Fix(text=text, cli=cli, verify=verify, undo=undo),
        console_url=console.cache_rules(place.region),
    )
