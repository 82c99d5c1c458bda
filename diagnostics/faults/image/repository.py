"""Does the repository exist, in the Region that the image names, and can its key be used?"""

from __future__ import annotations

import json
from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.image.cached import is_cache_name, rule_for
from diagnostics.faults.image.faults import KEY_UNUSABLE, REPO_NOT_FOUND, WRONG_REGION
from diagnostics.faults.image.wording import (
    Place,
    as_code,
    back_to_old,
    containers,
    image_of,
    other_image,
    why_not_ecr,
)
from diagnostics.faults.registry.faults import RULE_MISSING
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Unsettled
from diagnostics.image_reference import nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import (
    ImageFacts,
    KmsKey,
    Known,
    Unavailable,
    known_or,
    need,
)
from diagnostics.write import code_string, named, quoted, yaml_string

USABLE_STATES = ("Enabled", "Updating")
"""https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html"""


@check("image.repository", "image", REPO_NOT_FOUND, WRONG_REGION)
def repository(world: World, subject: Subject) -> Iterator[Outcome]:
    """The repository must exist in the account and Region that the image names."""
    image = image_of(subject)
    why = why_not_ecr(image)
    if why is not None or image.reference is None:
        yield from (skipped(fault, why or "") for fault in repository.faults)
        return
    place, facts = Place.of(image.reference), world.image_facts(image)
    # An image that is there proves the repository, whatever became of the question about the repository.
    if isinstance(facts.detail, Known) or need(facts.repository) is not None:
        yield passes(REPO_NOT_FOUND, f"Repository {place.repository} exists")
        yield passes(WRONG_REGION)
        return
    rule = rule_for(world, image)
    if rule is not None:
        why = f"the first pull through cache rule {rule.ecr_repository_prefix} makes the repository"
        yield from (skipped(fault, why) for fault in repository.faults)
        return
    found = tuple(region for region, fact in facts.elsewhere.items() if isinstance(fact, Known))
    if is_cache_name(place.repository, known_or(facts.pull_through_cache_rules, ())):
        yield skipped(
            REPO_NOT_FOUND,
            f"the name is one of a pull-through cache, which has no rule: {RULE_MISSING.id}",
        )
    else:
        yield _missing(world, image, place, facts, WRONG_REGION if found else None)
    unread = tuple(fact for fact in facts.elsewhere.values() if isinstance(fact, Unavailable))
    if found:
        yield _elsewhere(world, image, place, found)
    elif unread:
        yield unknown(
            WRONG_REGION,
            _not_looked_into(unread[0]),
            "manifest",
            (place.arn,),
        )
    else:
        looked = f" (looked for in {', '.join(facts.elsewhere)})" if facts.elsewhere else ""
        yield skipped(WRONG_REGION, f"no other Region is known to have it{looked}: {REPO_NOT_FOUND.id}")


def _not_looked_into(fact: Unavailable) -> Unsettled:
    """Why it is not known what another Region holds."""
    named = fact.model_copy(update={"call": fact.call or "ecr:DescribeRepositories"})
    words = f"{named.in_words()} ({fact.resource or 'another Region'})"
    names = (fact.resource,) if fact.resource else ()
    return Unsettled(words=words, unread=(fact,), failed=named.in_brief(), names=names)


def _missing(
    world: World, image: ContainerImage, place: Place, facts: ImageFacts, follows_from: Fault | None
) -> Outcome:
    names = known_or(facts.repository_names, ())
    close = nearest(place.repository, names)
    hint = f"The nearest that exist: {', '.join(close)}." if close else None
    own = place.account == world.snapshot.account_id
    owner = "" if own else f" with credentials of account {place.account}"
    where = f"--repository-names {quoted(place.repository)} --region {place.region}"
    create = f"aws ecr create-repository --repository-name {quoted(place.repository)} --region {place.region}"
    tag_or_digest = image.reference.tag_or_digest if image.reference else ""
    if close:
        meant = f"{image.image.partition('/')[0]}/{close[0]}"
        mark = "@" if image.reference and image.reference.digest else ":"
        text = f"Name {close[0]} in the task definition, if that was meant; else create {place.repository}{owner} and push the image."
        cli = f"{other_image(world, image, f'{meant}{mark}{tag_or_digest}')}\n# or, if {named(place.repository)} was meant:\n{create}\ndocker push {quoted(image.image)}"
    else:
        text = (
            f"Create the repository{owner} and push the image, or correct the image in the task definition."
        )
        cli = f"{create}\ndocker push {quoted(image.image)}"
    near = (
        Evidence(
            what=f"repositories with a similar name: {', '.join(close)}", source="ecr:DescribeRepositories"
        ),
    )
    return fails(
        REPO_NOT_FOUND,
        f"Registry {place.account} in {place.region} has no repository {place.repository}, which {containers(image)} names.",
        more=hint,
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            Evidence(
                what=f"no repository {place.repository} in registry {place.account}, {place.region}",
                source="ecr:DescribeRepositories",
            ),
            *(near if close else ()),
        ),
        fix=Fix(
            text=text,
            cli=cli,
            terraform=f'resource "aws_ecr_repository" "{_word(place.repository)}" {{\n  name = {code_string(place.repository)}\n}}',
            cloudformation=f"Repository:\n  Type: AWS::ECR::Repository\n  Properties:\n    RepositoryName: {yaml_string(place.repository)}",
            verify=f"aws ecr describe-repositories --registry-id {place.account} {where}",
            undo=f"aws ecr delete-repository --repository-name {quoted(place.repository)} --region {place.region}",
        ),
        console_url=console.repositories(place.region, place.account),
        follows_from=follows_from,
    )


def _word(name: str) -> str:
    """A name that Terraform takes for a resource."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in name)
    return plain if plain[:1].isalpha() else f"r_{plain}"


def _elsewhere(world: World, image: ContainerImage, place: Place, found: tuple[str, ...]) -> Outcome:
    # The task's own Region costs no traffic between Regions, so it is offered first.
    region = world.region if world.region in found else found[0]
    corrected = image.image.replace(f".{place.region}.", f".{region}.", 1)
    replicate = json.dumps(
        {
            "rules": [
                {
                    "destinations": [{"region": place.region, "registryId": place.account}],
                    "repositoryFilters": [{"filter": place.repository, "filterType": "PREFIX_MATCH"}],
                }
            ]
        }
    )
    terraform, cloudformation = as_code(world, image, corrected)
    return fails(
        WRONG_REGION,
        f"The image of {containers(image)} names {place.region}, and repository {place.repository} is in {', '.join(found)}.",
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            Evidence(
                what=f"no repository {place.repository} in registry {place.account}, {place.region}",
                source="ecr:DescribeRepositories",
            ),
            *(
                Evidence(
                    what=f"registry {place.account} has repository {place.repository} in {item}",
                    source="ecr:DescribeRepositories",
                )
                for item in found
            ),
        ),
        fix=Fix(
            text=f"Name {corrected} in the task definition, or have ECR replicate {place.repository} from {region} to {place.region}.",
            cli=(
                f"{other_image(world, image, corrected)}\n"
                f"# or replicate, which replaces the replication rules of {region} and copies what is pushed from now on:\n"
                f"# aws ecr put-replication-configuration --replication-configuration {quoted(replicate)} --region {region}"
            ),
            terraform=terraform,
            cloudformation=cloudformation,
            verify=f"aws ecr describe-repositories --registry-id {place.account} --repository-names {quoted(place.repository)} --region {region}",
            undo=back_to_old(world),
        ),
        console_url=console.repository(region, place.account, place.repository),
    )


@check("image.key", "image", KEY_UNUSABLE)
def key(world: World, subject: Subject) -> Iterator[Outcome]:
    """A repository that is encrypted with a KMS key needs the key, whoever pulls."""
    image = image_of(subject)
    why = why_not_ecr(image)
    if why is not None or image.reference is None:
        yield skipped(KEY_UNUSABLE, why or "")
        return
    place, facts = Place.of(image.reference), world.image_facts(image)
    found = need(facts.repository)
    if found is None:
        yield skipped(KEY_UNUSABLE, f"there is no such repository: {REPO_NOT_FOUND.id}")
        return
    encryption = found.encryption_configuration
    if (
        encryption is None
        or not encryption.kms_key
        or not (encryption.encryption_type or "").startswith("KMS")
    ):
        yield skipped(KEY_UNUSABLE, "the repository is not encrypted with a KMS key")
        return
    item = need(facts.key)
    if item is not None and (item.key_state or "") in USABLE_STATES:
        yield passes(KEY_UNUSABLE, f"The key of repository {place.repository} is enabled")
        return
    yield _unusable(place, item, encryption.kms_key)


def _unusable(place: Place, item: KmsKey | None, arn: str) -> Outcome:
    state = item.key_state if item else None
    says = {"PendingDeletion": "is scheduled for deletion", "Disabled": "is disabled", None: "does not exist"}
    what = says.get(state, f"is in state {state}")
    region = arn.split(":")[3] if arn.count(":") >= 5 else place.region
    name = quoted(arn)
    undo: str | None
    enable = f"aws kms enable-key --key-id {name} --region {region}"
    if state == "PendingDeletion":
        text = "Cancel the deletion of the key and enable it."
        cli = f"aws kms cancel-key-deletion --key-id {name} --region {region}\n{enable}"
        undo = f"aws kms schedule-key-deletion --key-id {name} --pending-window-in-days 30 --region {region}"
    elif state is None:
        text = "What the key encrypted is lost: delete the repository, create it again with another key, and push the images."
        cli = (
            f"aws ecr delete-repository --registry-id {place.account} --repository-name {quoted(place.repository)} --force --region {place.region}\n"
            f"aws ecr create-repository --repository-name {quoted(place.repository)} --encryption-configuration encryptionType=KMS --region {place.region}"
        )
        undo = None
    else:
        text = "Enable the key."
        cli = enable
        undo = f"aws kms disable-key --key-id {name} --region {region}"
    return fails(
        KEY_UNUSABLE,
        f"The KMS key of repository {place.repository} {what}, so ECR cannot decrypt its images.",
        stage="manifest",
        resources=(arn, place.arn),
        evidence=(
            Evidence(
                what=f"repository {place.repository} is encrypted with {arn}",
                source="ecr:DescribeRepositories",
            ),
            Evidence(what=f"the key {what}", source="kms:DescribeKey"),
        ),
        fix=Fix(
            text=text,
            cli=cli,
            terraform="# In the aws_kms_key:\nis_enabled = true" if state == "Disabled" else None,
            cloudformation="# In the AWS::KMS::Key:\nEnabled: true" if state == "Disabled" else None,
            verify=f"aws kms describe-key --key-id {name} --region {region} --query KeyMetadata.KeyState",
            undo=undo,
        ),
        console_url=console.kms_key(region, arn.rsplit("/", 1)[-1]),
    )


__all__ = ["key", "repository"]
