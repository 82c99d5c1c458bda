"""Runs an aiohttp application on 127.0.0.1 in a thread of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from demo.stacks import all_stacks

SECONDS = 30.0
"""How long starting and stopping may take; an idle machine needs some milliseconds."""


class LoopbackServer:
    """A server that is ready when `start` returns and gone when `stop` returns.

    Both raise TimeoutError, with the stacks of all threads, where that takes longer than `SECONDS`.
    """

    def __init__(self, application: web.Application, port: int = 0) -> None:
        self._application = application
        self._wanted_port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._runner: web.AppRunner | None = None
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self._wanted_port))
            self.port = listener.getsockname()[1]
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="local-slack", daemon=True)
            self._thread.start()
            self._run(self._listen(listener))
        except BaseException:
            listener.close()
            if self._loop is not None:
                self._end_loop(self._loop)
            raise

    def stop(self, before: Callable[[], Awaitable[None]] | None = None) -> None:
        """Run `before` in the server's loop, then stop listening and end the thread."""
        loop = self._loop
        if loop is None:
            return
        self._run(self._close(before))
        self._end_loop(loop)

    def call_soon(self, work: Callable[[], None]) -> None:
        """Run something in the server's loop, soon; nothing happens when the server has stopped."""
        loop = self._loop
        if loop is not None:
            # Another thread may close the loop at any moment.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(work)

    async def _listen(self, listener: socket.socket) -> None:
        self._runner = web.AppRunner(self._application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        self._listener = listener

    async def _close(self, before: Callable[[], Awaitable[None]] | None) -> None:
        assert self._runner is not None
        assert self._listener is not None
        # A connection that was accepted just now becomes known to the runner some turns of the loop later; asyncio
        # would drop it without closing it if the listener were closed in between.
        asyncio.get_running_loop().remove_reader(self._listener)
        await _settle()
        if before is not None:
            await before()
        await self._runner.cleanup()
        await _settle()

    def _run(self, work: Awaitable[None]) -> None:
        async def wait() -> None:
            await work

        assert self._loop is not None
        done = asyncio.run_coroutine_threadsafe(wait(), self._loop)
        try:
            done.result(SECONDS)
        except concurrent.futures.TimeoutError:
            raise TimeoutError(
                f"the local Slack did not start or stop within {SECONDS:.0f} s\n{all_stacks(self._loop)}"
            ) from None

    def _end_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join(SECONDS)
            if self._thread.is_alive():
                raise TimeoutError(
                    f"the local Slack's loop did not end within {SECONDS:.0f} s\n{all_stacks(loop)}"
                )
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        self._loop = None


async def _settle() -> None:
    """Let what is due now run: the steps between accepting a connection and serving it, or closing it."""
    for _ in range(10):
        await asyncio.sleep(0)
