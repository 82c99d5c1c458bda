"""Secrets taken out of texts: what signs a pre-signed URL, who logs in with a URL, passwords, keys and tokens.

A pre-signed URL is a bearer credential for as long as it lives, and container runtimes print whole layer
URLs into stopped reasons; entrypoints and build logs print the rest. Host and path stay, they are the evidence, and so do
the names of secrets, digests, ids of requests, and prose about passwords and tokens.
This is the one list: answers of AWS, what somebody typed, and every line of the log go through it.
AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from diagnostics.redaction.named import BARE, DONE, NAMED, NAMES, QUOTE, QUOTED, named
from diagnostics.redaction.urls import URL, without_query, without_user

REDACTED = "[redacted]"


@dataclass(frozen=True)
class _SecretPattern:
    """What must stand in a text, in small letters, what is looked for then, and what of it stays before the mark."""

    marks: tuple[str, ...]
    form: str
    kept: str | Callable[[re.Match[str], str], str] = r"\1"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled where a text has a mark: most have none, and who starts the command line waits for each that is."""
        return re.compile(self.form)


def redact(text: str, mark: str = REDACTED) -> str:
    """The text without the query of a pre-signed URL, user info of a URL, passwords, keys and tokens; once is as good as twice.

    Args:
        mark: what takes the place of each.
    """
    text = without_query(text, mark)
    lowered = text.lower()
    looked_for = None
    for rule in [rule for needed, rule in _MARKS if needed in lowered]:
        if rule is looked_for:
            continue
        looked_for, kept = rule, rule.kept
        if isinstance(kept, str):
            text = rule.pattern.sub(kept + mark.replace("\\", r"\\"), text)
        else:
            text = rule.pattern.sub(lambda match, kept=kept: kept(match, mark), text)  # type: ignore[misc]
    return text


def _access_key(match: re.Match[str], mark: str) -> str:
    if match[0] == match.string and not match["between"]:
        return match[0]  # The caller's UserId, which is no secret.
    return match[1] + mark + (match["between"] + mark if match["between"] else "")


_SCHEMES = r"(?:basic|bearer|digest|token|aws|aws4-hmac-sha256)"
_OF_A_TOKEN = r"[A-Za-z0-9._~+/=-]"
_RULES: tuple[_SecretPattern, ...] = (
    _SecretPattern(
        ("private key-----",),
        (
            r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[^-]|-(?!----)){1,8000}(?:-----END [A-Z ]{1,40}-----)?"
        ),
    ),
    # Whoever has one may post: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
    _SecretPattern(
        ("hooks.slack",),
        (r"(?i)https:(?:\\?/){2}hooks\.slack(?:-gov)?\.com\\?/[^\s\"'<>]{1,2000}"),
        "",
    ),
    _SecretPattern(("@",), URL, without_user),
    # https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2
    _SecretPattern(
        ("authorization",),
        (
            rf"(?i)(authorization{QUOTE}?\s{{0,3}}[:=]\s{{0,3}}{DONE}(?:(?:{QUOTE}|\[)(?:{_SCHEMES}\s{{1,3}})?|{_SCHEMES}\s{{1,3}}"
            rf"|(?=[A-Za-z._~+/-]{{0,200}}[0-9=]))){DONE}(?!\[|{_SCHEMES}\s){_OF_A_TOKEN}{{1,4000}}"
        ),
    ),
    _SecretPattern(
        ("bearer", "basic"),
        (
            r"(?i)\b((?:bearer\s{1,3}(?=[^\s]{6})|basic\s{1,3}(?=[^\s]{8})))"
            r"(?=[A-Za-z._~+/-]{0,200}[0-9=]|(?-i:[A-Za-z]{0,200}[a-z][A-Z]))"
            rf"(?!(?:realm|service|scope|error|charset)[_a-z]{{0,20}}=){_OF_A_TOKEN}{{6,4000}}"
        ),
    ),
    # https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1
    _SecretPattern(
        ("cookie",),
        (rf"(?i)(\bcookie{QUOTE}?:\s{{0,3}}{QUOTE}?)(?=[a-z0-9_.-]{{1,100}}=)[^\r\n\"']{{1,4000}}"),
    ),
    _SecretPattern(
        ("_proxy",),
        (rf"(?i)(_proxy{QUOTE}?\s?[=:]\s?{QUOTE}?){DONE}[^\s/@:\"']{{1,200}}:[^\s@\"']{{1,1000}}(?=@)"),
    ),
    _SecretPattern(("credential=", "signature="), (rf"(?i)\b(signature=){_OF_A_TOKEN}{{16,2000}}")),
    _SecretPattern(("pass", "pwd", "secret", "token", "key", "auth", "bearer"), NAMED, named),
    _SecretPattern(
        ("--",),
        (rf"(?i)(--(?:[a-z0-9]{{1,20}}-){{0,3}}(?:{NAMES})\s{{1,3}}){DONE}(?!-)(?:{QUOTED}|{BARE})"),
    ),
    _SecretPattern(
        ("login",),
        (rf"(?i)(\blogin\b(?:(?!\blogin\b)[^\n]){{0,200}}?\s-p\s{{0,3}}){DONE}(?:{QUOTED}|{BARE})"),
    ),
    _SecretPattern(
        ("curl",),
        (
            rf"(?i)(\bcurl\b(?:(?!\bcurl\b)[^\n]){{0,200}}?\s(?:-u\s?|--user[ =])[\"']?[^\s\"':]{{1,200}}:){DONE}[^\s\"']{{1,2000}}"
        ),
    ),
    # https://docs.slack.dev/authentication/tokens
    _SecretPattern(("xox", "xapp-"), (r"\b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9_.-]{1,1000}"), ""),
    # The forms of GitHub's, Docker Hub's, GitLab's, npm's and PyPI's tokens, and JSON Web Tokens.
    _SecretPattern(
        ("gh", "dckr_", "gl", "npm_", "pypi-"),
        (
            r"\b(gh[opsur]_|github_pat_|dckr_[a-z]{3}_|gl(?:pat|dt|rt|rtr|ptt|cbt|soat|ft|imt|agent|oas)-|npm_|pypi-AgE)"
            r"[A-Za-z0-9_.-]{8,1000}"
        ),
    ),
    _SecretPattern(
        ("eyj",),
        (r"\b(eyJ)[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,8000}(?:\.[A-Za-z0-9_-]{0,2000})?"),
    ),
    # An access key, and the secret one where it stands beside.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    _SecretPattern(
        ("akia", "asia"),
        (
            r"\b(A[KS]IA)[A-Z0-9]{16}\b(?:(?P<between>[^A-Za-z0-9/+]{1,20}|[^\n]{1,60}?[\s:=,\"'])"
            r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=]))?"
        ),
        _access_key,
    ),
)
_MARKS = tuple((needed, rule) for rule in _RULES for needed in rule.marks)
"""Each mark with its rule, those of one rule side by side: every text of every answer of AWS is looked through for all of them."""
