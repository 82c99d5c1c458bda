"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.serving_rules import upstream
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.registry.cache_rule_commands import SECRET_PREFIX, new_secret
from diagnostics.faults.registry.first_pulls import RuleRoom
from diagnostics.faults.texts import NOT_FOUND
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import PullThroughCacheRule, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import quoted

CACHE_SECRET = Fault(
    id="pull-through-cache-secret-unusable",
    kind="image",
    title="The secret of the pull-through cache rule can be used",
    why="The rule logs in to its upstream registry with a secret. The secret is missing, is scheduled for deletion, or is not one that ECR may use: its name must begin with ecr-pullthroughcache/, and it must be in the account and Region of the rule.",
    how="Create the secret with a name that ECR accepts, and give it to the rule.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html",
    explains=Explains(
        symptoms=(
            *NOT_FOUND,
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
        )
    ),
)


def _judge(world: World, image: ContainerImage, rule: PullThroughCacheRule) -> Outcome:
    place, arn = Place.of(reference_of(image)), rule.credential_arn
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
    secret = need(world.image_facts(image).cache_secret)
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


ROOM = RuleRoom(CACHE_SECRET, _judge)
