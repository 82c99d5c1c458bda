"""Decides conditions of policies, and compares actions and ARNs with patterns; a part of `judge`.

AWS: JSON policy elements: Condition operators
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any


class CannotJudge(ValueError):
    """A policy holds something that is not known here; the message says what."""


class ConditionKeys:
    """The condition keys of a request, by lower-case name; remembers the names that were asked for in vain."""

    def __init__(self, keys: Mapping[str, Sequence[str]]) -> None:
        self._keys = keys
        self.missing: set[str] = set()

    def get(self, key: str) -> str | None:
        """The value of a key, None when the request does not have it. Raises CannotJudge for several values."""
        values = self._keys.get(key.lower())
        if values is None:
            self.missing.add(key)
            return None
        if len(values) != 1:
            raise CannotJudge(f"a key with one value is known here; {key} has {len(values)}")
        return values[0]


def holds(conditions: Mapping[str, Mapping[str, Any]], context: ConditionKeys) -> bool:
    """Every operator holds for every one of its keys. Raises CannotJudge for an operator that is not known here."""
    # Every key is looked up before anything is decided, so that what is missing is told whole.
    answers = [
        _one(operator, context.get(key), values)
        for operator, block in conditions.items()
        for key, values in block.items()
    ]
    return all(answers)


def _one(operator: str, value: str | None, listed: Any) -> bool:
    values = [_text(item) for item in (listed if isinstance(listed, (list, tuple)) else [listed])]
    if operator == "Null":
        return any((item == "true") is (value is None) for item in values)
    name = operator.removesuffix("IfExists")
    if name not in _OPERATORS:
        raise CannotJudge(
            f"the condition operator {operator} is not known here; known are {', '.join(_OPERATORS)}"
        )
    negated, same = _OPERATORS[name]
    if value is None:
        return negated or name != operator
    return any(same(item, value) for item in values) is not negated


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (str, int)):
        raise CannotJudge(f"a condition's value is a text, a number or true and false; got {value!r}")
    return str(value)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = (".*" if char == "*" else "." if char == "?" else re.escape(char) for char in text)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """The whole text fits the pattern, in which `*` and `?` stand for any characters and for one."""
    return _pattern(pattern).fullmatch(text) is not None


def same_arn(pattern: str, arn: str) -> bool:
    """The pattern of an Arn operator, or a whole one of a Resource element, fits the ARN: part by part, `*` alone fits everything.

    AWS: Amazon Resource Names https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) != 6:
        raise CannotJudge(f"an ARN has six parts, for example arn:aws:s3:::bucket/*; got {pattern!r}")
    return len(given) == 6 and all(matches(part, other) for part, other in zip(wanted, given, strict=True))


def covers(pattern: str, arn: str) -> bool:
    """The pattern of a Resource element fits the ARN: one that ends early is completed with `*` for every part it lacks.

    AWS: IAM JSON policy elements: Resource
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    lacking = 5 - pattern.count(":")
    if lacking > 0 and pattern.partition(":")[0] == "arn":
        if any("*" in part[:-1] for part in pattern.split(":")):
            raise CannotJudge(f"a * of an ARN that ends early ends a part of it here; got {pattern!r}")
        pattern += ":*" * lacking
    return same_arn(pattern, arn)


def _in_network(network: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(network)
    except ValueError as error:
        raise CannotJudge(f"an address or a network in CIDR form is known here: {error}") from error


def _equal(wanted: str, value: str) -> bool:
    return wanted == value


def _equal_whatever_case(wanted: str, value: str) -> bool:
    return wanted.lower() == value.lower()


_OPERATORS: dict[str, tuple[bool, Callable[[str, str], bool]]] = {
    "StringEquals": (False, _equal),
    "StringNotEquals": (True, _equal),
    "StringEqualsIgnoreCase": (False, _equal_whatever_case),
    "StringNotEqualsIgnoreCase": (True, _equal_whatever_case),
    "StringLike": (False, matches),
    "StringNotLike": (True, matches),
    "ArnEquals": (False, same_arn),
    "ArnLike": (False, same_arn),
    "ArnNotEquals": (True, same_arn),
    "ArnNotLike": (True, same_arn),
    "IpAddress": (False, _in_network),
    "NotIpAddress": (True, _in_network),
    "Bool": (False, _equal_whatever_case),
}
"""The operators by name: whether it is a negated one, and how a wanted value is compared with the request's."""
