"""Slack's limits on a message, checked before it leaves: Slack refuses the whole message for one field that is too long.

slack_sdk checks some of these limits and only for its own objects; this looks at what is really sent.
Slack: https://docs.slack.dev/reference/block-kit/blocks/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.text import units

BLOCKS = 50
TEXT = 4000
SECTION = 3000
FIELDS, FIELD = 10, 2000
HEADER = 150
CONTEXT, CONTEXT_TEXT = 10, 2000
ACTIONS = 25
BUTTON_TEXT, BUTTON_VALUE, BUTTON_URL, BUTTON_LABEL = 75, 2000, 3000, 75
ID = 255
OPTIONS, OPTION_VALUE = 5, 150
CHILDREN, TITLE = 10, 150
ROWS, COLUMNS, TABLE_TEXT = 100, 20, 10_000
BLOCK_TYPES = frozenset({"section", "context", "actions", "divider", "header", "container", "table"})
"""The blocks that our messages are made of. A workspace that does not take the last two gets the others in place of them
(`handlers.views.flat`)."""
CHILD_TYPES = BLOCK_TYPES - {"container"}
"""What a container holds, by its reference and by what Slack's validator takes:
https://docs.slack.dev/reference/block-kit/blocks/container-block"""

Payload = Mapping[str, Any]


class LintError(ValueError):
    """A message that Slack would refuse, or that would not read as it should."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def lint_message(payload: Payload) -> None:
    """Check the arguments of `chat.postMessage` (or of a response_url).

    Raises:
        LintError: names everything that is wrong.
    """
    problems = tuple(_problems(payload))
    if problems:
        raise LintError(problems)


def _problems(payload: Payload) -> Iterator[str]:
    yield from _length("the fallback text", payload.get("text"), TEXT)
    blocks = payload.get("blocks") or ()
    if len(blocks) > BLOCKS:
        yield f"{len(blocks)} blocks, and a message has at most {BLOCKS}"
    seen = _Seen([], [], [])
    for place, block in enumerate(blocks):
        yield from _block(f"block {place} ({block.get('type')})", block, seen, BLOCK_TYPES)
    for name, ids in (("action_id", seen.action_ids), ("block_id", seen.block_ids)):
        for value in sorted({item for item in ids if ids.count(item) > 1}):
            yield f"{name} {value} stands there twice"
    if len(seen.tables) > 1:
        yield f"{len(seen.tables)} tables, and a message has at most one"


@dataclass(frozen=True)
class _Seen:
    """What a message may hold once only."""

    action_ids: list[str]
    block_ids: list[str]
    tables: list[str]


def _block(where: str, block: Payload, seen: _Seen, allowed: frozenset[str]) -> Iterator[str]:
    kind = block.get("type")
    if kind not in allowed:
        yield f"{where}: not one of the blocks that are used here"
    if "block_id" in block:
        seen.block_ids.append(block["block_id"])
        yield from _length(f"{where}: block_id", block["block_id"], ID)
    if kind == "section":
        fields = block.get("fields") or ()
        if "text" not in block and not fields:
            yield f"{where}: neither text nor fields"
        if "text" in block:
            yield from _text(f"{where}: text", block["text"], SECTION)
        if len(fields) > FIELDS:
            yield f"{where}: {len(fields)} fields, and a section has at most {FIELDS}"
        for field in fields:
            yield from _text(f"{where}: field", field, FIELD)
        if "accessory" in block:
            yield from _element(f"{where}: accessory", block["accessory"], seen.action_ids)
    elif kind == "header":
        if (block.get("text") or {}).get("type") != "plain_text":
            yield f"{where}: a header takes plain text"
        yield from _text(f"{where}: text", block.get("text") or {}, HEADER)
    elif kind in ("context", "actions"):
        elements = block.get("elements") or ()
        most = CONTEXT if kind == "context" else ACTIONS
        if not elements:
            yield f"{where}: no elements"
        if len(elements) > most:
            yield f"{where}: {len(elements)} elements, and it has at most {most}"
        for element in elements:
            if kind == "context":
                yield from _text(f"{where}: element", element, CONTEXT_TEXT)
            else:
                yield from _element(f"{where}: element", element, seen.action_ids)
    elif kind == "container":
        yield from _container(where, block, seen)
    elif kind == "table":
        seen.tables.append(where)
        yield from _table(where, block)


def _container(where: str, block: Payload, seen: _Seen) -> Iterator[str]:
    if (block.get("title") or {}).get("type") != "plain_text":
        yield f"{where}: a container's title is plain text"
    yield from _text(f"{where}: title", block.get("title") or {}, TITLE)
    if block.get("default_collapsed") and not block.get("is_collapsible"):
        yield f"{where}: closed, and cannot be opened"
    children = block.get("child_blocks") or ()
    if not children:
        yield f"{where}: no blocks"
    if len(children) > CHILDREN:
        yield f"{where}: {len(children)} blocks, and a container has at most {CHILDREN}"
    for place, child in enumerate(children):
        yield from _block(f"{where}: block {place} ({child.get('type')})", child, seen, CHILD_TYPES)


def _table(where: str, block: Payload) -> Iterator[str]:
    rows = block.get("rows") or ()
    if not rows:
        yield f"{where}: no rows"
    if len(rows) > ROWS:
        yield f"{where}: {len(rows)} rows, and a table has at most {ROWS}"
    for row in rows:
        if len(row) > COLUMNS:
            yield f"{where}: {len(row)} cells in a row, and it has at most {COLUMNS}"
        for cell in row:
            if cell.get("type") != "raw_text":
                yield f"{where}: only plain cells are used here"
            yield from _length(f"{where}: cell", cell.get("text"), TABLE_TEXT)
    length = sum(units(str(cell.get("text"))) for row in rows for cell in row)
    if length > TABLE_TEXT:
        yield f"{where}: {length} characters, and a table has at most {TABLE_TEXT}"


def _element(where: str, element: Payload, action_ids: list[str]) -> Iterator[str]:
    yield from _length(f"{where}: action_id", element.get("action_id"), ID)
    action_ids.append(str(element.get("action_id")))
    if element.get("type") == "overflow":
        yield from _menu(where, element)
    elif element.get("type") == "button":
        yield from _button(where, element)
    else:
        yield f"{where}: only buttons and menus are used here"


def _menu(where: str, element: Payload) -> Iterator[str]:
    options = element.get("options") or ()
    if not 1 <= len(options) <= OPTIONS:
        yield f"{where}: {len(options)} options, and a menu has 1 to {OPTIONS}"
    for option in options:
        if (option.get("text") or {}).get("type") != "plain_text":
            yield f"{where}: an option's label is plain text"
        yield from _text(f"{where}: option", option.get("text") or {}, BUTTON_TEXT)
        yield from _length(f"{where}: option's value", option.get("value"), OPTION_VALUE)


def _button(where: str, element: Payload) -> Iterator[str]:
    label = element.get("text") or {}
    if label.get("type") != "plain_text":
        yield f"{where}: a button's label is plain text"
    yield from _text(f"{where}: label", label, BUTTON_TEXT)
    if "value" in element:
        yield from _length(f"{where}: value", element["value"], BUTTON_VALUE)
    if "accessibility_label" in element:
        said = str(element["accessibility_label"])
        yield from _length(f"{where}: accessibility_label", said, BUTTON_LABEL)
        if not said.startswith(str(label.get("text"))):
            # https://www.w3.org/TR/WCAG22/#label-in-name
            yield f"{where}: accessibility_label does not begin with the label"
    if "url" in element:
        yield from _length(f"{where}: url", element["url"], BUTTON_URL)
        if not str(element["url"]).startswith("https://"):
            yield f"{where}: the url is not an https address"
    if element.get("style") not in (None, "primary", "danger"):
        yield f"{where}: there is no style {element['style']}"


def _text(where: str, value: Payload, limit: int) -> Iterator[str]:
    if value.get("type") not in ("mrkdwn", "plain_text"):
        yield f"{where}: not a text object"
        return
    if value["type"] == "mrkdwn" and value.get("verbatim") is not True:
        yield f"{where}: not verbatim, so Slack would make links of what looks like one"
    yield from _length(where, value.get("text"), limit)


def _length(where: str, value: Any, limit: int) -> Iterator[str]:
    if not isinstance(value, str) or not value.strip():
        yield f"{where} is empty"
    elif units(value) > limit:
        yield f"{where} has {units(value)} characters, and Slack takes {limit}"
