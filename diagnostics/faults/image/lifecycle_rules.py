"""What a lifecycle policy of ECR does to the images of a repository.

All rules look at the repository as it is, and are applied by priority: an image belongs to the first rule whose selection it
fits, whether that rule does something to it or not, and rules behind it still count it. An image that an image index
refers to is left alone as long as the index is there.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

TagStatus = Literal["tagged", "untagged", "any"]
StorageClass = Literal["standard", "archive"]
CountType = Literal["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"]

COUNT_TYPES: tuple[CountType, ...] = (
    "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned",
)  # fmt: skip
_SINCE: Mapping[str, str] = {
    "sinceImagePushed": "pushed",
    "sinceImagePulled": "last pulled",
    "sinceImageTransitioned": "archived",
}
_LONGEST_DESCRIPTION = 80
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class StoredImage:
    """An image of a repository, as lifecycle rules see it.

    `pulled_at` is the last pull that was recorded, `activated_at` when it was last restored from the archive.
    `refers_to` are the digests that it refers to, if it is an image index.
    """

    digest: str
    tags: tuple[str, ...] = ()
    pushed_at: datetime = BEGINNING
    pulled_at: datetime | None = None
    archived_at: datetime | None = None
    activated_at: datetime | None = None
    archived: bool = False
    refers_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class LifecycleRule:
    """One rule: which images it selects, and what becomes of those beyond a count, or an age in days."""

    priority: int
    tag_status: TagStatus
    count_type: CountType
    number: int
    description: str = ""
    patterns: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    storage_class: StorageClass = "standard"
    expires: bool = True

    def selects(self, image: StoredImage) -> bool:
        """True of an image of its storage class that matches every entry of its list, each by any of its tags."""
        if image.archived != (self.storage_class == "archive"):
            return False
        if self.tag_status == "any":
            return True
        if self.tag_status == "untagged":
            return not image.tags
        matching = [
            *(_like(item) for item in self.patterns),
            *(re.compile(re.escape(item)) for item in self.prefixes),
        ]
        if not matching:
            return False
        whole = len(self.patterns)
        return all(
            any(item.fullmatch(tag) if place < whole else item.match(tag) for tag in image.tags)
            for place, item in enumerate(matching)
        )

    def __str__(self) -> str:
        plain = " ".join(self.description.split())[:_LONGEST_DESCRIPTION]
        named = f" (“{plain}”)" if plain else ""
        return f"lifecycle rule {self.priority}{named}"

    @property
    def in_words(self) -> str:
        """What it does, as the end of a sentence: `expires images with a tag that begins with v, but for the newest 10`."""
        does = "expires" if self.expires else "archives"
        which = {"any": "all images", "untagged": "images without a tag"}.get(self.tag_status)
        if which is None:
            like = " and one ".join(
                [f"like {item}" for item in self.patterns]
                + [f"that begins with {item}" for item in self.prefixes]
            )
            which = f"images with a tag {like}"
        if self.count_type == "imageCountMoreThan":
            return f"{does} {which}, but for the newest {self.number}"
        days = f"{self.number} day{'s' if self.number != 1 else ''}"
        return f"{does} {which} that were {_SINCE[self.count_type]} more than about {days} ago"


def parse_rules(text: str) -> tuple[LifecycleRule, ...]:
    """The rules of a policy, by priority.

    Raises:
        ValueError: it is no policy, or has a rule that is not understood, so that it is not known what becomes of an image.
    """
    policy = json.loads(text)
    try:
        rules = [_rule(item) for item in policy["rules"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no lifecycle policy that is understood here: {error}") from error
    return tuple(sorted(rules, key=lambda rule: rule.priority))


def _rule(item: Mapping[str, Any]) -> LifecycleRule:
    chosen, action = item["selection"], item["action"]
    known = (
        chosen["tagStatus"] in ("tagged", "untagged", "any")
        and chosen["countType"] in COUNT_TYPES
        and chosen.get("storageClass", "standard") in ("standard", "archive")
        and action["type"] in ("expire", "transition")
    )
    if not known:
        raise ValueError("a rule with a member that is not known here")
    return LifecycleRule(
        priority=int(item["rulePriority"]),
        description=str(item.get("description") or ""),
        tag_status=chosen["tagStatus"],
        patterns=tuple(map(str, chosen.get("tagPatternList") or ())),
        prefixes=tuple(map(str, chosen.get("tagPrefixList") or ())),
        storage_class=chosen.get("storageClass", "standard"),
        count_type=chosen["countType"],
        number=int(chosen["countNumber"]),
        expires=action["type"] == "expire",
    )


def acted_on(
    rules: Iterable[LifecycleRule], images: Iterable[StoredImage], now: datetime
) -> dict[str, LifecycleRule]:
    """The images that the rules expire or archive, by their digests, each with the one rule that does it."""
    stored = tuple(images)
    children = {digest for image in stored for digest in image.refers_to}
    eligible = [image for image in stored if image.digest not in children]
    taken: set[str] = set()
    result: dict[str, LifecycleRule] = {}
    for rule in sorted(rules, key=lambda item: item.priority):
        selected = [image for image in eligible if rule.selects(image)]
        for image in _beyond(rule, selected, now):
            if image.digest not in taken:
                result[image.digest] = rule
        taken.update(image.digest for image in selected)
    return result


def rule_of(rules: Iterable[LifecycleRule], image: StoredImage) -> LifecycleRule | None:
    """The only rule that can act on an image: the first whose selection it fits."""
    return next((rule for rule in sorted(rules, key=lambda item: item.priority) if rule.selects(image)), None)


def _beyond(rule: LifecycleRule, selected: list[StoredImage], now: datetime) -> list[StoredImage]:
    """Those of the selected images that are too many or too old."""
    if rule.count_type == "imageCountMoreThan":
        newest = sorted(selected, key=lambda item: item.activated_at or item.pushed_at, reverse=True)
        return newest[rule.number :]
    limit = timedelta(days=rule.number)
    return [image for image in selected if now - _counted_from(rule, image, now) > limit]


def _counted_from(rule: LifecycleRule, image: StoredImage, now: datetime) -> datetime:
    """The moment from which the age counts; of one that is not known, now."""
    if rule.count_type == "sinceImageTransitioned":
        return image.archived_at or now
    if rule.count_type == "sinceImagePulled":
        restored = image.activated_at
        pulled = image.pulled_at or image.pushed_at
        return max(pulled, restored) if restored else pulled
    return image.activated_at or image.pushed_at


def _like(pattern: str) -> re.Pattern[str]:
    """A tag pattern: an asterisk is any run of characters, everything else itself."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
