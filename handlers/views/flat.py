"""A message without containers and tables, for workspaces that do not take them: the same content in older blocks.

Slack has had containers since 2026-06-29 (https://docs.slack.dev/reference/block-kit/blocks/container-block), and may refuse a
block that it does not know with `invalid_blocks`. This works on what is sent, whose texts are safe already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from handlers.text import code_block, escape, fmt, units
from handlers.views.lint import BLOCKS, SECTION

_NEWER = ("container", "table")
_GRID = 2800


def has_folds(message: Mapping[str, Any]) -> bool:
    """True where a message has a block that not every workspace takes."""
    return any(block.get("type") in _NEWER for block in message.get("blocks") or ())


def flattened(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message in older blocks; those beyond what a message holds are counted."""
    if not has_folds(message):
        return dict(message)
    blocks = [inner for block in message["blocks"] for inner in _flat(block)]
    if len(blocks) > BLOCKS:
        left = len(blocks) - BLOCKS + 1
        blocks = [*blocks[: BLOCKS - 1], _section(fmt("… {} more", str(left)))]
    return {**message, "blocks": blocks}


def _flat(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if block["type"] == "table":
        yield _section(code_block("\n".join(_grid(block["rows"])), _GRID))
    elif block["type"] == "container":
        children = [inner for child in block["child_blocks"] for inner in _flat(child)]
        title = fmt("*{}*", escape(block["title"]["text"]))
        first = children[0].get("text", {}).get("text") if children[0]["type"] == "section" else None
        if first is not None and units(title) + units(first) < SECTION:
            text = {**children[0]["text"], "text": f"{title}\n{first}"}
            yield {**children[0], "text": text}
            children = children[1:]
        else:
            yield _section(title)
        yield from children
    else:
        yield block


def _grid(rows: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    cells = [[str(cell["text"]) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in cells if place < len(row)) for place in range(len(cells[0]))]
    for row in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": str(text), "verbatim": True}}
