"""When a rule acts on an image that is still there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from diagnostics.lifecycle import Outlook, StoredImage, outlook, parse_rules
from tests.build.lifecycle import KEEP, NOW, OLD, UNUSED, image, policy, rule, tagged

LAST_MONTH = NOW - timedelta(days=30)
INDEX = replace(image("X", "v1", 5), refers_to=None)


def look(
    rules: tuple[dict[str, Any], ...], images: tuple[StoredImage, ...], digest: str = "A"
) -> Outlook | None:
    return outlook(parse_rules(policy(*rules)), images, digest, LAST_MONTH)


@pytest.mark.parametrize(
    ("rules", "images", "expected"),
    [
        # By age: rule, days from now, whether it is certain.
        ((OLD,), (image("A", "v1", 27),), (2, 3.0, True)),
        ((OLD,), (image("A", "v1", 31),), (2, -1.0, True)),
        ((UNUSED,), (image("A", "v1", 90, pulled=10),), (3, 20.0, True)),
        ((UNUSED,), (image("A", "v1", 28),), (3, 2.0, True)),
        ((rule(1, "any", "pushed", 10**7),), (image("A", "v1", 1),), (1, None, True)),
        # A higher rule has it, and does nothing to it yet.
        ((KEEP, OLD), (image("A", "v1", 400),), (1, 10, True)),
        # No rule has it.
        ((KEEP,), (image("A", "dev", 400),), None),
        ((KEEP,), (image("A", "v1", 400, archived=3),), None),
        # By count: rule, pushes.
        ((KEEP,), (image("A", "v1", 9), *(image(f"B{n}", f"v{n}", n) for n in range(7))), (1, 3, True)),
        ((KEEP,), (image("A", "v1", 9), *(image(f"B{n}", f"v{n}", n) for n in range(9))), (1, 1, True)),
        ((KEEP,), (image("A", "v1", 90), *(image(f"B{n}", f"v{n}", n) for n in range(12))), (1, 0, True)),
        ((KEEP,), (image("A", "v1", 9), *(image(f"B{n}", f"dev{n}", n) for n in range(12))), (1, 10, True)),
        # Pushed in the same second: which of them goes first is not known.
        ((tagged(1, "v", "count", 2),), (image("A", "v1", 9), image("B", "v2", 9)), (1, 1, False)),
        # Children of an index: known, not known, and pushed after it.
        ((rule(1, "untagged", "pushed", 6),), (image("A", "", 5), replace(INDEX, refers_to=("A",))), None),
        # An index that goes itself keeps its child until then, whatever its own tag says.
        ((rule(1, "any", "pushed", 6),), (image("A", "", 9), replace(INDEX, refers_to=("A",))), (1, 1.0, True)),
        ((tagged(1, "v", "pushed", 8), rule(2, "untagged", "pushed", 6)), (image("A", "", 5), replace(INDEX, refers_to=("A",))), (2, 3.0, True)),
        ((tagged(1, "v", "count", 1), rule(2, "untagged", "pushed", 6)), (image("A", "", 9), replace(INDEX, refers_to=("A",))), (2, 1, False)),
        ((tagged(1, "v", "pushed", 8),), (image("A", "", 9), replace(INDEX, refers_to=("A",))), None),
        # An index may refer to an image with a tag, too, and keep it, or leave it out of what is counted.
        ((OLD,), (image("A", "v1-amd64", 27), INDEX), (2, 3.0, False)),
        ((OLD,), (image("A", "v1-amd64", 4), INDEX), (2, 26.0, True)),
        ((tagged(1, "v", "count", 3),), (image("A", "v1", 9), image("B", "v1-arm64", 7), INDEX), (1, 1, False)),
        ((rule(1, "untagged", "pushed", 6),), (image("A", "", 5), INDEX), (1, 1.0, False)),
        ((rule(1, "untagged", "pushed", 6),), (image("A", "", 4), INDEX), (1, 2.0, True)),
        ((rule(1, "any", "count", 3),), (image("A", "v0", 9), image("c", "", 6), INDEX), (1, 1, False)),
        ((rule(1, "any", "count", 3),), (replace(image("A", "v0", 9), refers_to=None), image("c", "", 4), INDEX), (1, 1, True)),
        ((rule(1, "any", "count", 3),), (image("A", "v0", 9), image("c", "", 6), replace(INDEX, refers_to=("c",))), (1, 2, True)),
        ((rule(1, "any", "count", 3),), (replace(image("A", "v0", 9), refers_to=None), image("c", "", 10), INDEX), (1, 2, True)),
    ],
)  # fmt: skip
def test_which_rule_acts_and_when(
    rules: tuple[dict[str, Any], ...],
    images: tuple[StoredImage, ...],
    expected: tuple[int, float | None, bool] | None,
) -> None:
    found = look(rules, images)
    assert (found and (found.rule.priority, _days(found.at) if found.pushes is None else found.pushes, found.certain)) == expected  # fmt: skip


def _days(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - NOW) / timedelta(days=1)


def test_an_image_that_is_not_there_has_no_outlook() -> None:
    with pytest.raises(ValueError, match="no image A"):
        look((OLD,), (image("B", "v1", 1),))


def test_what_was_pushed_lately_is_counted() -> None:
    found = look((KEEP,), (image("A", "v1", 90), *(image(f"B{n}", f"v{n}", 10 * n) for n in range(5))))
    assert found is not None
    assert (found.newer, found.lately) == (5, 3)


@pytest.mark.parametrize(("age", "due"), [(29, False), (31, True)])
def test_a_rule_is_due_once_its_age_is_over(age: float, due: bool) -> None:
    found = look((OLD,), (image("A", "v1", age),))
    assert found is not None
    assert found.is_due(NOW) is due
