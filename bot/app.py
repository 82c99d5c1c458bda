"""The Bolt app: one factory for every transport, with what must hold for every request."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

from slack_bolt import Ack, App, BoltContext, BoltRequest, BoltResponse, Respond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.internals import build_context
from slack_sdk import WebClient

from bot.metrics import MeasuredWebClient, Metrics
from bot.settings import Settings
from handlers import console, explain, present, pullcheck, rerun, shortcut
from handlers.calls import TIMEOUT, retry_handlers
from handlers.ports import Accounts, Listening
from handlers.views import notices
from handlers.views.message import Message

log = logging.getLogger(__name__)

WORKERS = 32
"""Threads for listeners: five, Bolt's own number, are not enough for a burst of commands."""
REMEMBERED_SECONDS = 600.0
REMEMBERED = 5000

Next = Callable[[], BoltResponse]


def accounts_of(settings: Settings) -> Accounts:
    """The AWS accounts that may be asked about."""
    return Accounts(settings.pullcheck_allowed_accounts)


def web_client(settings: Settings, token: str | None = None, metrics: Metrics | None = None) -> WebClient:
    """The Web API, with the bot's token unless another is given."""
    return MeasuredWebClient(
        metrics=metrics or Metrics(),
        token=token if token is not None else settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=TIMEOUT,
        retry_handlers=retry_handlers(),
    )


def create_app(
    settings: Settings,
    listening: Listening,
    *,
    executor: Executor | None = None,
    process_before_response: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> App:
    """The app with all its listeners. Makes no call to Slack.

    Args:
        settings: tokens and allow-lists.
        listening: where the work goes.
        executor: runs the listeners; by default a pool of its own.
        process_before_response: answer only when the listener has returned (on Lambda).
        clock: seconds, for the memory of deliveries.
    """
    token = settings.slack_bot_token.get_secret_value()
    secret = settings.slack_signing_secret

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # With a function of ours Bolt asks Slack nothing on the way to an acknowledgement, and SLACK_CLIENT_ID in the
        # environment cannot make it forget the token.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = App(
        name="pullcheck",
        logger=quiet_logger(),
        client=_without_token(settings),
        authorize=authorize,
        # Without a secret nobody can sign: an empty one would let everybody.
        signing_secret=secret.get_secret_value() if secret else secrets.token_hex(32),
        token_verification_enabled=False,
        before_authorize=repair_form,
        process_before_response=process_before_response,
        listener_executor=executor or ThreadPoolExecutor(WORKERS, thread_name_prefix="pullcheck-listener"),
    )
    app.use(_once(clock))
    app.use(_allowed(settings))
    app.error(_report)
    pullcheck.register(app, listening)
    shortcut.register(app, listening)
    rerun.register(app, listening)
    explain.register(app, listening)
    present.register(app, listening)
    console.register(app)
    return app


def _without_token(settings: Settings) -> WebClient:
    client = web_client(settings, token="")
    client.token = None
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


def repair_form(req: BoltRequest, next: Next) -> BoltResponse:
    """Read a form again that Bolt took for an interaction because "payload" occurs somewhere in it.

    A command about a cluster called payload-api would otherwise have an empty body and be answered 404.
    """
    if not req.body and req.raw_body and not req.raw_body.startswith("{"):
        form = dict(parse_qsl(req.raw_body, keep_blank_values=True))
        if "payload" not in form:
            req.body = form
            build_context(req.context, req.body)
    return next()


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


def _allowed(settings: Settings) -> Callable[..., BoltResponse]:
    """Let through only those who may ask; the others get one sentence, for them alone."""
    rules = (
        ("user", settings.pullcheck_allowed_users, "You are not on the list of people who may ask this app."),
        (
            "team",
            settings.pullcheck_allowed_teams,
            "Your workspace is not on the list of those that may ask this app.",
        ),
        ("channel", settings.pullcheck_allowed_channels, "This app does not answer in this channel."),
    )

    def allowed(
        context: BoltContext, body: dict[str, Any], ack: Ack, respond: Respond, next: Next
    ) -> BoltResponse:
        given = {
            "user": context.actor_user_id or context.user_id,
            "team": context.actor_team_id or context.team_id,
            "channel": context.channel_id,
        }
        for what, names, sentence in rules:
            if names is not None and given[what] not in names:
                return _refuse(
                    notices.refused(f"{sentence} Its operator can change that."), body, ack, respond
                )
        return next()

    return allowed


def _refuse(message: Message, body: dict[str, Any], ack: Ack, respond: Respond) -> BoltResponse:
    if "command" in body:
        return ack(**{**message.payload(), "response_type": "ephemeral"})
    if body.get("response_url"):
        respond(**message.payload(), response_type="ephemeral", replace_original=False)
    return ack()


def _report(error: Exception, body: dict[str, Any], respond: Respond) -> BoltResponse:
    """Whatever a listener raises: the person gets an id, the log the rest. Slack gets an acknowledgement."""
    failure_id = secrets.token_hex(4)
    log.error("failure %s in a listener", failure_id, exc_info=error)
    message = notices.refused(_sentence(failure_id))
    if "command" in body:
        answer = {**message.payload(), "response_type": "ephemeral"}
        return BoltResponse(
            status=200, body=json.dumps(answer), headers={"content-type": ["application/json"]}
        )
    if body.get("response_url"):
        try:
            respond(**message.payload(), response_type="ephemeral", replace_original=False)
        except Exception:
            log.exception("failure %s could not be reported", failure_id)
    return BoltResponse(status=200, body="")


def _sentence(failure_id: str) -> str:
    text = notices.sentence_of_failure(failure_id)
    return text[:1].upper() + text[1:]
