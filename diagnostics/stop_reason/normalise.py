"""An error text made comparable: what every console, log, template and SDK wraps around it taken away.

The wrappings are those of section 0.1 of the reference: curly quotes, folded lines, escaped characters, colours,
the borders of Terraform's boxes, the marks of quoted or commented lines, and the time stamps of build logs.
"""

from __future__ import annotations

import re

from diagnostics.redaction import redact

LIMIT = 20_000
"""How many characters of a text are looked at. ECS caps a container's reason at 1024."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]?")
_LINE_MARKS = frozenset(">#|*/│┃╷╵")
_TIME_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.,]{0,12}Z?")
_PLAIN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
        "–": "-", "—": "-", "…": "...", "│": " ", "┃": " ", "╷": " ", "╵": " ",
        "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None, "\u00ad": None,
    }
)  # fmt: skip
_ESCAPES = (
    ("\\n", " "), ("\\r", " "), ("\\t", " "), ("\\u2019", "'"), ("\\u2018", "'"), ("\\u201c", '"'), ("\\u201d", '"'),
    ("\\u0026", "&"), ("\\u003c", "<"), ("\\u003e", ">"), ("\\", ""),
    ("&quot;", '"'), ("&#34;", '"'), ("&#39;", "'"), ("&#x27;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"),
    ("&amp;", "&"),
)  # fmt: skip


def shown(text: str) -> str:
    """The text as people are shown it: one line, redacted, without the marks of the log that it was copied from."""
    encodable = text[:LIMIT].encode("utf-8", "replace").decode("utf-8")
    words = (word for line in _COLOUR.sub("", encodable).splitlines() for word in _unmarked(line.split()))
    return redact(" ".join(words))[:LIMIT].rstrip()


def plain(text: str) -> str:
    """The text as rules read it: straight quotes, no escapes, single spaces; its case is kept."""
    result = text.translate(_PLAIN)
    for escaped, meant in _ESCAPES:
        if escaped[0] in result:
            result = result.replace(escaped, meant)
    return " ".join(result.split())


def _unmarked(words: list[str]) -> list[str]:
    """The words of a line without the quotation or comment marks and the time stamp of a log that it begins with."""
    start = 0
    while start < len(words) and (
        _LINE_MARKS.issuperset(words[start]) or _TIME_STAMP.fullmatch(words[start])
    ):
        start += 1
    return words[start:]
