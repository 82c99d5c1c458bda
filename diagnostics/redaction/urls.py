"""What is secret in a URL: the query that signs it, and who logs in with it."""

from __future__ import annotations

import re
from collections.abc import Iterator

# How S3, CloudFront, Azure and Cloudflare sign the layer URLs that registries redirect to.
_AWS = "x-amz-"
_SIGNED = (_AWS, "signature=", "sig=", "verify=")
_WORD = re.compile(r"""[^\s"'<>“”‘’`]+""")
_PUNCTUATION = ":,;.)]}\\"


def without_query(text: str, mark: str) -> str:
    """A text without the queries of its pre-signed URLs."""
    lowered = text.lower()
    if not any(signed in lowered for signed in _SIGNED):
        return text
    return _WORD.sub(lambda match: _without_query(match[0], mark), text)


def _without_query(word: str, mark: str) -> str:
    """One run of characters without white space or quotes, its signature cut away."""
    lowered = word.lower()
    marks = [at for at in (lowered.find(signed) for signed in _SIGNED) if at >= 0]
    if not marks:
        return word
    tail = word[len(word.rstrip(_PUNCTUATION)) :]
    query = word.rfind("?", 0, min(marks))
    if query >= 0:
        return f"{word[:query]}?{mark}{tail}"
    parameter = lowered.find(_AWS)
    equals = [at for at in (lowered.find("=", parameter), lowered.find("%3d", parameter)) if at >= 0]
    if parameter < 0 or not equals:
        return word
    name, value = word[: min(equals)], word[min(equals) :].lstrip("=")
    # A value that is redacted already may have been cut; it stays as it is.
    return word if value and mark.startswith(value[: len(mark)]) else f"{name}={mark}{tail}"


# https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1

URL = r"""(:(?:\\?/){2})((?:(?!:\\?/\\?/)[^\s"'<>“”‘’`]){1,2000})"""
_DIGEST = re.compile(r"@sha[0-9]{3}:")
_PORT = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,20}(?![A-Za-z0-9@-])|localhost|[A-Za-z0-9-]{1,63}:[0-9]"
)


def without_user(url: re.Match[str], mark: str) -> str:
    """A match of `URL` without its user info; its host stays."""
    rest = url[2]
    end = 0
    for at in _ats(rest):
        before = rest[end + 1 : at] if end else rest[:at]
        if not end:
            # A slash belongs to a path, or to a password: then a colon stands before it, and no port after that.
            user, colon, password = re.split(r"[/?#\\]", before, maxsplit=1)[0].partition(":")
            if len(user) + len(colon) + len(password) < len(before) and (
                not colon or _PORT.fullmatch(password)
            ):
                break
        elif any(stop in before for stop in "/?#\\") and (
            # The host that was found is one, or what follows is none.
            _HOST.match(rest, end + 1) or not _HOST.match(rest, at + 1)
        ):
            break
        end = at
    return f"{url[1]}{mark}{rest[end:]}" if end else url[0]


def _ats(rest: str) -> Iterator[int]:
    """Where an @ stands that is none of a digest. More than a few are no user info."""
    at = rest.find("@")
    for _ in range(20):
        if at < 0:
            return
        if not _DIGEST.match(rest, at):
            yield at
        at = rest.find("@", at + 1)
