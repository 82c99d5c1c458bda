"""Calls of `chat.*`, at Slack's pace, and repeated where that says nothing twice.

A message is posted again only where Slack certainly took none: it said so, or was never reached. An update and a deletion are
repeated in doubt too. slack_sdk's own retry handlers cannot tell the one from the other (a server error of any method is
repeated, Retry-After is slept through inside the client), so they serve the methods beside these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.http_retry import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    RetryHandler,
)
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler

from handlers.pace import DELETES, EPHEMERALS, UPDATES, Line, Pace, posts
from handlers.slack_errors import CALL_ERRORS, CallFailedError, SlackFailure, failure_of

log = logging.getLogger(__name__)

TIMEOUT = 10
"""Seconds for which an answer is waited for."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before a call is repeated; the last of them before every further one."""
OURS = frozenset({"chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete"})
_READS = frozenset({"auth.test", "chat.getPermalink", "conversations.info", "users.info", "usergroups.list", "usergroups.users.list"})  # fmt: skip


class _Some(RetryHandler):
    """One of slack_sdk's handlers, for some methods only."""

    def __init__(self, inner: RetryHandler, wanted: Callable[[str], bool]) -> None:
        super().__init__(inner.max_retry_count)
        self._inner = inner
        self._wanted = wanted

    def _can_retry(self, **given: Any) -> bool:
        method = urlsplit(given["request"].url).path.rpartition("/")[2]
        return self._wanted(method) and self._inner.can_retry(**given)

    def prepare_for_next_attempt(self, **given: Any) -> None:
        self._inner.prepare_for_next_attempt(**given)


def retry_handlers() -> list[RetryHandler]:
    """What slack_sdk repeats by itself: of what is not repeated here, that which certainly was not done, and what only reads."""

    def not_ours(method: str) -> bool:
        return method not in OURS

    def reads(method: str) -> bool:
        return method in _READS

    return [
        _Some(ConnectionErrorRetryHandler(error_types=[URLError]), not_ours),
        _Some(RateLimitErrorRetryHandler(max_retry_count=2), not_ours),
        _Some(ServerErrorRetryHandler(), reads),
    ]


class Calls:
    """The calls of `chat.*` in one channel.

    Each takes `until`, the moment of the pace's clock by which it must have begun for the last time, and raises
    `CallFailedError`.

    Args:
        slack: the Web API with the bot's token.
        channel: where.
        pace: Slack's pace.
        first: a person waits for them, so that they go before what nobody asked for.
    """

    def __init__(self, slack: WebClient, channel: str, pace: Pace, *, first: bool = False) -> None:
        self._slack = slack
        self._channel = channel
        self._pace = pace
        self._first = first

    def post(self, until: float, thread_ts: str | None, message: dict[str, Any]) -> str:
        """Post a message; its ts."""

        def call() -> Any:
            return self._slack.chat_postMessage(
                channel=self._channel,
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
                parse="none",
                link_names=False,
                **message,
            )

        ts = self._call("chat.postMessage", posts(self._channel), until, call).get("ts")
        if not isinstance(ts, str):
            raise CallFailedError(SlackFailure("no_ts", "unsure"))
        return ts

    def update(self, until: float, ts: str, message: dict[str, Any]) -> None:
        """Change a message."""
        self._call(
            "chat.update",
            UPDATES,
            until,
            lambda: self._slack.chat_update(
                channel=self._channel, ts=ts, parse="none", link_names=False, **message
            ),
            again=True,
        )

    def delete(self, until: float, ts: str) -> None:
        """Take a message away."""
        self._call(
            "chat.delete",
            DELETES,
            until,
            lambda: self._slack.chat_delete(channel=self._channel, ts=ts),
            again=True,
        )

    def whisper(self, until: float, user: str, thread_ts: str | None, message: dict[str, Any]) -> None:
        """Say something to one person of the channel."""
        self._call(
            "chat.postEphemeral",
            EPHEMERALS,
            until,
            lambda: self._slack.chat_postEphemeral(
                channel=self._channel, user=user, thread_ts=thread_ts, **message
            ),
        )

    def _call(
        self, method: str, line: Line, until: float, call: Callable[[], Any], *, again: bool = False
    ) -> Any:
        """Call, and repeat; `again` where a repeat says nothing twice."""
        failure = SlackFailure("pace", "not_done", answered=False)
        tries = 0
        while self._pace.turn(line, until, first=self._first):
            try:
                return call()
            except CALL_ERRORS as error:
                failure = failure_of(error)
            log.warning("%s failed: %s", method, failure.code)
            if failure.meaning == "refused" or (failure.meaning == "unsure" and not again):
                break
            if failure.retry_after is not None:
                self._pace.hold(line, failure.retry_after)
                continue
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            tries += 1
            if self._pace.clock() + pause > until:
                break
            self._pace.sleep(pause)
        raise CallFailedError(failure)
