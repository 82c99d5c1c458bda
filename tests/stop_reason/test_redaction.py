"""Signatures of every kind of pre-signed URL go; what only looks like one stays. More in tests/collect/test_cleaning.py."""

from __future__ import annotations

import pytest

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
