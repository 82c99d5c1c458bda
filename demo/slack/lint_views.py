"""Judges a modal, an App Home and the options of a menu as Slack does.

Slack: https://docs.slack.dev/reference/views/modal-views, https://docs.slack.dev/reference/views/home-tab-views,
https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select,
https://docs.slack.dev/reference/block-kit/composition-objects/option-object
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from demo.slack.lint import lint_blocks

TITLE = 24
METADATA = 3000
IDENTIFIER = 255
VIEW_BYTES = 250_000
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
GROUP_LABEL = 75


def lint_view(view: object, *, refused: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The reasons for which Slack would refuse a view, each with its JSON pointer; empty when none."""
    if not isinstance(view, Mapping):
        return ("[ERROR] missing required field: view",)
    return (*_frame(view), *lint_blocks(view.get("blocks"), view=True, refused=refused))


def too_large(view: object) -> bool:
    """True where a view is over Slack's 250 KB."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


def _frame(view: Mapping[str, Any]) -> Iterator[str]:
    kind = view.get("type")
    if kind not in ("modal", "home"):
        yield f"[ERROR] unsupported type: {kind} [json-pointer:/view/type]"
        return
    if kind == "modal":
        yield from _plain(view, "title", required=True)
        blocks = view.get("blocks")
        asks = isinstance(blocks, list) and any(
            isinstance(item, Mapping) and item.get("type") == "input" for item in blocks
        )
        yield from _plain(view, "submit", required=asks)
        yield from _plain(view, "close", required=False)
    else:
        for name in ("title", "submit", "close"):
            if name in view:
                yield f"[ERROR] a home tab has no {name} [json-pointer:/view/{name}]"
    for name, limit in (
        ("private_metadata", METADATA),
        ("callback_id", IDENTIFIER),
        ("external_id", IDENTIFIER),
    ):
        value = view.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > limit):
            yield f"[ERROR] must be less than {limit + 1} characters [json-pointer:/view/{name}]"


def _plain(view: Mapping[str, Any], name: str, *, required: bool) -> Iterator[str]:
    value = view.get(name)
    if value is None:
        if required:
            yield f"[ERROR] missing required field: {name} [json-pointer:/view]"
        return
    if not isinstance(value, Mapping) or value.get("type") != "plain_text":
        yield f"[ERROR] must be plain_text [json-pointer:/view/{name}]"
        return
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        yield f"[ERROR] must be more than 0 characters [json-pointer:/view/{name}/text]"
    elif len(text) > TITLE:
        yield f"[ERROR] must be less than {TITLE + 1} characters [json-pointer:/view/{name}/text]"


def lint_options(answer: object) -> tuple[str, ...]:
    """The reasons for which Slack would show "no results" in place of what an app answered a menu of external data."""
    return tuple(_options_of(answer))


def _options_of(answer: object) -> Iterator[str]:
    if not isinstance(answer, Mapping) or ("options" in answer) == ("option_groups" in answer):
        yield "either options or option_groups"
        return
    if "options" in answer:
        yield from _options(answer["options"], "/options")
        return
    groups = answer["option_groups"]
    if not isinstance(groups, list) or not 0 < len(groups) <= OPTIONS:
        yield f"1 to {OPTIONS} option_groups"
        return
    for number, group in enumerate(groups):
        at = f"/option_groups/{number}"
        yield from _text(group.get("label"), f"{at}/label", GROUP_LABEL)
        yield from _options(group.get("options"), f"{at}/options")
        if not group.get("options"):
            yield f"{at}: no options"


def _options(options: object, at: str) -> Iterator[str]:
    if not isinstance(options, list) or len(options) > OPTIONS:
        yield f"{at}: a list of at most {OPTIONS}"
        return
    values: list[object] = []
    for number, option in enumerate(options):
        yield from _text(option.get("text"), f"{at}/{number}/text", OPTION_TEXT)
        value = option.get("value")
        if not isinstance(value, str) or not 0 < len(value) <= OPTION_VALUE:
            yield f"{at}/{number}/value: 1 to {OPTION_VALUE} characters"
        values.append(value)
    if len(set(values)) != len(values):
        yield f"{at}: the same value twice"


def _text(value: object, at: str, limit: int) -> Iterator[str]:
    if not isinstance(value, Mapping) or value.get("type") != "plain_text":
        yield f"{at}: plain_text"
        return
    text = value.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= limit:
        yield f"{at}: 1 to {limit} characters"
