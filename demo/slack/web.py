"""The HTTP side of the local Slack: reads requests, asks the methods, writes answers and records both."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from demo.slack.errors import SlackRefusal
from demo.slack.methods import Methods
from demo.slack.pace import Limits
from demo.slack.response_urls import ResponseUrls
from demo.slack.script import AppCall, Script
from demo.slack.socket_mode import SocketMode

RouteHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Fields that the Web API takes as JSON text when a call is sent as a form.
_JSON_FIELDS = frozenset({"attachments", "blocks", "files", "metadata", "outputs", "view"})
_BODY_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True)
class Reply:
    """What a call is answered with."""

    body: str
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Front:
    """Answers calls, however they arrive. Every method may be called from any thread."""

    methods: Methods
    response_urls: ResponseUrls
    script: Script
    record: Callable[[AppCall], None]
    limits: Limits | None = None

    def api(self, method: str, arguments: dict[str, Any], token: str | None) -> Reply | None:
        """The answer to a call of the Web API; `None` where the connection breaks before it."""
        channel = self._channel(arguments)
        status, retry_after, lost = 200, None, False
        trouble: SlackRefusal | None = None
        # One step for those who wait: a message never shows before its call is on record.
        with self.methods.workspace.changed:
            try:
                now = self.methods.workspace.now()
                lost = self.script.take(method, channel, now)
                if self.limits is not None:
                    self.limits.take(method, channel, now)
                answer = self.methods.call(method, token, arguments)
            except SlackRefusal as refusal:
                trouble = refusal
                answer, status, retry_after = refusal.body(), refusal.status, refusal.retry_after
            self.record(AppCall(method, arguments, answer, status, channel))
        if lost or (trouble is not None and trouble.dropped):
            return None
        if trouble is not None and trouble.page is not None:
            return Reply(trouble.page, status, "text/html")
        headers = {"x-oauth-scopes": ",".join(sorted(self.methods.scopes)), "x-slack-req-id": "local"}
        return Reply(json.dumps(answer), status, headers=headers | _retry(retry_after))

    def response(self, key: str, text: str) -> Reply | None:
        """The same of a post to a response_url."""
        hook = self.response_urls.hooks.get(key)
        channel = hook.channel if hook is not None else None
        arguments: dict[str, Any] = {}
        answer: dict[str, Any] = {"ok": True}
        status, retry_after, lost = 200, None, False
        trouble: SlackRefusal | None = None
        with self.methods.workspace.changed:
            try:
                arguments = _object(text)
                now = self.methods.workspace.now()
                lost = self.script.take("response_url", channel, now)
                replaces = arguments.get("replace_original") in (True, "true")
                if (
                    self.limits is not None
                    and arguments.get("response_type") == "in_channel"
                    and not replaces
                ):
                    self.limits.take("chat.postMessage", channel, now)
                self.response_urls.answer(key, arguments)
            except SlackRefusal as refusal:
                trouble = refusal
                answer, retry_after = refusal.body(), refusal.retry_after
                status = 400 if refusal.status == 200 and refusal.page is None else refusal.status
            self.record(AppCall("response_url", arguments, answer, status, channel))
        if lost or (trouble is not None and trouble.dropped):
            return None
        if trouble is not None and trouble.page is not None:
            return Reply(trouble.page, status, "text/html")
        if answer["ok"]:
            return Reply("ok", content_type="text/plain")
        return Reply(json.dumps(answer), status, headers=_retry(retry_after))

    def _channel(self, arguments: Mapping[str, Any]) -> str | None:
        try:
            return self.methods.workspace.channel(str(arguments["channel"])).id
        except (KeyError, SlackRefusal):
            return None


def application(front: Front, socket_mode: SocketMode) -> web.Application:
    """The aiohttp application of the API; a page may add routes before it starts."""

    async def api(request: web.Request) -> web.StreamResponse:
        return _sent(request, front.api(request.match_info["method"], *await _read(request)))

    async def response(request: web.Request) -> web.StreamResponse:
        return _sent(request, front.response(request.match_info["key"], await request.text()))

    app = web.Application(middlewares=[loopback_only], client_max_size=_BODY_LIMIT)
    app.router.add_route("*", "/api/{method}", api)
    app.router.add_post("/response/{key:.+}", response)
    app.router.add_post("/upload/{file}", front.methods.files.upload)
    app.router.add_get("/socket", socket_mode.connect)
    return app


@web.middleware
async def loopback_only(request: web.Request, handler: RouteHandler) -> web.StreamResponse:
    """Refuse other sites: a foreign Host (a rebound DNS name) and a foreign Origin (another page)."""
    host = request.headers.get("Host", "")
    if host.partition(":")[0] not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden(text="this server answers on loopback only")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        raise web.HTTPForbidden(text="this server answers its own page only")
    return await handler(request)


async def _read(request: web.Request) -> tuple[dict[str, Any], str | None]:
    """A call's arguments and token."""
    form = request.content_type != "application/json" and request.can_read_body
    sent = dict(await request.post()) if form else await request.text()
    return read(dict(request.query), sent, request.content_type, request.headers.get("Authorization", ""))


def read(
    query: Mapping[str, Any], sent: Mapping[str, Any] | str, content_type: str, authorization: str
) -> tuple[dict[str, Any], str | None]:
    """A call's arguments and token; the token may stand in the header or among the arguments.

    Args:
        query: from the address.
        sent: a form's fields, or a body's text.
        content_type: what that text is.
        authorization: the header.

    Raises:
        SlackRefusal: the body is no JSON object.
    """
    arguments: dict[str, Any] = dict(query)
    if not isinstance(sent, str):
        arguments |= {name: _form_value(name, value) for name, value in sent.items()}
    elif content_type == "application/json":
        arguments |= _object(sent)
    token = arguments.pop("token", None)
    kind, _, secret = authorization.partition(" ")
    return arguments, secret if kind == "Bearer" else token


def _form_value(name: str, value: object) -> object:
    if name not in _JSON_FIELDS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise SlackRefusal("invalid_json", status=400) from error
    if not isinstance(value, dict):
        raise SlackRefusal("json_not_object", status=400)
    return value


def _retry(seconds: int | None) -> dict[str, str]:
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _sent(request: web.Request, reply: Reply | None) -> web.StreamResponse:
    if reply is not None:
        return web.Response(
            text=reply.body, status=reply.status, content_type=reply.content_type, headers=reply.headers
        )
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
