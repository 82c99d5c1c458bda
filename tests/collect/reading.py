"""Finds facts of one kind anywhere in a snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diagnostics.snapshot import Absent, Unavailable


def unavailable(value: Any) -> list[Unavailable]:
    """Every fact that was asked for and is not known."""
    return [
        fact for _, fact in _facts(value, "") if isinstance(fact, Unavailable) and fact.why != "not asked"
    ]


def absences(value: Any) -> set[str]:
    """Where a snapshot says that there is no such thing."""
    return {path for path, fact in _facts(value, "") if isinstance(fact, Absent)}


def _facts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Unavailable | Absent):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _facts(item, f"{path}/{key}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _facts(item, f"{path}/{place}")
    elif hasattr(value, "__pydantic_fields__"):
        for name in type(value).model_fields:
            yield from _facts(getattr(value, name), f"{path}/{name}")
