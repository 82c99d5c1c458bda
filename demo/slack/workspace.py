"""The state of the local workspace, shared between the server's thread and its users' threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from demo.slack.errors import SlackRefusal
from demo.slack.model import Channel, Message, Origin, User

T = TypeVar("T")

# A predicate may look at something whose changes nobody tells of here, such as what an app has seen.
_LOOK_SECONDS = 0.05


class Workspace:
    """Channels, people and messages. Every method may be called from any thread."""

    team_id = "T0PULLCHECK"
    team_name = "Acme"
    team_domain = "acme"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Re-entrant, because a predicate of wait_for looks at the workspace.
        self.changed = threading.Condition(threading.RLock())
        self.enterprise_id: str | None = None
        self.listeners: list[Callable[[], None]] = []
        self.revision = 0
        self._clock = clock
        self._offset = 0.0
        self._last_ts = 0
        self._serial = 0
        self._users: dict[str, User] = {}
        self._channels: dict[str, Channel] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self.refused_blocks: frozenset[str] = frozenset()
        """Kinds of blocks that this workspace does not know yet."""

    # Time and change

    def now(self) -> float:
        """The workspace's time, in seconds since 1970."""
        return self._clock() + self._offset

    def advance(self, seconds: float) -> None:
        """Let time pass for everything that has an age here, without waiting."""
        with self.changed:
            self._offset += seconds
            self.touch()

    def touch(self) -> None:
        """Tell everyone who waits that something changed."""
        with self.changed:
            self.revision += 1
            self.changed.notify_all()
            listeners = tuple(self.listeners)
        for listener in listeners:
            listener()

    def wait_for(self, predicate: Callable[[], T], timeout: float, what: str = "") -> T:
        """Wait until the predicate is true, looking again after each change and every `_LOOK_SECONDS`; returns what it gave.

        Raises AssertionError after `timeout` seconds, with the workspace's messages.
        """
        until = time.monotonic() + timeout
        with self.changed:
            while not (found := predicate()):
                left = until - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"after {timeout} s still waiting for {what or 'a change'}\n{self.transcript()}"
                    )
                self.changed.wait(min(left, _LOOK_SECONDS))
            return found

    def transcript(self) -> str:
        """All messages as text, for the messages of failed tests."""
        with self.changed:
            lines = []
            for channel in self._channels.values():
                for message in self._messages[channel.id].values():
                    marks = [
                        f"reply to {message.reply_to}" if message.reply_to else "",
                        f"only for {message.visible_to}" if message.visible_to else "",
                        "edited" if message.edited else "",
                    ]
                    lines.append(
                        f"#{channel.name} {message.ts} {self.user(message.author).name}"
                        f" [{', '.join(filter(None, marks))}] {message.text!r} {message.plain!r}"
                    )
            return "\n".join(lines) or "(no messages)"

    def serial(self) -> int:
        """A number that was not given out before."""
        with self.changed:
            self._serial += 1
            return self._serial

    def next_ts(self) -> str:
        """A message id: seconds and microseconds, later than every one before."""
        with self.changed:
            self._last_ts = max(int(self.now() * 1_000_000), self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # People and channels

    def add_user(self, user: User) -> User:
        with self.changed:
            self._users[user.id] = user
            self.touch()
        return user

    def user(self, user_id: str) -> User:
        """Raises SlackRefusal `user_not_found`."""
        with self.changed:
            if user_id not in self._users:
                raise SlackRefusal("user_not_found")
            return self._users[user_id]

    @property
    def users(self) -> tuple[User, ...]:
        with self.changed:
            return tuple(self._users.values())

    @property
    def channels(self) -> tuple[Channel, ...]:
        with self.changed:
            return tuple(self._channels.values())

    def put_channel(self, channel: Channel) -> Channel:
        """Add a channel, or change it."""
        with self.changed:
            self._channels[channel.id] = channel
            self._messages.setdefault(channel.id, {})
            self.touch()
        return channel

    def channel(self, reference: str) -> Channel:
        """A channel by id, `#name`, or the user id of a direct message. Raises `channel_not_found`."""
        with self.changed:
            if reference in self._channels:
                return self._channels[reference]
            for channel in self._channels.values():
                if channel.is_im and reference in channel.members and reference in self._users:
                    return channel
                if not channel.is_im and reference.removeprefix("#") == channel.name:
                    return channel
        raise SlackRefusal("channel_not_found")

    # Messages

    def add(
        self,
        channel: Channel,
        author: str,
        text: str,
        *,
        blocks: Sequence[dict[str, Any]] = (),
        attachments: Sequence[dict[str, Any]] = (),
        files: Sequence[dict[str, Any]] = (),
        reply_to: str | None = None,
        visible_to: str | None = None,
        origin: Origin = "api",
        arguments: dict[str, Any] | None = None,
    ) -> Message:
        """Put a message into a channel; ids that Slack would generate are filled in."""
        with self.changed:
            message = Message(
                ts=self.next_ts(),
                channel=channel.id,
                author=author,
                text=text,
                blocks=self.with_ids(blocks),
                attachments=tuple(attachments),
                files=tuple(files),
                reply_to=reply_to,
                visible_to=visible_to,
                origin=origin,
                arguments=arguments or {},
            )
            self._messages[channel.id][message.ts] = message
            self.touch()
        return message

    def edit(
        self,
        message: Message,
        text: str,
        blocks: Sequence[dict[str, Any]] | None,
        attachments: Sequence[dict[str, Any]] | None = None,
        arguments: dict[str, Any] | None = None,
    ) -> Message:
        """Replace a message's content and mark it as edited; None leaves that part as it is."""
        with self.changed:
            changed = replace(
                message,
                text=text,
                blocks=message.blocks if blocks is None else self.with_ids(blocks),
                attachments=message.attachments if attachments is None else tuple(attachments),
                edited_at=self.next_ts(),
                arguments=message.arguments if arguments is None else arguments,
                revision=message.revision + 1,
            )
            self._messages[message.channel][message.ts] = changed
            self.touch()
        return changed

    def remove(self, message: Message) -> None:
        with self.changed:
            self._messages[message.channel].pop(message.ts, None)
            self.touch()

    def find(self, channel_id: str, ts: str) -> Message | None:
        """A message that is still there, ephemeral ones included."""
        with self.changed:
            return self._messages.get(channel_id, {}).get(ts)

    def messages(self, channel_id: str, viewer: str | None = None) -> tuple[Message, ...]:
        """All messages of a channel in order: those for everyone, and with `viewer` that user's own too."""
        with self.changed:
            return tuple(
                message
                for message in self._messages[channel_id].values()
                if message.visible_to in (None, viewer)
            )

    def with_ids(self, blocks: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        """The blocks with the `block_id` and `action_id` that Slack makes up where the app gave none."""
        return tuple(self._with_ids(block) for block in blocks)

    def _with_ids(self, block: dict[str, Any]) -> dict[str, Any]:
        done = {**block, "block_id": block.get("block_id") or f"b{self.serial()}"}
        if block["type"] in {"actions", "context_actions"}:
            done["elements"] = [self._with_action(element) for element in block["elements"]]
        if block["type"] == "input":
            done["element"] = self._with_action(block["element"])
        if block.get("accessory", {}).get("type", "image") != "image":
            done["accessory"] = self._with_action(block["accessory"])
        if "child_blocks" in block:
            done["child_blocks"] = list(self.with_ids(block["child_blocks"]))
        return done

    def _with_action(self, element: dict[str, Any]) -> dict[str, Any]:
        return {**element, "action_id": element.get("action_id") or f"a{self.serial()}"}
