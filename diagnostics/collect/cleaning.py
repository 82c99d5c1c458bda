"""What every AWS answer goes through first: secrets taken out of pre-signed URLs, and times in UTC.

A pre-signed URL is a bearer credential for as long as it lives, and container runtimes print whole layer
URLs into stopped reasons.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MARK = "x-amz-"
_END = r"""(?=[:,;.)\]}]*(?:[\s"'<>]|$))"""
_QUERY = re.compile(rf"""\?[^\s"'<>?]*{_MARK}[^\s"'<>]*?{_END}""", re.IGNORECASE)
_PARAMETER = re.compile(rf"""\b({_MARK}[a-z0-9-]+)=(?!\[redacted\])[^\s"'<>]+?{_END}""", re.IGNORECASE)


def redact(text: str) -> str:
    """The text without the query of any pre-signed URL, and without any stray `X-Amz-…=` value."""
    if _MARK not in text.lower():
        return text
    return _PARAMETER.sub(r"\1=[redacted]", _QUERY.sub("?[redacted]", text))


def clean(value: Any) -> Any:
    """An AWS answer, every text in it redacted (keys excepted) and every time in UTC."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, Mapping):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value
