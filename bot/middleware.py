"""What holds for every request that Bolt takes: done once, only for who may ask, and answered where a listener fails."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltContext, BoltResponse
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.access import Access, Asker, asker_of
from bot.shapes import kind_of
from handlers import audit
from handlers.buttons import STALE
from handlers.response_url import Responder, beside
from handlers.views import notices
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

REMEMBERED_SECONDS = 600.0
REMEMBERED = 5000

UNKNOWN = "This app does not know that command; /pullcheck help says what it does."

Next = Callable[[], BoltResponse]


def deliver_once(clock: Callable[[], float]) -> Callable[..., BoltResponse]:
    """Acknowledge a request that was delivered before, and do nothing more: Slack repeats what it is not sure of."""
    seen: OrderedDict[str, float] = OrderedDict()
    lock = threading.Lock()

    def once(body: dict[str, Any], next: Next) -> BoltResponse:
        key = body.get("event_id") or body.get("trigger_id")
        if not key:
            return next()
        now = clock()
        with lock:
            while seen and (len(seen) > REMEMBERED or _oldest(seen) < now - REMEMBERED_SECONDS):
                seen.popitem(last=False)
            known = key in seen
            seen.setdefault(str(key), now)
        return BoltResponse(status=200, body="") if known else next()

    return once


def _oldest(seen: OrderedDict[str, float]) -> float:
    """When the first of those that are remembered was seen."""
    return next(iter(seen.values()))


def only_allowed(access: Access, slack: WebClient, wait: float) -> Callable[..., BoltResponse]:
    """Let through only those who may ask; the others get one sentence, for them alone.

    Args:
        access: who may ask.
        slack: tells those who mention the app, in place of the client that Bolt makes for each request.
        wait: for how many seconds telling somebody may hold up an acknowledgement.
    """

    def allowed(
        context: BoltContext, body: dict[str, Any], ack: Ack, respond: Responder, next: Next
    ) -> BoltResponse:
        if kind_of(body) == "url_verification":
            return next()
        asker = asker_of(body, context.channel_id)
        sentence = access.refusal(asker)
        if sentence is None:
            return next()
        message, kind = notices.refused(sentence), kind_of(body)
        if kind == "event_callback" and not _is_addressed(body["event"]):
            # Nobody asked anything, so that nothing is refused.
            return ack()
        audit.refused_request(kind, user=asker.user, team=asker.home, channel=asker.channel, why=sentence)
        if kind == "event_callback" and asker.user and asker.channel:
            beside(lambda: _whisper(slack, asker, body["event"], message), wait)
        return _tell(message, body, ack, respond)

    return allowed


def _is_addressed(event: dict[str, Any]) -> bool:
    """True when somebody spoke to the app, and not only where the app hears it."""
    private = event.get("type") == "message" and event.get("channel_type") == "im"
    return event.get("type") == "app_mention" or (
        private and not event.get("subtype") and not event.get("bot_id")
    )


def _whisper(slack: WebClient, asker: Asker, event: dict[str, Any], message: MessageContent) -> None:
    """Say something to a person alone, where an event leaves no other way. Never raises."""
    try:
        slack.chat_postEphemeral(
            channel=asker.channel or "",
            user=asker.user or "",
            thread_ts=event.get("thread_ts"),
            **message.payload(),
        )
    except Exception as error:
        log.warning("a person could not be told that they may not ask (%s)", type(error).__name__)


def _tell(message: MessageContent, body: dict[str, Any], ack: Ack, respond: Responder) -> BoltResponse:
    """Acknowledge a request, and say something to the person who sent it, alone."""
    if kind_of(body) == "command":
        return ack(**{**message.payload(), "response_type": "ephemeral"})
    if kind_of(body) == "view_submission":
        return ack(response_action="update", view=_as_view(message))
    if kind_of(body) != "event_callback":
        respond(**message.payload(), response_type="ephemeral", replace_original=False)
    return ack()


def _as_view(message: MessageContent) -> dict[str, Any]:
    """A message as a modal, in place of the one that was sent."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Pullcheck"},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": message.payload()["blocks"],
    }


def report_failure(
    error: Exception, body: dict[str, Any], ack: Ack, respond: Responder, response: BoltResponse | None
) -> BoltResponse | None:
    """Whatever a listener raises: the person gets an id, the log the rest. Slack gets an acknowledgement, if it has none yet."""
    if isinstance(error, BoltUnhandledRequestError):
        return _unhandled(body, ack, respond)
    failure_id = secrets.token_hex(4)
    log.error("failure %s in a listener", failure_id, exc_info=error)
    answer = _tell(notices.refused(_sentence(failure_id)), body, ack, respond)
    return None if response is None else answer


def _unhandled(body: dict[str, Any], ack: Ack, respond: Responder) -> BoltResponse:
    """Acknowledge what nothing listens to: Slack would repeat it, or show the person a warning that explains nothing."""
    kind = kind_of(body)
    log.warning("nothing listens to this %s request; it is acknowledged", kind)
    said = {"command": UNKNOWN, "block_actions": STALE}.get(kind)
    return ack() if said is None else _tell(notices.refused(said), body, ack, respond)


def _sentence(failure_id: str) -> str:
    text = notices.sentence_of_failure(failure_id)
    return text[:1].upper() + text[1:]
