"""Socket Mode: WebSocket connections of the app, payloads to it and its acknowledgements.

Slack: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from demo.slack.delivery import Delivery
from demo.slack.payloads import APP_ID
from demo.slack.workspace import Workspace

# Slack pings its clients as well, less often. Bolt's own handler notices that it shall close only when something arrives, so
# this is how long that takes to close.
_PING_SECONDS = 0.2


class NotConnectedError(Exception):
    """No app is connected; Slack would tell the person `dispatch_failed`."""


class SocketMode:
    """The connections of one app. Like Slack it sends each payload to one of them: here, the newest."""

    def __init__(self, workspace: Workspace, on_ack: Callable[[str, dict[str, Any] | None], None]) -> None:
        self.workspace = workspace
        self.opened = 0
        self._on_ack = on_ack
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        with self.workspace.changed:
            return len(self._connections)

    def ticket(self) -> str:
        """What lets one connection in, once."""
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """The WebSocket endpoint."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="this address was used before, or never given out")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        self._loop = asyncio.get_running_loop()
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": self.connections + 1,
                "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": 3600},
                "connection_info": {"app_id": APP_ID},
            }
        )
        with self.workspace.changed:
            self._connections.append(socket)
            self.opened += 1
            self.workspace.touch()
        pings = asyncio.ensure_future(self._quietly(self._ping(socket)))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    answer = json.loads(frame.data)
                    self._on_ack(answer["envelope_id"], answer.get("payload"))
        finally:
            pings.cancel()
            self._forget(socket)
        return socket

    def send(self, delivery: Delivery) -> None:
        """Send a payload from any thread; does not wait. Raises NotConnectedError."""
        with self.workspace.changed:
            if not self._connections or self._loop is None:
                raise NotConnectedError("no app is connected over Socket Mode")
            socket = self._connections[-1]
        self._soon(socket.send_json(delivery.envelope()))

    def disconnect(self, reason: str) -> None:
        """Tell every connection to come back at a new address, and close it. Returns at once."""
        with self.workspace.changed:
            sockets, self._connections = self._connections, []
            self.workspace.touch()
        for socket in sockets:
            self._soon(self._dismiss(socket, reason))

    async def close(self) -> None:
        """Close every connection without a word, as when the network goes."""
        with self.workspace.changed:
            sockets, self._connections = self._connections, []
            self.workspace.touch()
        for socket in sockets:
            await socket.close()

    async def _ping(self, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await asyncio.sleep(_PING_SECONDS)
            await socket.ping()

    async def _dismiss(self, socket: web.WebSocketResponse, reason: str) -> None:
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        await socket.close()

    def _forget(self, socket: web.WebSocketResponse) -> None:
        with self.workspace.changed:
            if socket in self._connections:
                self._connections.remove(socket)
            self.workspace.touch()

    def _soon(self, work: Any) -> None:
        def start() -> None:
            task: asyncio.Task[None] = asyncio.ensure_future(self._quietly(work))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

        assert self._loop is not None
        self._loop.call_soon_threadsafe(start)

    async def _quietly(self, work: Any) -> None:
        # The app may hang up at any moment; what was not acknowledged shows in the delivery.
        try:
            await work
        except (ConnectionError, RuntimeError):
            return
