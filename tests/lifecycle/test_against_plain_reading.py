"""The evaluator against AWS's text read plainly: one image at a time, one rule at a time, nothing remembered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.lifecycle import LifecycleRule, StoredImage, acted_on, outlook
from diagnostics.lifecycle.rules import CountType
from tests.build.lifecycle import NOW

TAGS = ("v1", "v2", "v10", "prod", "prod-1", "dev", "V1", "x.y", "xzy", "")
PATTERNS = ("*", "v*", "*1", "p*-*", "x.y", "v1", "*o*d*", "v**")
DAYS = st.integers(0, 40)
A_SECOND = timedelta(seconds=1)


def moments(days: st.SearchStrategy[int]) -> st.SearchStrategy[object]:
    return days.map(lambda age: NOW - timedelta(days=age, minutes=1))


@st.composite
def repositories(draw: st.DrawFn) -> tuple[StoredImage, ...]:
    """Up to nine images, each pushed at a moment of its own; some are archived, restored or indexes of others."""
    ages = draw(st.lists(DAYS, unique=True, max_size=9))
    names = [f"d{place}" for place in range(len(ages))]
    result = []
    for name, age in zip(names, ages, strict=True):
        archived = draw(st.booleans()) and draw(st.booleans())
        result.append(
            StoredImage(
                digest=name,
                tags=tuple(
                    tag for tag in draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True)) if tag
                ),
                pushed_at=NOW - timedelta(days=age, minutes=1),
                pulled_at=draw(st.none() | moments(DAYS)),
                archived=archived,
                archived_at=draw(moments(DAYS)) if archived else None,
                refers_to=tuple(draw(st.lists(st.sampled_from(names), max_size=2)))
                if draw(st.booleans())
                else (),
            )
        )
    return tuple(
        replace(item, refers_to=tuple(x for x in item.refers_to or () if x != item.digest)) for item in result
    )


@st.composite
def rule_lists(draw: st.DrawFn) -> tuple[LifecycleRule, ...]:
    priorities = draw(st.lists(st.integers(1, 20), unique=True, min_size=1, max_size=5))
    return tuple(draw(_rules(priority)) for priority in priorities)


@st.composite
def _rules(draw: st.DrawFn, priority: int) -> LifecycleRule:
    status = draw(st.sampled_from(("tagged", "untagged", "any")))
    by_pattern = draw(st.booleans())
    entries = tuple(
        draw(
            st.lists(
                st.sampled_from(PATTERNS if by_pattern else ("v", "prod", "x.", "d")), min_size=1, max_size=2
            )
        )
    )
    kind: CountType = draw(
        st.sampled_from(
            ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
        )
    )
    return LifecycleRule(
        priority=priority,
        tag_status=status,
        count_type=kind,
        number=draw(st.integers(1, 30)) if kind != "imageCountMoreThan" else draw(st.integers(1, 5)),
        patterns=entries if status == "tagged" and by_pattern else (),
        prefixes=entries if status == "tagged" and not by_pattern else (),
        storage_class="archive" if kind == "sinceImageTransitioned" else "standard",
        expires=kind != "sinceImagePulled",
    )


# --- the plain reading -------------------------------------------------------------------------------


def fits(rule: LifecycleRule, image: StoredImage) -> bool:
    if (rule.storage_class == "archive") is not image.archived:
        return False
    if rule.tag_status == "any":
        return True
    if rule.tag_status == "untagged":
        return image.tags == ()
    for pattern in rule.patterns:
        if not [tag for tag in image.tags if re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), tag)]:
            return False
    return all([tag for tag in image.tags if tag[: len(prefix)] == prefix] for prefix in rule.prefixes)


def plainly(rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...]) -> dict[str, int]:
    """For each image, look through the rules for the one that has it, and count what is newer."""
    result = {}
    for image in images:
        if any(image.digest in (other.refers_to or ()) for other in images):
            continue
        owners = [rule for rule in rules if fits(rule, image)]
        if not owners:
            continue
        owner = min(owners, key=lambda rule: rule.priority)
        if owner.count_type == "imageCountMoreThan":
            newer = 0
            for other in images:
                child = any(other.digest in (index.refers_to or ()) for index in images)
                newer += fits(owner, other) and not child and other.pushed_at > image.pushed_at
            goes = newer >= owner.number
        else:
            start = {
                "sinceImagePushed": image.pushed_at,
                "sinceImagePulled": image.pulled_at or image.pushed_at,
                "sinceImageTransitioned": image.archived_at,
            }[owner.count_type]
            assert start is not None
            goes = (NOW - start).total_seconds() > owner.number * 86_400
        if goes:
            result[image.digest] = owner.priority
    return result


@settings(deadline=None, max_examples=120)
@given(rule_lists(), repositories())
def test_it_agrees_with_the_plain_reading(
    rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...]
) -> None:
    found = {digest: rule.priority for digest, rule in acted_on(rules, images, NOW).items()}
    assert found == plainly(rules, images)


@settings(deadline=None, max_examples=120)
@given(rule_lists(), repositories())
def test_what_is_foretold_comes_to_pass(
    rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...]
) -> None:
    """By age: not at that moment, but a second later. By count: after so many pushes that the rule selects, and no fewer."""
    children = {digest for image in images for digest in image.refers_to or ()}
    for image in images:
        if image.digest in children:
            continue
        found = outlook(rules, images, image.digest, NOW)
        if found is None:
            assert image.digest not in acted_on(rules, images, NOW + timedelta(days=10_000))
        elif found.at is not None:
            assert image.digest not in acted_on(rules, images, found.at)
            assert acted_on(rules, images, found.at + A_SECOND)[image.digest] == found.rule
        else:
            assert found.pushes is not None
            for pushed in range(found.pushes + 1):
                more = tuple(
                    replace(image, digest=f"new{place}", pushed_at=NOW + place * A_SECOND, refers_to=())
                    for place in range(pushed)
                )
                acted = acted_on(rules, (*images, *more), NOW)
                assert (image.digest in acted) is (pushed == found.pushes)


def left_of(
    rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...], now: datetime
) -> tuple[StoredImage, ...]:
    """What is there in the end if the rules run again and again and nothing is pushed: an index that went keeps its children no more."""
    while True:
        acted = acted_on(rules, images, now)
        left = tuple(item for item in images if item.digest not in acted or not acted[item.digest].expires)
        if len(left) == len(images):
            return left
        images = left


@settings(deadline=None, max_examples=120)
@given(rule_lists(), repositories())
def test_a_child_goes_after_its_index(
    rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...]
) -> None:
    ages = {image.digest: image.pushed_at for image in images}
    # What an index refers to was pushed before it: none is its own.
    images = tuple(
        replace(item, refers_to=tuple(name for name in item.refers_to or () if ages.get(name, NOW) < item.pushed_at))
        for item in images
    )  # fmt: skip
    for image in images:
        if not any(image.digest in (other.refers_to or ()) for other in images):
            continue
        found = outlook(rules, images, image.digest, NOW)
        if found is None:
            assert image in left_of(rules, images, NOW + timedelta(days=10_000))
        elif found.at is not None and found.rule.expires:
            assert image in left_of(rules, images, found.at)
            assert image not in left_of(rules, images, found.at + A_SECOND)


@settings(deadline=None, max_examples=120)
@given(rule_lists(), repositories(), st.data())
def test_whatever_an_index_refers_to_a_certain_outlook_holds(
    rules: tuple[LifecycleRule, ...], images: tuple[StoredImage, ...], data: st.DataObject
) -> None:
    """Forget what the indexes refer to: a certain outlook is the true one, and no index makes it come sooner than foretold."""
    # What an index refers to was pushed before it; each may have tags.
    real = tuple(
        replace(
            item,
            refers_to=tuple(
                other.digest
                for other in images
                if other.digest in (item.refers_to or ()) and other.pushed_at <= item.pushed_at and not other.refers_to
            ),
        )
        for item in images
    )  # fmt: skip
    blind = tuple(replace(item, refers_to=None) if item.refers_to else item for item in real)
    for image in real:
        true, told = (outlook(rules, known, image.digest, NOW) for known in (real, blind))
        if told is None:
            assert true is None
        elif told.certain:
            assert true == told
        elif told.at_latest is not None:
            # Every index that may keep it goes by then.
            assert told.at is not None
            assert true is not None
            assert true.at is not None
            assert told.at <= true.at <= told.at_latest
        elif true is not None:
            assert true.rule == told.rule
            assert true.pushes is None or told.pushes is None or true.pushes >= told.pushes
