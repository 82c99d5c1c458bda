"""What a workspace holds: people, channels and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Origin = Literal["api", "response", "person"]


@dataclass(frozen=True)
class User:
    """A person or a bot, as users.info describes it."""

    id: str
    name: str
    real_name: str
    bot_id: str | None = None
    is_admin: bool = False


@dataclass(frozen=True)
class Channel:
    """A conversation and who is in it, by user id."""

    id: str
    name: str
    members: frozenset[str] = frozenset()
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    topic: str = ""


@dataclass(frozen=True)
class Message:
    """A message as it stood when it was looked at; the local Slack replaces it when it changes.

    `visible_to` names the one user who sees an ephemeral message. `origin` says who made it: the Web API
    (`api`), a response_url or an acknowledgement (`response`), or a person or another app (`person`).
    `reply_to` is the message's `thread_ts` when the message is a reply, None for a parent.
    """

    ts: str
    channel: str
    author: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    files: tuple[dict[str, Any], ...] = ()
    reply_to: str | None = None
    visible_to: str | None = None
    edited_at: str | None = None
    origin: Origin = "api"
    arguments: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    revision: int = 0

    @property
    def edited(self) -> bool:
        """True where Slack shows "(edited)"."""
        return self.edited_at is not None

    @property
    def is_ephemeral(self) -> bool:
        return self.visible_to is not None

    @cached_property
    def plain(self) -> str:
        """Every text a reader sees, in order, one piece a line: the blocks, or `text` without blocks."""
        if not self.blocks:
            return self.text
        return "\n".join(piece for block in self.blocks for piece in _texts(block))

    @cached_property
    def elements(self) -> tuple[dict[str, Any], ...]:
        """The interactive elements, in order; `block_id` tells the block of each."""
        return tuple(element for block in self.blocks for element in _interactive(block))

    @property
    def action_ids(self) -> tuple[str, ...]:
        return tuple(element["action_id"] for element in self.elements)

    def element(self, action_id: str) -> dict[str, Any]:
        """The first interactive element with this id. Raises LookupError, which names those there are."""
        for element in self.elements:
            if element["action_id"] == action_id:
                return element
        raise LookupError(f"no element {action_id!r} in the message; it has {', '.join(self.action_ids)}")

    def choice(self, action_id: str, value: str) -> dict[str, Any]:
        """A menu with one of its options chosen. Raises LookupError where there is no such menu or option."""
        element = self.element(action_id)
        for option in element.get("options", ()):
            if option["value"] == value:
                return {**element, "selected_option": option}
        offered = ", ".join(option["value"] for option in element.get("options", ()))
        raise LookupError(f"no option {value!r} in {action_id!r}; it has {offered}")


def _interactive(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    own = list(block.get("elements", ())) if block["type"] in {"actions", "context_actions"} else []
    for element in (*own, *filter(None, [block.get("accessory")])):
        if "action_id" in element:
            yield {**element, "block_id": block["block_id"]}
    for child in block.get("child_blocks", ()):
        yield from _interactive(child)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
        return
    if not isinstance(value, dict):
        return
    if value.get("type") in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}:
        yield "".join(
            str(item.get("text") or item.get("url") or item.get("name") or item.get("fallback") or "")
            for item in value.get("elements", ())
        )
        return
    if isinstance(value.get("text"), str):
        yield value["text"]
    for key in ("title", "text", "fields", "elements", "accessory", "child_blocks", "rows"):
        if isinstance(value.get(key), dict):
            yield from _texts(value[key])
        elif isinstance(value.get(key), list):
            for item in value[key]:
                yield from _texts(item)
