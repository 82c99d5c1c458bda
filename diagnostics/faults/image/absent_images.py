"""A tag or a digest that no image has: what is said of it, and what to do."""

from __future__ import annotations

from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.image.lifecycle import may_have_removed
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
from diagnostics.faults.images import Place, containers, image_id
from diagnostics.faults.task_definition import other_image, with_image
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fault, Fix, Outcome
from diagnostics.image_reference import ImageReference, nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, Known, known_or
from diagnostics.stop_reason import SymptomId
from diagnostics.write import named, quoted

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
            f"{name}:TAG",
            f"Name an image that exists in place of {name}:TAG; the registry's page of {reference.repository} lists its tags.",
            f"docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
            placeholder=True,
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
    missing = f"{place.base}:TAG"
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
            missing,
            f"Ask account {place.account} to push {push} (or to restore it, if it is in the archive), or name a tag that it has in place of {missing}.",
            f"aws ecr describe-images {place.flags} --image-ids {quoted(image_id(reference))}",
            placeholder=True,
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
    tags = tuple(name for item in existing for name in item.image_tags)
    close = nearest(wanted, tags) if not reference.digest else ()
    newest = next((item.image_tags[0] for item in existing if item.image_tags), None)
    hint = f"The nearest that exist: {', '.join(close)}." if close else None
    if not close and newest:
        hint = f"The newest image that it has is {newest}."
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
    fix = _fix(world, image, reference, place, close[0] if close else newest)
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
        fix=fix.model_copy(update={"text": f"{fix.text} {suspect.advice}"}) if suspect else fix,
        console_url=place.link,
    )


def _fix(
    world: World,
    image: ContainerImage,
    reference: ImageReference,
    place: Place,
    offer: str | None,
) -> Fix:
    which = image_id(reference)
    verify = f"aws ecr describe-images {place.flags} --image-ids {quoted(which)}"
    other = f"{place.base}:{offer}" if offer else None
    missing = f"{place.base}:TAG"
    # Another image is named, so that what is looked for afterwards is that one.
    there = (
        f"aws ecr describe-images {place.flags} --image-ids {quoted(f'imageTag={offer}')}" if offer else None
    )
    if reference.digest:
        such = f", such as {other}," if other else ""
        text = (
            f"Name an image that exists{such} in the task definition, or push the image of this digest again."
        )
        return with_image(world, image, other or missing, text, there, placeholder=other is None)
    if unfilled(reference) is not None:
        # Nobody wants an image of that name, so that none is to be pushed.
        such = f"such as {other}, " if other else ""
        text = f"Fill the tag in where the task definition is made, and name an image that exists, {such}in the task definition."
        return with_image(world, image, other or missing, text, there, placeholder=other is None)
    push = f"docker push {quoted(f'{place.base}:{reference.tag_or_digest}')}"
    undo = f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(which)}"
    if other is None or offer is None:
        return Fix(text=f"Push {reference.tag_or_digest}.", cli=push, verify=verify, undo=undo)
    return Fix(
        text=f"Push {reference.tag_or_digest}, or name a tag that exists, such as {offer}, in the task definition.",
        cli=f"{push}\n# or, if {named(offer)} was meant:\n{other_image(world, image, other)}",
        verify=verify,
        undo=undo,
    )
