"""Clients of Slack's Web API, and the logger that Bolt is given: none of them logs a body, a token or a page."""

from __future__ import annotations

import logging

from slack_sdk import WebClient

from bot.access import ASK_SECONDS
from bot.metrics import MeasuredWebClient, Metrics
from bot.settings import Settings
from handlers.calls import TIMEOUT, retry_handlers
from handlers.staying import StayingWebClient

_SILENT = logging.getLogger("pullcheck.asking")
_SILENT.setLevel(logging.CRITICAL)


def web_client(settings: Settings, token: str | None = None, metrics: Metrics | None = None) -> WebClient:
    """The Web API, with the bot's token unless another is given."""
    return MeasuredWebClient(
        metrics=metrics or Metrics(),
        token=token if token is not None else settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=TIMEOUT,
        retry_handlers=retry_handlers(),
    )


def asking_client(settings: Settings) -> WebClient:
    """The Web API for what must be known before an acknowledgement: asked once, and not for long."""
    return StayingWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=ASK_SECONDS,
        retry_handlers=[],
        # At ERROR it logs each connection that fails; what matters of that is logged where it is decided.
        logger=_SILENT,
    )


def client_without_token(settings: Settings) -> WebClient:
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
