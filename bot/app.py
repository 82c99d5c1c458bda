"""The Bolt app: one factory for every transport, with what must hold for every request."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.internals import build_context
from slack_sdk import WebClient

from bot.access import ASK_SECONDS, Access, Asker, asker_of
from bot.metrics import MeasuredWebClient, Metrics
from bot.settings import Settings
from bot.shapes import is_ssl_check, kind_of, misshapen, overfull
from bot.signature import Signatures
from handlers import console, pullcheck, run_buttons, shortcut
from handlers.buttons import STALE
from handlers.calls import TIMEOUT, retry_handlers
from handlers.ports import Accounts, Listening
from handlers.response_url import Responder, beside, is_slack_url
from handlers.views import notices
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)
_SILENT = logging.getLogger("pullcheck.asking")
_SILENT.setLevel(logging.CRITICAL)

WORKERS = 32
"""Threads for listeners: five, Bolt's own number, are not enough for a burst of commands."""
REMEMBERED_SECONDS = 600.0
REMEMBERED = 5000
LONGEST = 1_000_000
"""Bytes of a request's body. The longest of Slack's, a shortcut on a message full of blocks, takes some hundred thousand."""
RESPOND_SECONDS = 1.0
"""What telling a person something through the response_url may take on Lambda, where it comes before the acknowledgement."""

UNKNOWN = "This app does not know that command; /pullcheck help says what it does."

Next = Callable[[], BoltResponse]


def accounts_of(settings: Settings) -> Accounts:
    """The AWS accounts that may be asked about."""
    return Accounts(settings.pullcheck_allowed_accounts, settings.pullcheck_channel_accounts or {})


def web_client(settings: Settings, token: str | None = None, metrics: Metrics | None = None) -> WebClient:
    """The Web API, with the bot's token unless another is given."""
    return MeasuredWebClient(
        metrics=metrics or Metrics(),
        token=token if token is not None else settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=TIMEOUT,
        retry_handlers=retry_handlers(),
    )


class PullcheckApp(App):
    """Bolt's app, which lets nothing in that Slack did not sign, and nothing that Bolt would stumble over.

    Bolt parses a request before it verifies it, and its own verification raises on some headers and then lets the error
    handler answer; here an unverified request reaches neither.

    Args:
        signatures: verifies requests over HTTP; those over Socket Mode come from Slack itself.
        access: who may ask.
        api_url: where the Web API is, for response_urls.
        wait: for how many seconds a post to a response_url may hold up an acknowledgement.
        bolt: what Bolt wants to know.
    """

    def __init__(
        self, *, signatures: Signatures, access: Access, api_url: str, wait: float, **bolt: Any
    ) -> None:
        super().__init__(raise_error_for_unhandled_request=True, **bolt)
        self.signatures = signatures
        self.access = access
        self._api_url = api_url
        self._wait = wait

    def receive(self, body: bytes, headers: Mapping[str, list[str]]) -> BoltResponse:
        """Answer a request over HTTP. Never raises.

        Args:
            body: as it arrived.
            headers: values by name in small letters.
        """
        if len(body) > LONGEST:
            return too_long()
        if not self.signatures.hold(body, headers):
            return unsigned()
        if overfull(body):
            return _odd("it has too many members", 400)
        # By such headers Bolt tells itself to run a lazy listener; nobody else may.
        kept: dict[str, str | Sequence[str]] = {
            name: values for name, values in headers.items() if not name.startswith("x-slack-bolt-")
        }
        try:
            request = BoltRequest(body=body.decode(), headers=kept)
        except Exception as error:
            return _odd(f"it cannot be read ({type(error).__name__})", 400)
        return self.dispatch(request)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Answer a request, however it came."""
        over_http = req.mode != "socket_mode"
        if over_http:
            body = req.raw_body.encode(errors="surrogatepass")
            if len(body) > LONGEST:
                return too_long()
            if not self.signatures.hold(body, req.headers):
                return unsigned()
        try:
            repair_form(req)
            problem = misshapen(req.body)
        except Exception as error:
            problem = type(error).__name__
        if problem is not None:
            # Over Socket Mode Slack would send again what is not acknowledged.
            return _odd(problem, 400 if over_http else 200)
        if kind_of(req.body) == "other":
            # Nothing here listens to it, and Bolt looks into some of these without looking first.
            if not is_ssl_check(req.body):
                log.info("a request of a kind that this app has no use for is acknowledged")
            return BoltResponse(status=200, body="")
        self._only_slacks_urls(req)
        try:
            return super().dispatch(req)
        except Exception as error:
            # Not what listeners raise, which Bolt hands to `_report`, but what Bolt itself makes of a member of the body.
            return _odd(type(error).__name__, 400 if over_http else 200)

    def _only_slacks_urls(self, req: BoltRequest) -> None:
        """Take response_urls that are not Slack's out of a request, and Bolt's `respond`, which would post to any."""
        several = req.body.get("response_urls")
        for holder in (req.body, *(several if isinstance(several, list) else ())):
            if not is_slack_url(holder.get("response_url"), self._api_url) and holder.pop(
                "response_url", None
            ):
                log.warning("a response_url that is not Slack's is ignored")
        if not is_slack_url(req.context.response_url, self._api_url):
            req.context["response_url"] = None
        req.context["respond"] = Responder(req.context.response_url, self._api_url, wait=self._wait)


def unsigned() -> BoltResponse:
    """The answer to a request that Slack did not sign. What it says is not logged: anybody may send it."""
    log.info("a request was refused: Slack did not sign it just now")
    return BoltResponse(status=401, body="")


def too_long() -> BoltResponse:
    """The answer to a request that is longer than any of Slack's."""
    log.info("a request was refused: it is longer than %d bytes", LONGEST)
    return BoltResponse(status=413, body="")


def _odd(problem: str, status: int) -> BoltResponse:
    log.warning("a request of Slack's was dropped, which is not as Slack says: %s", problem)
    return BoltResponse(status=status, body="")


def create_app(
    settings: Settings,
    listening: Listening,
    *,
    executor: Executor | None = None,
    process_before_response: bool = False,
    clock: Callable[[], float] = time.monotonic,
    access: Access | None = None,
) -> PullcheckApp:
    """The app with all its listeners. Makes no call to Slack.

    Args:
        settings: tokens and allow-lists.
        listening: where the work goes.
        executor: runs the listeners; by default a pool of its own.
        process_before_response: answer only when the listener has returned (on Lambda).
        clock: seconds, for the memory of deliveries.
        access: who may ask; by default as the settings say.
    """
    token = settings.slack_bot_token.get_secret_value()
    secret = settings.slack_signing_secret
    # Without a secret nobody can sign: an empty one would let everybody.
    signing_secret = secret.get_secret_value() if secret else secrets.token_hex(32)

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # With a function of ours Bolt asks Slack nothing on the way to an acknowledgement, and SLACK_CLIENT_ID in the
        # environment cannot make it forget the token.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = PullcheckApp(
        signatures=Signatures(signing_secret),
        access=access or Access(settings, _asking_client(settings)),
        api_url=settings.slack_api_url,
        wait=RESPOND_SECONDS if process_before_response else 0.0,
        name="pullcheck",
        logger=quiet_logger(),
        client=_without_token(settings),
        authorize=authorize,
        signing_secret=signing_secret,
        token_verification_enabled=False,
        process_before_response=process_before_response,
        listener_executor=executor or ThreadPoolExecutor(WORKERS, thread_name_prefix="pullcheck-listener"),
    )
    app.use(_once(clock))
    app.use(_allowed(app.access, RESPOND_SECONDS if process_before_response else 0.0))
    app.error(_report)
    pullcheck.register(app, listening)
    shortcut.register(app, listening)
    run_buttons.register(app, listening)
    console.register(app)
    return app


def _asking_client(settings: Settings) -> WebClient:
    """The Web API for what must be known before an acknowledgement: asked once, and not for long."""
    return WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=ASK_SECONDS,
        retry_handlers=[],
        # At ERROR it logs each connection that fails; what matters of that is logged where it is decided.
        logger=_SILENT,
    )


def _without_token(settings: Settings) -> WebClient:
    client = web_client(settings, token="")
    client.token = None
    # Bolt makes a client like it for each request.
    client._logger = _SILENT
    return client


def quiet_logger() -> logging.Logger:
    """Bolt's loggers copy this one's level. At INFO they would log whole bodies, response_urls among them."""
    logger = logging.getLogger("pullcheck.bolt")
    logger.setLevel(logging.WARNING)
    if _not_about_tokens not in logger.filters:
        logger.addFilter(_not_about_tokens)
    return logger


def _not_about_tokens(record: logging.LogRecord) -> bool:
    """Bolt warns that it does not use SLACK_BOT_TOKEN itself, which is what we want."""
    return "`token` will be unused" not in record.getMessage()


def repair_form(req: BoltRequest) -> None:
    """Read a form again that Bolt took for an interaction because "payload" occurs somewhere in it.

    A command about a cluster called payload-api would otherwise have an empty body and be answered 404.
    """
    if not req.body and req.raw_body and not req.raw_body.startswith("{"):
        form = dict(parse_qsl(req.raw_body, keep_blank_values=True))
        if "payload" not in form:
            req.body = form
            build_context(req.context, req.body)


def _once(clock: Callable[[], float]) -> Callable[..., BoltResponse]:
    """Acknowledge a request that was delivered before, and do nothing more: Slack repeats what it is not sure of."""
    seen: OrderedDict[str, float] = OrderedDict()
    lock = threading.Lock()

    def once(body: dict[str, Any], next: Next) -> BoltResponse:
        key = body.get("event_id") or body.get("trigger_id")
        if not key:
            return next()
        now = clock()
        with lock:
            while seen and (len(seen) > REMEMBERED or oldest(seen) < now - REMEMBERED_SECONDS):
                seen.popitem(last=False)
            known = key in seen
            seen.setdefault(str(key), now)
        return BoltResponse(status=200, body="") if known else next()

    return once


def oldest(seen: OrderedDict[str, float]) -> float:
    """When the first of those that are remembered was seen."""
    return next(iter(seen.values()))


def _allowed(access: Access, wait: float) -> Callable[..., BoltResponse]:
    """Let through only those who may ask; the others get one sentence, for them alone.

    Args:
        access: who may ask.
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
        log.info("%s of workspace %s may not ask: %s", asker.user, asker.home, sentence)
        message = notices.refused(sentence)
        if (
            kind_of(body) == "event_callback"
            and _is_addressed(body["event"])
            and asker.user
            and asker.channel
        ):
            beside(lambda: _whisper(context.client, asker, body["event"], message), wait)
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


def _report(
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
