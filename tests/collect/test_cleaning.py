"""Pre-signed URLs lose their query, whatever surrounds them; other text stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from diagnostics.collect.cleaning import clean, redact

URL = "https://prod-eu-central-1-starport-layer-bucket.s3.eu-central-1.amazonaws.com/aa/bb"
QUERY = "X-Amz-Security-Token=IQoJb3JpZ2lu%2F%2F&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc123"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'Get "{URL}?{QUERY}": dial tcp 52.1.2.3:443', f'Get "{URL}?[redacted]": dial tcp 52.1.2.3:443'),
        (f"Get {URL}?{QUERY}: dial tcp: i/o timeout", f"Get {URL}?[redacted]: dial tcp: i/o timeout"),
        (f"see {URL}?{QUERY}.", f"see {URL}?[redacted]."),
        (f"({URL}?{QUERY})", f"({URL}?[redacted])"),
        (f"{URL}?versionId=1&{QUERY}", f"{URL}?[redacted]"),
        (f"{URL}?{QUERY.lower()}", f"{URL}?[redacted]"),
        (f"two {URL}?{QUERY} and {URL}?{QUERY}", f"two {URL}?[redacted] and {URL}?[redacted]"),
        ("X-Amz-Signature=abc123 was wrong", "X-Amz-Signature=[redacted] was wrong"),
        (f"{URL}?versionId=1", f"{URL}?versionId=1"),
        ("why? because x-amz- is a prefix", "why? because x-amz- is a prefix"),
    ],
)  # fmt: skip
def test_redact(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_redacting_twice_changes_nothing() -> None:
    once = redact(f'Get "{URL}?{QUERY}": EOF; X-Amz-Credential=AKIA')
    assert "abc123" not in once
    assert "AKIA" not in once
    assert redact(once) == once


def test_clean_reaches_every_text_and_puts_times_in_utc() -> None:
    there = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    answer = {"tasks": [{"containers": ({"reason": f"{URL}?{QUERY}"},), "stoppedAt": there}], "count": 1}
    assert clean(answer) == {
        "tasks": [{"containers": [{"reason": f"{URL}?[redacted]"}], "stoppedAt": there}],
        "count": 1,
    }
    assert clean(there).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cut \ud83d", "cut \ufffd"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("whole \U0001f600 é", "whole \U0001f600 é"),
    ],
)
def test_half_a_character_is_shown_as_such(text: str, expected: str) -> None:
    """Neither a model, nor the database, nor Slack takes one."""
    assert clean({"reason": [text]}) == {"reason": [expected]}
    clean(text).encode()
