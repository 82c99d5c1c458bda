"""Where one job answers: a parent message and its thread, or, where Slack refuses that, the person who asked, alone.

The order is: the channel; the response_url that came with the request (for the person alone, unless its message stands in the
channel); a direct message. What is long goes into a thread or to one person, never into the channel.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk import WebClient
from slack_sdk.errors import SlackObjectFormationError

from handlers.calls import Calls
from handlers.pace import PROGRESS, Pace
from handlers.response_posts import ResponsePosts
from handlers.slack_errors import CallFailedError
from handlers.text import Mrkdwn
from handlers.views import notices
from handlers.views.lint import LintError, lint_message
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 1.0
"""How long a message about progress waits for its turn: it is given up first."""
LAST_SECONDS = 5.0
"""What is left, beyond the patience for an answer, for taking back what no longer holds."""
_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "invalid_thread_ts"})  # fmt: skip
"""The parent is not there any more (or not ours): post another."""
_TOO_MUCH = frozenset({"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"})
"""Slack's limits are not all documented: then the blocks go out in two messages, or the sentence without blocks."""

Reached = Literal["channel", "response_url", "direct", "nowhere"]
Shown = Literal["channel", "response_url", "later", "unreachable"]
"""Where a person saw how things stand. `later`: nowhere yet, but the answer may reach somebody. `unreachable`: the channel
refuses, and there is nobody else to be told, so that a diagnosis would be for nobody."""


@dataclass(frozen=True)
class AnswerForms:
    """An answer, in the forms that different places need.

    Attributes:
        parent: the verdict, above a thread.
        details: what stands in the thread.
        short: the verdict where there is no thread; the note says why.
        private: all of it for one person. Given a note, and whether that person may be offered to show it to the channel.
    """

    parent: MessageContent
    details: Sequence[MessageContent]
    short: Callable[[Mrkdwn | None], MessageContent]
    private: Callable[[Mrkdwn | None, bool], MessageContent]


class Thread:
    """The parent message and the thread of one job.

    Args:
        slack: the Web API with the bot's token.
        channel: where the job was asked for.
        user: who asked; empty where nobody did.
        thread_ts: the thread to answer in; `None` begins one.
        parent_ts: the message that shows the verdict, where there is one already.
        response_url: the fallback, where the request had one.
        replaces: whether the response_url belongs to the message that shows the verdict (a button was pressed on it).
        strict: raise on a message that breaks Slack's limits instead of sending plain text.
        pace: Slack's pace, one for the process.
    """

    def __init__(
        self,
        slack: WebClient,
        *,
        channel: str,
        user: str,
        thread_ts: str | None = None,
        parent_ts: str | None = None,
        response_url: str | None = None,
        replaces: bool = False,
        strict: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self._pace = Pace() if pace is None else pace
        self._slack = slack
        self._calls = Calls(slack, channel, self._pace)
        self._posts = ResponsePosts(response_url, slack.base_url, channel, self._pace)
        self._channel = channel
        self._user = user
        self._root = thread_ts or parent_ts
        self._asked_in = thread_ts
        self._replaces = replaces
        self._pressed_in_channel = replaces and parent_ts is not None
        self._pressed_alone = replaces and parent_ts is None
        self._strict = strict
        self._refusal: str | None = None
        self.parent_ts = parent_ts

    @property
    def thread_ts(self) -> str | None:
        """The thread that is answered in, `None` where there is none."""
        return None if self._refusal else self._root

    # --- what jobs say -------------------------------------------------------------------------------

    def show(self, message: MessageContent) -> Shown:
        """Show in the parent message how things stand; post it where there is none yet. Never raises for Slack.

        Waits for no line and repeats nothing: what is not shown now is overtaken by the answer.
        """
        soon = self._pace.clock() + PROGRESS_SECONDS
        if self._refusal is None and (self.parent_ts is not None or self._pace.turn(PROGRESS, soon)):
            try:
                self._put(soon, message)
                return "channel"
            except CallFailedError as error:
                if error.refused:
                    self._refuse(error)
                elif self.parent_ts is not None:
                    return "later"
        # Progress is worth a use of the response_url, and no direct message.
        if self._posts.left > 2 and self._show_elsewhere(self._pace.clock() + PROGRESS_SECONDS, message):
            return "response_url"
        nobody = self._refusal is not None and not self._posts.left and not self._user
        return "unreachable" if nobody else "later"

    def answer(self, answer: AnswerForms, *, everybody: bool = False) -> Reached:
        """Give an answer once: the verdict in the parent and the details in its thread, or what is left of that.

        Args:
            everybody: it was asked to be shown to the channel, also where only the response_url can.
        """
        until = self._until()
        if self._refusal is None:
            try:
                self._verdict(until, answer.parent)
            except CallFailedError as error:
                return self._elsewhere(until, answer, error, everybody)
        if self._refusal is not None:
            return self._elsewhere(until, answer, None, everybody)
        until = max(until, self._pace.clock() + LAST_SECONDS)
        try:
            self._reply(until, answer.details)
        except CallFailedError as error:
            log.warning("a verdict stands without its thread: %s", error.code)
            self._without_thread(max(until, self._pace.clock()), answer)
        return "channel"

    def reply(self, message: MessageContent) -> Reached:
        """Say something in the thread, without touching the parent; where there is no thread, to the person alone."""
        until = self._until()
        if self._root is None:
            return self._privately(until, message, message)
        try:
            self._reply(until, (message,))
        except CallFailedError as error:
            if error.unanswered:
                log.warning("Slack did not answer when it was given a reply")
                return "channel"
            if error.refused:
                self._refuse(error)
            return self._privately(until, message, message)
        return "channel"

    def amend(self, message: MessageContent) -> None:
        """Change the parent message where it still is one of ours; post nothing. Never raises for Slack."""
        if self.parent_ts is None:
            return
        try:
            self._calls.update(self._until(), self.parent_ts, self._ready(message))
        except CallFailedError as error:
            log.warning("a message was not amended: %s", error.code)

    def tell(self, message: MessageContent, *, in_thread: bool = True) -> bool:
        """Say something to the person who asked, and to nobody else; whether that person was told.

        Args:
            in_thread: where others read on. Slack shows it only to who has that thread open, so it must have replies.
        """
        until = self._until()
        if self._whisper(until, message, in_thread=in_thread):
            return True
        if not self._user:
            return False
        root = self._root if in_thread else None
        try:
            self._calls.whisper(until, self._user, root, self._ready(message))
        except CallFailedError as error:
            log.warning("a person could not be told something: %s", error.code)
            return False
        return True

    # --- the channel ---------------------------------------------------------------------------------

    def _show_elsewhere(self, soon: float, message: MessageContent) -> bool:
        if self._pressed_in_channel:
            taken = self._posts.send(soon, self._ready(message), everybody=True, replace=True)
            return taken != "refused"
        # The answer replaces what was pressed. A message of its own stays, so it says what stays true.
        word = message if self._pressed_alone else notices.on_its_way()
        return self._whisper(soon, word, replace=self._pressed_alone)

    def _until(self) -> float:
        return self._pace.clock() + self._pace.patience

    def _verdict(self, until: float, message: MessageContent) -> None:
        """Show the verdict. Where an update fails to the end, it is posted, and what it was to replace is taken away."""
        before = self.parent_ts
        try:
            self._put(until, message)
            return
        except CallFailedError as error:
            if error.refused or before is None:
                raise
        alone = before == self._root
        ts = self._post(until + LAST_SECONDS, self._ready(message), None if alone else self._root)
        if not self._replaces:
            self._take_away(before)
        if alone and not self._replaces:
            self._root = ts
        self.parent_ts = ts

    def _put(self, until: float, message: MessageContent) -> None:
        """Change the parent; post it where there is none, or none any more."""
        ready = self._ready(message)
        if self.parent_ts is not None:
            try:
                self._update(until, self.parent_ts, ready)
                return
            except CallFailedError as error:
                if error.code not in _GONE:
                    raise
                if self._root == self.parent_ts and error.code == "message_not_found":
                    self._root = None
                self.parent_ts = None
        self.parent_ts = self._post(until, ready, self._root)
        self._root = self._root or self.parent_ts

    def _update(self, until: float, ts: str, ready: dict[str, Any]) -> None:
        try:
            self._calls.update(until, ts, ready)
        except CallFailedError as error:
            if error.code not in _TOO_MUCH or not ready.get("blocks"):
                raise
            log.error("Slack refused the blocks of a message: %s", error.code)
            # An empty list takes the old blocks away.
            self._calls.update(until, ts, {"text": ready["text"], "blocks": []})

    def _post(self, until: float, ready: dict[str, Any], thread_ts: str | None) -> str:
        try:
            return self._calls.post(until, thread_ts, ready)
        except CallFailedError as error:
            if error.code in _TOO_MUCH and ready.get("blocks"):
                log.error("Slack refused the blocks of a message: %s", error.code)
                return self._post_in_pieces(until, ready, thread_ts)
            if thread_ts is None or error.code not in _GONE:
                raise
        self._root = None
        return self._calls.post(until, None, ready)

    def _post_in_pieces(self, until: float, ready: dict[str, Any], thread_ts: str | None) -> str:
        """In two messages, in a thread; elsewhere the sentence alone, so that the channel stays readable."""
        blocks = ready["blocks"]
        if thread_ts is None or len(blocks) < 2:
            return self._post(until, {"text": ready["text"]}, thread_ts)
        half = len(blocks) // 2
        first = self._post(until, {"text": ready["text"], "blocks": blocks[:half]}, thread_ts)
        self._post(until, {"text": ready["text"], "blocks": blocks[half:]}, thread_ts)
        return first

    def _reply(self, until: float, messages: Sequence[MessageContent]) -> None:
        for message in messages:
            self._post_in_thread(until, message)

    def _post_in_thread(self, until: float, message: MessageContent) -> None:
        """Post into the thread, and nowhere else: what is long does not go into the channel where the thread is gone."""
        ready = self._ready(message)
        try:
            self._calls.post(until, self._root, ready)
        except CallFailedError as error:
            if error.code not in _TOO_MUCH or not ready.get("blocks"):
                raise
            log.error("Slack refused the blocks of a message: %s", error.code)
            self._post_in_pieces(until, ready, self._root)

    def _without_thread(self, until: float, answer: AnswerForms) -> None:
        """Let the verdict offer the details that have no thread."""
        if not answer.details:
            return
        if self.parent_ts is not None:
            try:
                self._update(until + LAST_SECONDS, self.parent_ts, self._ready(answer.short(None)))
                return
            except CallFailedError as error:
                log.warning("a verdict could not offer its details: %s", error.code)
        self._whisper(until + LAST_SECONDS, answer.private(None, False))

    def _take_away(self, ts: str) -> None:
        """Take away a message of ours that says that something is under way, and no longer holds."""
        try:
            self._calls.delete(self._pace.clock() + LAST_SECONDS, ts)
        except CallFailedError as error:
            log.warning("a message that no longer holds could not be taken away: %s", error.code)

    def _refuse(self, error: CallFailedError) -> None:
        self._refusal = error.code
        log.warning("the channel took no message: %s", error.code)

    # --- what is left --------------------------------------------------------------------------------

    def _elsewhere(
        self, until: float, answer: AnswerForms, error: CallFailedError | None, everybody: bool
    ) -> Reached:
        """Answer where the channel took nothing: for good (`_refusal`), or just now."""
        if error is not None and error.refused:
            self._refuse(error)
        later = max(until, self._pace.clock()) + LAST_SECONDS
        progress = self.parent_ts if not self._replaces else None
        # A verdict that Slack may have taken is not said to everybody a second time; a replacement says nothing twice.
        doubtful = error is not None and error.unanswered
        if self._pressed_in_channel or (everybody and not doubtful):
            # No message is found by what a response_url posts, so there is no thread: the verdict with a button.
            note = notices.why_no_thread(self._refusal)
            taken = self._posts.send(
                later, self._ready(answer.short(note)), everybody=True, replace=self._pressed_in_channel
            )
            if taken != "refused":
                return "response_url"
        offers = self._refusal != "is_archived"
        reached = self._privately(
            until + LAST_SECONDS,
            answer.private(notices.why_alone(self._refusal, offers=offers), offers),
            answer.private(notices.why_direct(self._refusal), False),
        )
        if reached == "nowhere" and error is not None and error.unanswered:
            # Slack may have taken the verdict, so it is not said a second time.
            return "channel"
        if reached != "nowhere" and progress is not None:
            self._take_away(progress)
        return reached

    def _privately(self, until: float, alone: MessageContent, direct: MessageContent) -> Reached:
        """Tell the person who asked: at the response_url, or in a direct message."""
        later = max(until, self._pace.clock()) + LAST_SECONDS
        if self._whisper(later, alone, replace=self._pressed_alone):
            return "response_url"
        if not self._user:
            log.error("an answer reached nobody: nobody asked for it")
            return "nowhere"
        try:
            Calls(self._slack, self._user, self._pace).post(until, None, self._ready(direct))
        except CallFailedError as error:
            if not error.unanswered:
                log.error("an answer reached nobody: %s", error.code)
                return "nowhere"
        return "direct"

    def _whisper(
        self, until: float, message: MessageContent, *, replace: bool = False, in_thread: bool = True
    ) -> bool:
        """Tell the person alone, at the response_url; whether that was, or may have been, taken."""
        if not self._posts.left:
            return False
        thread_ts = None if replace or not in_thread else self._asked_in
        return (
            self._posts.send(until, self._ready(message), replace=replace, thread_ts=thread_ts) != "refused"
        )

    def _ready(self, message: MessageContent) -> dict[str, Any]:
        """The message as Slack takes it; where it breaks a limit, only its sentence."""
        try:
            payload = message.payload()
            lint_message(payload)
        except (LintError, SlackObjectFormationError) as error:
            if self._strict:
                raise
            log.error("a message breaks Slack's limits and goes out as plain text: %s", error)
            return {"text": str(message.text)}
        return payload
