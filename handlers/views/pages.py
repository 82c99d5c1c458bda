"""The full report as messages, for a workspace where the app may not upload a file: the folded parts, unfolded."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Report
from handlers.text import code_blocks, escape, fmt
from handlers.views.full_report import full_report
from handlers.views.message import SECTION, Block, MessageContent, section
from handlers.views.words import TEXT, name_of

MOST = 6
"""Messages of one report."""
_BLOCKS = 4
"""Blocks of a message: some eleven thousand characters."""


def pages(report: Report) -> tuple[MessageContent, ...]:
    """The report in as few messages as it takes; of a very long one the rest is counted."""
    return pages_of(full_report(report), f"Full report about {name_of(report)}")


def pages_of(text: str, called: str) -> tuple[MessageContent, ...]:
    """Any text so.

    Args:
        text: what a file would hold.
        called: what it is called, for the sentence of each message.
    """
    parts = tuple(_parts(text))
    chunks = [parts[place : place + _BLOCKS] for place in range(0, len(parts), _BLOCKS)]
    shown, left = chunks[:MOST], sum(len(chunk) for chunk in chunks[MOST:])
    if left:
        note = section(
            fmt(
                "… {} more pages of that size; a file holds all of them, where the app has files:write.",
                str(left),
            )
        )
        shown[-1] = (*shown[-1], note)
    return tuple(
        MessageContent(escape(f"{called}, page {place} of {len(shown)}.", TEXT), tuple(chunk))
        for place, chunk in enumerate(shown, 1)
    )


def _parts(text: str) -> Iterator[Block]:
    for block in code_blocks(_wrapped(text), SECTION, 10_000) or ():
        yield section(block)


def _wrapped(text: str) -> str:
    """No line longer than fits: a command is read here, and copied from the thread."""
    return "\n".join(
        line[place : place + 500] for line in text.split("\n") for place in range(0, max(len(line), 1), 500)
    )
