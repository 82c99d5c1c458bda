"""Slack's limits, each at its edge and one beyond."""

from __future__ import annotations

from typing import Any

import pytest

from demo.slack.lint import lint_blocks
from tests.local_slack.conftest import BUTTONS, button, section
from tests.rows import every_row

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def fields(*texts: str) -> Block:
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def context(*elements: Block) -> Block:
    return {"type": "context", "elements": list(elements)}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def table(rows: int, columns: int = 1, text: str = "x") -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def rich(*inline: Block, part: str = "rich_text_section") -> Block:
    return {"type": "rich_text", "elements": [{"type": part, "elements": list(inline)}]}


def container(*children: Block, **more: Any) -> Block:
    return {"type": "container", "title": plain("raw"), "child_blocks": list(children), **more}


def image(**more: Any) -> Block:
    return {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "a diagram", **more}


TEXT = {"type": "text", "text": "a"}

GOOD: dict[str, list[Block]] = {
    "50 blocks": [section("x")] * 50,
    "section text of 3000": [section("x" * 3000)],
    "header of 150": [header("x" * 150)],
    "10 fields of 2000": [fields(*["x" * 2000] * 10)],
    "10 context elements": [context(*[mrkdwn("x" * 2000)] * 9, image())],
    "25 buttons": [actions(*[button("x" * 75, f"a{n}", value="v" * 2000) for n in range(25)])],
    "ids of 255": [{**actions(button("x", "a" * 255)), "block_id": "b" * 255}],
    "the same action in two blocks": [BUTTONS, BUTTONS],
    "url of 3000": [actions(button("x", "a", url="https://" + "x" * 2992))],
    "button beside a section": [{**section("x"), "accessory": button("x", "a")}],
    "table of 100 rows": [table(100)],
    "table of 20 columns": [table(1, 20)],
    "rich text": [
        rich(TEXT, {"type": "link", "url": "https://example.com"}),
        rich(TEXT, part="rich_text_quote"),
    ],
    "rich text list": [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": [TEXT]}],
                }
            ],
        }
    ],
    "markdown of 12000": [{"type": "markdown", "text": "x" * 12_000}],
    "container of 10": [container(*[section("x")] * 10)],
    "divider and image": [{"type": "divider"}, image()],
}

# what is wrong, the blocks, what the reason says, where
BAD: list[tuple[str, list[Any], str, str]] = [
    ("51 blocks", [section("x")] * 51, "no more than 50 items", "/blocks"),
    ("an unknown type", [{"type": "data_table"}], "unsupported type: data_table", "/blocks/0/type"),
    ("alert is for modals", [{"type": "alert", "text": plain("x")}], "unsupported type: alert", "/blocks/0/type"),
    ("not an object", ["x"], "must provide an object", "/blocks/0"),
    ("section text of 3001", [section("x" * 3001)], "less than 3001", "/blocks/0/text/text"),
    ("empty section text", [section("")], "more than 0", "/blocks/0/text/text"),
    ("blank section text", [section(" \n")], "more than 0", "/blocks/0/text/text"),
    ("section without text", [{"type": "section"}], "missing required field", "/blocks/0"),
    ("text as a string", [{"type": "section", "text": "x"}], "must provide an object", "/blocks/0/text"),
    ("header of 151", [header("x" * 151)], "less than 151", "/blocks/0/text/text"),
    ("mrkdwn in a header", [{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn", "/blocks/0/text/type"),
    ("11 fields", [fields(*["x"] * 11)], "no more than 10 items", "/blocks/0/fields"),
    ("field of 2001", [fields("x", "y" * 2001)], "less than 2001", "/blocks/0/fields/1/text"),
    ("11 context elements", [context(*[mrkdwn("x")] * 11)], "no more than 10 items", "/blocks/0/elements"),
    ("empty context", [context()], "no less than 1 items", "/blocks/0/elements"),
    ("context text of 2001", [context(mrkdwn("x" * 2001))], "less than 2001", "/blocks/0/elements/0/text"),
    ("button in a context", [context(button("x", "a"))], "unsupported type: button", "/blocks/0/elements/0/type"),
    ("26 buttons", [actions(*[button("x", f"a{n}") for n in range(26)])], "no more than 25", "/blocks/0/elements"),
    ("empty actions", [actions()], "no less than 1 items", "/blocks/0/elements"),
    ("button text of 76", [actions(button("x" * 76, "a"))], "less than 76", "/blocks/0/elements/0/text/text"),
    ("mrkdwn on a button", [actions({"type": "button", "text": mrkdwn("x")})], "mrkdwn", "/blocks/0/elements/0/text/type"),
    ("value of 2001", [actions(button("x", "a", value="v" * 2001))], "less than 2001", "/blocks/0/elements/0/value"),
    ("url of 3001", [actions(button("x", "a", url="https://" + "x" * 2993))], "less than 3001", "/blocks/0/elements/0/url"),
    ("url of a script", [actions(button("x", "a", url="javascript:alert(1)"))], "valid URL", "/blocks/0/elements/0/url"),
    ("action_id of 256", [actions(button("x", "a" * 256))], "less than 256", "/blocks/0/elements/0/action_id"),
    ("block_id of 256", [{**section("x"), "block_id": "b" * 256}], "less than 256", "/blocks/0/block_id"),
    ("block_id twice", [{**section("x"), "block_id": "b"}] * 2, "block_id already exists", "/blocks/1/block_id"),
    ("action_id twice", [actions(button("x", "a"), button("y", "a"))], "action_id already exists", "/blocks/0/elements/1/action_id"),
    ("unknown style", [actions(button("x", "a", style="green"))], "primary or danger", "/blocks/0/elements/0/style"),
    ("unknown element", [actions({"type": "blinker"})], "unsupported type: blinker", "/blocks/0/elements/0/type"),
    ("two tables", [table(1), table(1)], "only_one_table_allowed", "/blocks"),
    ("a second table inside", [table(1), container(table(1))], "only_one_table_allowed", "/blocks"),
    ("table of 101 rows", [table(101)], "no more than 100 items", "/blocks/0/rows"),
    ("table of 21 columns", [table(1, 21)], "no more than 20 items", "/blocks/0/rows/0"),
    ("empty cell", [table(1, 1, "")], "more than 0", "/blocks/0/rows/0/0/text"),
    ("long table", [table(100, 1, "x" * 101)], "less than 10001", "/blocks/0"),
    ("empty rich text", [{"type": "rich_text", "elements": []}], "no less than 1", "/blocks/0/elements"),
    ("empty text in rich text", [rich({"type": "text", "text": ""})], "missing required field: text", "/blocks/0/elements/0/elements/0"),
    ("unknown inline", [rich({"type": "blink"})], "unsupported type: blink", "/blocks/0/elements/0/elements/0/type"),
    ("markdown of 12001 in two blocks", [{"type": "markdown", "text": "x" * 6001}] * 2, "less than 12001", "/blocks"),
    ("container of 11", [container(*[section("x")] * 11)], "no more than 10", "/blocks/0/child_blocks"),
    ("collapsible with a line", [container(section("x"), is_collapsible=True, has_header_divider=True)], "has_header_divider", "/blocks/0"),
    ("image without alt text", [{"type": "image", "image_url": "https://example.com/i.png"}], "alt_text", "/blocks/0"),
]  # fmt: skip


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_what_slack_takes(blocks: list[Block]) -> None:
    assert lint_blocks(blocks) == ()


@every_row(("name", "blocks", "reason", "place"), BAD, ids=[case[0] for case in BAD])
def test_what_slack_refuses(name: str, blocks: list[Any], reason: str, place: str) -> None:
    (fault,) = lint_blocks(blocks)
    assert reason in fault
    assert f"[json-pointer:{place}]" in fault


def test_a_view_holds_twice_as_many_blocks() -> None:
    assert lint_blocks([section("x")] * 100, view=True) == ()
    assert lint_blocks([section("x")] * 101, view=True)


def test_blocks_are_a_list() -> None:
    assert "must be an array" in lint_blocks({"type": "section"})[0]
