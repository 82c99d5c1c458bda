"""Each of Slack's limits is noticed, and a message at its limits is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handlers.views.lint import LintError, lint_message
from tests.rows import every_row

Payload = dict[str, Any]


def mrkdwn(text: str) -> Payload:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Payload:
    return {"type": "plain_text", "text": text, "emoji": False}


def message() -> Payload:
    """A message in which everything is as large as it may be."""
    button = {
        "type": "button",
        "text": plain("x" * 75),
        "action_id": "a" * 255,
        "value": "v" * 2000,
        "accessibility_label": "x" * 75,
    }
    link = {"type": "button", "text": plain("x"), "action_id": "b", "url": "https://" + "u" * 2992}
    return {
        "text": "t" * 4000,
        "blocks": [
            {"type": "section", "text": mrkdwn("x" * 3000), "block_id": "i" * 255},
            {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
            {"type": "header", "text": plain("x" * 150)},
            {"type": "context", "elements": [mrkdwn("x" * 2000)] * 10},
            {"type": "actions", "elements": [button, link]},
            {
                "type": "container",
                "title": plain("x" * 150),
                "is_collapsible": True,
                "default_collapsed": True,
                "child_blocks": [
                    {"type": "table", "rows": [[{"type": "raw_text", "text": "xxxxx"}] * 20] * 100},
                    *({"type": "section", "text": mrkdwn("x" * 3000)} for _ in range(9)),
                ],
            },
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "overflow",
                        "action_id": "c",
                        "options": [{"text": plain("x" * 75), "value": "v" * 150}] * 5,
                    }
                ],
            },
            *({"type": "divider"} for _ in range(43)),
        ],
    }


def test_a_message_at_its_limits_passes() -> None:
    lint_message(message())


def put(*path: Any, value: Any) -> Callable[[Payload], None]:
    def edit(payload: Payload) -> None:
        target: Any = payload
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return edit


def drop(*path: Any) -> Callable[[Payload], None]:
    def edit(payload: Payload) -> None:
        target: Any = payload
        for key in path[:-1]:
            target = target[key]
        del target[path[-1]]

    return edit


def twice_the_same_action(payload: Payload) -> None:
    payload["blocks"][4]["elements"][1]["action_id"] = payload["blocks"][4]["elements"][0]["action_id"]


@every_row(
    ("edit", "says"),
    [
        (drop("text"), "the fallback text is empty"),
        (put("text", value="  "), "the fallback text is empty"),
        (put("text", value="t" * 4001), "the fallback text has 4001"),
        (lambda m: m["blocks"].append({"type": "divider"}), "51 blocks"),
        (put("blocks", 0, "text", "text", value="x" * 3001), "has 3001"),
        (put("blocks", 0, "text", "text", value="😀" * 1501), "has 3002"),
        (put("blocks", 0, "text", "text", value=""), "text is empty"),
        (put("blocks", 0, "text", "verbatim", value=False), "not verbatim"),
        (put("blocks", 0, "text", "type", value="markdown"), "not a text object"),
        (put("blocks", 0, "block_id", value="i" * 256), "block_id has 256"),
        (drop("blocks", 0, "text"), "neither text nor fields"),
        (lambda m: m["blocks"][1]["fields"].append(mrkdwn("x")), "11 fields"),
        (put("blocks", 1, "fields", 0, value=mrkdwn("x" * 2001)), "field has 2001"),
        (put("blocks", 1, "fields", 0, value=mrkdwn("")), "field is empty"),
        (put("blocks", 2, "text", "text", value="x" * 151), "has 151"),
        (put("blocks", 2, "text", value=mrkdwn("x")), "a header takes plain text"),
        (lambda m: m["blocks"][3]["elements"].append(mrkdwn("x")), "11 elements"),
        (put("blocks", 3, "elements", value=[]), "no elements"),
        (put("blocks", 3, "elements", 0, value=mrkdwn("x" * 2001)), "element has 2001"),
        (lambda m: m["blocks"][4]["elements"].extend([{}] * 24), "26 elements"),
        (put("blocks", 4, "elements", 0, "text", "text", value="x" * 76), "label has 76"),
        (put("blocks", 4, "elements", 0, "value", value="v" * 2001), "value has 2001"),
        (put("blocks", 4, "elements", 0, "value", value=""), "value is empty"),
        (put("blocks", 4, "elements", 0, "action_id", value="a" * 256), "action_id has 256"),
        (drop("blocks", 4, "elements", 0, "action_id"), "action_id is empty"),
        (
            put("blocks", 4, "elements", 0, "accessibility_label", value="x" * 76),
            "accessibility_label has 76",
        ),
        (put("blocks", 4, "elements", 0, "style", value="green"), "no style green"),
        (put("blocks", 4, "elements", 0, "type", value="static_select"), "only buttons"),
        (put("blocks", 4, "elements", 1, "accessibility_label", value="y"), "does not begin with the label"),
        (put("blocks", 5, "title", "text", value="x" * 151), "title has 151"),
        (put("blocks", 5, "title", value=mrkdwn("x")), "title is plain text"),
        (put("blocks", 5, "is_collapsible", value=False), "closed, and cannot be opened"),
        (put("blocks", 5, "child_blocks", value=[]), "no blocks"),
        (lambda m: m["blocks"][5]["child_blocks"].append({"type": "divider"}), "11 blocks"),
        (put("blocks", 5, "child_blocks", 1, value={"type": "container"}), "not one of the blocks"),
        (put("blocks", 5, "child_blocks", 1, "text", "text", value="x" * 3001), "has 3001"),
        (put("blocks", 5, "child_blocks", 1, "block_id", value="i" * 255), "stands there twice"),
        (put("blocks", 5, "child_blocks", 0, "rows", value=[]), "no rows"),
        (lambda m: m["blocks"][5]["child_blocks"][0]["rows"].append([]), "101 rows"),
        (
            put("blocks", 5, "child_blocks", 0, "rows", 0, value=[{"type": "raw_text", "text": "x"}] * 21),
            "21 cells",
        ),
        (put("blocks", 5, "child_blocks", 0, "rows", 0, 0, "text", value=""), "cell is empty"),
        (put("blocks", 5, "child_blocks", 0, "rows", 0, 0, "type", value="rich_text"), "only plain cells"),
        (
            put(
                "blocks", 5, "child_blocks", 0, "rows", 0, value=[{"type": "raw_text", "text": "xxxxxx"}] * 20
            ),
            "a table has at most 10000",
        ),
        (
            put("blocks", 7, value={"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
            "2 tables",
        ),
        (put("blocks", 6, "elements", 0, "options", value=[]), "0 options"),
        (
            lambda m: m["blocks"][6]["elements"][0]["options"].append({"text": plain("x"), "value": "v"}),
            "6 options",
        ),
        (put("blocks", 6, "elements", 0, "options", 0, "value", value="v" * 151), "value has 151"),
        (put("blocks", 6, "elements", 0, "options", 0, "text", "text", value="x" * 76), "option has 76"),
        (put("blocks", 6, "elements", 0, "options", 0, "text", value=mrkdwn("x")), "label is plain text"),
        (put("blocks", 4, "elements", 1, "url", value="https://" + "u" * 2993), "url has 3001"),
        (put("blocks", 4, "elements", 1, "url", value="http://console"), "not an https address"),
        (twice_the_same_action, "stands there twice"),
        (put("blocks", 7, value={"type": "markdown"}), "not one of the blocks"),
        (
            lambda m: [m["blocks"][place].update(block_id="same") for place in (7, 8)],
            "block_id same stands there twice",
        ),
    ],
)
def test_each_limit_is_noticed(edit: Callable[[Payload], Any], says: str) -> None:
    payload = copy.deepcopy(message())
    edit(payload)

    with pytest.raises(LintError) as caught:
        lint_message(payload)

    assert says in str(caught.value)
