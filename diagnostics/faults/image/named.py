"""Does the repository hold the image that the tag or digest names, and the one that ECS pinned?"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Subject, World, check, fails, passes, skipped
from diagnostics.faults.image.cached import may_be_fetched, rule_for
from diagnostics.faults.image.faults import DIGEST_EXPIRED, DIGEST_NOT_FOUND, REPO_NOT_FOUND, TAG_NOT_FOUND
from diagnostics.faults.image.wording import (
    Place,
    as_code,
    back_to_old,
    containers,
    image_of,
    other_image,
    update_service,
    why_not_ecr,
)
from diagnostics.faults.told import quoted as text_of
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Status
from diagnostics.image_reference import ImageReference, nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Absent, ImageFacts, Known, known_or, need
from diagnostics.stop_reason import SymptomId
from diagnostics.write import named, quoted

OUTSIDE_TEXTS = (SymptomId.IMAGE_NOT_FOUND, SymptomId.REPO_NOT_FOUND, SymptomId.IMAGE_DIGEST_GONE)
NO_REPOSITORY = f"there is no such repository: {REPO_NOT_FOUND.id}"


@check("image.tag", "image", TAG_NOT_FOUND)
def tag(world: World, subject: Subject) -> Iterator[Outcome]:
    """The repository must have the tag."""
    image = image_of(subject)
    reference, facts = image.reference, world.image_facts(image)
    why = why_not_ecr(image)
    if reference is None:
        yield skipped(TAG_NOT_FOUND, why or "")
    elif reference.digest:
        yield skipped(TAG_NOT_FOUND, "the image is named by its digest")
    elif why is not None:
        yield _outside(world, image, reference, TAG_NOT_FOUND, why)
    elif isinstance(facts.repository, Absent):
        yield skipped(TAG_NOT_FOUND, NO_REPOSITORY)
    elif need(facts.detail) is not None:
        yield passes(TAG_NOT_FOUND, f"{reference.repository} has {reference.tag_or_digest}")
    else:
        need(facts.repository)
        yield _cached_or_absent(world, image, reference, facts, TAG_NOT_FOUND)


@check("image.digest", "image", DIGEST_NOT_FOUND, DIGEST_EXPIRED)
def digest(world: World, subject: Subject) -> Iterator[Outcome]:
    """The repository must have the digest: the one that is written, or the one that ECS resolved the tag to."""
    image = image_of(subject)
    reference, facts = image.reference, world.image_facts(image)
    why = why_not_ecr(image)
    if why is not None and reference is not None and reference.digest:
        yield _outside(world, image, reference, DIGEST_NOT_FOUND, why)
        yield skipped(DIGEST_EXPIRED, why)
        return
    if why is None and isinstance(facts.repository, Absent):
        why = NO_REPOSITORY
    if why is not None or reference is None:
        yield from (skipped(fault, why or "") for fault in digest.faults)
    elif reference.digest:
        yield from _written_digest(world, image, reference, facts)
    else:
        # Without the task it is not known whether ECS resolved the tag.
        need(world.snapshot.task)
        yield skipped(DIGEST_NOT_FOUND, "the image is named by its tag")
        yield _resolved_digest(world, image, reference, facts)


def _outside(
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
    return fails(
        fault,
        f"{reference.registry} answered that it has no {reference.repository} {wanted}, which {containers(image)} names.",
        named=True,
        stage="manifest",
        resources=(image.image, wanted),
        evidence=(text_of(symptom),),
        fix=Fix(
            text=f"Name an image that exists in place of {name}:TAG; the registry's page of {reference.repository} lists its tags.",
            cli=other_image(world, image, f"{name}:TAG"),
            verify=f"docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
            undo=back_to_old(world),
        ),
        console_url=None,
        status=Status.WARN,
    )


def _written_digest(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts
) -> Iterator[Outcome]:
    """The task's image has a digest. Where its task definition has a tag, it is the one that ECS resolved."""
    said = f"{reference.repository} has {reference.tag_or_digest}"
    if need(facts.detail) is not None:
        yield passes(DIGEST_NOT_FOUND, said)
        yield passes(DIGEST_EXPIRED, said)
        return
    need(facts.repository)
    need(world.snapshot.task_definition)
    written = f"the task definition itself names the digest: {DIGEST_NOT_FOUND.id}"
    if facts.counterpart_id is None:
        yield _cached_or_absent(world, image, reference, facts, DIGEST_NOT_FOUND)
        yield skipped(DIGEST_EXPIRED, written)
    elif need(facts.counterpart) is None:
        yield _cached_or_absent(world, image, reference, facts, DIGEST_NOT_FOUND)
        yield skipped(DIGEST_EXPIRED, f"the tag {facts.counterpart_id} is gone too: {DIGEST_NOT_FOUND.id}")
    else:
        yield skipped(
            DIGEST_NOT_FOUND, f"ECS resolved the digest from {facts.counterpart_id}: {DIGEST_EXPIRED.id}"
        )
        yield _expired(world, image, reference, facts.counterpart_id, reference.digest or "", facts)


def _resolved_digest(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts
) -> Outcome:
    """The task's image has a tag, and ECS may have resolved it to a digest when it deployed the service."""
    pinned = facts.counterpart_id
    if pinned is None:
        return skipped(DIGEST_EXPIRED, "no digest is known that ECS resolved the tag to")
    task = need(world.snapshot.task)
    if task is None or task.service_name is None:
        return skipped(
            DIGEST_EXPIRED,
            "no deployment pins the digest: a task that is started by hand resolves its tag anew",
        )
    detail = need(facts.detail)
    if detail is None:
        return skipped(DIGEST_EXPIRED, f"the tag {reference.tag_or_digest} is gone too: {TAG_NOT_FOUND.id}")
    if detail.image_digest == pinned or need(facts.counterpart) is not None:
        return passes(DIGEST_EXPIRED, f"{reference.repository} has {pinned}")
    service = need(world.snapshot.service)
    deployments = (*service.deployments, *service.task_sets) if service else ()
    if task.started_by and deployments and task.started_by not in {item.id for item in deployments}:
        return skipped(
            DIGEST_EXPIRED, f"deployment {task.started_by} is over, and the next one resolved the tag again"
        )
    return _expired(world, image, reference, reference.tag_or_digest, pinned, facts)


def _expired(
    world: World, image: ContainerImage, reference: ImageReference, tag: str, pinned: str, facts: ImageFacts
) -> Outcome:
    place = Place.of(reference)
    rule = rule_for(world, image)
    if rule is not None:
        return may_be_fetched(world, image, rule, DIGEST_EXPIRED, (place.arn, pinned))
    now = _now(facts, reference)
    moved = f"{tag} is now {now}" if now else f"the tag {tag} exists"
    deploy = update_service(world, "--force-new-deployment")
    return fails(
        DIGEST_EXPIRED,
        f"The deployment pinned {pinned} for {containers(image)}, which repository {place.repository} no longer has; {moved}.",
        stage="manifest",
        resources=(place.arn, pinned),
        evidence=(
            Evidence(what=f"ECS resolved {tag} to {pinned}", source="ecs:DescribeTasks"),
            Evidence(
                what=f"no image imageDigest={pinned} in {place.repository}", source="ecr:DescribeImages"
            ),
            Evidence(what=moved, source="ecr:DescribeImages"),
        ),
        fix=Fix(
            text=f"Force a new deployment: ECS then resolves {tag} again.",
            cli=deploy or other_image(world, image, f"{place.base}:{tag}"),
            verify=f"aws ecr describe-images {place.flags} --image-ids imageTag={quoted(tag)} --query 'imageDetails[].imageDigest'",
            undo=None,
        ),
        console_url=place.link,
    )


def _now(facts: ImageFacts, reference: ImageReference) -> str | None:
    fact = facts.counterpart if reference.digest else facts.detail
    return fact.value.image_digest if isinstance(fact, Known) else None


def _cached_or_absent(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts, fault: Fault
) -> Outcome:
    place = Place.of(reference)
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
    which = f"imageDigest={reference.digest}" if reference.digest else f"imageTag={wanted}"
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
        ),
        fix=_fix(world, image, reference, place, close[0] if close else newest, which),
        console_url=place.link,
    )


def _fix(
    world: World,
    image: ContainerImage,
    reference: ImageReference,
    place: Place,
    offer: str | None,
    which: str,
) -> Fix:
    verify = f"aws ecr describe-images {place.flags} --image-ids {quoted(which)}"
    other = f"{place.base}:{offer}" if offer else None
    change = other_image(world, image, other or f"{place.base}:TAG")
    if reference.digest:
        such = f", such as {other}," if other else ""
        code = as_code(world, image, other) if other else (None, None)
        return Fix(
            text=f"Name an image that exists{such} in the task definition, or push the image of this digest again.",
            cli=change,
            terraform=code[0],
            cloudformation=code[1],
            verify=verify,
            undo=back_to_old(world),
        )
    push = f"docker push {quoted(f'{place.base}:{reference.tag_or_digest}')}"
    undo = f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(which)}"
    if other is None or offer is None:
        return Fix(text=f"Push {reference.tag_or_digest}.", cli=push, verify=verify, undo=undo)
    return Fix(
        text=f"Push {reference.tag_or_digest}, or name a tag that exists, such as {offer}, in the task definition.",
        cli=f"{push}\n# or, if {named(offer)} was meant:\n{change}",
        verify=verify,
        undo=undo,
    )
