"""Signatures of every kind of pre-signed URL go; what only looks like one stays. More in tests/collect/test_cleaning.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser as re_parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from diagnostics import redaction
from diagnostics.stop_reason import redact

URL = "https://host.example/a/b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{URL}?expires=1&signature=abc%3D&version=2", f"{URL}?[redacted]"),
        (f"{URL}?se=2026&sig=abc", f"{URL}?[redacted]"),
        (f"{URL}?verify=1724734283-ITrx", f"{URL}?[redacted]"),
        (f"{URL}?X-Amz-Signature=ab“", f"{URL}?[redacted]“"),
        (f"“{URL}?a=1\\u0026X-Amz-Signature=ab\\”", f"“{URL}?[redacted]\\”"),
        (f"{URL}?a=1?X-Amz-Date=2", f"{URL}?a=1?[redacted]"),
        ("X-Amz-Credential%3DAKIA", "X-Amz-Credential=[redacted]"),
        ("X-Amz-Credential=", "X-Amz-Credential=[redacted]"),
        ("X-Amz-Credential=[redacted]", "X-Amz-Credential=[redacted]"),
        ("X-Amz-Credential=[reda", "X-Amz-Credential=[reda"),
        (f"{URL}?ns=docker.io", f"{URL}?ns=docker.io"),
        ("design=1 signature", "design=1 signature"),
    ],
)
def test_redact(text: str, expected: str) -> None:
    assert redact(text) == expected


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user:pass@host.example/v2/a: EOF", "https://[redacted]@host.example/v2/a: EOF"),
        ('Get "http://tok3n@host:5000/v2/": EOF', 'Get "http://[redacted]@host:5000/v2/": EOF'),
        ("proxyconnect tcp://u:p%40q@proxy:3128", "proxyconnect tcp://[redacted]@proxy:3128"),
        ("https://user:p@ss@host.example/v2/a: EOF", "https://[redacted]@host.example/v2/a: EOF"),
        ("https://a:b@h/x and https://c:d@i/y", "https://[redacted]@h/x and https://[redacted]@i/y"),
        ("https://host/app@sha256:0123", "https://host/app@sha256:0123"),
        ("mail root@host", "mail root@host"),
        ("password=hunter2 host=db", "password=[redacted] host=db"),
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=[redacted]"),
        ('PASSWORD="two words" x', "PASSWORD=[redacted] x"),
        ("docker login --username me --password hunter2 host", "docker login --username me --password [redacted] host"),
        ("docker login --password-stdin host", "docker login --password-stdin host"),
        ("https://h/token?token=abc&service=s", "https://h/token?token=[redacted]&service=s"),
        ("aws_secret_access_key=abc/def+g", "aws_secret_access_key=[redacted]"),
        ('{"username":"me","password":"hunter2"}', '{"username":"me","password":"[redacted]"}'),
        ('{\\"auth\\":\\"bWU6eA==\\"}', '{\\"auth\\":\\"[redacted]\\"}'),
        ("Authorization: Basic bWU6eA==", "Authorization: Basic [redacted]"),
        ("Authorization: Bearer abcdefgh", "Authorization: Bearer [redacted]"),
        ("authorization:[abcdefgh]", "authorization:[[redacted]]"),
        (f"Bearer {JWT}: denied", "Bearer [redacted]: denied"),
        (f"token {JWT} was refused", "token eyJ[redacted] was refused"),
        ("Basic bWU6cGFzczE=", "Basic [redacted]"),
        ("no basic authentication", "no basic authentication"),
        ("no basic auth credentials", "no basic auth credentials"),
        ('Www-Authenticate: Bearer realm="https://auth.docker.io/token"', 'Www-Authenticate: Bearer realm="https://auth.docker.io/token"'),
        ("failed to fetch oauth token: unexpected status", "failed to fetch oauth token: unexpected status"),
        ("may require authorization: server message: insufficient_scope", "may require authorization: server message: insufficient_scope"),
        ("Authorization: 0123456789abcdef", "Authorization: [redacted]"),
        ("incorrect username or password: denied", "incorrect username or password: denied"),
        ("ghp_0123456789abcdefABCDEF0123456789abcd x", "ghp_[redacted] x"),
        ("github_pat_11ABCDEFG0abcdefghij_klmnop", "github_pat_[redacted]"),
        ("dckr_pat_abcDEF-123_456xyz", "dckr_pat_[redacted]"),
        ("glpat-abcDEF123456_7890", "glpat-[redacted]"),
        ("xoxb-123456789012-abc", "[redacted]"),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:password::", "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:password::"),
        ("token=[redacted]", "token=[redacted]"),
    ],
)  # fmt: skip
def test_credentials_go_and_the_evidence_stays(text: str, expected: str) -> None:
    assert redact(text) == expected
    assert redact(expected) == expected


def repeats(tree: Any, within: int = 1) -> Iterator[int]:
    """For each place of a pattern, how many ways its repetitions can be multiplied with one another."""
    for operation, argument in tree:
        inner = within
        if operation in (re_parser.MAX_REPEAT, re_parser.MIN_REPEAT):
            inner = within * int(argument[1])
            yield inner
        for part in argument if isinstance(argument, tuple | list) else ():
            for branch in part if isinstance(part, list) else (part,):
                if isinstance(branch, re_parser.SubPattern):
                    yield from repeats(branch, inner)


@pytest.mark.parametrize("pattern", [rule.pattern for rule in redaction._RULES])
def test_no_pattern_repeats_without_end(pattern: re.Pattern[str]) -> None:
    assert max(repeats(re_parser.parse(pattern.pattern)), default=0) <= 100_000
