"""How much of a message a reader meets before they unfold anything, in characters as they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from handlers.text import units
from handlers.views.message import Block, as_json

VISIBLE = 1199
"""Characters of a reply that are seen at once."""
SHORT = 599
"""Characters of a parent message."""
MESSAGE = 12_000
"""Characters of all texts of a message together, folded or not: what Slack takes of a message is not documented."""

_OURS = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>|<https://[^|>]*\|([^>]*)>|<@([A-Z0-9]+)>")
_CODE = re.compile(r"(```.*?```)", re.DOTALL)
_FENCE = re.compile(r"```\n?|\n?```")
_MARKUP = re.compile(r"[*_`](?=\S)|(?<=\S)[*_`]")


def shown(text: str) -> str:
    """A text of Slack's markup as it is read: times, links and entities as what stands there, without marks."""
    said = _OURS.sub(lambda match: match[1] or match[2] or f"@{match[3]}", text)
    said = "".join(
        _FENCE.sub("", part) if part.startswith("```") else _MARKUP.sub("", part)
        for part in _CODE.split(said)
    )
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def visible(blocks: Iterable[Mapping[str, Any]]) -> int:
    """The characters that are seen at once: all texts and titles, and nothing that is folded away or behind a menu."""
    return sum(_of(block) for block in blocks)


def visible_of(blocks: Iterable[Block]) -> int:
    """The same of blocks that are not JSON yet."""
    return visible(as_json(block) for block in blocks)


def whole(blocks: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """How many blocks there are, with those inside of others, and how many characters they hold as they are sent."""
    count = length = 0
    for block in blocks:
        inner, characters = whole(block.get("child_blocks") or ())
        count += 1 + inner
        length += characters + sum(units(text) for text in _texts(block))
    return count, length


def _of(block: Mapping[str, Any]) -> int:
    seen = sum(len(shown(text)) for text in _texts(block))
    if block.get("type") != "container":
        return seen
    folded = block.get("is_collapsible") and block.get("default_collapsed")
    return seen + (0 if folded else visible(block["child_blocks"]))


def _texts(block: Mapping[str, Any]) -> Iterable[str]:
    """The texts of one block, without those of blocks inside of it and of what a menu holds."""
    for name in ("text", "title"):
        value = block.get(name)
        if isinstance(value, Mapping):
            yield str(value.get("text") or "")
    for element in (*(block.get("elements") or ()), *(block.get("fields") or ())):
        text = element.get("text")
        if isinstance(text, Mapping):
            yield str(text.get("text") or "")
        elif isinstance(text, str):
            yield text
    for row in block.get("rows") or ():
        yield from (str(cell.get("text") or "") for cell in row)
