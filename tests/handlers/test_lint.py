"""Each of Slack's limits is noticed, and a message at its limits is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from handlers.views.lint import LintError, lint_message

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
        "accessibility_label": "l" * 75,
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
            *({"type": "divider"} for _ in range(45)),
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


@pytest.mark.parametrize(
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
            put("blocks", 4, "elements", 0, "accessibility_label", value="l" * 76),
            "accessibility_label has 76",
        ),
        (put("blocks", 4, "elements", 0, "style", value="green"), "no style green"),
        (put("blocks", 4, "elements", 0, "type", value="static_select"), "only buttons"),
        (put("blocks", 4, "elements", 1, "url", value="https://" + "u" * 2993), "url has 3001"),
        (put("blocks", 4, "elements", 1, "url", value="http://console"), "not an https address"),
        (twice_the_same_action, "stands there twice"),
        (put("blocks", 5, value={"type": "table"}), "not one of the blocks"),
        (
            lambda m: [m["blocks"][place].update(block_id="same") for place in (5, 6)],
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
