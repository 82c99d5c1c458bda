"""A message of Slack as one text, as people read it: what stands in separate members of its JSON and belongs together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 12
"""Levels of nesting; Slack's own messages have half as many."""
_IN_ONE_LINE = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
_TITLE = re.compile(
    r"\A\s{0,5}[*_]{0,2}([A-Za-z][A-Za-z _]{1,30}?)[*_]{0,2}:?[*_]{0,2}\s{0,5}\n\s{0,20}(?=\S)"
)
"""The first line of a field, where it is its title."""


def as_one_text(message: Mapping[str, Any], most: int) -> str:
    """The texts of a message's own text, its blocks and its attachments; titles with their values, one line each.

    AWS's app for Slack, and most of what people make themselves, puts the name of a dimension in one member and its value in
    another: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments

    Args:
        message: the message as Slack sends it.
        most: characters that are taken at most.
    """
    lines: list[str] = []
    length = 0
    for line in _lines([message.get(name) for name in ("text", "blocks", "attachments")], _DEEPEST):
        lines.append(line)
        length += len(line) + 1
        if length >= most:
            break
    return "\n".join(lines)[:most]


def _lines(value: Any, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _lines(item, depth - 1)
    elif isinstance(value, Mapping):
        yield from _lines_of(value, depth)


def _lines_of(item: Mapping[str, Any], depth: int) -> Iterator[str]:
    title, value = item.get("title"), item.get("value")
    if isinstance(title, str) and isinstance(value, str):
        yield f"{title}: {value}"
    elif item.get("type") in _IN_ONE_LINE and isinstance(item.get("elements"), list):
        yield "".join(_lines(item["elements"], depth - 1))
    elif isinstance(rows := item.get("rows"), list):
        for row in rows:
            yield ": ".join(_lines(row, depth - 1))
    else:
        for name in (
            "title",
            "pretext",
            "text",
            "url",
            "title_link",
            "fields",
            "elements",
            "blocks",
            "footer",
        ):
            for line in _lines(item.get(name), depth - 1):
                yield _TITLE.sub(r"\1: ", line) if name in ("text", "fields") else line
