"""The rules of a lifecycle policy of ECR: which images each selects, and what becomes of those beyond a count or an age.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast

TagStatus = Literal["tagged", "untagged", "any"]
StorageClass = Literal["standard", "archive"]
CountType = Literal["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"]

TAG_STATUSES: tuple[TagStatus, ...] = ("tagged", "untagged", "any")
STORAGE_CLASSES: tuple[StorageClass, ...] = ("standard", "archive")
COUNT_TYPES: tuple[CountType, ...] = (
    "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned",
)  # fmt: skip
_SINCE: Mapping[str, str] = {
    "sinceImagePushed": "pushed",
    "sinceImagePulled": "last pulled",
    "sinceImageTransitioned": "archived",
}
_LONGEST_DESCRIPTION = 80
_MOST_ASTERISKS = 4
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class StoredImage:
    """An image of a repository, as lifecycle rules see it.

    `pulled_at` is the last pull that was recorded, `activated_at` when it was last restored from the archive. `refers_to` are the
    digests that an image index refers to, `None` of an index of which they are not known. `subject` is the digest that a
    referrer (a signature, say) is about.
    """

    digest: str
    tags: tuple[str, ...] = ()
    pushed_at: datetime = BEGINNING
    pulled_at: datetime | None = None
    archived_at: datetime | None = None
    activated_at: datetime | None = None
    archived: bool = False
    refers_to: tuple[str, ...] | None = ()
    subject: str | None = None

    @property
    def ordered_by(self) -> datetime:
        """The moment by which rules put images in order: the push, or the restoring from the archive."""
        return self.activated_at or self.pushed_at


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

    @property
    def counts(self) -> bool:
        """True of a rule that keeps so many images, false of one that goes by their age."""
        return self.count_type == "imageCountMoreThan"

    def selects(self, image: StoredImage) -> bool:
        """True of an image of its storage class that matches every entry of its list, each by any of its tags."""
        if image.archived != (self.storage_class == "archive"):
            return False
        if self.tag_status == "any":
            return True
        if self.tag_status == "untagged":
            return not image.tags
        return (
            bool(self.patterns or self.prefixes)
            and all(any(_is_like(tag, item) for tag in image.tags) for item in self.patterns)
            and all(any(tag.startswith(item) for tag in image.tags) for item in self.prefixes)
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
        if self.counts:
            return f"{does} {which}, but for the newest {self.number}"
        days = f"{self.number} day{'s' if self.number != 1 else ''}"
        return f"{does} {which} that were {_SINCE[self.count_type]} more than about {days} ago"


def _is_like(tag: str, pattern: str) -> bool:
    """A tag pattern: an asterisk is any run of characters, everything else itself. Case counts."""
    first, *others = pattern.split("*")
    if not others:
        return tag == pattern
    if not tag.startswith(first):
        return False
    place, last = len(first), others.pop()
    for part in others:
        found = tag.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(tag) - len(last) >= place and tag.endswith(last)


# --- reading a policy --------------------------------------------------------------------------------


def parse_rules(text: str) -> tuple[LifecycleRule, ...]:
    """The rules of a policy, by priority.

    AWS checks a policy before it keeps it, so that one which breaks the rules known here is one of later rules: of it nothing is
    said, for a rule that was left out would let another one act.

    Raises:
        ValueError: it is no policy, or has a rule that is not understood, so that it is not known what becomes of an image.
    """
    try:
        policy = json.loads(text)
    except RecursionError as error:
        raise ValueError("no lifecycle policy that is understood here: too deep") from error
    try:
        if not isinstance(policy["rules"], list) or not policy["rules"]:
            raise ValueError("a lifecycle policy has a list of rules, and at least one")
        rules = [_rule(item) for item in policy["rules"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no lifecycle policy that is understood here: {error}") from error
    if len({rule.priority for rule in rules}) != len(rules):
        raise ValueError("two rules of one priority")
    return tuple(sorted(rules, key=lambda rule: rule.priority))


def _rule(item: Mapping[str, Any]) -> LifecycleRule:
    _only(item, "rulePriority", "description", "selection", "action")
    chosen, action = item["selection"], item["action"]
    _only(
        chosen, "tagStatus", "tagPatternList", "tagPrefixList", "storageClass", "countType", "countUnit", "countNumber"
    )  # fmt: skip
    _only(action, "type", "targetStorageClass")
    count = _one_of(chosen["countType"], COUNT_TYPES)
    if count != "imageCountMoreThan" and chosen.get("countUnit") != "days":
        raise ValueError("an age is in days")
    patterns, prefixes = (_texts(chosen.get(name)) for name in ("tagPatternList", "tagPrefixList"))
    status = _one_of(chosen["tagStatus"], TAG_STATUSES)
    if (status == "tagged") != (bool(patterns) != bool(prefixes)) or (patterns and prefixes):
        raise ValueError("a rule of images with a tag has one list of tags, no other rule has any")
    if any(item.count("*") > _MOST_ASTERISKS for item in patterns):
        raise ValueError(f"a pattern has at most {_MOST_ASTERISKS} asterisks")
    archives = _one_of(action["type"], ("expire", "transition")) == "transition"
    if (
        archives != ("targetStorageClass" in action)
        or action.get("targetStorageClass", "archive") != "archive"
    ):
        raise ValueError("images are moved to the archive, and nowhere else")
    storage = _one_of(chosen.get("storageClass", "standard"), STORAGE_CLASSES)
    if (count == "sinceImageTransitioned") != (storage == "archive") or (archives and storage == "archive"):
        raise ValueError("what is in the archive goes by how long it is there, and nothing else does")
    return LifecycleRule(
        priority=_number(item["rulePriority"]),
        description=str(item.get("description") or ""),
        tag_status=cast(TagStatus, status),
        patterns=patterns,
        prefixes=prefixes,
        storage_class=cast(StorageClass, storage),
        count_type=cast(CountType, count),
        number=_number(chosen["countNumber"]),
        expires=not archives,
    )


def _only(item: Mapping[str, Any], *known: str) -> None:
    """A member that is not known here may narrow the rule."""
    strange = item.keys() - set(known)
    if strange:
        raise ValueError(f"a rule with a member that is not known here: {', '.join(sorted(strange))}")


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"a value that is not known here, where {' or '.join(known)} is expected")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a whole number of at least 1 is expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("a list of tags is expected")
    return tuple(value)
