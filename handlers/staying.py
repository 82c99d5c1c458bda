"""Clients of Slack that go nowhere else: a redirection is an answer, and is not followed.

urllib would follow it, with the bot's token among the headers, or from a response_url to whatever address its answer names.
Slack redirects neither; a proxy that blocks or wants a log-in does.
"""

from __future__ import annotations

from typing import Any
from urllib.request import HTTPRedirectHandler, Request

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient


def _stay(request: Request) -> None:
    """Let a request have been redirected as often as urllib follows, so that the next redirection is its answer."""
    request.redirect_dict = dict.fromkeys(map(str, range(HTTPRedirectHandler.max_redirections)), 1)  # type: ignore[attr-defined]


class StayingWebClient(WebClient):
    """The Web API, whose token goes to the address that is set, and nowhere else."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        _stay(req)
        return super()._perform_urllib_http_request_internal(url, req)


class StayingWebhookClient(WebhookClient):
    """Posts to the address that it was given, and nowhere else."""

    def _perform_http_request_internal(self, url: str, req: Request) -> Any:
        _stay(req)
        return super()._perform_http_request_internal(url, req)
