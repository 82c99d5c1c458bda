"""Judges the blocks of a message as Slack does, with Slack's limits and the place of each fault.

Slack: Block Kit reference, https://docs.slack.dev/reference/block-kit/blocks
The limits are written out here on purpose: this module shares nothing with the code it is to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ACTION_ELEMENTS = 25
CONTEXT_ELEMENTS = 10
SECTION_FIELDS = 10
TABLE_ROWS = 100
TABLE_COLUMNS = 20
CONTAINER_BLOCKS = 10
IDENTIFIER = 255
SECTION_TEXT = 3000
FIELD_TEXT = 2000
HEADER_TEXT = 150
CONTEXT_TEXT = 2000
MARKDOWN_TEXT = 12_000
TABLE_TEXT = 10_000
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
URL = 3000
ALT_TEXT = 2000
ACCESSIBILITY_LABEL = 75

_SELECTS = frozenset(
    {
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
    }
)
_INTERACTIVE = _SELECTS | {
    "button",
    "checkboxes",
    "datepicker",
    "datetimepicker",
    "overflow",
    "radio_buttons",
    "timepicker",
    "workflow_button",
}
_INPUTS = (_INTERACTIVE - {"button", "overflow", "workflow_button"}) | {
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
}
# What both the reference of the container block and Slack's validator allow in one.
_CHILDREN = frozenset({"actions", "context", "divider", "header", "image", "section", "table", "video"})
_RICH_TEXT = frozenset({"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"})
# Each inline element of rich text and the field that it cannot do without.
_RICH_TEXT_INLINE = {
    "text": "text",
    "link": "url",
    "emoji": "name",
    "user": "user_id",
    "usergroup": "usergroup_id",
    "channel": "channel_id",
    "broadcast": "range",
    "color": "value",
    "date": "timestamp",
}


def lint_blocks(
    blocks: object, *, view: bool = False, refused: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The reasons for which Slack would refuse these blocks, each with its JSON pointer; empty when none.

    `view` judges the blocks of a modal or an App Home instead of a message; `refused` are kinds of blocks that this workspace
    does not know.
    """
    linter = _Linter(refused | {"markdown", "table"} if view else refused)
    linter.blocks(blocks, "/blocks", VIEW_BLOCKS if view else MESSAGE_BLOCKS)
    if linter.markdown > MARKDOWN_TEXT:
        linter.fault(
            f"markdown blocks must hold less than {MARKDOWN_TEXT + 1} characters together", "/blocks"
        )
    if linter.tables > 1:
        linter.fault("only_one_table_allowed", "/blocks")
    return tuple(linter.faults)


class _Linter:
    def __init__(self, refused: frozenset[str]) -> None:
        self.refused = refused
        self.faults: list[str] = []
        self.block_ids: set[str] = set()
        self.markdown = 0
        self.tables = 0
        self._kinds: dict[str, Callable[[Mapping[str, Any], str], None]] = {
            "actions": self.actions,
            "container": self.container,
            "context": self.context,
            "context_actions": self.context_actions,
            "divider": lambda block, at: None,
            "header": self.header,
            "image": self.image,
            "input": self.input,
            "markdown": self.markdown_block,
            "rich_text": self.rich_text,
            "section": self.section,
            "table": self.table,
        }

    def fault(self, what: str, at: str) -> None:
        self.faults.append(f"[ERROR] {what} [json-pointer:{at}]")

    # Values

    def string(self, holder: Mapping[str, Any], key: str, at: str, limit: int, *, required: bool) -> str:
        """The text under a key, judged for presence, emptiness and length; empty when it is missing."""
        value = holder.get(key)
        if value is None:
            if required:
                self.fault(f"missing required field: {key}", at)
            return ""
        if not isinstance(value, str):
            self.fault("must be a string", f"{at}/{key}")
            return ""
        if not value.strip():
            self.fault("must be more than 0 characters", f"{at}/{key}")
        if _units(value) > limit:
            self.fault(f"must be less than {limit + 1} characters", f"{at}/{key}")
        return value

    def text(self, value: object, at: str, limit: int, *, plain: bool = False) -> None:
        """A text object: `plain_text` or, unless `plain`, `mrkdwn`."""
        if not isinstance(value, Mapping):
            self.fault("must provide an object", at)
            return
        kind = value.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        if kind == "mrkdwn" and "emoji" in value:
            self.fault("emoji is for plain_text only", f"{at}/emoji")
        if kind == "plain_text" and "verbatim" in value:
            self.fault("verbatim is for mrkdwn only", f"{at}/verbatim")
        self.string(value, "text", at, limit, required=True)

    def url(self, holder: Mapping[str, Any], key: str, at: str, *, required: bool) -> None:
        value = self.string(holder, key, at, URL, required=required)
        if value and not value.startswith(("https://", "http://")):
            self.fault("must be a valid URL", f"{at}/{key}")

    def items(self, holder: Mapping[str, Any], key: str, at: str, limit: int) -> Sequence[Any]:
        """A list with at least one item and at most `limit`."""
        value = holder.get(key)
        if not isinstance(value, list):
            self.fault(f"missing required field: {key}", at)
            return ()
        if not value:
            self.fault("no less than 1 items are allowed", f"{at}/{key}")
        if len(value) > limit:
            self.fault(f"no more than {limit} items are allowed", f"{at}/{key}")
        return value

    # Blocks

    def blocks(self, blocks: object, at: str, limit: int) -> None:
        if not isinstance(blocks, list):
            self.fault("must be an array", at)
            return
        if len(blocks) > limit:
            self.fault(f"no more than {limit} items are allowed", at)
        for number, block in enumerate(blocks):
            self.block(block, f"{at}/{number}")

    def block(self, block: object, at: str) -> None:
        if not isinstance(block, Mapping):
            self.fault("must provide an object", at)
            return
        judge = self._kinds.get(str(block.get("type")))
        if judge is None or block["type"] in self.refused:
            self.fault(f"unsupported type: {block.get('type')}", f"{at}/type")
            return
        identifier = self.string(block, "block_id", at, IDENTIFIER, required=False)
        if identifier in self.block_ids:
            self.fault(f"block_id already exists: {identifier}", f"{at}/block_id")
        if identifier:
            self.block_ids.add(identifier)
        judge(block, at)

    def section(self, block: Mapping[str, Any], at: str) -> None:
        if "text" not in block and "fields" not in block:
            self.fault("missing required field: text or fields", at)
        if "text" in block:
            self.text(block["text"], f"{at}/text", SECTION_TEXT)
        if "fields" in block:
            for number, field in enumerate(self.items(block, "fields", at, SECTION_FIELDS)):
                self.text(field, f"{at}/fields/{number}", FIELD_TEXT)
        if "accessory" in block:
            self.elements([block["accessory"]], f"{at}/accessory", _INTERACTIVE | {"image"}, single=True)

    def header(self, block: Mapping[str, Any], at: str) -> None:
        self.text(block.get("text"), f"{at}/text", HEADER_TEXT, plain=True)

    def actions(self, block: Mapping[str, Any], at: str) -> None:
        self.elements(self.items(block, "elements", at, ACTION_ELEMENTS), f"{at}/elements", _INTERACTIVE)

    def context(self, block: Mapping[str, Any], at: str) -> None:
        for number, element in enumerate(self.items(block, "elements", at, CONTEXT_ELEMENTS)):
            place = f"{at}/elements/{number}"
            if isinstance(element, Mapping) and element.get("type") == "image":
                self.image(element, place)
            else:
                self.text(element, place, CONTEXT_TEXT)

    def context_actions(self, block: Mapping[str, Any], at: str) -> None:
        self.elements(
            self.items(block, "elements", at, 5),
            f"{at}/elements",
            frozenset({"feedback_buttons", "icon_button"}),
        )

    def image(self, block: Mapping[str, Any], at: str) -> None:
        if "slack_file" not in block:
            self.url(block, "image_url", at, required=True)
        self.string(block, "alt_text", at, ALT_TEXT, required=True)
        if "title" in block:
            self.text(block["title"], f"{at}/title", 2000, plain=True)

    def input(self, block: Mapping[str, Any], at: str) -> None:
        self.text(block.get("label"), f"{at}/label", 2000, plain=True)
        self.elements([block.get("element")], f"{at}/element", _INPUTS, single=True)

    def markdown_block(self, block: Mapping[str, Any], at: str) -> None:
        self.markdown += len(self.string(block, "text", at, MARKDOWN_TEXT, required=True))

    def container(self, block: Mapping[str, Any], at: str) -> None:
        self.text(block.get("title"), f"{at}/title", 150, plain=True)
        if block.get("default_collapsed") and not block.get("is_collapsible"):
            self.fault("default_collapsed requires is_collapsible", at)
        if block.get("is_collapsible") and block.get("has_header_divider"):
            self.fault("has_header_divider is not allowed with is_collapsible", at)
        for number, child in enumerate(self.items(block, "child_blocks", at, CONTAINER_BLOCKS)):
            if isinstance(child, Mapping) and child.get("type") not in _CHILDREN:
                self.fault(f"unsupported type: {child.get('type')}", f"{at}/child_blocks/{number}/type")
            self.block(child, f"{at}/child_blocks/{number}")

    def table(self, block: Mapping[str, Any], at: str) -> None:
        self.tables += 1
        characters = 0
        for row_number, row in enumerate(self.items(block, "rows", at, TABLE_ROWS)):
            place = f"{at}/rows/{row_number}"
            if not isinstance(row, list) or not row:
                self.fault("must be an array of cells", place)
                continue
            if len(row) > TABLE_COLUMNS:
                self.fault(f"no more than {TABLE_COLUMNS} items are allowed", place)
            for number, cell in enumerate(row):
                characters += self.cell(cell, f"{place}/{number}")
        if characters > TABLE_TEXT:
            self.fault(f"must be less than {TABLE_TEXT + 1} characters", at)
        if len(block.get("column_settings") or ()) > TABLE_COLUMNS:
            self.fault(f"no more than {TABLE_COLUMNS} items are allowed", f"{at}/column_settings")

    def cell(self, cell: object, at: str) -> int:
        if not isinstance(cell, Mapping):
            self.fault("must provide an object", at)
            return 0
        if cell.get("type") == "raw_text":
            return len(self.string(cell, "text", at, TABLE_TEXT, required=True))
        if cell.get("type") == "rich_text":
            self.rich_text(cell, at)
            return _text_length(cell)
        self.fault(f"unsupported type: {cell.get('type')}", f"{at}/type")
        return 0

    # Rich text

    def rich_text(self, block: Mapping[str, Any], at: str) -> None:
        for number, element in enumerate(self.items(block, "elements", at, 1000)):
            self.rich_text_part(element, f"{at}/elements/{number}", _RICH_TEXT)

    def rich_text_part(self, element: object, at: str, allowed: frozenset[str]) -> None:
        if not isinstance(element, Mapping) or element.get("type") not in allowed:
            kind = element.get("type") if isinstance(element, Mapping) else None
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        if element["type"] == "rich_text_list":
            if element.get("style") not in {"bullet", "ordered"}:
                self.fault("must be bullet or ordered", f"{at}/style")
            for number, item in enumerate(self.items(element, "elements", at, 1000)):
                self.rich_text_part(item, f"{at}/elements/{number}", frozenset({"rich_text_section"}))
            return
        for number, item in enumerate(self.items(element, "elements", at, 1000)):
            self.inline(item, f"{at}/elements/{number}")

    def inline(self, item: object, at: str) -> None:
        kind = item.get("type") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or kind not in _RICH_TEXT_INLINE:
            self.fault(f"unsupported type: {kind}", f"{at}/type")
            return
        needed = _RICH_TEXT_INLINE[kind]
        if item.get(needed) in (None, ""):
            self.fault(f"missing required field: {needed}", at)
        if kind == "link":
            self.url(item, "url", at, required=False)

    # Elements

    def elements(
        self, elements: Sequence[Any], at: str, allowed: frozenset[str], *, single: bool = False
    ) -> None:
        """Interactive elements of one block; an action_id may stand in a block only once."""
        seen: set[str] = set()
        for number, element in enumerate(elements):
            place = at if single else f"{at}/{number}"
            kind = element.get("type") if isinstance(element, Mapping) else None
            if kind not in allowed:
                self.fault(f"unsupported type: {kind}", f"{place}/type")
                continue
            if kind == "image":
                self.image(element, place)
                continue
            identifier = self.string(element, "action_id", place, IDENTIFIER, required=False)
            if identifier in seen:
                self.fault(f"action_id already exists: {identifier}", f"{place}/action_id")
            if identifier:
                seen.add(identifier)
            if kind == "button":
                self.button(element, place)
            elif "placeholder" in element:
                self.text(element["placeholder"], f"{place}/placeholder", 150, plain=True)
            if kind in {"overflow", "static_select", "multi_static_select", "checkboxes", "radio_buttons"}:
                self.options(element, place)

    def button(self, element: Mapping[str, Any], at: str) -> None:
        self.text(element.get("text"), f"{at}/text", BUTTON_TEXT, plain=True)
        if "value" in element:
            self.string(element, "value", at, BUTTON_VALUE, required=False)
        if "url" in element:
            self.url(element, "url", at, required=False)
        if element.get("style") not in {None, "primary", "danger"}:
            self.fault("must be primary or danger", f"{at}/style")
        self.string(element, "accessibility_label", at, ACCESSIBILITY_LABEL, required=False)
        if "confirm" in element:
            self.confirm(element["confirm"], f"{at}/confirm")

    def confirm(self, dialog: object, at: str) -> None:
        if not isinstance(dialog, Mapping):
            self.fault("must provide an object", at)
            return
        self.text(dialog.get("title"), f"{at}/title", 100, plain=True)
        self.text(dialog.get("text"), f"{at}/text", 300)
        self.text(dialog.get("confirm"), f"{at}/confirm", 30, plain=True)
        self.text(dialog.get("deny"), f"{at}/deny", 30, plain=True)

    def options(self, element: Mapping[str, Any], at: str) -> None:
        limit = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(str(element.get("type")), 100)
        if "option_groups" in element and "options" not in element:
            return
        for number, option in enumerate(self.items(element, "options", at, limit)):
            place = f"{at}/options/{number}"
            if not isinstance(option, Mapping):
                self.fault("must provide an object", place)
                continue
            self.text(option.get("text"), f"{place}/text", BUTTON_TEXT)
            self.string(option, "value", place, 150, required=True)


def _units(text: str) -> int:
    """The length in UTF-16 units, the strictest way to count characters outside of the basic plane."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text_length(value: object) -> int:
    if isinstance(value, Mapping):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(
            _text_length(inner) for inner in value.get("elements", ())
        )
    return 0
