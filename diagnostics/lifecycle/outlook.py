"""What will stop an image: which rule acts on it, and when, if nothing else is pushed (by age) or so much is (by count).

Which images an index refers to, ECR tells only to whoever pulls the index. So two readings are made of the images that were there
before such an index, with a tag or without: none is its child, and all are. What both say is certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from diagnostics.lifecycle.evaluation import counted_from, rule_of, without_children
from diagnostics.lifecycle.rules import LifecycleRule, StoredImage


@dataclass(frozen=True)
class Outlook:
    """The rule that an image belongs to, and when it acts.

    Attributes:
        rule: the only rule that can act on the image.
        at: about when its age is reached, which may be past; `None` of a rule that counts, or of an age beyond the calendar.
        pushes: after how many more images that the rule selects it acts; 0 is at its next run. `None` of a rule of age.
        newer: how many images that the rule counts are newer; `None` of a rule of age.
        lately: how many of those that it counts were pushed since the moment that was asked about.
        certain: false where an index may refer to the image, or to one that was counted, and so keep it.
        at_latest: about when it is gone whichever index refers to it, for those go too; `None` where that is not known.
        waits_for_index: `at` is that moment: an index may keep the image until then.
        renewed_by_pull: each pull puts it off.
    """

    rule: LifecycleRule
    at: datetime | None = None
    pushes: int | None = None
    newer: int | None = None
    lately: int = 0
    certain: bool = True
    at_latest: datetime | None = None
    waits_for_index: bool = False

    @property
    def renewed_by_pull(self) -> bool:
        return self.rule.count_type == "sinceImagePulled"

    def is_due(self, now: datetime) -> bool:
        """True if the rule acts when it runs next, within 24 hours."""
        return self.pushes == 0 if self.pushes is not None else self.at is not None and self.at < now


def outlook(
    rules: Iterable[LifecycleRule], images: Iterable[StoredImage], digest: str, since: datetime
) -> Outlook | None:
    """What the rules have in store for an image; `None` where no rule can act on it.

    Args:
        rules: the policy.
        images: all images of the repository; for rules of age the image itself is enough, but for the indexes that may refer to it.
        digest: the image.
        since: pushes since then are counted in `lately`.

    Raises:
        ValueError: the image is not among them.
    """
    stored = tuple(images)
    image = next((item for item in stored if item.digest == digest), None)
    if image is None:
        raise ValueError(f"there is no image {digest} among those of the repository")
    rules = tuple(rules)
    indexes = [item for item in stored if item is not image and digest in (item.refers_to or ())]
    if indexes:
        return _after(indexes, rules, stored, image, since)
    return _of_its_own(rules, stored, image, since)


def _after(
    indexes: Sequence[StoredImage],
    rules: Sequence[LifecycleRule],
    stored: tuple[StoredImage, ...],
    image: StoredImage,
    since: datetime,
) -> Outlook | None:
    """A child of indexes is kept as long as one of them is, and is an ordinary image then: with its siblings it is counted then."""
    others = tuple(item for item in stored if item is not image)
    kept_by = [found for item in indexes if (found := outlook(rules, others, item.digest, since))]
    gone = {item.digest for item in indexes}
    own = _of_its_own(rules, tuple(item for item in stored if item.digest not in gone), image, since)
    if own is None or len(kept_by) < len(indexes) or not all(item.rule.expires for item in kept_by):
        return None
    steps = [own, *kept_by]
    counted = [item for item in steps if item.pushes is not None]
    if counted:
        last = max(counted, key=lambda item: item.pushes or 0)
        return replace(last, rule=own.rule, at=None, certain=False)
    dates = [item.at for item in steps if item.at is not None]
    last_day = max(dates) if len(dates) == len(steps) else None
    certain = all(item.certain for item in steps)
    return replace(own, at=last_day, certain=certain, at_latest=last_day if certain else None)


def _of_its_own(
    rules: Sequence[LifecycleRule], stored: tuple[StoredImage, ...], image: StoredImage, since: datetime
) -> Outlook | None:
    """What is in store for an image that no index is known to refer to."""
    digest = image.digest
    rule = rule_of(rules, image)
    if rule is None:
        return None
    others = _may_be_children(stored)
    certain = digest not in others
    if not rule.counts:
        start = counted_from(rule, image)
        at = _later(start, rule.number) if start else None
        latest = at if certain else _with_its_indexes(rules, stored, image, since, at)
        return Outlook(rule, at, certain=certain, at_latest=latest)
    selected = [item for item in without_children(stored) if rule.selects(item) and item.digest != digest]
    worst = sum(item.ordered_by >= image.ordered_by for item in selected)
    best = sum(item.ordered_by > image.ordered_by and item.digest not in others for item in selected)
    found = Outlook(
        rule,
        pushes=max(0, rule.number - worst),
        newer=worst,
        lately=sum(item.pushed_at > since and item.digest not in others for item in selected),
    )
    return replace(found, certain=certain and best == worst)


def _with_its_indexes(
    rules: Sequence[LifecycleRule],
    stored: tuple[StoredImage, ...],
    image: StoredImage,
    since: datetime,
    at: datetime | None,
) -> datetime | None:
    """When an image is gone at the latest: every index that may refer to it has a date, and the image its own."""
    dates = [at]
    for item in stored:
        if item.refers_to is None and item.pushed_at >= image.pushed_at:
            found = _of_its_own(rules, stored, item, since)
            dates.append(found.at if found is not None and found.certain and found.rule.expires else None)
    known = [moment for moment in dates if moment is not None]
    return max(known) if len(known) == len(dates) else None


def _later(moment: datetime, days: int) -> datetime | None:
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return None


def _may_be_children(images: Sequence[StoredImage]) -> frozenset[str]:
    """The digests that an index of unknown children may refer to. What an index names must have been pushed before it."""
    newest = max((item.pushed_at for item in images if item.refers_to is None), default=None)
    if newest is None:
        return frozenset()
    return frozenset(
        item.digest
        for item in images
        if item.refers_to is not None and item.subject is None and item.pushed_at <= newest
    )
