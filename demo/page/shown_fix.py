"""Finds the command that the thread of a task shows, as a person would copy it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from demo.page.tasks import BrokenTask
from demo.slack import Message

_CODE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_TITLE = "*Fix for "


def fix_shown(messages: Sequence[Message], task: BrokenTask) -> str | None:
    """The newest command under a title "Fix for …" in the answers about a task, and None where there is none."""
    answers = [message for message in messages if _is_about(message, task)]
    places = {message.ts for message in answers} | {message.reply_to or message.ts for message in answers}
    for message in reversed(messages):
        if message.ts in places or message.reply_to in places:
            found = _command(message.blocks)
            if found is not None:
                return found
    return None


def _is_about(message: Message, task: BrokenTask) -> bool:
    values = [str(element.get("value") or "") for element in message.elements]
    return any(all(part in value for part in sign) for value in values for sign in task.signs)


def _command(blocks: Sequence[Mapping[str, Any]]) -> str | None:
    """The code under the title: in its own section, and in those that go on with nothing but code."""
    texts = [
        str(block["text"]["text"]) if block["type"] == "section" and "text" in block else ""
        for block in blocks
    ]
    place = next((place for place, text in enumerate(texts) if text.startswith(_TITLE)), None)
    if place is None:
        return None
    parts: list[str] = _CODE.findall(texts[place])
    for text in texts[place + 1 :]:
        if not text.startswith("```"):
            break
        parts += _CODE.findall(text)
    return _decoded("\n".join(parts)) if parts else None


def _decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
