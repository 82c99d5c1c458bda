"""What a lifecycle policy does, by the worked examples: AWS's own (1 to 4) and those that follow from its rules.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from diagnostics.lifecycle import StoredImage, acted_on, parse_rules, with_referrers
from tests.build.lifecycle import DROP, KEEP, NOW, OLD, UNUSED, image, policy, rule, tagged

PROD_AND_BETA = (image("A", "beta-1 prod-1", 10), image("B", "beta-2 prod-2", 9), image("C", "beta-3", 8))
UNTAGGED = (image("A", "", 20), image("B", "", 3), image("C", "v1", 30))
FOUR = (image("A", "v1", 40), image("B", "v2", 30), image("C", "v3", 20), image("D", "", 10))
EXAMPLES: tuple[tuple[tuple[dict[str, Any], ...], tuple[StoredImage, ...], dict[str, int]], ...] = (
    ((tagged(1, "prod", "count", 1), tagged(2, "beta", "count", 1)), PROD_AND_BETA, {"A": 1}),
    ((tagged(1, "beta", "count", 1), tagged(2, "prod", "count", 1)), PROD_AND_BETA, {"A": 1, "B": 1}),
    (
        (tagged(1, "alpha beta", "pushed", 5),),
        (image("A", "alpha-1", 12), image("B", "beta-1", 11), image("C", "alpha-2 beta-2", 10), image("D", "alpha-3", 4),
         image("E", "beta-3", 3), image("F", "alpha-4 beta-4", 2)),
        {"C": 1},
    ),
    (
        (tagged(1, "alpha beta", "count", 1),),
        (image("A", "alpha-1 beta-1 gamma-1", 10), image("B", "alpha-2 beta-2", 9), image("C", "alpha-3 beta-3 gamma-2", 8)),
        {"A": 1, "B": 1},
    ),
    ((rule(1, "untagged", "pushed", 14),), UNTAGGED, {"A": 1}),
    ((rule(1, "untagged", "count", 1),), UNTAGGED, {"A": 1}),
    ((rule(1, "any", "count", 2),), FOUR, {"A": 1, "B": 1}),
    ((rule(1, "untagged", "pushed", 1), rule(2, "any", "count", 2)), FOUR, {"A": 2, "B": 2, "D": 1}),
    (
        (rule(1, "tagged", "count", 9999, patterns="prod*"), rule(2, "any", "pushed", 30)),
        (image("A", "prod-1", 400), image("B", "dev-1", 40), image("C", "", 31), image("D", "dev-2", 5)),
        {"B": 2, "C": 2},
    ),
    (
        (rule(1, "tagged", "pushed", 7, patterns="*-rc*"),),
        (image("A", "v1-rc1", 10), image("B", "v1-rc1 v1", 10), image("C", "rc1", 10), image("D", "V1-RC1", 10)),
        {"A": 1, "B": 1},
    ),
    (
        (rule(1, "tagged", "pushed", 7, patterns="prod staging"),),
        (image("A", "prod", 30), image("B", "staging", 30), image("C", "prod staging", 30)),
        {"C": 1},
    ),
    (
        (rule(1, "any", "count", 2),),
        (image("X", "v1", 9, refers_to="a b"), image("a", "", 9), image("b", "", 9), image("Y", "v2", 5, refers_to="c"),
         image("c", "", 5), image("Z", "v3", 1)),
        {"X": 1},
    ),
    (
        (rule(1, "untagged", "pushed", 1),),
        (image("X", "v1", 9, refers_to="a"), image("a", "", 9), image("o", "", 9)),
        {"o": 1},
    ),
    (
        (rule(1, "any", "pulled", 30, archives=True),),
        (image("A", "a", 100, pulled=5), image("B", "b", 100, pulled=45), image("C", "c", 40), image("D", "d", 10)),
        {"B": 1, "C": 1},
    ),
    (
        (rule(1, "any", "pulled", 30, archives=True), rule(2, "any", "transitioned", 90, archive_class=True)),
        (image("A", "a", 200, archived=120), image("B", "b", 200, archived=60), image("C", "c", 100, pulled=2)),
        {"A": 2},
    ),
    ((rule(1, "any", "count", 1),), (image("A", "v1", 400, archived=300), image("B", "v2", 5)), {}),
    (
        (tagged(1, "v", "pushed", 7), rule(2, "any", "pushed", 1)),
        (image("A", "v1", 3), image("B", "dev", 3)),
        {"B": 2},
    ),
    ((rule(1, "untagged", "pushed", 1),), (image("old", "", 21), image("new", "latest", 1)), {"old": 1}),
)  # fmt: skip


@pytest.mark.parametrize(("rules", "images", "expected"), EXAMPLES, ids=range(1, len(EXAMPLES) + 1))
def test_which_images_a_policy_acts_on(
    rules: tuple[dict[str, Any], ...], images: tuple[StoredImage, ...], expected: dict[str, int]
) -> None:
    for order in (rules, rules[::-1]):
        done = acted_on(parse_rules(policy(*order)), images, NOW)
        assert {digest: rule.priority for digest, rule in done.items()} == expected


def test_all_worked_examples_are_here() -> None:
    assert len(EXAMPLES) == 18


def test_an_image_that_was_restored_counts_from_then() -> None:
    (only,) = parse_rules(policy(rule(1, "any", "pushed", 30)))
    old = StoredImage("A", ("a",), NOW - timedelta(days=90), activated_at=NOW - timedelta(days=2))
    assert acted_on((only,), (old,), NOW) == {}
    assert acted_on((only,), (old,), NOW + timedelta(days=29)) == {"A": only}


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"rules": [1]}', '{"rules": [{"rulePriority": 1}]}',
        policy(rule(1, "any", "count", 1)).replace("imageCountMoreThan", "sinceImageScanned"),
        policy(rule(1, "any", "count", 1)).replace("expire", "shrink"),
        policy(rule(1, "any", "count", 1)).replace('"countNumber": 1', '"countNumber": "many"'),
        '{"rules": []}', "[" * 100_000,
        policy(rule(1, "any", "count", 1), rule(1, "untagged", "count", 1)),
        policy(rule(1, "any", "count", 0)), policy(rule(0, "any", "count", 1)),
        policy(rule(1, "any", "count", 1)).replace('"countNumber": 1', '"countNumber": true'),
        policy(rule(1, "any", "pushed", 1)).replace("days", "weeks"),
        policy(rule(1, "tagged", "count", 1)), policy(rule(1, "any", "count", 1, prefixes="v")),
        policy(rule(1, "tagged", "count", 1, prefixes="v", patterns="v*")),
        policy(rule(1, "tagged", "count", 1, patterns="*a*b*c*d*")),
        policy(rule(1, "tagged", "count", 1, patterns="v*")).replace('["v*"]', '"v*"'),
        policy(rule(1, "any", "count", 1)).replace('"selection": {', '"selection": {"artifactType": "x", '),
        policy(rule(1, "any", "transitioned", 1)), policy(rule(1, "any", "count", 1, archive_class=True)),
        policy(rule(1, "any", "pulled", 1, archives=True)).replace('"archive"', '"frozen"'),
    ],
)  # fmt: skip
def test_a_policy_that_is_not_understood_names_no_rule(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rules(text)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (KEEP, "expires images with a tag that begins with v, but for the newest 10"),
        (OLD, "expires all images that were pushed more than about 30 days ago"),
        (UNUSED, "archives all images that were last pulled more than about 30 days ago"),
        (DROP, "expires all images that were archived more than about 90 days ago"),
        (rule(1, "untagged", "pushed", 1), "expires images without a tag that were pushed more than about 1 day ago"),
        (rule(1, "tagged", "pushed", 7, patterns="a* *b"),
         "expires images with a tag like a* and one like *b that were pushed more than about 7 days ago"),
    ],
)  # fmt: skip
def test_what_a_rule_does_in_words(item: dict[str, Any], words: str) -> None:
    (only,) = parse_rules(policy(item))
    assert only.in_words == words


def test_a_rule_is_named_with_its_description() -> None:
    named, long = parse_rules(
        policy(
            rule(1, "any", "count", 1, description="keep\n  one"),
            rule(2, "any", "count", 1, description="x" * 300),
        )
    )
    assert str(named) == "lifecycle rule 1 (“keep one”)"
    assert len(str(long)) < 120


def test_an_asterisk_in_a_prefix_is_only_itself() -> None:
    (only,) = parse_rules(policy(rule(1, "tagged", "count", 1, prefixes="v*")))
    assert not only.selects(image("A", "v1", 1))


def test_a_referrer_goes_with_its_subject_unless_that_is_archived() -> None:
    signed = (
        image("A", "v1", 40), StoredImage("s", ("sha256-A",), NOW, subject="A"), StoredImage("t", ("sha256-s",), NOW, subject="s"),
        StoredImage("o", ("other",), NOW, subject="B"),
    )  # fmt: skip
    expires, archives = (
        acted_on(parse_rules(policy(rule(1, "tagged", count, 30, prefixes="v", archives=archived))), signed, NOW)
        for count, archived in (("pushed", False), ("pulled", True))
    )  # fmt: skip
    assert expires.keys() == archives.keys() == {"A"}
    assert with_referrers(expires, signed).keys() == {"A", "s", "t"}
    assert with_referrers(archives, signed).keys() == {"A"}
