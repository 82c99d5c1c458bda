"""A message, and the few blocks that all views are made of. Text objects take escaped text only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContainerBlock,
    ContextBlock,
    DividerBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    SectionBlock,
    TableBlock,
)

from handlers.text import Mrkdwn, Plain

__all__ = [
    "Block",
    "MessageContent",
    "actions",
    "as_json",
    "button",
    "container",
    "context",
    "divider",
    "link",
    "overflow",
    "section",
    "table",
]

SECTION = 2900
"""How much text a section is given; Slack takes 3000 characters."""
CONTEXT = 1900
"""How much text an element of a context block is given; Slack takes 2000 characters."""
URL = 3000


@dataclass(frozen=True)
class MessageContent:
    """What is posted: blocks, and the sentence that notifications and screen readers get instead of them."""

    text: Mrkdwn
    blocks: tuple[Block, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The message as arguments of `chat.postMessage`.

        Raises:
            slack_sdk.errors.SlackObjectFormationError: a block breaks one of Slack's limits.
        """
        return {"text": str(self.text), "blocks": [as_json(block) for block in self.blocks]}


_MADE = "_as_json"


def as_json(block: Block) -> dict[str, Any]:
    """A block as Slack takes it. slack_sdk checks and copies all of it each time, and we measure a block before we send it.

    No block is changed once it is made, nor is what this gives.

    Raises:
        slack_sdk.errors.SlackObjectFormationError: the block breaks one of Slack's limits.
    """
    kept = vars(block)
    if _MADE not in kept:
        kept[_MADE] = block.to_dict()
    made: dict[str, Any] = kept[_MADE]
    return made


def section(text: Mrkdwn, *, block_id: str | None = None, expand: bool = False) -> Block:
    """A paragraph. With `expand` it is never folded behind "see more"."""
    return SectionBlock(text=_mrkdwn(text), block_id=block_id, expand=expand or None)


def context(*texts: Mrkdwn) -> Block:
    """Small grey text."""
    return ContextBlock(elements=[_mrkdwn(text) for text in texts])


def divider() -> Block:
    """A line across."""
    return DividerBlock()


def container(title: Plain, children: Sequence[Block], *, closed: bool = True) -> Block:
    """Blocks under a title that folds them away. Slack: https://docs.slack.dev/reference/block-kit/blocks/container-block"""
    return _MeasuredContainer(
        title=_plain(title),
        child_blocks=list(children),
        is_collapsible=True,
        default_collapsed=closed,
    )


class _MeasuredContainer(ContainerBlock):
    """A container whose blocks, which were measured already, are not made again."""

    def get_object_attribute(self, key: str) -> Any:
        """What stands in the JSON under a key."""
        if key == "child_blocks":
            return [as_json(block) for block in self.child_blocks]
        return super().get_object_attribute(key)


def table(rows: Sequence[Sequence[Plain]]) -> Block:
    """Rows of cells, the first of them the heading; a message has one table at most.

    Slack: https://docs.slack.dev/reference/block-kit/blocks/table-block
    """
    return TableBlock(rows=[[{"type": "raw_text", "text": str(cell)} for cell in row] for row in rows])


def actions(buttons: Sequence[InteractiveElement], *, block_id: str | None = None) -> Block:
    """A row of buttons."""
    return ActionsBlock(elements=list(buttons), block_id=block_id)


def button(
    label: Plain,
    action_id: str,
    value: str | None = None,
    *,
    style: str | None = None,
    says: Plain | None = None,
) -> InteractiveElement:
    """A button that tells us when it is pressed.

    `says` is what a screen reader says instead of the label; it begins with the label's words, so that who speaks to the
    machine can say what they see: https://www.w3.org/TR/WCAG22/#label-in-name
    """
    return ButtonElement(
        text=_plain(label),
        action_id=action_id,
        value=value,
        style=style,
        accessibility_label=str(says) if says else None,
    )


def link(label: Plain, action_id: str, url: str, *, says: Plain | None = None) -> InteractiveElement | None:
    """A button that opens a page; `None` for an address that Slack would not take."""
    if not url.startswith("https://") or len(url) > URL:
        return None
    return ButtonElement(
        text=_plain(label),
        action_id=action_id,
        url=url,
        accessibility_label=str(says) if says else None,
    )


def overflow(action_id: str, options: Sequence[tuple[Plain, str]]) -> InteractiveElement:
    """A menu behind three dots: up to five texts, each with the value that a choice of it carries."""
    return OverflowMenuElement(
        action_id=action_id,
        options=[Option(text=_plain(label), value=value) for label, value in options],
    )


class _MadeMrkdwn(MarkdownTextObject):
    """A text whose JSON is known: slack_sdk checks nothing of a text, and a message is full of them."""

    def to_dict(self, *args: Any) -> dict[str, Any]:
        return {"text": self.text, "type": self.type, "verbatim": True} if self.text else super().to_dict()


class _MadePlain(PlainTextObject):
    """The same of a text without markup."""

    def to_dict(self, *args: Any) -> dict[str, Any]:
        return {"emoji": False, "text": self.text, "type": self.type} if self.text else super().to_dict()


def _mrkdwn(text: Mrkdwn) -> MarkdownTextObject:
    # verbatim: Slack must not make links or mentions of what looks like one.
    return _MadeMrkdwn(text=text, verbatim=True)


def _plain(text: Plain) -> PlainTextObject:
    return _MadePlain(text=text, emoji=False)
