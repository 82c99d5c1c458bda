"""The text without what Slack, chat and JSON put around and into an ARN."""

from __future__ import annotations

import re

LONGEST = 20_000
"""Characters that are looked at; an alert is shorter, and a paste that is longer says so."""

AROUND = "`\"'<>()[]{}.,;:!?*~ \t\r\n"
_ESCAPES = {
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&#x27;": "'", "\\/": "/",
    "\\u0026": "&", "\\u003c": "<", "\\u003e": ">", "\\u003d": "=", "\\u002f": "/", "\\u0027": "'",
}  # fmt: skip
_ESCAPE = re.compile(f"({'|'.join(re.escape(item) for item in _ESCAPES)})", re.IGNORECASE | re.ASCII)
_INVISIBLE = re.compile("[\xad\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f]+")
_SHOWN_LINK = re.compile(r"<(https?://[^<>|\s]++)(?:\|([^<>]*+))?>")
_PERCENT = re.compile("((?:%[0-9A-Fa-f]{2})++)")
_UNENDED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/:."


def beginning(text: str) -> str:
    """As much as is looked at, without what the cut may have taken the end of."""
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip(_UNENDED)


def plain(text: str) -> str:
    """A text with its escapes undone, without invisible characters, and with `<link|label>` as a link and a label."""
    # Twice, for what was escaped on its way into an alert and again by Slack. Only these entities: HTML's own rules
    # would read the `&reg` of `&region=` as a sign.
    for _ in range(2):
        if "&" in text or "\\" in text:
            parts = _ESCAPE.split(text)
            # A call for each match would cost more than all the rest of the search.
            parts[1::2] = [_ESCAPES[part.lower()] for part in parts[1::2]]
            text = "".join(parts)
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
    if "<" in text:
        text = _SHOWN_LINK.sub(r" \1  \2 ", text)
    return text.strip()


def decoded(text: str) -> str:
    """A text without percent-encoding, as `urllib.parse.unquote` gives it, which takes long where a text is full of `%`."""
    parts = _PERCENT.split(text)
    parts[1::2] = [bytes.fromhex(part.replace("%", "")).decode("utf-8", "replace") for part in parts[1::2]]
    return "".join(parts)
