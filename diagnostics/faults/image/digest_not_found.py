"""The repository does not have a digest: the one that the task definition names, or the one that ECS resolved a tag to."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped
from diagnostics.faults.image.absent_images import absent, outside, told_by_owner
from diagnostics.faults.image.in_ecr import why_not_ecr
from diagnostics.faults.image.index_children import child_gone
from diagnostics.faults.image.lifecycle import may_have_removed
from diagnostics.faults.image.owners_word import owner_lacks
from diagnostics.faults.image.repo_not_found import NO_REPOSITORY
from diagnostics.faults.image.serving_rules import may_be_fetched, rule_for
from diagnostics.faults.image.tag_not_found import TAG_NOT_FOUND
from diagnostics.faults.images import Place, containers, image_of, reference_of
from diagnostics.faults.revision import deployed_again
from diagnostics.faults.text_only import shown
from diagnostics.faults.texts import NOT_FOUND
from diagnostics.faults.told import told
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Absent, ImageFacts, Known, known_value, need
from diagnostics.stop_reason import Symptom, SymptomId

DIGEST_NOT_FOUND = Fault(
    id="digest-not-found",
    kind="image",
    title="The repository has the digest that the task names",
    short="its image's digest does not exist",
    why="The task definition pins a digest that the repository does not hold, often because a lifecycle policy removed the untagged image.",
    how="Name a digest that exists, or push the image again.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)
DIGEST_EXPIRED = Fault(
    id="image-digest-expired",
    kind="image",
    title="The repository still has the digest that the deployment pinned",
    short="the image that the deployment pinned was deleted",
    why="ECS resolves an image's tag to a digest when it deploys a service, and starts every task of that deployment with the digest. The tag has moved to another image since, and the old one was removed, by a lifecycle policy or by hand.",
    how="Force a new deployment, which resolves the tag again. Use a new tag for each build, and let the lifecycle policy keep the images that run.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability",
    explains=Explains(symptoms=(*NOT_FOUND, SymptomId.REGISTRY_ACCESS_DENIED)),
)


def _why_not_looked_for(world: World, image: ContainerImage) -> str | None:
    """Why neither digest is looked for in ECR; `None` where each is."""
    why = why_not_ecr(image)
    if why is None and isinstance(world.image_facts(image).repository, Absent):
        return NO_REPOSITORY
    return why


def _judge_written(world: World, subject: Subject) -> Outcome:
    """The digest that is written. Where the task definition has a tag in its place, ECS resolved it: the other fault."""
    image = image_of(subject)
    reference, facts, why = image.reference, world.image_facts(image), why_not_ecr(image)
    if why is not None and reference is not None and reference.digest:
        return outside(world, image, reference, DIGEST_NOT_FOUND, why)
    why = _why_not_looked_for(world, image)
    if why is not None or reference is None:
        return skipped(DIGEST_NOT_FOUND, why or "")
    if not reference.digest:
        # Without the task it is not known whether ECS resolved the tag.
        need(world.snapshot.task)
        return child_gone(world, image, facts, DIGEST_NOT_FOUND) or skipped(
            DIGEST_NOT_FOUND, "the image is named by its tag"
        )
    if owner_lacks(world, image) is not None:
        by_text = told_by_owner(world, image, reference, DIGEST_NOT_FOUND)
        if facts.counterpart_id is not None:
            why = f"ECS resolved the digest from {facts.counterpart_id}: {DIGEST_EXPIRED.id}"
            return skipped(DIGEST_NOT_FOUND, why)
        if by_text is not None:
            need(world.snapshot.task_definition)
            return by_text
    if need(facts.detail) is not None:
        child = child_gone(world, image, facts, DIGEST_NOT_FOUND)
        if child is not None:
            return child
        return passes(DIGEST_NOT_FOUND, f"{reference.repository} has {reference.digest}")
    need(facts.repository)
    need(world.snapshot.task_definition)
    if facts.counterpart_id is None or need(facts.counterpart) is None:
        return absent(world, image, reference, facts, DIGEST_NOT_FOUND)
    return skipped(
        DIGEST_NOT_FOUND, f"ECS resolved the digest from {facts.counterpart_id}: {DIGEST_EXPIRED.id}"
    )


def _judge_resolved(world: World, subject: Subject) -> Outcome:
    """The digest that ECS resolved the tag to when it deployed the service."""
    image = image_of(subject)
    why, facts = _why_not_looked_for(world, image), world.image_facts(image)
    if why is not None:
        return skipped(DIGEST_EXPIRED, why)
    reference = reference_of(image)
    if not reference.digest:
        return _resolved_digest(world, image, reference, facts)
    tag = facts.counterpart_id
    symptom = owner_lacks(world, image)
    if symptom is not None and tag is not None:
        return _by_text(world, image, symptom, tag, reference.digest)
    if symptom is None and need(facts.detail) is not None:
        return passes(DIGEST_EXPIRED, f"{reference.repository} has {reference.digest}")
    if tag is None:
        return skipped(DIGEST_EXPIRED, f"the task definition itself names the digest: {DIGEST_NOT_FOUND.id}")
    if need(facts.counterpart) is None:
        return skipped(DIGEST_EXPIRED, f"the tag {tag} is gone too: {DIGEST_NOT_FOUND.id}")
    return _expired(world, image, reference, tag, reference.digest, facts)


def _resolved_digest(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts
) -> Outcome:
    """The task's image has a tag, and ECS may have resolved it to a digest when it deployed the service."""
    pinned = facts.counterpart_id
    owners = owner_lacks(world, image)
    said = (owners.image or "").partition("@")[2] if owners is not None else ""
    if owners is not None and not said:
        return skipped(DIGEST_EXPIRED, f"the text names the tag: {TAG_NOT_FOUND.id}")
    if owners is not None and pinned in (None, said):
        return _by_text(world, image, owners, reference.tag_or_digest, said)
    if pinned is None:
        by_text = _told_of_digest(world, image, reference, facts)
        if by_text is not None:
            return by_text
        return skipped(DIGEST_EXPIRED, "no digest is known that ECS resolved the tag to")
    task = need(world.snapshot.task)
    if task is None or task.service_name is None:
        return skipped(
            DIGEST_EXPIRED,
            "no deployment pins the digest: a task that is started by hand resolves its tag again",
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


def _told_of_digest(
    world: World, image: ContainerImage, reference: ImageReference, facts: ImageFacts
) -> Outcome | None:
    """The error text names the tag with a digest, so that ECS pinned it, and says that the registry lacks that.

    `None` where the text does not say so, where the tag is still that image, or where it is gone too. Another account's
    repository is rarely ours to read, so that the text is believed of it.

    Raises:
        UnavailableError: what the tag is now could not be read in this account.
    """
    symptom = told(world, image, SymptomId.IMAGE_DIGEST_GONE)
    pinned = (symptom.image or "").partition("@")[2] if symptom is not None else ""
    if symptom is None or not pinned:
        return None
    own = Place.of(reference).account == world.snapshot.account_id
    detail = need(facts.detail) if own else known_value(facts.detail)
    gone = isinstance(facts.detail, Absent)
    if gone or (detail is not None and detail.image_digest == pinned):
        return None
    return _by_text(world, image, symptom, reference.tag_or_digest, pinned)


def _by_text(world: World, image: ContainerImage, symptom: Symptom, tag: str, pinned: str) -> Outcome:
    place = Place.of(reference_of(image))
    return shown(
        DIGEST_EXPIRED,
        symptom,
        f"The deployment pinned {pinned} for {containers(image)}, which repository {place.repository} no longer has; the task definition names the tag {tag}.",
        _resolved_again(world, tag),
        stage="manifest",
        resources=(place.arn, pinned),
        console_url=place.link,
    )


def _expired(
    world: World, image: ContainerImage, reference: ImageReference, tag: str, pinned: str, facts: ImageFacts
) -> Outcome:
    place = Place.of(reference)
    rule = rule_for(world, image)
    if rule is not None:
        return may_be_fetched(world, image, rule, DIGEST_EXPIRED, (place.arn, pinned))
    now = _now(facts, reference)
    moved = f"{tag} is now {now}" if now else f"the tag {tag} exists"
    # Its tag has moved to another image, so that the one which is gone had none, or another.
    suspect = may_have_removed(facts, None, world.snapshot.taken_at)
    again = f" {suspect.advice}" if suspect else ""
    return fails(
        DIGEST_EXPIRED,
        f"The deployment pinned {pinned} for {containers(image)}, which repository {place.repository} no longer has; {moved}.",
        more=suspect.says if suspect else None,
        stage="manifest",
        resources=(place.arn, pinned),
        evidence=(
            Evidence(what=f"ECS resolved {tag} to {pinned}", source="ecs:DescribeTasks"),
            Evidence(
                what=f"no image imageDigest={pinned} in {place.repository}", source="ecr:DescribeImages"
            ),
            Evidence(what=moved, source="ecr:DescribeImages"),
            *((suspect.evidence,) if suspect else ()),
        ),
        fix=_resolved_again(world, tag, again),
        console_url=place.link,
    )


def _resolved_again(world: World, tag: str, advice: str = "") -> Fix:
    return deployed_again(
        world,
        title="Force a new deployment",
        text=f"Force a new deployment: ECS then resolves {tag} again.{advice}",
    )


def _now(facts: ImageFacts, reference: ImageReference) -> str | None:
    fact = facts.counterpart if reference.digest else facts.detail
    return fact.value.image_digest if isinstance(fact, Known) else None


ROOMS = (Room(DIGEST_NOT_FOUND, _judge_written), Room(DIGEST_EXPIRED, _judge_resolved))
