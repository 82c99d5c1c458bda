"""What a call to Slack that failed means: refused, certainly not carried out, or possibly carried out all the same.

Slack says of `internal_error` and `fatal_error` that some of the operation may have succeeded, and of `update_failed` that
it failed inside; it says nothing like it of the others that pass. Errors of all methods:
https://docs.slack.dev/reference/methods/chat.postMessage#errors and chat.update#errors
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Literal
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError

Meaning = Literal["refused", "not_done", "unsure"]

CALL_ERRORS = (SlackClientError, OSError, HTTPException, ValueError, LookupError, AttributeError)
"""What slack_sdk raises: its own errors, the network's, and, of answers that are none of Slack's, those of whoever reads
JSON, letters in an unknown code, or an object in what is a list."""

_PASSES = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "request_timeout", "team_added_to_org", "external_channel_migrating"})  # fmt: skip
"""Slack did nothing, and may do it later. `request_timeout` says that the request came in pieces."""
_DOUBTFUL = frozenset({"internal_error", "fatal_error", "update_failed"})
_CODE = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)
LONGEST_HOLD = 3600.0


@dataclass(frozen=True)
class SlackFailure:
    """A call that failed.

    Attributes:
        code: Slack's error code, else `http_` and the status, else the type of the error. Never a text of somebody else.
        meaning: `refused` stays so; `not_done` may be repeated; `unsure` may be repeated only where that says nothing twice.
        answered: an answer came.
        retry_after: seconds that Slack asked to wait.
    """

    code: str
    meaning: Meaning
    answered: bool = True
    retry_after: float | None = None


class CallFailedError(Exception):
    """A call to Slack failed, and was repeated as often as that makes sense."""

    def __init__(self, failure: SlackFailure) -> None:
        super().__init__(failure.code)
        self.failure = failure

    @property
    def code(self) -> str:
        """What the failure is called in logs and metrics."""
        return self.failure.code

    @property
    def refused(self) -> bool:
        """True when Slack said no, and would say it again."""
        return self.failure.meaning == "refused"

    @property
    def unanswered(self) -> bool:
        """True when the call went out and no answer came: it was most likely carried out."""
        return self.failure.meaning == "unsure" and not self.failure.answered


def failure_of(error: Exception) -> SlackFailure:
    """What an error of slack_sdk means."""
    if isinstance(error, SlackApiError):
        status = int(getattr(error.response, "status_code", 0) or 0)
        return answer_failed(status, _said(error.response), getattr(error.response, "headers", None))
    if isinstance(error, URLError):
        # urllib raises it for what goes wrong before the request is out, never for a lost answer.
        return SlackFailure(type(error).__name__, "not_done", answered=False)
    return SlackFailure(type(error).__name__, "unsure", answered=False)


def answer_failed(status: int, said: object, headers: Any = None) -> SlackFailure:
    """What an answer means that is not Slack's yes.

    Args:
        status: of HTTP.
        said: where Slack's code should stand; anything may.
        headers: of the answer, by name.
    """
    code = code_or_status(said, status)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return SlackFailure(code, "not_done", retry_after=_retry_after(headers))
    if status >= 500 or code in _DOUBTFUL:
        return SlackFailure(code, "unsure")
    # Slack redirects nothing, and redirections are not followed (`handlers.staying`): a proxy's answer.
    if code in _PASSES or status == 408 or 300 <= status < 400:
        return SlackFailure(code, "not_done")
    # A page in place of JSON says nothing about what was done behind it.
    return SlackFailure(code, "unsure" if code == f"http_{status}" and status < 400 else "refused")


def code_or_status(said: object, status: int) -> str:
    """Slack's error code where it looks like one, else the status: what stands there may be a page."""
    return said if isinstance(said, str) and _CODE.fullmatch(said) else f"http_{status}"


def code_of(error: Exception) -> str:
    """What an error of slack_sdk is called in logs and metrics."""
    return error.code if isinstance(error, CallFailedError) else failure_of(error).code


def _said(response: Any) -> object:
    data = getattr(response, "data", response)
    return data.get("error") if isinstance(data, dict) else None


def _retry_after(headers: Any) -> float:
    """The seconds of Retry-After; one where it is missing or no number."""
    try:
        given = {str(name).lower(): value for name, value in dict(headers or {}).items()}["retry-after"]
        seconds = float(given[0] if isinstance(given, (list, tuple)) else given)
    except (KeyError, IndexError, TypeError, ValueError):
        return 1.0
    return min(max(seconds, 0.0), LONGEST_HOLD) if seconds == seconds else 1.0
