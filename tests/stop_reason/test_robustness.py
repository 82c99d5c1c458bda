"""No input breaks the classifier, and its work grows with the length of the text only."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import diagnostics.stop_reason
from diagnostics.stop_reason import STAGES, classify, redact
from diagnostics.stop_reason.features import Features, read_features
from diagnostics.stop_reason.normalise import LIMIT, plain, shown
from diagnostics.stop_reason.rules import RULES, Rule
from tests.rows import every_row
from tests.stop_reason.corpora import EVERY

TEXTS = [line["text"] for line in EVERY]
IDS = {rule.id for rule in RULES} | {"unrecognised"}


def _sound(text: str) -> None:
    found = classify(text)
    assert found.id in IDS
    assert found.stage is None or found.stage in STAGES
    assert len(found.text) <= LIMIT
    again = classify(found.text)
    assert (again.id, again.stage) == (found.id, found.stage)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real message, cut, spliced with another, or with characters changed."""
    text = draw(st.sampled_from(TEXTS))
    other = draw(st.sampled_from(TEXTS))
    start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
    return draw(
        st.sampled_from(
            [
                text[:end],
                text[start:],
                text[:start] + text[end:],
                text[:start] + other + text[end:],
                text[:start] + draw(st.text(max_size=12)) + text[start:],
                text.swapcase()[:end] + "...",
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    _sound(text)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_any_change_of_a_real_message(text: str) -> None:
    _sound(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='":/.?=&-_@[]<>{}()%\\*,; ax1', max_size=300))
def test_any_punctuation(text: str) -> None:
    _sound(text)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="?=&:.)x-amzXAMZ %3dsig ", max_size=120))
def test_redaction_is_final(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a", " ", '"', "https://", "?x-amz-", "?x-amz-:", "x-amz-x=", "arn:aws:", "User: ", "dial tcp ", "1.1.1.1:", ".dkr.ecr.",
        "lookup a", "->", "x.dkr.ecr:", "[::", "\\", "\x1b[", "manifest for ", "arn:aws:iam::", "failed to copy: ", "\ud83d", "İ", "\u2028#",
    ],
)  # fmt: skip
def test_long_repeats(piece: str) -> None:
    _sound(piece * (2 * LIMIT // len(piece)))


def test_only_the_beginning_is_looked_at() -> None:
    far = classify("x" * LIMIT + " CannotPullContainerError: context canceled")
    assert (far.id, far.truncated) == ("unrecognised", True)
    near = classify("CannotPullContainerError: context canceled " + "x" * LIMIT)
    assert (near.id, near.truncated) == ("pull-context-canceled", True)


def test_a_reason_as_long_as_the_api_allows_is_cut() -> None:
    assert classify("x" * 1024).truncated
    assert not classify("x" * 1023).truncated


def test_each_rule_is_tried_at_most_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Rule] = []
    fits = Rule.fits

    def counted(self: Rule, features: Features) -> bool:
        tried.append(self)
        return fits(self, features)

    monkeypatch.setattr(Rule, "fits", counted)
    assert classify("y" * LIMIT).id == "unrecognised"
    assert len(tried) == len(RULES)


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern of the package, also those in tuples."""
    package = diagnostics.stop_reason
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for name, value in vars(importlib.import_module(found.name)).items():
            for pattern in value if isinstance(value, tuple) else (value,):
                if isinstance(pattern, re.Pattern):
                    yield f"{found.name}.{name}", pattern


def _repeats(tree: Any, inside: bool = False) -> Iterator[bool]:
    """For every unbounded repeat whether it stands inside another one."""
    for code, argument in tree:
        if code in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            _, most, body = argument
            unbounded = most == _constants.MAXREPEAT
            if unbounded:
                yield inside
            yield from _repeats(body, inside or unbounded)
        elif code is _constants.SUBPATTERN:
            yield from _repeats(argument[3], inside)
        elif code is _constants.BRANCH:
            for branch in argument[1]:
                yield from _repeats(branch, inside)
        elif code in (_constants.ASSERT, _constants.ASSERT_NOT):
            yield from _repeats(argument[1], inside)


def test_no_pattern_repeats_a_repeat() -> None:
    patterns = dict(_patterns())
    assert len(patterns) > 10
    nested = [
        name for name, pattern in _patterns() if any(_repeats(_parser.parse(pattern.pattern, pattern.flags)))
    ]
    assert nested == []


def test_the_walk_sees_nested_repeats() -> None:
    assert any(_repeats(_parser.parse("(?:a+)*b")))
    assert not any(_repeats(_parser.parse("(?:a+|b)c{1,5}")))


@every_row("rule", RULES, ids=lambda rule: rule.id)
def test_rules_are_written_as_they_are_compared(rule: Rule) -> None:
    """Phrases in lower case, and as they stand in a plain text; a rule has a condition."""
    phrases = (*rule.says, *rule.also, *rule.never)
    assert rule.says or rule.also or rule.where
    assert all(phrase == phrase.lower() for phrase in phrases)
    assert all(plain(phrase) == phrase.strip() for phrase in phrases)


def test_what_a_log_adds_is_taken_away() -> None:
    assert shown("> # 2026-11-24T09:15:02.1Z failed to\n│ copy") == "failed to copy"
    assert read_features(plain("no such   host")).labels >= {"failure:dns"}


def test_half_a_character_survives_the_way_into_json() -> None:
    assert classify("CannotPullContainerError: \ud83d").model_dump_json()
