"""As much of EventBridge's matching as our patterns use: exact values, `prefix`, `$or`, and lists of objects.

AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event fits a pattern. Of a list of objects, one must fit.

    Raises:
        ValueError: the pattern holds something that this does not know.
    """
    if isinstance(event, list):
        return any(matches(pattern, item) for item in event)
    if not isinstance(event, Mapping):
        return False
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(choice, event) for choice in wanted):
                return False
        elif isinstance(wanted, Mapping):
            if not matches(wanted, event.get(key)):
                return False
        elif not _any_value(wanted, event.get(key)):
            return False
    return True


def _any_value(wanted: list[Any], value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(_fits(item, one) for item in wanted for one in values)


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str):
        return bool(wanted == value)
    if isinstance(wanted, Mapping) and set(wanted) == {"prefix"}:
        return isinstance(value, str) and value.startswith(wanted["prefix"])
    raise ValueError(f"unknown in a pattern: {wanted!r}")
