"""ECR cannot use the secret with which a pull-through cache rule logs in to its upstream registry."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.image.serving_rules import upstream
from diagnostics.faults.images import Place, reference_of
from diagnostics.faults.registry.cache_keys import trouble_of, usable_again
from diagnostics.faults.registry.cache_rule_commands import SECRET_PREFIX, new_secret
from diagnostics.faults.registry.first_pulls import RuleRoom, by_the_rules
from diagnostics.faults.registry.registry_credentials import previous_value
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import KmsKey, PullThroughCacheRule, Unavailable, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

CACHE_SECRET = Fault(
    id="pull-through-cache-secret-unusable",
    kind="image",
    title="The secret of the pull-through cache rule can be used",
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
                return _without_key(place, rule, arn, secret.kms_key_id, known_value(key), trouble)
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
        fix=_restored(place, rule, arn) if deleted else _replaced(place, rule, arn),
        console_url=console.cache_rules(place.region),
    )


def _without_key(
    place: Place, rule: PullThroughCacheRule, arn: str, name: str, key: KmsKey | None, trouble: str
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
        fix=usable_again(key, key_arn, place.region, _replaced(place, rule, arn)),
        console_url=console.kms_key(place.region, key_arn.rsplit("/", 1)[-1]),
    )


_REFUSALS = (
    (
        ("unabletodecryptsecretvalue", "decrypt"),
        "could not be decrypted by ECR",
        "Its key must be enabled and in the same account, and its key policy must let ECR's service-linked role (AWSServiceRoleForECRPullThroughCache) use it; or take the key aws/secretsmanager.",
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
    says, look = next(
        ((says, look) for phrases, says, look in _REFUSALS if any(phrase in lowered for phrase in phrases)),
        (
            f"did not open {upstream(rule)}",
            "The user name or the access token is wrong or has expired, the upstream registry has no such image, or its pull limit is reached.",
        ),
    )
    prefix = rule.ecr_repository_prefix
    which = f"--secret-id {quoted(arn)} --region {place.region}"
    return shown(
        CACHE_SECRET,
        symptom,
        f"The secret of pull-through cache rule {prefix} {says}.",
        Fix(
            text=f'{look} The secret holds JSON with exactly these keys: {{"username":"…","accessToken":"…"}} (credentials.json).',
            cli=f"aws secretsmanager put-secret-value {which} --secret-string file://credentials.json",
            verify=_log_in(place, rule),
            undo=previous_value(arn, place.region),
        ),
        by_the_rules(f"rule {prefix} logs in to {upstream(rule)} with {arn}"),
        stage="manifest",
        resources=(arn, prefix),
        console_url=console.cache_rules(place.region),
    )


def _restored(place: Place, rule: PullThroughCacheRule, arn: str) -> Fix:
    return Fix(
        text="Take the secret back from its deletion.",
        cli=f"aws secretsmanager restore-secret --secret-id {quoted(arn)} --region {place.region}",
        verify=_log_in(place, rule),
        undo=f"aws secretsmanager delete-secret --secret-id {quoted(arn)} --region {place.region}",
    )


def _replaced(place: Place, rule: PullThroughCacheRule, arn: str) -> Fix:
    secret = new_secret(f"{SECRET_PREFIX}{rule.prefix or 'root'}", place.region)
    update = f"aws ecr update-pull-through-cache-rule --ecr-repository-prefix {quoted(rule.ecr_repository_prefix)} --credential-arn"
    return Fix(
        text='Create a secret that ECR accepts, from a file with {"username":…,"accessToken":…}, and give it to the rule.',
        cli=f'{secret}\n{update} "$secret" --region {place.region}',
        verify=_log_in(place, rule),
        undo=f"{update} {quoted(arn)} --region {place.region}",
    )


def _log_in(place: Place, rule: PullThroughCacheRule) -> str:
    """The command that has ECR log in to the upstream registry."""
    return f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix {quoted(rule.ecr_repository_prefix)} --region {place.region}"


ROOM = RuleRoom(CACHE_SECRET, _judge)
