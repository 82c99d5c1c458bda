"""What will become of the images that a subject needs: lifecycle rules that will act on them, digests that have no tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from diagnostics.audit.model import AuditFinding, AuditLevel
from diagnostics.audit.subjects import AuditSubject
from diagnostics.collect.needed import NeededImage, stored_image
from diagnostics.finding import Evidence
from diagnostics.lifecycle import LifecycleRule, Outlook, StoredImage, outlook, parse_rules
from diagnostics.snapshot import Absent, Known, Unavailable, known_value

LIFECYCLE = "ecr:GetLifecyclePolicy"
IMAGES = "ecr:DescribeImages"


@dataclass(frozen=True)
class Ahead:
    """What is ahead of an image.

    Attributes:
        finding: what will stop it, or may.
        open: why it cannot be told, as a sentence.
        unread: the fact that would tell.
    """

    finding: AuditFinding | None = None
    open: str | None = None
    unread: Unavailable | None = None


NOTHING = Ahead()


def ahead_of(subject: AuditSubject, image: NeededImage, now: datetime, days: int) -> Ahead:
    """What is ahead of one image that a subject needs.

    Args:
        now: when the facts were read.
        days: how far ahead is soon. A rule that counts acts soon where so much was pushed in the last `days` days, or where the next
            push is enough.
    """
    detail = known_value(image.detail)
    if detail is None or detail.image_digest is None:
        return _not_there(subject, image)
    policy = image.lifecycle_policy
    if isinstance(policy, Unavailable):
        what = f"whether a lifecycle rule will remove {_short(image)}"
        return Ahead(open=f"It is not known {what}: {policy.in_words()}.", unread=policy)
    found = None
    if isinstance(policy, Known):
        try:
            rules = parse_rules(policy.value.lifecycle_policy_text)
        except ValueError:
            return Ahead(
                open=f"The lifecycle policy of {image.reference.repository} is not understood here, so that it is not known "
                f"what it will do to {_short(image)}."
            )
        if detail.image_pushed_at is None and any(rule.selects(stored_image(detail)) for rule in rules):
            return Ahead(
                open=f"ECR does not tell when {_short(image)} was pushed, and a lifecycle rule goes by that."
            )
        if isinstance(image.images, Unavailable) and image.images.was_asked:
            return Ahead(
                open=f"The images of {image.reference.repository} could not be listed, and a lifecycle rule goes by them: "
                f"{image.images.in_words()}.",
                unread=image.images,
            )
        found = outlook(rules, _stored(image), detail.image_digest, now - timedelta(days=days))
    if (
        found is not None
        and not found.certain
        and found.at_latest
        and found.at_latest - now <= timedelta(days=days)
    ):
        # Whichever index keeps it goes too: that much is certain.
        found = replace(found, at=found.at_latest, certain=True, waits_for_index=True)
    if found is not None and _is_soon(found, now, days):
        return _by_rule(subject, image, found, now)
    if not detail.image_tags and image.needed_for == "next":
        return Ahead(_only_untagged(subject, image, found))
    return NOTHING


def _stored(image: NeededImage) -> tuple[StoredImage, ...]:
    """The images of the repository, the needed one at least: the list may have been read a moment before it came."""
    detail = known_value(image.detail)
    own = (stored_image(detail),) if detail else ()
    listed = known_value(image.images) or ()
    others = (stored_image(item) for item in listed if detail and item.image_digest != detail.image_digest)
    return (*own, *others)


def _is_soon(found: Outlook, now: datetime, days: int) -> bool:
    if found.pushes is None:
        return found.at is not None and found.at - now <= timedelta(days=days)
    # The newest image goes only where whoever pushes does not deploy: not worth a word as long as other pushes come first.
    follows = bool(found.newer) and found.pushes <= found.lately
    return found.pushes <= 1 or follows


def _by_rule(subject: AuditSubject, image: NeededImage, found: Outlook, now: datetime) -> Ahead:
    rule, does = found.rule, "expires" if found.rule.expires else "is archived"
    when = _when(found, now)
    clause = f"image {does} {when} by rule {rule.priority}"
    name = str(rule)
    counted = f" (newer than it are {found.newer} of those that it counts)" if found.newer is not None else ""
    pulls = ", unless it is pulled before" if found.renewed_by_pull else ""
    may = "" if found.certain else ", unless an image index refers to it or to others that the rule counts"
    summary = f"{_short(image)} {does} {when}: {name} of {image.reference.repository} {rule.in_words}{counted}{pulls}{may}."
    open_end = None
    if not found.certain:
        open_end = f"Which images an image index of {image.reference.repository} refers to, and so keeps, ECR does not tell without counting it as a pull."
    finding = AuditFinding(
        level=_level(subject, image, found.certain),
        id="image-expires" if rule.expires else "image-archived-soon",
        resources=(_exact(image),),
        summary=f"{summary}{_for_what(image)}",
        clause=clause if found.certain else f"{clause}, unless an index keeps it",
        subjects=(subject.key,),
        at=found.at,
        pushes=found.pushes,
        rule=rule.priority,
        certain=found.certain,
        evidence=(
            Evidence(what=f"{name} {rule.in_words}", source=LIFECYCLE),
            Evidence(what=_told(image), source=IMAGES),
        ),
        advice=_advice(image, rule),
    )
    return Ahead(finding, open_end if image.needed_for == "next" else None)


def _advice(image: NeededImage, rule: LifecycleRule) -> str:
    """What keeps the image from the rule."""
    repository, detail = image.reference.repository, known_value(image.detail)
    if detail is not None and not detail.image_tags:
        return f"Deploy again, so that what runs has a tag; or give the image a tag that rule {rule.priority} of {repository} does not select."
    return (
        f"Deploy a newer image before, or put a rule in front of rule {rule.priority} of {repository} (with a lower number) that selects "
        "the tags of what services run and keeps many: it shields them."
    )


def _when(found: Outlook, now: datetime) -> str:
    if found.is_due(now):
        return "within 24 hours"
    if found.pushes is not None:
        return f"after {found.pushes} more push{'es' if found.pushes != 1 else ''}"
    days = (found.at - now) / timedelta(days=1) if found.at else 0.0
    latest = " at the latest" if found.waits_for_index else ""
    if days < 1.5:
        return f"in about a day{latest}"
    return f"in about {round(days)} days{latest}"


def _level(subject: AuditSubject, image: NeededImage, certain: bool) -> AuditLevel:
    if not certain or image.needed_for == "deployment":
        return "risk"
    if image.needed_for == "roll_back" and not subject.deploying:
        return "risk"
    return "soon"


_ONLY_FOR: Mapping[str, str] = {
    "next": "",
    "deployment": " What runs has another digest; the next deployment would resolve the tag to this one.",
    "roll_back": " A roll-back would pull it.",
}


def _for_what(image: NeededImage) -> str:
    return _ONLY_FOR[image.needed_for]


def _not_there(subject: AuditSubject, image: NeededImage) -> Ahead:
    """Of an image that the next task pulls the diagnosis itself tells."""
    if not isinstance(image.detail, Absent) or image.needed_for == "next":
        return NOTHING
    reference = image.reference
    if image.needed_for == "deployment":
        return Ahead(
            AuditFinding(
                level="risk",
                id="tag-gone",
                resources=(f"{reference.registry}/{reference.repository}:{reference.tag_or_digest}",),
                summary=f"{reference.repository} has no image with the tag {reference.tag_or_digest}. What is deployed runs by its digest, but the next deployment resolves the tag again and would fail.",
                clause="its tag is gone, the next deployment would fail",
                subjects=(subject.key,),
                evidence=(
                    Evidence(what=f"there is no image with the tag {reference.tag_or_digest}", source=IMAGES),
                ),
                advice="Push the tag again, or name one that exists in the task definition.",
            )
        )
    return Ahead(
        AuditFinding(
            level="risk",
            id="roll-back-image-gone",
            resources=(_exact(image),),
            summary=f"{_short(image)} is gone. A roll-back of the service would return to it and could not start a task.",
            clause="the image of a roll-back is gone",
            subjects=(subject.key,),
            evidence=(Evidence(what="there is no image with this digest", source=IMAGES),),
            advice="Keep the images of the revision before the one that runs until a deployment is over.",
        )
    )


def _only_untagged(subject: AuditSubject, image: NeededImage, found: Outlook | None) -> AuditFinding:
    later = ""
    if found is not None:
        rule = found.rule
        about = f", about {found.at:%Y-%m-%d}" if found.at else ""
        later = f" {str(rule)[0].upper()}{str(rule)[1:]} {rule.in_words}{about}."
    return AuditFinding(
        level="risk",
        id="image-only-untagged",
        resources=(_exact(image),),
        summary=f"{_short(image)} has no tag any more: it is there by its digest only, and whatever removes images without a tag removes it.{later}",
        clause="its image has no tag",
        subjects=(subject.key,),
        at=found.at if found else None,
        pushes=found.pushes if found else None,
        rule=found.rule.priority if found else None,
        certain=found.certain if found else True,
        evidence=(Evidence(what=_told(image), source=IMAGES),),
        advice="Give the image a tag of its own, and each build from now on; or deploy the service again.",
    )


def _told(image: NeededImage) -> str:
    detail = known_value(image.detail)
    if detail is None:
        return "it is not there"
    tags = ", ".join(detail.image_tags[:5]) or "no tag"
    more = f" and {len(detail.image_tags) - 5} more" if len(detail.image_tags) > 5 else ""
    pushed = f", pushed {detail.image_pushed_at:%Y-%m-%d}" if detail.image_pushed_at else ""
    pulled = (
        f", last pull recorded {detail.last_recorded_pull_time:%Y-%m-%d}"
        if detail.last_recorded_pull_time
        else ""
    )
    return f"{detail.image_digest} has {tags}{more}{pushed}{pulled}"


def _short(image: NeededImage) -> str:
    """What people call it: the repository with a tag, or the beginning of the digest."""
    reference, detail = image.reference, known_value(image.detail)
    if not reference.digest:
        return f"{reference.repository}:{reference.tag_or_digest}"
    tags = detail.image_tags if detail else ()
    if tags:
        return f"{reference.repository}:{tags[0]}"
    return f"{reference.repository}@{reference.digest[:19]}…"


def _exact(image: NeededImage) -> str:
    """The image by its digest, so that it is one and the same whatever names it."""
    reference, detail = image.reference, known_value(image.detail)
    digest = (detail.image_digest if detail else None) or reference.digest
    end = f"@{digest}" if digest else f":{reference.tag_or_digest}"
    return f"{reference.registry}/{reference.repository}{end}"
