"""Matching with IAM's wildcards `*` and `?`, also against a text of which only the beginning is known.

The matcher keeps the set of pattern positions that can be reached (as the bits of one integer), so its cost
is one step per character of the text whatever the pattern is: no backtracking.

AWS: IAM JSON policy elements: Resource
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from diagnostics.policy.truth import NO, YES, Truth, maybe, truth


class Wild(Enum):
    """The two wildcards."""

    MANY = "*"
    ONE = "?"


Pattern = tuple[str | Wild, ...]
"""A pattern: wildcards, and characters that stand for themselves."""


_REMEMBERED = 4096
"""Patterns and answers that are kept: a diagnosis asks the same few of them again and again."""


@lru_cache(_REMEMBERED)
def parse_pattern(text: str) -> Pattern:
    """The pattern that a text with `*` and `?` stands for."""
    return tuple(Wild.MANY if char == "*" else Wild.ONE if char == "?" else char for char in text)


def literal(text: str) -> Pattern:
    """The pattern that matches this text only."""
    return tuple(text)


def fold_case(pattern: Pattern) -> Pattern:
    """The pattern for texts in lower case."""
    return tuple(token if isinstance(token, Wild) else token.lower() for token in pattern)


def split_pattern(pattern: Pattern, most: int) -> tuple[Pattern, ...]:
    """The pattern cut at its colons, at most `most` times, as an ARN is cut into its six parts."""
    parts: list[list[str | Wild]] = [[]]
    for token in pattern:
        if token == ":" and len(parts) <= most:
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts)


def completed_arn(pattern: Pattern) -> Pattern:
    """The pattern of an ARN that ends early, with `*` for every part that it lacks; any other pattern as it is.

    AWS: IAM JSON policy elements: Resource: a short ARN (`arn:aws:sqs`) is completed to six parts
    (`arn:aws:sqs:*:*:*`)
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    parts = split_pattern(pattern, 5)
    if parts[0] != ("a", "r", "n"):
        return pattern
    return pattern + (":", Wild.MANY) * (6 - len(parts))


def matches_everything(pattern: Pattern) -> bool:
    """True for the pattern `*`."""
    return bool(pattern) and all(token is Wild.MANY for token in pattern)


def matches(pattern: Pattern, text: str) -> bool:
    """True if the whole text matches."""
    return bool(_reached(pattern, text) >> len(_collapse(pattern)) & 1)


def matches_beginning(pattern: Pattern, known: str, missing: str) -> Truth:
    """Match a text of which only the beginning is `known`; `missing` names it for a maybe."""
    short = _collapse(pattern)
    reached = _reached(short, known)
    if not reached:
        return NO
    if short and short[-1] is Wild.MANY and reached >> (len(short) - 1) & 1:
        return YES
    return maybe(missing)


def match_text(pattern: Pattern, text: str) -> Truth:
    """`matches` as a truth value."""
    return truth(matches(pattern, text))


@lru_cache(_REMEMBERED)
def _collapse(pattern: Pattern) -> Pattern:
    """The pattern with runs of `*` made one, so that one step over a `*` is enough."""
    return tuple(
        token
        for index, token in enumerate(pattern)
        if not (token is Wild.MANY and index and pattern[index - 1] is Wild.MANY)
    )


@lru_cache(_REMEMBERED)
def _reached(pattern: Pattern, text: str) -> int:
    """The positions of the (collapsed) pattern that can be reached after the text, one bit each."""
    pattern = _collapse(pattern)
    many = one = 0
    accepts: dict[str, int] = {}
    for index, token in enumerate(pattern):
        if token is Wild.MANY:
            many |= 1 << index
        elif token is Wild.ONE:
            one |= 1 << index
        else:
            accepts[str(token)] = accepts.get(str(token), 0) | 1 << index
    reached = 1 | (1 & many) << 1
    for char in text:
        stepped = (reached & (one | accepts.get(char, 0))) << 1 | (reached & many)
        reached = stepped | (stepped & many) << 1
        if not reached:
            break
    return reached
