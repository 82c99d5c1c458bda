"""Where one job answers: a parent message and its thread, or, where Slack refuses that, the best that is left.

Only this module calls `chat.*`. The order is: the channel; the response_url that came with the request (it works where
the bot is no member, five times in thirty minutes, and begins no thread); a direct message to the person who asked.
Slack: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from http.client import RemoteDisconnected
from typing import Any, Literal
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackObjectFormationError
from slack_sdk.http_retry import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    RetryHandler,
)
from slack_sdk.webhook import WebhookClient

from handlers.text import Mrkdwn, fmt
from handlers.views.lint import LintError, lint_message
from handlers.views.message import Message

log = logging.getLogger(__name__)
_SILENT = logging.getLogger("pullcheck.response_url")
_SILENT.setLevel(logging.CRITICAL)

RESPONSE_URL_USES = 5
TIMEOUT = 10
_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message", "invalid_thread_ts"})  # fmt: skip
"""The parent is not there any more (or not ours): post anew."""
_TOO_MUCH = frozenset({"msg_blocks_too_long", "msg_too_long", "invalid_blocks", "invalid_blocks_format"})
"""Slack's limits are not all documented: then the blocks go out in two messages, or the sentence without blocks."""
_NOT_A_MEMBER = frozenset({"not_in_channel", "channel_not_found"})
_UNSURE = (TimeoutError, ConnectionResetError, RemoteDisconnected)
"""No answer came, but Slack may have taken the message: sending it again could say everything twice."""
_NEVER_SENT = (URLError,)

Reached = Literal["channel", "response_url", "direct", "nowhere"]
Alone = Callable[[Mrkdwn | None], Message]
"""Makes the answer that fits into one message, with a note that says why it has no thread."""


def retry_handlers() -> list[RetryHandler]:
    """What is tried again: a message that Slack asked us to send later, and one that certainly was not sent."""
    return [
        ConnectionErrorRetryHandler(error_types=[URLError]),
        RateLimitErrorRetryHandler(max_retry_count=2),
    ]


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
    ) -> None:
        self._slack = slack
        self._channel = channel
        self._user = user
        self._root = thread_ts or parent_ts
        self._asked_in = thread_ts
        self._response_url = response_url
        self._uses = 0
        self._replaces = replaces
        self._strict = strict
        self._refusal: str | None = None
        self.parent_ts = parent_ts

    @property
    def thread_ts(self) -> str | None:
        """The thread that is answered in, `None` where there is none."""
        return None if self._refusal else self._root

    @property
    def refused(self) -> bool:
        """Whether the channel took no message."""
        return self._refusal is not None

    def show(self, message: Message) -> None:
        """Show in the parent message how things stand; post it where there is none yet. Never raises for Slack."""
        if self._refusal is None:
            try:
                self._show(message)
                return
            except SlackApiError as error:
                self._refuse(error)
            except _NEVER_SENT as error:
                self._refuse(error)
            except _UNSURE:
                log.warning("Slack did not answer when it was shown how things stand")
                return
        # Progress is worth one use of the response_url, and no direct message.
        if self._uses < RESPONSE_URL_USES - 2:
            self._respond(message, in_channel=False, replace=self._replaces)

    def answer(self, parent: Message, details: Sequence[Message], alone: Alone) -> Reached:
        """Give the answer once: the verdict in the parent, the details in the thread, or all of it in one message."""
        if self._refusal is None:
            try:
                self._show_for_sure(parent)
            except (SlackApiError, *_NEVER_SENT) as error:
                self._refuse(error)
            except _UNSURE:
                log.warning("Slack did not answer when it was shown the verdict")
                if self.parent_ts is None:
                    details = (alone(None),)
        if self._refusal is not None:
            return self._elsewhere(alone)
        try:
            self._reply(details)
        except (SlackApiError, *_NEVER_SENT, *_UNSURE) as error:
            log.warning("the details go into the parent message: %s", _named(error))
            return self._into_parent(alone)
        return "channel"

    def reply(self, message: Message) -> Reached:
        """Say something in the thread, without touching the parent."""
        try:
            self._reply((message,))
        except (SlackApiError, *_NEVER_SENT) as error:
            self._refuse(error)
            return self._elsewhere(lambda _: message)
        except _UNSURE:
            log.warning("Slack did not answer when it was given a reply")
        return "channel"

    def amend(self, message: Message) -> None:
        """Change the parent message where it still is one of ours; post nothing. Never raises for Slack."""
        if self.parent_ts is None:
            return
        try:
            self._slack.chat_update(
                channel=self._channel,
                ts=self.parent_ts,
                parse="none",
                link_names=False,
                **self._ready(message),
            )
        except (SlackApiError, *_NEVER_SENT, *_UNSURE) as error:
            log.warning("a message was not amended: %s", _named(error))

    def tell(self, message: Message) -> None:
        """Say something to the person who asked, and to nobody else."""
        if self._respond(message, in_channel=False, replace=False) or not self._user:
            return
        try:
            self._slack.chat_postEphemeral(
                channel=self._channel, user=self._user, thread_ts=self._root, **self._ready(message)
            )
        except (SlackApiError, *_NEVER_SENT, *_UNSURE) as error:
            log.warning("a person could not be told something: %s", _named(error))

    # --- the channel ---------------------------------------------------------------------------------

    def _show(self, message: Message) -> None:
        ready = self._ready(message)
        if self.parent_ts is not None:
            try:
                self._slack.chat_update(
                    channel=self._channel, ts=self.parent_ts, parse="none", link_names=False, **ready
                )
                return
            except SlackApiError as error:
                if _code(error) in _TOO_MUCH and ready.get("blocks"):
                    log.error("Slack refused the blocks of a message: %s", _named(error))
                    self._show_text(str(ready["text"]))
                    return
                if _code(error) not in _GONE:
                    raise
                if self._root == self.parent_ts and _code(error) == "message_not_found":
                    self._root = None
                self.parent_ts = None
        self.parent_ts = self._post(ready, self._root)
        self._root = self._root or self.parent_ts

    def _show_text(self, text: str) -> None:
        """Only the sentence. An empty list takes the old blocks away."""
        self._slack.chat_update(
            channel=self._channel,
            ts=self.parent_ts or "",
            text=text,
            blocks=[],
            parse="none",
            link_names=False,
        )

    def _post(self, ready: dict[str, Any], thread_ts: str | None) -> str:
        try:
            answer = self._send(ready, thread_ts)
        except SlackApiError as error:
            if _code(error) in _TOO_MUCH and ready.get("blocks"):
                log.error("Slack refused the blocks of a message: %s", _named(error))
                return self._post_in_pieces(ready, thread_ts)
            if thread_ts is None or _code(error) not in _GONE:
                raise
            self._root = None
            answer = self._send(ready, None)
        return str(answer["ts"])

    def _post_in_pieces(self, ready: dict[str, Any], thread_ts: str | None) -> str:
        """In two messages, in a thread; elsewhere the sentence alone, so that the channel stays readable."""
        blocks = ready["blocks"]
        if thread_ts is None or len(blocks) < 2:
            return self._post({"text": ready["text"]}, thread_ts)
        half = len(blocks) // 2
        first = self._post({"text": ready["text"], "blocks": blocks[:half]}, thread_ts)
        self._post({"text": ready["text"], "blocks": blocks[half:]}, thread_ts)
        return first

    def _send(self, ready: dict[str, Any], thread_ts: str | None) -> Any:
        return self._slack.chat_postMessage(
            channel=self._channel,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            parse="none",
            link_names=False,
            **ready,
        )

    def _reply(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._post(self._ready(message), self._root)

    def _show_for_sure(self, message: Message) -> None:
        """Show something; an update that Slack did not answer is made again, since that says nothing twice."""
        try:
            self._show(message)
        except _UNSURE:
            if self.parent_ts is None:
                raise
            self._show(message)

    def _into_parent(self, alone: Alone) -> Reached:
        """Put everything into the parent, which needs no new message; elsewhere only where that is refused too."""
        if self.parent_ts is None:
            return self._elsewhere(alone)
        try:
            self._show_for_sure(alone(None))
        except (SlackApiError, *_NEVER_SENT) as error:
            self._refuse(error)
            return self._elsewhere(alone)
        except _UNSURE:
            log.warning("Slack did not answer when it was shown everything in the parent message")
        return "channel"

    def _refuse(self, error: Exception) -> None:
        self._refusal = _code(error) if isinstance(error, SlackApiError) else "unreachable"
        log.warning("the channel took no message: %s", _named(error))

    # --- what is left --------------------------------------------------------------------------------

    def _elsewhere(self, alone: Alone) -> Reached:
        if self._respond(alone(self._hint()), in_channel=True, replace=self._replaces):
            return "response_url"
        if not self._user:
            log.error("an answer reached nobody: %s, and nobody asked for it", self._refusal)
            return "nowhere"
        note = fmt("This comes as a direct message because the channel could not be written to.")
        try:
            self._slack.chat_postMessage(
                channel=self._user, unfurl_links=False, unfurl_media=False, **self._ready(alone(note))
            )
        except (SlackApiError, *_NEVER_SENT, *_UNSURE) as error:
            log.error("an answer reached nobody: %s", _named(error))
            return "nowhere"
        return "direct"

    def _hint(self) -> Mrkdwn:
        if self._refusal in _NOT_A_MEMBER:
            return fmt("Invite the app to this channel (`/invite @pullcheck`) to get answers in a thread.")
        if self._refusal == "is_archived":
            return fmt("This channel is archived, so the answer has no thread.")
        return fmt("Slack did not let the app post here, so the answer has no thread.")

    def _respond(self, message: Message, *, in_channel: bool, replace: bool) -> bool:
        """Send through the response_url; whether Slack took it."""
        if self._response_url is None or self._uses >= RESPONSE_URL_USES:
            return False
        # The address lets anybody post here, so it must not be logged: not by slack_sdk either.
        hook = WebhookClient(
            self._response_url, timeout=TIMEOUT, logger=_SILENT, retry_handlers=retry_handlers()
        )
        body = {
            **self._ready(message),
            "response_type": "in_channel" if in_channel else "ephemeral",
            "replace_original": replace,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        threads = (self._asked_in, None) if self._asked_in and not replace else (None,)
        for thread_ts in threads[: RESPONSE_URL_USES - self._uses]:
            self._uses += 1
            try:
                answer = hook.send_dict({**body, "thread_ts": thread_ts} if thread_ts else body)
            except _NEVER_SENT as error:
                log.warning("the response_url could not be reached: %s", _named(error))
                return False
            except _UNSURE:
                log.warning("the response_url did not answer")
                return True
            if answer.status_code == 200 and answer.body.strip() in ("", "ok", '{"ok":true}'):
                return True
            log.warning("the response_url took no message: status %s", answer.status_code)
        return False

    def _ready(self, message: Message) -> dict[str, Any]:
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


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error") or error.response.status_code)


def _named(error: Exception) -> str:
    """An error for the log: Slack's code, else the type. Never the message, which may hold an address."""
    return _code(error) if isinstance(error, SlackApiError) else type(error).__name__
