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

from bot.access import Access, asker_of
from bot.shapes import kind_of
from handlers import audit, step
from handlers.buttons import STALE
from handlers.home import REFUSAL
from handlers.response_url import Responder, beside
from handlers.views import notices
from handlers.views.message import MessageContent
from handlers.views.modal import as_view, no_options, read_chosen

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
        kind = kind_of(body)
        asker = asker_of(body, context.channel_id or _channel_of_view(body))
        home = kind == "event_callback" and body["event"]["type"] == "app_home_opened"
        sentence = access.refusal(asker, anywhere=home)
        if sentence is None:
            return next()
        if home:
            # Nobody asked anything; but the Home says why it is empty.
            context[REFUSAL] = sentence
            return next()
        message = notices.refused(sentence)
        if kind == "event_callback" and body["event"]["type"] == "function_executed":
            audit.refused_request("step", user=None, team=asker.home, channel=asker.channel, why=sentence)
            beside(lambda: step.refuse(slack, body["event"], sentence), wait)
            return ack()
        if kind == "event_callback" and not _is_addressed(body["event"]):
            # Nobody asked anything, so that nothing is refused.
            return ack()
        audit.refused_request(kind, user=asker.user, team=asker.home, channel=asker.channel, why=sentence)
        if kind == "event_callback" and asker.user and asker.channel:
            event = body["event"]
            whisper(slack, wait)(asker.channel, asker.user, event.get("thread_ts"), message)
        return _tell(message, body, ack, respond)

    return allowed


def _channel_of_view(body: dict[str, Any]) -> str | None:
    """Where the modal, or the App Home, was opened in which something was done: Slack names no channel then.

    For a step of a workflow it is where the answer goes.
    """
    known = read_chosen(body.get("view") or {})
    if known is not None:
        return known.channel
    event = body.get("event") or {}
    inputs = event.get("inputs") if event.get("type") == "function_executed" else None
    channel = inputs.get("channel") if isinstance(inputs, dict) else None
    return channel if isinstance(channel, str) else None


def _is_addressed(event: dict[str, Any]) -> bool:
    """True when somebody spoke to the app, and not only where the app hears it."""
    private = event.get("type") == "message" and event.get("channel_type") == "im"
    return event.get("type") == "app_mention" or (
        private and not event.get("subtype") and not event.get("bot_id")
    )


def whisper(slack: WebClient, wait: float) -> Callable[[str, str, str | None, MessageContent], None]:
    """Says something to a person alone, where an event leaves no other way; `wait` is for how long it may hold that up."""

    def say(channel: str, user: str, thread_ts: str | None, message: MessageContent) -> None:
        beside(lambda: _whisper(slack, channel, user, thread_ts, message), wait)

    return say


def _whisper(
    slack: WebClient, channel: str, user: str, thread_ts: str | None, message: MessageContent
) -> None:
    """Never raises."""
    try:
        slack.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts, **message.payload())
    except Exception as error:
        log.warning("a person could not be told something in a channel (%s)", type(error).__name__)


def _tell(message: MessageContent, body: dict[str, Any], ack: Ack, respond: Responder) -> BoltResponse:
    """Acknowledge a request, and say something to the person who sent it, alone."""
    if kind_of(body) == "command":
        return ack(**{**message.payload(), "response_type": "ephemeral"})
    if kind_of(body) == "view_submission":
        return ack(response_action="update", view=as_view(message))
    if kind_of(body) == "block_suggestion":
        return ack(**no_options(str(message.text)))
    if kind_of(body) != "event_callback":
        respond(**message.payload(), response_type="ephemeral", replace_original=False)
    return ack()


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
