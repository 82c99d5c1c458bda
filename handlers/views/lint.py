"""Slack's limits on a message, checked before it leaves: Slack refuses the whole message for one field that is too long.

slack_sdk checks some of these limits and only for its own objects; this looks at what is really sent.
Slack: https://docs.slack.dev/reference/block-kit/blocks/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
BLOCK_TYPES = frozenset({"section", "context", "actions", "divider", "header"})
"""The blocks that our messages are made of; every Slack client draws them."""

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
    action_ids: list[str] = []
    block_ids: list[str] = []
    for place, block in enumerate(blocks):
        where = f"block {place} ({block.get('type')})"
        if block.get("type") not in BLOCK_TYPES:
            yield f"{where}: not one of the blocks that are used here"
        if "block_id" in block:
            block_ids.append(block["block_id"])
            yield from _length(f"{where}: block_id", block["block_id"], ID)
        yield from _block(where, block, action_ids)
    for name, ids in (("action_id", action_ids), ("block_id", block_ids)):
        for value in sorted({item for item in ids if ids.count(item) > 1}):
            yield f"{name} {value} stands there twice"


def _block(where: str, block: Payload, action_ids: list[str]) -> Iterator[str]:
    kind = block.get("type")
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
            yield from _button(f"{where}: accessory", block["accessory"], action_ids)
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
                yield from _button(f"{where}: element", element, action_ids)


def _button(where: str, element: Payload, action_ids: list[str]) -> Iterator[str]:
    if element.get("type") != "button":
        yield f"{where}: only buttons are used here"
        return
    label = element.get("text") or {}
    if label.get("type") != "plain_text":
        yield f"{where}: a button's label is plain text"
    yield from _text(f"{where}: label", label, BUTTON_TEXT)
    yield from _length(f"{where}: action_id", element.get("action_id"), ID)
    action_ids.append(str(element.get("action_id")))
    if "value" in element:
        yield from _length(f"{where}: value", element["value"], BUTTON_VALUE)
    if "accessibility_label" in element:
        yield from _length(f"{where}: accessibility_label", element["accessibility_label"], BUTTON_LABEL)
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
