"""Requests before Bolt sees them: over HTTP signed and short enough, however they came of a shape that Bolt can take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.request.internals import build_context

from bot.access import Access
from bot.shapes import is_ssl_check, kind_of, misshapen, overfull
from bot.signature import Signatures
from handlers.response_url import Responder, is_slack_url

log = logging.getLogger(__name__)

LONGEST = 1_000_000
"""Bytes of a request's body. The longest of Slack's, a shortcut on a message full of blocks, takes some hundred thousand."""
WORKERS = 32
"""Threads for listeners: five, Bolt's own number, are not enough for a burst of commands."""
LOOK_SECONDS = 0.01
"""How often Bolt looks whether a listener has acknowledged."""

P = ParamSpec("P")
T = TypeVar("T")


class Listeners(ThreadPoolExecutor):
    """Threads for listeners, which mostly acknowledge and are done at once: so long Bolt's first look is put off.

    It looks when this returns, and else sleeps until its next look.
    """

    def __init__(self) -> None:
        super().__init__(WORKERS, thread_name_prefix="pullcheck-listener")

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a listener; returns when it is done, or else after `LOOK_SECONDS`."""
        future = super().submit(fn, *args, **kwargs)
        wait((future,), LOOK_SECONDS)
        return future


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


def repair_form(req: BoltRequest) -> None:
    """Read a form again that Bolt took for an interaction because "payload" occurs somewhere in it.

    A command about a cluster called payload-api would otherwise have an empty body and be answered 404.
    """
    if not req.body and req.raw_body and not req.raw_body.startswith("{"):
        form = dict(parse_qsl(req.raw_body, keep_blank_values=True))
        if "payload" not in form:
            req.body = form
            build_context(req.context, req.body)
