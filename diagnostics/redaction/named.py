"""Values whose names tell that they are secret: `password=…`, `"token": "…"`, and such lines of YAML, but no prose."""

from __future__ import annotations

import re

DONE = r"(?!\[redacted|\*\*\*)"
QUOTE = r"\\{0,7}[\"']"
BARE = (
    r"(?:[^\s\"'&,;<>“”‘’`)\]}\\]|\\(?!\\{0,7}[\"'])"
    # Punctuation ends a value where something else follows it, and is part of one where not.
    r"|[&,;)\]}](?![\s\"'\\]|$|[A-Za-z0-9_.-]{1,40}[\"']?\s?[=:])){1,2000}"
)
QUOTED = (
    rf"(?P<quote>{QUOTE})(?:(?!(?<!\\)(?P=quote))[^\n]){{0,2000}}(?<!\\)(?P=quote)|{QUOTE}[^\s\"']{{1,2000}}"
)
NAMES = (
    r"(?:(?<![a-z0-9])(?:pass|pwd|auth|bearer)|pass(?:word|wd|phrase|code)|pgpass|secret|token"
    r"|(?:api|access|private|account|secret|signing|shared)[ _-]?key)"
)
NAMED = (
    rf"(?i)(?P<name>{NAMES})(?P<close>{QUOTE})?\s{{0,3}}(?P<sign>=>?|:)(?P<space>\s{{0,3}}){DONE}"
    rf"(?P<value>{QUOTED}|{BARE})"
)
_BEFORE = re.compile(r"[A-Za-z0-9_.-]{0,60}\Z")
_OWNERS = ("app", "client", "oauth", "shared", "signing")
_NO_VALUE = re.compile(
    r"(?i)(?:arn(?::|%3a)|[a-z][a-z0-9+.-]{1,20}://|(?:none|null|nil|true|false)\b|\$[({]|…|%s)"
)
_PASSWORDS = ("pass", "pwd", "pgpass")
_TOKENLIKE = re.compile(r"(?=.*[0-9=+~!#$%^*]).*|.*[a-z][A-Z].*|[^./]{20,}", re.DOTALL)
_ADDRESS = re.compile(r"[1-5][0-9]{2}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?")
_ALONE = re.compile(r"\s{0,3}(?:\Z|[\n,;)\]}\"'\\]|[^\s=:]{1,40}\s?[=:])")
_PROSE = frozenset(
    [
        "a",
        "access",
        "an",
        "authentication",
        "authorization",
        "cannot",
        "check",
        "connection",
        "context",
        "could",
        "denied",
        "dial",
        "empty",
        "eof",
        "error",
        "exec",
        "expired",
        "failed",
        "failure",
        "forbidden",
        "get",
        "head",
        "incorrect",
        "invalid",
        "is",
        "lookup",
        "missing",
        "must",
        "no",
        "none",
        "not",
        "null",
        "permission",
        "please",
        "post",
        "put",
        "read",
        "request",
        "required",
        "server",
        "signal",
        "the",
        "timeout",
        "too",
        "unable",
        "unauthorised",
        "unauthorized",
        "unexpected",
        "unknown",
        "unsupported",
        "was",
        "wrong",
        "yes",
    ]
)
"""What error texts go on with after a name and a colon."""


def named(match: re.Match[str], mark: str) -> str:
    """A match of `NAMED` with its value cut out, where that is secret."""
    value = match["value"]
    if not _is_secret(match, value):
        return match[0]
    kept = match[0][: match.start("value") - match.start()]
    opening = re.match(QUOTE, value)
    quote = opening[0] if opening and match["sign"] == ":" else ""
    closing = quote if quote and len(value) > len(quote) and value.endswith(quote) else ""
    return f"{kept}{quote}{mark}{closing}"


def _is_secret(match: re.Match[str], value: str) -> bool:
    name = match["name"].lower()
    inner = value.strip("\\\"'")
    if not inner or _NO_VALUE.match(inner):
        return False
    text, start = match.string, match.start()
    found = _BEFORE.search(text, max(0, start - 60), start)
    first = found.start() if found else start
    before = text[first - 1] if first else " "
    whole = text[first:start]
    if name == "auth" and not match["close"] and not whole.endswith("_"):
        return False
    if name == "pwd" and inner.startswith("/"):
        return False  # The shell's folder.
    if match["sign"] != ":":
        return True
    # A name inside an ARN, an image or a key of a policy's condition is none of this, and neither is a list or an object.
    if before in ":/@" or value[0] in "[{(":
        return False
    if match["close"]:
        # Of the key from its quotation mark on, or of the word where the text begins within the key.
        return not re.search("[:/@]", _key_before(text[max(0, start - 80) : start]))
    return _is_told(match, name, whole, inner)


def _key_before(text: str) -> str:
    parts = re.split("[\"']", text)
    return parts[-1] if len(parts) > 1 else text.rpartition(" ")[2]


def _is_told(match: re.Match[str], name: str, whole: str, inner: str) -> bool:
    """Of `name: value` without quotes around the name: in YAML and notes the value is secret, in an error text it is prose."""
    password = name.startswith(_PASSWORDS)
    quoted = match["value"][0] in "\\\"'"
    if name == "secret" and not whole.endswith("_") and whole.rstrip("-").lower() not in _OWNERS:
        return False  # The name of a secret, most likely.
    if not match["space"] and not quoted and not (password and not whole.endswith("-")):
        return False  # An image and its tag.
    word = inner.rstrip(".,;:!?")
    if not quoted and (inner.endswith(":") or word.lower() in _PROSE or _ADDRESS.fullmatch(word)):
        return False
    if _TOKENLIKE.fullmatch(word):
        return True
    return password and (quoted or _ALONE.match(match.string, match.end()) is not None)
