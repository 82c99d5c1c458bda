"""Saved cases in which somebody else chose a text: every value that AWS, a person or a registry could have named.

A value is replaced wherever it stands, also inside of ARNs and as a key, so that what refers to it still does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SHORTEST = 3
_KINDS = frozenset({"known", "absent", "unavailable"})


def values(content: Any) -> tuple[str, ...]:
    """Every different text of a case, those of its keys included that are names and not fields."""
    return tuple(dict.fromkeys(text for text in _texts(content) if len(text) >= SHORTEST))


def poisoned(content: Any, value: str, poison: str) -> Any:
    """The case with `poison` behind the value, wherever that stands."""
    return replaced(content, value, value + poison)


def replaced(content: Any, value: str, other: str) -> Any:
    """The case with another text in the place of the value, wherever that stands."""
    if isinstance(content, str):
        return content.replace(value, other) if content not in _KINDS else content
    if isinstance(content, list):
        return [replaced(item, value, other) for item in content]
    if isinstance(content, dict):
        return {
            (key.replace(value, other) if _is_name(key) else key): item
            if key == "kind"
            else replaced(item, value, other)
            for key, item in content.items()
        }
    return content


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _texts(item)
    elif isinstance(content, dict):
        for key, item in content.items():
            if _is_name(key):
                yield key
            if key != "kind":
                yield from _texts(item)


def _is_name(key: str) -> bool:
    """A key that is an id or an ARN, not the name of a field."""
    return not key.isidentifier()
