"""A tag or a digest that no image has: what is said of it, and what to do."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.image.lifecycle import Suspect, may_have_removed
from diagnostics.faults.image.lost_host import (
    in_own_ecr,
    looks_lost,
    named_in_ecr,
    named_with_its_host,
    repository_meant,
)
from diagnostics.faults.image.owners_word import owner_lacks
from diagnostics.faults.image.placeholders import is_placeholder_tag
from diagnostics.faults.image.serving_rules import may_be_fetched, rule_for
from diagnostics.faults.image.tag_to_deploy import Offer, newest_first, tag_to_deploy
from diagnostics.faults.images import Place, containers, image_id, pushed_image
from diagnostics.faults.task_definition import TAG, with_image
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fault, Outcome, Ways
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, Known, known_or
from diagnostics.stop_reason import SymptomId

OUTSIDE_TEXTS = (SymptomId.IMAGE_NOT_FOUND, SymptomId.REPO_NOT_FOUND, SymptomId.IMAGE_DIGEST_GONE)


def outside(
    world: World, image: ContainerImage, reference: ImageReference, fault: Fault, why: str
) -> Outcome:
    """An image of a registry that cannot be asked: only the error text tells that it does not exist."""
    # A public registry that refuses has no such image; another may want credentials.
    refused = (SymptomId.REGISTRY_ACCESS_DENIED,) if reference.kind == "ecr-public" else ()
    symptom = None if image.injected else told(world, image, *OUTSIDE_TEXTS, *refused)
    if symptom is None:
        return skipped(fault, why)
    wanted = reference.tag_or_digest
    name = f"{reference.registry}/{reference.repository}"
    says = f"{reference.registry} answered that it has no {reference.repository} {wanted}, which {containers(image)} names."
    own = repository_meant(world, image)
    if own is not None:
        return shown(
            fault,
            symptom,
            f"{says} Written without a host it means Docker Hub; {own.repository_name} is a repository of this account's own ECR registry.",
            named_in_ecr(world, image, own),
            in_own_ecr(own),
            stage="manifest",
            resources=(image.image, wanted),
            named=True,
        )
    lost = looks_lost(image, reference)
    if lost is not None:
        return shown(
            fault,
            symptom,
            f"{says} {lost}",
            named_with_its_host(world, image),
            stage="manifest",
            resources=(image.image, wanted),
            named=True,
        )
    more = unfilled(reference)
    return shown(
        fault,
        symptom,
        f"{says} {more}" if more else says,
        with_image(
            world,
            image,
            (f"{name}:", TAG),
            title="Name a tag that exists",
            text=f"Name an image of {name} that exists in the task definition; the registry's page of {reference.repository} lists its tags.",
        ),
        stage="manifest",
        resources=(image.image, wanted),
        named=True,
    )


def unfilled(reference: ImageReference) -> str | None:
    """That the tag is what a template left behind; `None` where it is not."""
    if not is_placeholder_tag(reference.tag):
        return None
    return f"{reference.tag} is what a template leaves where nobody filled in the tag."


def told_by_owner(
    world: World, image: ContainerImage, reference: ImageReference, fault: Fault
) -> Outcome | None:
    """A tag or digest that another account's registry says it lacks: its repository is rarely ours to read.

    `None` where no text says so, where what it has can be read, and where the text names another digest than the task.

    Raises:
        UnavailableError: the text could not be read.
    """
    symptom = owner_lacks(world, image)
    if symptom is None:
        return None
    place, wanted = Place.of(reference), reference.tag_or_digest
    named = (symptom.image or "").partition("@")[2]
    if named and named != reference.digest:
        return None
    what, push = "tag", wanted
    if reference.digest:
        what, push = "digest", "the image of this digest again"
    return shown(
        fault,
        symptom,
        f"Account {place.account}'s registry answered that repository {place.repository} has no {what} {wanted}, which {containers(image)} names; this account may not look into it.",
        with_image(
            world,
            image,
            (f"{place.base}:", TAG),
            title="Name a tag that the owner has",
            text=f"Ask account {place.account} to push {push} (or to restore it, if it is in the archive), or name a tag that it has in the task definition.",
        ),
        stage="manifest",
        resources=(place.arn, wanted),
    )


def absent(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts, fault: Fault
) -> Outcome:
    """A tag or digest that a repository of ECR lacks, unless a pull-through cache rule may fetch it.

    Raises:
        UnavailableError: the rules could not be read.
    """
    place, which = Place.of(reference), image_id(reference)
    wanted = reference.tag_or_digest
    rule = rule_for(world, image)
    if rule is not None:
        return may_be_fetched(world, image, rule, fault, (place.arn, wanted))
    existing = known_or(facts.tagged, ())
    tags = tuple(name for item in newest_first(list(existing), reference.tag) for name in item.image_tags)
    offer = tag_to_deploy(world, image, reference, facts)
    hint = f"{offer.tag} {offer.why}." if offer else None
    if isinstance(facts.tagged, Known) and not existing:
        hint = "It has no image with a tag."
    suspect = None
    if unfilled(reference) is None:
        tag = None if reference.digest else reference.tag_or_digest
        suspect = may_have_removed(facts, tag, world.snapshot.taken_at)
    template = unfilled(reference)
    if template is not None:
        hint = f"{template} {hint}" if hint else template
    if suspect is not None:
        hint = f"{hint} {suspect.says}" if hint else suspect.says
    ways = _ways(world, image, reference, place, offer, suspect)
    return fails(
        fault,
        f"Repository {place.repository} has no {'digest' if reference.digest else 'tag'} {wanted}, which {containers(image)} names.",
        more=hint,
        stage="manifest",
        resources=(place.arn, wanted),
        evidence=(
            Evidence(what=f"no image {which} in {place.repository}", source="ecr:DescribeImages"),
            *(
                (Evidence(what=f"tags that exist: {', '.join(tags[:5])}", source="ecr:DescribeImages"),)
                if tags
                else ()
            ),
            *((suspect.evidence,) if suspect else ()),
        ),
        fix=ways,
        console_url=place.link,
    )


def _ways(
    world: World,
    image: ContainerImage,
    reference: ImageReference,
    place: Place,
    offer: Offer | None,
    suspect: Suspect | None,
) -> Ways:
    """Another image named, which needs nothing that the reader does not have; and the missing one pushed."""
    wanted, advice = reference.tag_or_digest, f" {suspect.advice}" if suspect else ""
    filled_in = " Fill the tag in where the task definition is made." if unfilled(reference) else ""
    if offer is not None:
        named = with_image(
            world,
            image,
            f"{place.base}:{offer.tag}",
            title=f"Deploy {offer.tag}",
            text=f"Name {place.repository}:{offer.tag}, which {offer.why}, in a new revision.{filled_in}{advice}",
        )
    else:
        named = with_image(
            world,
            image,
            (f"{place.base}:", TAG),
            title="Name a tag that exists",
            text=f"Name an image that exists in a new revision of the task definition.{filled_in}{advice}",
        )
    if reference.digest or filled_in:
        # A digest is that of one image, which nobody builds twice; and nobody wants an image of a template's words.
        return named
    pushed = pushed_image(
        place,
        wanted,
        title=f"Push {wanted}",
        text=f"Push {place.base}:{wanted} from where it was built, so that the task definition may stay as it is.{advice}",
        then=then_for(world),
    )
    return (named, pushed) if offer else (pushed, named)
