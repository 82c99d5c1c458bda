"""Secrets taken out of texts: what signs a pre-signed URL, who logs in with a URL, passwords and tokens.

A pre-signed URL is a bearer credential for as long as it lives, and container runtimes print whole layer
URLs into stopped reasons; entrypoints and build logs print the rest. Host and path stay, they are the evidence.
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


# No pattern here repeats a repetition over the same characters: time must stay linear in a stranger's text.
_VALUE = r"""(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'|[^\s"'&,;<>“”‘’`)\]}]{1,2000})"""
_SECRET_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|(?:access|auth|refresh|id|identity|private|session|registry)?[_-]?token"
    r"|api[_-]?key|client[_-]?secret|(?:aws[_-]?)?secret[_-]?(?:access[_-]?)?key"
)
_CREDENTIALS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    # https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    (
        ("@",),
        re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}://)[^\s/?#\"'<>“”‘’`]{1,2000}@"),
        rf"\1{_REDACTED}@",
    ),
    # https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2
    (
        ("authorization",),
        re.compile(
            r"""(?i)\b((?:proxy-)?authorization["']?\s?[:=]\s?(?!\[redacted)(?:["'\[](?:(?:basic|bearer|digest|token|aws4-hmac-sha256)\s{1,3})?|(?:basic|bearer|digest|token|aws4-hmac-sha256)\s{1,3}|(?=[A-Za-z._~+/-]{0,200}[0-9=])))(?!\[|(?:basic|bearer|digest|token)\s)[A-Za-z0-9._~+/=-]{4,4000}"""
        ),
        rf"\1{_REDACTED}",
    ),
    (
        ("bearer", "basic"),
        re.compile(
            r"(?i)\b((?:bearer|basic)\s{1,3})(?=[A-Za-z._~+/-]{0,200}[0-9=])(?!realm=|service=|scope=|error=)[A-Za-z0-9._~+/=-]{8,4000}"
        ),
        rf"\1{_REDACTED}",
    ),
    (
        ("=", "--"),
        re.compile(
            rf"(?i)(?<![A-Za-z0-9])((?:{_SECRET_NAMES})=|--(?:{_SECRET_NAMES})\s)(?!\[redacted\])(?!-){_VALUE}"
        ),
        rf"\1{_REDACTED}",
    ),
    (
        (":",),
        re.compile(
            rf"""(?i)(\\?["'](?:{_SECRET_NAMES}|auth)\\?["']\s?:\s?\\?["'])(?!\[redacted\])[^"'\\\s]{{1,2000}}"""
        ),
        rf"\1{_REDACTED}",
    ),
    # The forms of GitHub's, Docker Hub's, GitLab's, Slack's and npm's tokens, and JSON Web Tokens.
    (
        ("_", "-"),
        re.compile(
            r"\b(gh[opsur]_|github_pat_|dckr_[a-z]{3}_|gl(?:pat|dt|rt|ptt|cbt)-|xox[a-z]-|xapp-|npm_)[A-Za-z0-9_.-]{10,500}"
        ),
        rf"\1{_REDACTED}",
    ),
    (
        ("eyJ",),
        re.compile(r"\b(eyJ)[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{0,2000})?"),
        rf"\1{_REDACTED}",
    ),
)
"""What must stand in a text, what is looked for then, and what takes its place."""


def redact(text: str) -> str:
    """The text without the query of a pre-signed URL, user info of a URL, passwords and tokens; once is as good as twice."""
    lowered = text.lower()
    if any(mark in lowered for mark in _SIGNED):
        text = _WORD.sub(lambda match: _redacted(match[0]), text)
    for marks, pattern, kept in _CREDENTIALS:
        if any(mark in lowered or mark in text for mark in marks):
            text = pattern.sub(kept, text)
    return text


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
