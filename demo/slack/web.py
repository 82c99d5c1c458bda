"""The HTTP side of the local Slack: reads requests, asks the methods, writes answers and records both."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
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


def application(
    methods: Methods,
    response_urls: ResponseUrls,
    socket_mode: SocketMode,
    script: Script,
    record: Callable[[AppCall], None],
    limits: Limits | None = None,
) -> web.Application:
    """The aiohttp application of the API; a page may add routes before it starts."""
    front = _WebApiFront(methods, response_urls, script, record, limits)
    app = web.Application(middlewares=[loopback_only], client_max_size=_BODY_LIMIT)
    app.router.add_route("*", "/api/{method}", front.api)
    app.router.add_post("/response/{key:.+}", front.response)
    app.router.add_post("/upload/{file}", methods.files.upload)
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


class _WebApiFront:
    def __init__(
        self,
        methods: Methods,
        response_urls: ResponseUrls,
        script: Script,
        record: Callable[[AppCall], None],
        limits: Limits | None,
    ) -> None:
        self.methods = methods
        self.response_urls = response_urls
        self.script = script
        self.record = record
        self.limits = limits

    async def api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments, token = await _read(request)
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
            return _hang_up(request)
        if trouble is not None and trouble.page is not None:
            return web.Response(text=trouble.page, content_type="text/html", status=status)
        headers = {"x-oauth-scopes": ",".join(sorted(self.methods.scopes)), "x-slack-req-id": "local"}
        return web.json_response(answer, status=status, headers=headers | _retry(retry_after))

    async def response(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        hook = self.response_urls.hooks.get(key)
        channel = hook.channel if hook is not None else None
        text = await request.text()
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
            return _hang_up(request)
        if trouble is not None and trouble.page is not None:
            return web.Response(text=trouble.page, content_type="text/html", status=status)
        if answer["ok"]:
            return web.Response(text="ok")
        return web.json_response(answer, status=status, headers=_retry(retry_after))

    def _channel(self, arguments: Mapping[str, Any]) -> str | None:
        try:
            return self.methods.workspace.channel(str(arguments["channel"])).id
        except (KeyError, SlackRefusal):
            return None


async def _read(request: web.Request) -> tuple[dict[str, Any], str | None]:
    """A call's arguments and token; the token may stand in the header or among the arguments."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        arguments |= _object(await request.text())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            arguments[name] = _form_value(name, value)
    token = arguments.pop("token", None)
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        token = secret
    return arguments, token


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


def _hang_up(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
