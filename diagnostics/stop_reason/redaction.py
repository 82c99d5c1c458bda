"""Secrets taken out of texts: the queries of pre-signed URLs and stray `X-Amz-…=` values.

A pre-signed URL is a bearer credential for as long as it lives, and container runtimes print whole layer
URLs into stopped reasons.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re

_AWS = "x-amz-"
# How S3, CloudFront, Azure and Cloudflare sign the layer URLs that registries redirect to.
_SIGNED = (_AWS, "signature=", "sig=", "verify=")
_WORD = re.compile(r"""[^\s"'<>“”‘’`]+""")
_PUNCTUATION = ":,;.)]}\\"
_REDACTED = "[redacted]"


def redact(text: str) -> str:
    """The text without the query of any pre-signed URL, and without any stray `X-Amz-…=` value."""
    lowered = text.lower()
    if not any(mark in lowered for mark in _SIGNED):
        return text
    return _WORD.sub(lambda match: _redacted(match[0]), text)


def _redacted(word: str) -> str:
    """One run of characters without white space or quotes, its signature cut away."""
    lowered = word.lower()
    marks = [at for at in (lowered.find(mark) for mark in _SIGNED) if at >= 0]
    if not marks:
        return word
    tail = word[len(word.rstrip(_PUNCTUATION)) :]
    query = word.rfind("?", 0, min(marks))
    if query >= 0:
        return f"{word[:query]}?{_REDACTED}{tail}"
    parameter = lowered.find(_AWS)
    equals = [at for at in (lowered.find("=", parameter), lowered.find("%3d", parameter)) if at >= 0]
    if parameter < 0 or not equals:
        return word
    name, value = word[: min(equals)], word[min(equals) :].lstrip("=")
    # A value that is redacted already may have been cut; it stays as it is.
    return word if value and _REDACTED.startswith(value[: len(_REDACTED)]) else f"{name}={_REDACTED}{tail}"
