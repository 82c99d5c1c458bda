"""The addresses at which an app answers a command or a press later, without a token.

Slack: https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
An address takes five answers within 30 minutes, and works where the app is not a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.slack.content import read_content
from demo.slack.errors import SlackRefusal
from demo.slack.model import Message, User
from demo.slack.workspace import Workspace

USES = 5
LIFETIME = 30 * 60.0


@dataclass
class Hook:
    """One address: for whom, about which message, and what is left of it."""

    channel: str
    user: str
    made_at: float
    source_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """Makes the addresses and takes the answers."""

    def __init__(self, workspace: Workspace, bot: User) -> None:
        self.workspace = workspace
        self.bot = bot
        self.hooks: dict[str, Hook] = {}

    def make(self, channel: str, user: str, source_ts: str | None = None) -> str:
        """A new address' key; `source_ts` is the message whose button or menu was used."""
        with self.workspace.changed:
            key = f"{self.workspace.team_id}/{self.workspace.serial():06d}"
            self.hooks[key] = Hook(channel, user, self.workspace.now(), source_ts)
        return key

    def answer(self, key: str, arguments: Mapping[str, Any]) -> Message | None:
        """Post, replace or delete. Raises SlackRefusal: `expired_url`, `used_url`, `invalid_blocks`, …"""
        with self.workspace.changed:
            hook = self.hooks.get(key)
            if hook is None:
                raise SlackRefusal("no_service", status=404)
            if self.workspace.now() - hook.made_at >= LIFETIME:
                raise SlackRefusal("expired_url", status=404)
            if hook.uses >= USES:
                raise SlackRefusal("used_url", status=404)
            source = hook.source_ts and self.workspace.find(hook.channel, hook.source_ts)
            own = source if source and source.author == self.bot.id else None
            if _flag(arguments, "delete_original") and own:
                hook.uses += 1
                self.workspace.remove(own)
                return None
            try:
                content = read_content(arguments, self.workspace.refused_blocks)
            except SlackRefusal as refusal:
                raise SlackRefusal(refusal.error, messages=refusal.messages, status=400) from refusal
            thread = self._thread(hook, arguments)
            hook.uses += 1
            if _flag(arguments, "replace_original") and own:
                return self.workspace.edit(own, content.text, content.blocks or (), content.attachments)
            return self.respond(hook.channel, hook.user, arguments, thread=thread)

    def respond(
        self, channel: str, user: str, arguments: Mapping[str, Any], *, thread: str | None = None
    ) -> Message:
        """Post an answer: for the person alone, or with `response_type: in_channel` for everyone."""
        content = read_content(arguments, self.workspace.refused_blocks)
        return self.workspace.add(
            self.workspace.channel(channel),
            self.bot.id,
            content.text,
            blocks=content.blocks or (),
            attachments=content.attachments or (),
            reply_to=thread,
            visible_to=None if arguments.get("response_type") == "in_channel" else user,
            origin="response",
            arguments=dict(arguments),
        )

    def _thread(self, hook: Hook, arguments: Mapping[str, Any]) -> str | None:
        ts = arguments.get("thread_ts")
        if ts is None:
            return None
        parent = self.workspace.find(hook.channel, str(ts))
        if parent is None or parent.is_ephemeral or parent.reply_to is not None:
            raise SlackRefusal("thread_not_found", status=400)
        return parent.ts


def _flag(arguments: Mapping[str, Any], name: str) -> bool:
    return arguments.get(name) in (True, "true")
