"""The parent message of one job and the thread under it: what stands where, and how a message gets there."""

from __future__ import annotations

import logging

from slack_sdk import WebClient

from handlers.calls import Calls
from handlers.newer_blocks import NewerBlocks
from handlers.outgoing import Ready
from handlers.pace import Pace
from handlers.slack_errors import CallFailedError
from handlers.views.flat import flattened

log = logging.getLogger(__name__)

LAST_SECONDS = 5.0
"""What is left, beyond the patience for an answer, for taking back what no longer holds."""
_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message", "invalid_thread_ts"})
"""The message is not there any more: post another."""
FIXED = frozenset({"cant_update_message", "edit_window_closed"})
"""It is there and stays as it is; the channel itself refuses nothing."""
_TOO_MUCH = frozenset({"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"})
"""Slack's limits are not all documented: then the blocks go out in two messages, or the sentence without blocks."""


class ParentThread:
    """The parent message and its thread.

    Each method that takes `until`, the moment of the pace's clock by which a call must have begun for the last time, raises
    `CallFailedError`.

    Args:
        slack: the Web API with the bot's token.
        channel: where.
        pace: Slack's pace.
        thread_ts: the thread to answer in; `None` begins one.
        parent_ts: the message that shows the verdict, where there is one already.
        blocks: what the workspace takes.
        first: a person waits for what it says, so that it goes before what nobody asked for.
    """

    def __init__(
        self,
        slack: WebClient,
        channel: str,
        pace: Pace,
        *,
        thread_ts: str | None,
        parent_ts: str | None,
        blocks: NewerBlocks,
        first: bool,
    ) -> None:
        self._calls = Calls(slack, channel, pace, first=first)
        self._blocks = blocks
        self._pace = pace
        self.root = thread_ts or parent_ts
        self.parent_ts = parent_ts

    def put(self, until: float, ready: Ready) -> None:
        """Change the parent; post it where there is none, or none any more."""
        before = self.parent_ts
        if before is not None:
            try:
                self.change(until, ready)
                return
            except CallFailedError as error:
                if error.code not in _GONE:
                    raise
                if self.root == before and error.code == "message_not_found":
                    self.root = None
                self.parent_ts = None
        self.parent_ts = self._post(until, ready, self.root)
        self.root = self.root or self.parent_ts
        if before is not None:
            # Slack may not have found it though it is there, and it says that work is under way.
            self.take_away(before)

    def put_another(self, until: float, ready: Ready) -> None:
        """Post the parent again where it cannot be changed, and take away the one before: one of them is enough."""
        before = self.parent_ts
        assert before is not None
        alone = before == self.root
        self.parent_ts = self._post(until, ready, None if alone else self.root)
        if alone:
            self.root = self.parent_ts
        self.take_away(before)

    def change(self, until: float, ready: Ready) -> None:
        """Change the parent, which must be there."""
        ts = self.parent_ts
        assert ts is not None
        try:
            self._blocks.send(ready, lambda fitting: self._calls.update(until, ts, fitting))
        except CallFailedError as error:
            if error.code not in _TOO_MUCH or not ready.get("blocks"):
                raise
            log.error("Slack refused the blocks of a message: %s", error.code)
            # An empty list takes the old blocks away.
            self._calls.update(until, ts, {"text": ready["text"], "blocks": []})

    def reply(self, until: float, ready: Ready) -> None:
        """Post into the thread, and nowhere else: what is long does not go into the channel where the thread is gone."""
        try:
            self._send(until, self.root, ready)
        except CallFailedError as error:
            if error.code not in _TOO_MUCH or not ready.get("blocks"):
                raise
            log.error("Slack refused the blocks of a message: %s", error.code)
            self._post_in_pieces(until, flattened(ready), self.root)

    def post_beside(self, until: float, ready: Ready) -> None:
        """Post a message that is no parent: in the thread where there is one, else in the channel."""
        self._calls.post(until, self.root, ready)

    def whisper(self, until: float, user: str, ready: Ready, *, in_thread: bool) -> None:
        """Say something to one person of the channel."""
        thread_ts = self.root if in_thread else None
        ready = self._blocks.fitting(ready)
        try:
            self._calls.whisper(until, user, thread_ts, ready)
        except CallFailedError as error:
            if thread_ts is None or error.code not in _GONE:
                raise
            self._calls.whisper(until, user, None, ready)

    def take_away(self, ts: str) -> None:
        """Take away a message of ours that no longer holds. Never raises for Slack."""
        try:
            self._calls.delete(self._pace.clock() + LAST_SECONDS, ts)
        except CallFailedError as error:
            if error.code != "message_not_found":
                log.warning("a message that no longer holds could not be taken away: %s", error.code)

    def _post(self, until: float, ready: Ready, thread_ts: str | None) -> str:
        try:
            return self._send(until, thread_ts, ready)
        except CallFailedError as error:
            if error.code in _TOO_MUCH and ready.get("blocks"):
                log.error("Slack refused the blocks of a message: %s", error.code)
                return self._post_in_pieces(until, flattened(ready), thread_ts)
            if thread_ts is None or error.code not in _GONE:
                raise
        self.root = None
        return self._calls.post(until, None, ready)

    def _send(self, until: float, thread_ts: str | None, ready: Ready) -> str:
        return self._blocks.send(ready, lambda fitting: self._calls.post(until, thread_ts, fitting))

    def _post_in_pieces(self, until: float, ready: Ready, thread_ts: str | None) -> str:
        """In two messages, in a thread; elsewhere the sentence alone, so that the channel stays readable."""
        blocks = ready["blocks"]
        if thread_ts is None or len(blocks) < 2:
            return self._post(until, {"text": ready["text"]}, thread_ts)
        half = len(blocks) // 2
        first = self._post(until, {"text": ready["text"], "blocks": blocks[:half]}, thread_ts)
        self._post(until, {"text": ready["text"], "blocks": blocks[half:]}, thread_ts)
        return first
