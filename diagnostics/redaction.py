"""Secrets taken out of texts: what signs a pre-signed URL, who logs in with a URL, passwords, keys and tokens.

A pre-signed URL is a bearer credential for as long as it lives, and container runtimes print whole layer
URLs into stopped reasons; entrypoints and build logs print the rest. Host and path stay, they are the evidence, and so do
the names of secrets, digests, ids of requests, and prose about passwords and tokens.
This is the one list: answers of AWS, what somebody typed, and every line of the log go through it.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

REDACTED = "[redacted]"

# How S3, CloudFront, Azure and Cloudflare sign the layer URLs that registries redirect to.
_AWS = "x-amz-"
_SIGNED = (_AWS, "signature=", "sig=", "verify=")
_WORD = re.compile(r"""[^\s"'<>“”‘’`]+""")
_PUNCTUATION = ":,;.)]}\\"


@dataclass(frozen=True)
class _Rule:
    """What must stand in a text, in small letters, what is looked for then, and what of it stays before the mark."""

    marks: tuple[str, ...]
    pattern: re.Pattern[str]
    kept: str | Callable[[re.Match[str], str], str] = r"\1"


def redact(text: str, mark: str = REDACTED) -> str:
    """The text without the query of a pre-signed URL, user info of a URL, passwords, keys and tokens; once is as good as twice.

    Args:
        mark: what takes the place of each.
    """
    lowered = text.lower()
    if any(signed in lowered for signed in _SIGNED):
        text = _WORD.sub(lambda match: _without_query(match[0], mark), text)
    for rule in _RULES:
        if any(needed in lowered for needed in rule.marks):
            kept = rule.kept
            if isinstance(kept, str):
                text = rule.pattern.sub(kept + mark.replace("\\", r"\\"), text)
            else:
                text = rule.pattern.sub(lambda match, kept=kept: kept(match, mark), text)  # type: ignore[misc]
    return text


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


# --- who logs in with a URL --------------------------------------------------------------------------
# https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1

_URL = re.compile(r"""(:(?:\\?/){2})((?:(?!:\\?/\\?/)[^\s"'<>“”‘’`]){1,2000})""")
_DIGEST = re.compile(r"@sha[0-9]{3}:")
_PORT = re.compile(r"[0-9]{1,5}")
_HOST = re.compile(
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,20}(?![A-Za-z0-9@-])|localhost|[A-Za-z0-9-]{1,63}:[0-9]"
)


def _without_user(url: re.Match[str], mark: str) -> str:
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


# --- what a name before it tells to be secret --------------------------------------------------------

_DONE = r"(?!\[redacted|\*\*\*)"
_QUOTE = r"\\{0,7}[\"']"
_BARE = (
    r"(?:[^\s\"'&,;<>“”‘’`)\]}\\]|\\(?!\\{0,7}[\"'])"
    # Punctuation ends a value where something else follows it, and is part of one where not.
    r"|[&,;)\]}](?![\s\"'\\]|$|[A-Za-z0-9_.-]{1,40}[\"']?\s?[=:])){1,2000}"
)
_QUOTED = rf"(?P<quote>{_QUOTE})(?:(?!(?<!\\)(?P=quote))[^\n]){{0,2000}}(?<!\\)(?P=quote)|{_QUOTE}[^\s\"']{{1,2000}}"
_NAMES = (
    r"(?:(?<![a-z0-9])(?:pass|pwd|auth|bearer)|pass(?:word|wd|phrase|code)|pgpass|secret|token"
    r"|(?:api|access|private|account|secret|signing|shared)[ _-]?key)"
)
_NAMED = re.compile(
    rf"(?P<name>{_NAMES})(?P<close>{_QUOTE})?\s{{0,3}}(?P<sign>=>?|:)(?P<space>\s{{0,3}}){_DONE}"
    rf"(?P<value>{_QUOTED}|{_BARE})",
    re.IGNORECASE,
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


def _named(match: re.Match[str], mark: str) -> str:
    value = match["value"]
    if not _is_secret(match, value):
        return match[0]
    kept = match[0][: match.start("value") - match.start()]
    opening = re.match(_QUOTE, value)
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


def _access_key(match: re.Match[str], mark: str) -> str:
    if match[0] == match.string and not match["between"]:
        return match[0]  # The caller's UserId, which is no secret.
    return match[1] + mark + (match["between"] + mark if match["between"] else "")


# --- all of it ---------------------------------------------------------------------------------------

_SCHEMES = r"(?:basic|bearer|digest|token|aws|aws4-hmac-sha256)"
_OF_A_TOKEN = r"[A-Za-z0-9._~+/=-]"
_RULES: tuple[_Rule, ...] = (
    _Rule(
        ("private key-----",),
        re.compile(
            r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[^-]|-(?!----)){1,8000}(?:-----END [A-Z ]{1,40}-----)?"
        ),
    ),
    # Whoever has one may post: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
    _Rule(
        ("hooks.slack",),
        re.compile(r"(?i)https:(?:\\?/){2}hooks\.slack(?:-gov)?\.com\\?/[^\s\"'<>]{1,2000}"),
        "",
    ),
    _Rule(("@",), _URL, _without_user),
    # https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2
    _Rule(
        ("authorization",),
        re.compile(
            rf"(?i)(authorization{_QUOTE}?\s{{0,3}}[:=]\s{{0,3}}{_DONE}(?:(?:{_QUOTE}|\[)(?:{_SCHEMES}\s{{1,3}})?|{_SCHEMES}\s{{1,3}}"
            rf"|(?=[A-Za-z._~+/-]{{0,200}}[0-9=]))){_DONE}(?!\[|{_SCHEMES}\s){_OF_A_TOKEN}{{1,4000}}"
        ),
    ),
    _Rule(
        ("bearer", "basic"),
        re.compile(
            r"(?i)\b((?:bearer\s{1,3}(?=[^\s]{6})|basic\s{1,3}(?=[^\s]{8})))"
            r"(?=[A-Za-z._~+/-]{0,200}[0-9=]|(?-i:[A-Za-z]{0,200}[a-z][A-Z]))"
            rf"(?!(?:realm|service|scope|error|charset)[_a-z]{{0,20}}=){_OF_A_TOKEN}{{6,4000}}"
        ),
    ),
    # https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1
    _Rule(
        ("cookie",),
        re.compile(
            rf"(?i)(\bcookie{_QUOTE}?:\s{{0,3}}{_QUOTE}?)(?=[a-z0-9_.-]{{1,100}}=)[^\r\n\"']{{1,4000}}"
        ),
    ),
    _Rule(
        ("_proxy",),
        re.compile(
            rf"(?i)(_proxy{_QUOTE}?\s?[=:]\s?{_QUOTE}?){_DONE}[^\s/@:\"']{{1,200}}:[^\s@\"']{{1,1000}}(?=@)"
        ),
    ),
    _Rule(("credential=", "signature="), re.compile(rf"(?i)\b(signature=){_OF_A_TOKEN}{{16,2000}}")),
    _Rule(("pass", "pwd", "secret", "token", "key", "auth", "bearer"), _NAMED, _named),
    _Rule(
        ("--",),
        re.compile(
            rf"(?i)(--(?:[a-z0-9]{{1,20}}-){{0,3}}(?:{_NAMES})\s{{1,3}}){_DONE}(?!-)(?:{_QUOTED}|{_BARE})"
        ),
    ),
    _Rule(
        ("login",),
        re.compile(
            rf"(?i)(\blogin\b(?:(?!\blogin\b)[^\n]){{0,200}}?\s-p\s{{0,3}}){_DONE}(?:{_QUOTED}|{_BARE})"
        ),
    ),
    _Rule(
        ("curl",),
        re.compile(
            rf"(?i)(\bcurl\b(?:(?!\bcurl\b)[^\n]){{0,200}}?\s(?:-u\s?|--user[ =])[\"']?[^\s\"':]{{1,200}}:){_DONE}[^\s\"']{{1,2000}}"
        ),
    ),
    # https://docs.slack.dev/authentication/tokens
    _Rule(("xox", "xapp-"), re.compile(r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9_.-]{1,1000}"), ""),
    # The forms of GitHub's, Docker Hub's, GitLab's, npm's and PyPI's tokens, and JSON Web Tokens.
    _Rule(
        ("gh", "dckr_", "gl", "npm_", "pypi-"),
        re.compile(
            r"\b(gh[opsur]_|github_pat_|dckr_[a-z]{3}_|gl(?:pat|dt|rt|rtr|ptt|cbt|soat|ft|imt|agent|oas)-|npm_|pypi-AgE)"
            r"[A-Za-z0-9_.-]{8,1000}"
        ),
    ),
    _Rule(
        ("eyj",),
        re.compile(r"\b(eyJ)[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{0,2000})?"),
    ),
    # An access key, and the secret one where it stands beside.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    _Rule(
        ("akia", "asia"),
        re.compile(
            r"\b(A[KS]IA)[A-Z0-9]{16}\b(?:(?P<between>[^A-Za-z0-9/+]{1,20}|[^\n]{1,60}?[\s:=,\"'])"
            r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?"
        ),
        _access_key,
    ),
)
