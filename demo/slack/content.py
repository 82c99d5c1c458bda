"""Reads and judges the content of a message that somebody wants to post."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.slack.errors import SlackRefusal
from demo.slack.lint import lint_blocks

# Slack: chat.postMessage, https://docs.slack.dev/reference/methods/chat.postMessage
MESSAGE_TEXT = 40_000
ATTACHMENTS = 100


@dataclass(frozen=True)
class Content:
    """What a message shows; `blocks` and `attachments` are None where the call left them out."""

    text: str
    blocks: tuple[dict[str, Any], ...] | None
    attachments: tuple[dict[str, Any], ...] | None


def read_content(arguments: Mapping[str, Any], refused: frozenset[str] = frozenset()) -> Content:
    """The content of a call's arguments; `refused` are kinds of blocks that the workspace does not know. Raises SlackRefusal: `no_text`, `msg_too_long`, `invalid_blocks`, …"""
    text = arguments.get("text") or ""
    if not isinstance(text, str):
        raise SlackRefusal("invalid_arguments", messages=["[ERROR] must be a string [json-pointer:/text]"])
    if len(text) > MESSAGE_TEXT:
        raise SlackRefusal("msg_too_long")
    blocks = arguments.get("blocks")
    if blocks is not None:
        if not isinstance(blocks, list):
            raise SlackRefusal("invalid_blocks_format")
        if faults := lint_blocks(blocks, refused=refused):
            raise SlackRefusal("invalid_blocks", messages=faults)
    attachments = arguments.get("attachments")
    if attachments is not None:
        _judge_attachments(attachments, refused)
    if not text.strip() and not blocks and not attachments:
        raise SlackRefusal("no_text")
    return Content(
        text,
        None if blocks is None else tuple(blocks),
        None if attachments is None else tuple(attachments),
    )


def _judge_attachments(attachments: object, refused: frozenset[str]) -> None:
    if not isinstance(attachments, list) or not all(isinstance(item, Mapping) for item in attachments):
        raise SlackRefusal("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise SlackRefusal("too_many_attachments")
    for attachment in attachments:
        if "blocks" in attachment and (faults := lint_blocks(attachment["blocks"], refused=refused)):
            raise SlackRefusal("invalid_blocks", messages=faults)
