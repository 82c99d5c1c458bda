"""Which rule may have removed or archived an image that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.image.lifecycle import may_have_archived, may_have_removed
from diagnostics.snapshot import ImageDetail, ImageFacts, Known, LifecyclePolicy, Unavailable
from tests.build.lifecycle import DROP, KEEP, NOW, OLD, UNUSED, ago, policy, rule, tagged


def stored(text: str | None, *left: ImageDetail) -> ImageFacts:
    """The facts of an image that is gone; `left` are those with a tag that the repository has."""
    found = Unavailable() if text is None else Known(value=LifecyclePolicy(lifecycle_policy_text=text))
    return ImageFacts(image="x", lifecycle_policy=found, tagged=Known(value=left))


def left(number: int, tag: str = "v") -> tuple[ImageDetail, ...]:
    return tuple(
        ImageDetail(image_digest=f"sha256:{place}", image_tags=(f"{tag}{place}",), image_pushed_at=ago(place))
        for place in range(number)
    )


@pytest.mark.parametrize(
    ("rules", "tag", "remaining", "expected"),
    [
        ((KEEP, OLD), "v1", left(10), 1),
        ((KEEP, OLD), "v1", left(9), None),
        ((KEEP, OLD), "v1", left(60), 1),
        ((tagged(1, "v", "count", 100), OLD), "v1", left(50), 1),
        ((KEEP, OLD), "dev", left(3), 2),
        ((KEEP,), "dev", left(30), None),
        ((KEEP,), None, left(30), None),
        ((KEEP, OLD), None, left(3), 2),
        ((rule(1, "untagged", "count", 5),), None, (), 1),
        ((rule(1, "any", "count", 5),), "v1", left(2), 1),
        ((UNUSED,), "v1", (), None),
        ((UNUSED, DROP), "v1", (), 4),
        ((DROP,), "v1", (), None),
    ],
)
def test_the_rule_that_may_have_removed_an_image(
    rules: tuple[dict[str, Any], ...],
    tag: str | None,
    remaining: tuple[ImageDetail, ...],
    expected: int | None,
) -> None:
    found = may_have_removed(stored(policy(*rules), *remaining), tag, NOW)
    assert (found.rule.priority if found else None) == expected


def test_without_a_policy_nothing_is_said() -> None:
    assert may_have_removed(stored(None), "v1", NOW) is None
    assert may_have_archived(stored(None), ImageDetail(image_tags=("v1",))) is None


@pytest.mark.parametrize(("rules", "expected"), [((UNUSED, DROP), 3), ((KEEP, UNUSED), None), ((OLD,), None)])
def test_the_rule_that_may_have_archived_an_image(
    rules: tuple[dict[str, Any], ...], expected: int | None
) -> None:
    found = may_have_archived(stored(policy(*rules)), ImageDetail(image_tags=("v1",)))
    assert (found.rule.priority if found else None) == expected


def test_of_a_policy_that_is_not_understood_nothing_is_said() -> None:
    text = policy(rule(1, "any", "count", 1)).replace("imageCountMoreThan", "sinceImageScanned")
    assert may_have_removed(stored(text), "v1", NOW) is None
