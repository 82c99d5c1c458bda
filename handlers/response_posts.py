"""The response_url of one request, as a place to answer: five times in thirty minutes, also where the app is no member.

Slack: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

from __future__ import annotations

import json
import logging
from typing import Any, Literal
from urllib.error import URLError

from slack_sdk.http_retry import ConnectionErrorRetryHandler

from handlers.calls import TIMEOUT
from handlers.newer_blocks import REFUSED, NewerBlocks
from handlers.pace import Line, Pace, posts
from handlers.response_url import is_slack_url
from handlers.slack_errors import CALL_ERRORS, SlackFailure, answer_failed, failure_of
from handlers.staying import StayingWebhookClient
from handlers.views.flat import flattened, has_folds

log = logging.getLogger(__name__)
_SILENT = logging.getLogger("pullcheck.response_url")
_SILENT.setLevel(logging.CRITICAL)

USES = 5

Taken = Literal["taken", "refused", "unsure"]


class ResponsePosts:
    """Posts to one response_url, and waits for its answer. Never raises for Slack.

    Args:
        url: the address, `None` where the request had none; one that is not Slack's is not called.
        api_url: where the Web API is.
        channel: which channel's pace a message for everybody keeps to.
        pace: Slack's pace.
        blocks: what the workspace takes.
    """

    def __init__(
        self, url: str | None, api_url: str, channel: str, pace: Pace, blocks: NewerBlocks | None = None
    ) -> None:
        self._blocks = blocks or NewerBlocks()
        self._url = url if is_slack_url(url, api_url) else None
        self._channel = channel
        self._pace = pace
        self._refused_blocks = False
        self.left = USES if self._url else 0
        """How often Slack takes an answer still."""

    def send(
        self,
        until: float,
        message: dict[str, Any],
        *,
        everybody: bool = False,
        replace: bool = False,
        thread_ts: str | None = None,
    ) -> Taken:
        """Answer; whether Slack took it.

        Args:
            until: when it must have been sent for the last time, by the pace's clock.
            message: text and blocks.
            everybody: for the whole channel, not for the person alone.
            replace: in place of the message whose button was pressed.
            thread_ts: the thread to answer in; where Slack knows of none, the channel is answered in.
        """
        body = {
            **self._blocks.fitting(message),
            "response_type": "in_channel" if everybody else "ephemeral",
            "replace_original": replace,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if thread_ts is not None:
            taken, status = self._send(until, {**body, "thread_ts": thread_ts}, everybody)
            if taken != "refused" or status != 400 or self._refused_blocks:
                return (
                    self._in_older_blocks(until, body, everybody, thread_ts) if taken == "refused" else taken
                )
        taken = self._send(until, body, everybody)[0]
        return self._in_older_blocks(until, body, everybody, None) if taken == "refused" else taken

    def _in_older_blocks(
        self, until: float, body: dict[str, Any], everybody: bool, thread_ts: str | None
    ) -> Taken:
        """Once more, where the workspace took none of the newer blocks."""
        if not self._refused_blocks or not has_folds(body):
            return "refused"
        older = flattened(body if thread_ts is None else {**body, "thread_ts": thread_ts})
        taken = self._send(until, older, everybody)[0]
        if taken == "taken":
            self._blocks.remember()
        return taken

    def _send(self, until: float, body: dict[str, Any], everybody: bool) -> tuple[Taken, int]:
        self._refused_blocks = False
        line = posts(self._channel) if everybody else Line("response_url", 0.0)
        while self._url is not None and self.left > 0 and self._pace.turn(line, until, first=True):
            self.left -= 1
            failure, status = self._post(self._url, body)
            if failure is None:
                return "taken", status
            log.warning("the response_url took no message: %s", failure.code)
            self._refused_blocks = failure.code in REFUSED
            if failure.retry_after is not None:
                self._pace.hold(line, failure.retry_after)
                self.left += 1
                continue
            if status in (404, 410):
                # Expired, used up, or never one: it takes nothing any more.
                self.left = 0
            # A server's error means that it most likely did not work, and silence would be worse than a word too many to
            # one person; no answer at all most likely means that it did.
            lost = failure.meaning == "unsure" and not failure.answered
            return "unsure" if lost else "refused", status
        return "refused", 0

    def _post(self, url: str, body: dict[str, Any]) -> tuple[SlackFailure | None, int]:
        # The address lets anybody post here, so it must not be logged: not by slack_sdk either.
        hook = StayingWebhookClient(
            url,
            timeout=TIMEOUT,
            logger=_SILENT,
            retry_handlers=[ConnectionErrorRetryHandler(error_types=[URLError])],
        )
        try:
            answer = hook.send_dict(body)
        except CALL_ERRORS as error:
            return failure_of(error), 0
        return read_answer(answer.status_code, answer.body, answer.headers), answer.status_code


def read_answer(status: int, body: object, headers: Any = None) -> SlackFailure | None:
    """What the answer of a response_url means; `None` where the message was taken.

    Slack answers `ok`, nothing, or JSON: with `ok`, and with `error` where it refuses. An error may stand there as bare text.
    """
    text = body.strip() if isinstance(body, str) else ""
    if status == 200 and text in ("", "ok"):
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = text
    said = read.get("error") if isinstance(read, dict) else read
    if status == 200 and isinstance(read, dict) and read.get("ok") is True:
        return None
    return answer_failed(status, said, headers)
