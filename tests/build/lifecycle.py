"""Lifecycle policies of ECR, and images as they see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from diagnostics.lifecycle import StoredImage

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def ago(days: float | None) -> datetime | None:
    return None if days is None else NOW - timedelta(days=days)


def image(digest: str, tags: str, age: float, *, pulled: float | None = None, archived: float | None = None,
          refers_to: str = "") -> StoredImage:  # fmt: skip
    """An image `age` days old; `tags` and `refers_to` are lists of words."""
    pushed = ago(age)
    assert pushed is not None
    return StoredImage(
        digest=digest, tags=tuple(tags.split()), pushed_at=pushed, pulled_at=ago(pulled), archived_at=ago(archived),
        archived=archived is not None, refers_to=tuple(refers_to.split()),
    )  # fmt: skip


def rule(priority: int, status: str, count: str, number: int, *, prefixes: str = "", patterns: str = "",
         archives: bool = False, archive_class: bool = False, description: str = "") -> dict[str, Any]:  # fmt: skip
    """A rule as AWS writes it."""
    kinds = {"count": "imageCountMoreThan", "pushed": "sinceImagePushed", "pulled": "sinceImagePulled",
             "transitioned": "sinceImageTransitioned"}  # fmt: skip
    selection: dict[str, Any] = {"tagStatus": status, "countType": kinds[count], "countNumber": number}
    if count != "count":
        selection["countUnit"] = "days"
    if prefixes:
        selection["tagPrefixList"] = prefixes.split()
    if patterns:
        selection["tagPatternList"] = patterns.split()
    if archive_class:
        selection["storageClass"] = "archive"
    action = {"type": "transition", "targetStorageClass": "archive"} if archives else {"type": "expire"}
    more = {"description": description} if description else {}
    return {"rulePriority": priority, "selection": selection, "action": action, **more}


def policy(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)})


def tagged(priority: int, prefixes: str, count: str, number: int) -> dict[str, Any]:
    return rule(priority, "tagged", count, number, prefixes=prefixes)


KEEP = tagged(1, "v", "count", 10)
OLD = rule(2, "any", "pushed", 30)
UNUSED = rule(3, "any", "pulled", 30, archives=True)
DROP = rule(4, "any", "transitioned", 90, archive_class=True)
