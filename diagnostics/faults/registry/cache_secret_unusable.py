"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.image.serving_rules import upstream
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.registry.cache_keys import trouble_of, usable_again
from diagnostics.faults.registry.cache_rule_commands import SECRET_PREFIX
from diagnostics.faults.registry.first_pulls import RuleRoom, by_the_rules
from diagnostics.faults.registry.secret_values import (
    SECRET_ARN,
    UPSTREAM_LOGIN,
    new_secret,
    other_value,
    without_secret,
    write_the_file,
)
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import KmsKey, PullThroughCacheRule, Unavailable, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import chain, free_name, quoted
from diagnostics.write.snippets import hcl, template

CACHE_SECRET = Fault(
    id="pull-through-cache-secret-unusable",
    kind="image",
    title="The secret of the pull-through cache rule can be used",
    short="the cache's secret cannot be used",
    why="The rule logs in to its upstream registry with a secret. The secret is missing, is scheduled for deletion, has no value, or is not one that ECR may use: its name must begin with ecr-pullthroughcache/, it must be in the account and Region of the rule, its key must be enabled and ECR able to use it, and it holds JSON with username and accessToken.",
    how="Create the secret with a name that ECR accepts, and give it to the rule.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html",
    explains=Explains(symptoms=MISSING_OR_REFUSED),
)


def _judge(world: World, image: ContainerImage, rule: PullThroughCacheRule) -> Outcome:
    place, arn = Place.of(reference_of(image)), rule.credential_arn
    if not arn:
        return skipped(CACHE_SECRET, f"rule {rule.ecr_repository_prefix} logs in without a secret")
    parts = arn.split(":", 6)
    name = parts[6] if len(parts) == 7 else arn
    region, account = (parts[3], parts[4]) if len(parts) == 7 else ("", "")
    what, deleted, source = None, False, "ecr:DescribePullThroughCacheRules"
    unread: Unavailable | None = None
    if not name.startswith(SECRET_PREFIX):
        what = f"is not named {SECRET_PREFIX}…"
    elif (region, account) != (place.region, place.account):
        what = f"is in account {account}, {region}, and the rule in {place.account}, {place.region}"
    else:
        secret, source = need(world.image_facts(image).cache_secret), "secretsmanager:DescribeSecret"
        deleted = secret is not None and secret.deleted_date is not None
        what = "does not exist" if secret is None else "is scheduled for deletion" if deleted else None
        if what is None and secret is not None and secret.version_ids_to_stages == {}:
            what = "has no value yet"
        if what is None and secret is not None and secret.kms_key_id is not None:
            key = world.image_facts(image).cache_key
            trouble = None if isinstance(key, Unavailable) else trouble_of(known_value(key))
            if trouble is not None:
                return _without_key(world, place, rule, arn, secret.kms_key_id, known_value(key), trouble)
            unread = key if isinstance(key, Unavailable) and "alias/aws/" not in secret.kms_key_id else None
    if what is None:
        symptom = told(world, image, SymptomId.PTC_UPSTREAM_SECRET)
        if symptom is not None:
            return _refused(world, place, rule, arn, symptom)
        if unread is not None:
            return unknown(CACHE_SECRET, Unsettled.by(unread), "manifest", (arn,))
        return passes(CACHE_SECRET, f"The secret of cache rule {rule.ecr_repository_prefix} exists")
    prefix = rule.ecr_repository_prefix
    return fails(
        CACHE_SECRET,
        f"The secret of pull-through cache rule {prefix} {what}, so ECR cannot log in to {upstream(rule)}.",
        stage="manifest",
        resources=(arn, prefix),
        evidence=(
            by_the_rules(f"rule {prefix} logs in to {upstream(rule)} with {arn}"),
            Evidence(what=f"the secret {what}", source=source),
        ),
        fix=_restored(world, place, rule, arn) if deleted else _replaced(world, place, rule, arn),
        console_url=console.cache_rules(place.region),
    )


def _without_key(
    world: World,
    place: Place,
    rule: PullThroughCacheRule,
    arn: str,
    name: str,
    key: KmsKey | None,
    trouble: str,
) -> Outcome:
    """ECR reads the secret with its service-linked role, which decrypts it with the secret's own key."""
    key_arn = (key.arn if key else None) or name
    prefix = rule.ecr_repository_prefix
    return fails(
        CACHE_SECRET,
        f"Key {key_arn} of the secret of pull-through cache rule {prefix} {trouble}, so ECR cannot log in to {upstream(rule)}.",
        stage="manifest",
        resources=(key_arn, arn, prefix),
        evidence=(
            by_the_rules(f"rule {prefix} logs in to {upstream(rule)} with {arn}"),
            Evidence(what=f"the secret is encrypted with {name}", source="secretsmanager:DescribeSecret"),
            Evidence(what=f"the key {trouble}", source="kms:DescribeKey"),
        ),
        fix=usable_again(world, key, key_arn, place.region, _replaced(world, place, rule, arn)),
        console_url=console.kms_key(place.region, key_arn.rsplit("/", 1)[-1]),
    )


_REFUSALS = (
    (
        ("unabletodecryptsecretvalue", "decrypt"),
        "could not be decrypted by ECR",
        "Its key must be enabled and in the same account, and its key policy must let ECR's service-linked role (AWSServiceRoleForECRPullThroughCache) use it; the new secret has the key aws/secretsmanager.",
    ),
    (
        ("unabletoaccesssecret", "secretnotfound"),
        "could not be read by ECR",
        "Look at the resource policy of the secret: nothing in it may deny ECR's service-linked role (AWSServiceRoleForECRPullThroughCache).",
    ),
)


def _refused(world: World, place: Place, rule: PullThroughCacheRule, arn: str, symptom: Symptom) -> Outcome:
    """What ECR met when it used the secret: only the error text tells, since the secret's value is never read."""
    lowered = symptom.text.lower()
    refused = (
        (says, look) for phrases, says, look in _REFUSALS if any(phrase in lowered for phrase in phrases)
    )
    says, look = next(refused, (f"did not open {upstream(rule)}", None))
    if look is not None:
        fix = _replaced(world, place, rule, arn, f" {look}")
    else:
        look = "The user name or the access token is wrong or has expired, the upstream registry has no such image, or its pull limit is reached."
        fix = other_value(world, arn, UPSTREAM_LOGIN, text=look).model_copy(
            update={"verify": _log_in(place, rule), "expect": "True"}
        )
    prefix = rule.ecr_repository_prefix
    return shown(
        CACHE_SECRET,
        symptom,
        f"The secret of pull-through cache rule {prefix} {says}.",
        fix,
        by_the_rules(f"rule {prefix} logs in to {upstream(rule)} with {arn}"),
        stage="manifest",
        resources=(arn, prefix),
        console_url=console.cache_rules(place.region),
    )


def _restored(world: World, place: Place, rule: PullThroughCacheRule, arn: str) -> Fix:
    which = f"--secret-id {quoted(arn)} --region {place.region} --query Name --output text"
    return Fix(
        title="Take the secret back from its deletion",
        text="Take the secret back from its deletion.",
        warning="Somebody deleted this secret, perhaps since its token is no longer to be used: ask its owner.",
        cli=f"aws secretsmanager restore-secret {which}",
        verify=_log_in(place, rule),
        expect="True",
        undo=f"aws secretsmanager delete-secret {which}",
        undo_note="The deletion is scheduled for 30 days from then, not for the day of before.",
        then=then_for(world),
    )


def _replaced(world: World, place: Place, rule: PullThroughCacheRule, arn: str, look: str = "") -> Fix:
    name = free_name(f"{SECRET_PREFIX}{rule.prefix or 'root'}", None, of=f"{place.arn} {arn}")
    update = f"aws ecr update-pull-through-cache-rule --ecr-repository-prefix {quoted(rule.ecr_repository_prefix)} --region {place.region} --query ecrRepositoryPrefix --output text --credential-arn"
    return Fix(
        title="Give the rule another secret",
        text=f"Create a secret that ECR accepts, and give it to the rule.{look} {write_the_file(UPSTREAM_LOGIN)}",
        cli=chain(new_secret(name, place.region), f"{update} {quoted(SECRET_ARN)}"),
        verify=_log_in(place, rule),
        expect="True",
        undo=chain(f"{update} {quoted(arn)}", without_secret(name, place.region)),
        then=then_for(world),
        terraform=f"# In the aws_ecr_pull_through_cache_rule that exists, with a new secret:\ncredential_arn = aws_secretsmanager_secret.upstream.arn\n\n{hcl('aws_secretsmanager_secret', 'upstream', name=name)}",
        cloudformation=f"# In the AWS::ECR::PullThroughCacheRule that exists, with a new secret:\nCredentialArn: !Ref UpstreamSecret\n\n{template('upstream-secret', 'AWS::SecretsManager::Secret', Name=name)}",
    )


def _log_in(place: Place, rule: PullThroughCacheRule) -> str:
    """The command that has ECR log in to the upstream registry."""
    return f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix {quoted(rule.ecr_repository_prefix)} --region {place.region} --query isValid --output text"


ROOM = RuleRoom(CACHE_SECRET, _judge)
