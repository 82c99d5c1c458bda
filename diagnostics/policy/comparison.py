"""Comparing one value of a condition key with one value of a policy, by the operator's type.

AWS: IAM JSON policy elements: Condition operators
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from diagnostics.policy.context import Context, Unknown
from diagnostics.policy.truth import NO, YES, Truth, all_of, maybe, truth
from diagnostics.policy.variables import Expanded, expand
from diagnostics.policy.wildcard import (
    Pattern,
    match_text,
    matches_beginning,
    matches_everything,
    split_pattern,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value of a Condition element, with what is needed to read it."""

    key: str
    text: str
    context: Context
    variables: bool

    def expand(self, *, wildcards: bool) -> Expanded:
        return expand(self.text, self.context, wildcards=wildcards, variables=self.variables)


Comparison = Callable[[Wanted, str | Unknown], Truth]


def may_lack_value(wanted: Wanted) -> bool:
    """True if the text holds a policy variable that has, or may have, no value in this request."""
    return wanted.expand(wildcards=False).may_lack_value


def string(*, wildcards: bool, ignore_case: bool = False) -> Comparison:
    """StringEquals, StringLike and StringEqualsIgnoreCase."""

    def compare(wanted: Wanted, actual: str | Unknown) -> Truth:
        if isinstance(actual, Unknown) and _excluded(wanted, actual, wildcards=wildcards):
            return NO
        expanded = wanted.expand(wildcards=wildcards)
        if ignore_case:
            expanded = expanded.lower()
            if isinstance(actual, Unknown):
                actual = actual.model_copy(update={"prefix": actual.prefix.lower()})
            else:
                actual = actual.lower()
        return expanded.match(actual, wanted.key)

    return compare


def arn(wanted: Wanted, actual: str | Unknown) -> Truth:
    """ArnEquals and ArnLike, which are the same: the six parts are compared one by one."""
    if isinstance(actual, Unknown) and _excluded(wanted, actual, wildcards=True):
        return NO
    expanded = wanted.expand(wildcards=True)
    if expanded.pattern is None:
        return NO
    patterns = split_pattern(expanded.pattern, 5)
    if len(patterns) < 6:
        # IAM completes short ARNs in Resource elements; for conditions its pages do not say, not even of "*".
        return maybe(wanted.key)
    if isinstance(actual, Unknown):
        return expanded.soften(_arn_beginning(patterns, actual.prefix, wanted.key))
    parts = actual.split(":", 5)
    if len(parts) < 6:
        return NO
    return expanded.soften(
        all_of(match_text(pattern, part) for pattern, part in zip(patterns, parts, strict=True))
    )


def number(compare: Callable[[Any, Any], bool]) -> Comparison:
    """NumericEquals, NumericLessThan and so on."""
    return _parsed(_decimal, compare)


def date(compare: Callable[[Any, Any], bool]) -> Comparison:
    """DateEquals, DateLessThan and so on: ISO 8601 or seconds since 1970."""
    return _parsed(_datetime, compare)


def boolean(wanted: Wanted, actual: str | Unknown) -> Truth:
    """Bool."""
    return _parsed(str.lower, operator.eq)(wanted, actual)


def ip_address(wanted: Wanted, actual: str | Unknown) -> Truth:
    """IpAddress: the address lies in the range; a single address is a range of one."""
    return _parsed(lambda text: ipaddress.ip_network(text, strict=False), _inside)(wanted, actual)


def _parsed(parse: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Comparison:
    """A comparison of parsed values: `compare(actual, wanted)`."""

    def run(wanted: Wanted, actual: str | Unknown) -> Truth:
        if isinstance(actual, Unknown) or "${" in wanted.text:
            return maybe(wanted.key)
        try:
            wanted_value = parse(wanted.text)
        except ValueError:
            return maybe(wanted.key)
        try:
            return truth(compare(parse(actual), wanted_value))
        except ValueError:
            return NO

    return run


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not value.is_finite():
        raise ValueError(text)
    return value


def _datetime(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
    except ValueError:
        value = datetime.fromisoformat(text)
        return value if value.tzinfo else value.replace(tzinfo=UTC)


def _inside(
    actual: ipaddress.IPv4Network | ipaddress.IPv6Network,
    wanted: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> bool:
    if isinstance(actual, ipaddress.IPv4Network) and isinstance(wanted, ipaddress.IPv4Network):
        return actual.subnet_of(wanted)
    if isinstance(actual, ipaddress.IPv6Network) and isinstance(wanted, ipaddress.IPv6Network):
        return actual.subnet_of(wanted)
    return False


def _excluded(wanted: Wanted, actual: Unknown, *, wildcards: bool) -> bool:
    """True if the unknown value is known not to be this one."""

    def says_one_thing(text: str) -> bool:
        return "${" not in text and not (wildcards and ("*" in text or "?" in text))

    if says_one_thing(wanted.text) and wanted.text in actual.excluding:
        return True
    # An organization path (o-…/r-…/ou-…/*) is spelled out as soon as its organization is.
    if actual.unlisted and says_one_thing(wanted.text.split("/", 1)[0]):
        return True
    parts = wanted.text.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[4] in actual.excluding


def _arn_beginning(patterns: tuple[Pattern, ...], known: str, key: str) -> Truth:
    """Match an ARN of which only the beginning is known."""
    *whole, last = known.split(":", 5)
    complete = [match_text(pattern, part) for pattern, part in zip(patterns, whole, strict=False)]
    # The last known part may go on, and parts may follow it that only "*" is sure to match.
    started = matches_beginning(patterns[len(whole)], last, key)
    rest = [YES if matches_everything(pattern) else maybe(key) for pattern in patterns[len(whole) + 1 :]]
    # Without all six parts the value may turn out not to be an ARN at all.
    is_arn = YES if len(whole) == 5 else maybe(key)
    return all_of([*complete, started, *rest, is_arn])
