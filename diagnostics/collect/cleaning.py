"""What every AWS answer goes through first: secrets taken out of pre-signed URLs, halves of characters, and times in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from diagnostics.stop_reason import redact

__all__ = ["clean", "redact"]

_HALVES = re.compile("[\ud800-\udfff]")
"""JSON can escape half a character, as of a text that was cut there; nothing can write it down or send it."""


_PLAIN: set[str] = set()
"""Texts in which nothing had to be changed: the same ids, names and states come again in each answer."""
_MOST_PLAIN = 10_000
_LONGEST_PLAIN = 200


def clean(value: Any) -> Any:
    """An AWS answer, every text in it redacted (keys excepted) and every time in UTC."""
    if isinstance(value, str):
        return value if value in _PLAIN else _clean_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, Mapping):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def _clean_text(text: str) -> str:
    cleaned = redact(text if text.isascii() else _HALVES.sub("\ufffd", text))
    if cleaned == text and len(text) <= _LONGEST_PLAIN:
        if len(_PLAIN) >= _MOST_PLAIN:
            _PLAIN.clear()
        _PLAIN.add(text)
    return cleaned
