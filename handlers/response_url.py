"""Slack's own addresses for answers to a request, and posting to one without keeping anybody waiting.

Whatever posts to a response_url asks `is_slack_url` first: the address comes out of a request's body, and posting to any
other would let whoever wrote it make this app call an address of their choice.
Slack: https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any, TypeGuard

from slack_sdk.http_retry import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import ServerErrorRetryHandler

from handlers.staying import StayingWebhookClient

log = logging.getLogger(__name__)

# The address lets anybody post, so it must not be logged: not by slack_sdk either.
_SILENT = logging.getLogger("pullcheck.response_url")
_SILENT.setLevel(logging.CRITICAL)

_REST = r"/[A-Za-z0-9._~%!$&'()*+,;=:@/?-]{0,2000}"
# An ordinary parser is not asked: parsers disagree about user names, backslashes, tabs and letters outside of ASCII, and the
# one that connects in the end may read another host than the one that was checked.
_SLACK = re.compile(rf"https://hooks\.slack(?:-gov)?\.com(?::443)?{_REST}", re.ASCII)
"""GovSlack runs on slack-gov.com: https://api.slack-gov.com/gov-slack/about"""
_LOOPBACK = re.compile(rf"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{{1,5}})?{_REST}", re.ASCII)

SECONDS = 10
"""How long a post may take where nobody waits for it."""


def is_slack_url(url: object, api_url: str) -> TypeGuard[str]:
    """True when an address for answers is one of Slack's, or one of this machine where the Web API is on it too.

    Args:
        url: what a request gave as its response_url; anything may stand there.
        api_url: where the Web API is (`SLACK_API_URL`).
    """
    if not isinstance(url, str):
        return False
    return bool(_SLACK.fullmatch(url) or (is_on_loopback(api_url) and _LOOPBACK.fullmatch(url)))


def is_on_loopback(api_url: str) -> bool:
    """True when a Web API is on this machine."""
    return _LOOPBACK.fullmatch(api_url) is not None


def beside(work: Callable[[], None], wait: float) -> bool:
    """Do something on a thread of its own; whether it was done in `wait` seconds, and true where nobody waits."""
    thread = threading.Thread(target=work, name="pullcheck-respond", daemon=True)
    thread.start()
    if wait <= 0:
        return True
    thread.join(wait)
    return not thread.is_alive()


class Responder:
    """Posts to one response_url, for listeners, in place of Bolt's `respond`. Never raises.

    The post is made on a thread of its own, so that neither a slow Slack nor a slow name server delays the acknowledgement
    of a request by more than `wait` seconds.

    Args:
        url: the address, `None` where the request had none; one that is not Slack's is not called.
        api_url: where the Web API is.
        wait: for how many seconds a caller waits. On Lambda a little, since nothing runs there after the answer; with any
            wait a post is tried once and given no more time than that.
    """

    def __init__(self, url: object, api_url: str, *, wait: float = 0.0) -> None:
        self._url = url if is_slack_url(url, api_url) else None
        self._wait = wait

    def __call__(self, **message: Any) -> None:
        """Post a message, with Slack's names for its members."""
        if self._url is None:
            return
        body = {name: value for name, value in message.items() if value is not None}
        url = self._url
        if not beside(lambda: self._post(url, body), self._wait):
            log.warning("the response_url has not answered in time; nobody waits for it")

    def _post(self, url: str, body: dict[str, Any]) -> None:
        patient = self._wait <= 0
        hook = StayingWebhookClient(
            url,
            timeout=SECONDS if patient else max(1, int(self._wait)),
            logger=_SILENT,
            # To say something twice to one person is better than to say nothing.
            retry_handlers=[
                ConnectionErrorRetryHandler(),
                RateLimitErrorRetryHandler(),
                ServerErrorRetryHandler(),
            ]
            if patient
            else [],
        )
        try:
            answer = hook.send_dict(body)
        except Exception as error:
            # Its text may quote the address.
            log.warning("the response_url could not be reached: %s", type(error).__name__)
            return
        if answer.status_code != 200:
            log.warning("the response_url took no message: status %s", answer.status_code)
