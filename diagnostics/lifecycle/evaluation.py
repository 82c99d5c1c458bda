"""What a lifecycle policy of ECR does to the images of a repository now.

All rules look at the repository as it is, and are applied by priority: an image belongs to the first rule whose selection it
fits, whether that rule does something to it or not, and rules behind it still count it. An image that an image index
refers to is left alone, and not counted, as long as the index is there.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from diagnostics.lifecycle.rules import LifecycleRule, StoredImage


def acted_on(
    rules: Iterable[LifecycleRule], images: Iterable[StoredImage], now: datetime
) -> dict[str, LifecycleRule]:
    """The images that the rules expire or archive, by their digests, each with the one rule that does it.

    Of an index whose children are not known, none is taken for one.
    """
    eligible = without_children(tuple(images))
    taken: set[str] = set()
    result: dict[str, LifecycleRule] = {}
    for rule in sorted(rules, key=lambda item: item.priority):
        selected = [image for image in eligible if rule.selects(image)]
        for image in _beyond(rule, selected, now):
            if image.digest not in taken:
                result[image.digest] = rule
        taken.update(image.digest for image in selected)
    return result


def with_referrers(
    acted: Mapping[str, LifecycleRule], images: Iterable[StoredImage]
) -> dict[str, LifecycleRule]:
    """What goes in the end: a referrer follows its subject within 24 hours after that was expired.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
    """
    result, stored = dict(acted), tuple(images)
    while True:
        more = {
            image.digest: result[image.subject]
            for image in stored
            if image.digest not in result
            and image.subject is not None
            and image.subject in result
            and result[image.subject].expires
        }
        if not more:
            return result
        result.update(more)


def rule_of(rules: Iterable[LifecycleRule], image: StoredImage) -> LifecycleRule | None:
    """The only rule that can act on an image: the first whose selection it fits."""
    return next((rule for rule in sorted(rules, key=lambda item: item.priority) if rule.selects(image)), None)


def without_children(images: tuple[StoredImage, ...]) -> tuple[StoredImage, ...]:
    """Those that no index is known to refer to."""
    children = {digest for image in images for digest in image.refers_to or ()}
    return tuple(image for image in images if image.digest not in children)


def counted_from(rule: LifecycleRule, image: StoredImage) -> datetime | None:
    """The moment from which a rule of age counts; `None` where it is not known."""
    if rule.count_type == "sinceImageTransitioned":
        return image.archived_at
    if rule.count_type == "sinceImagePulled":
        restored = image.activated_at
        pulled = image.pulled_at or image.pushed_at
        return max(pulled, restored) if restored else pulled
    return image.ordered_by


def _beyond(rule: LifecycleRule, selected: list[StoredImage], now: datetime) -> list[StoredImage]:
    """Those of the selected images that are too many or too old."""
    if rule.counts:
        newest = sorted(selected, key=lambda item: item.ordered_by, reverse=True)
        return newest[rule.number :]
    # Subtracted from the age, not added to the date: a rule may say a hundred thousand days.
    limit = timedelta(days=min(rule.number, timedelta.max.days))
    return [image for image in selected if now - (counted_from(rule, image) or now) > limit]
