"""A message as Slack takes it, made once before it is sent as often as need be."""

from __future__ import annotations

import logging
from typing import Any

from slack_sdk.errors import SlackObjectFormationError

from handlers.views.lint import LintError, lint_message
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

Ready = dict[str, Any]
"""`text`, and `blocks` where a message has some: arguments of `chat.postMessage`, and members of a response_url's body."""


def ready(message: MessageContent, *, strict: bool) -> Ready:
    """The message as Slack takes it; where it breaks a limit, only its sentence.

    Args:
        message: the message.
        strict: raise instead (in tests).

    Raises:
        LintError, slack_sdk.errors.SlackObjectFormationError: it breaks a limit, and `strict` is set.
    """
    try:
        payload = message.payload()
        lint_message(payload)
    except (LintError, SlackObjectFormationError) as error:
        if strict:
            raise
        log.error("a message breaks Slack's limits and goes out as plain text: %s", error)
        return {"text": str(message.text)}
    return payload
