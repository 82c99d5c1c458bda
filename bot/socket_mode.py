"""Runs the bot over Socket Mode until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.app import create_app
from bot.healthy import beating
from bot.services import Parts, compose
from bot.settings import Settings
from bot.slack_clients import quiet_logger, web_client
from bot.socket_receiver import hang_up, let_it_end
from bot.stores.chosen import STORE_ERRORS, name_of
from diagnostics.collect import AwsClients
from handlers.pace import Pace
from handlers.ports import Diagnoser
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.ways import Places

log = logging.getLogger(__name__)

STOP_SECONDS = 20.0
"""How long running diagnoses may take at the end. Docker and ECS kill after 30 seconds at the earliest."""

CLOSE_SECONDS = 3.0


class CannotConnectError(Exception):
    """Slack did not let the bot connect; the message says what to do."""


class _ReadingHandler(SocketModeHandler):
    """Bolt's handler; what Bolt cannot even read is dropped in one line, which holds nothing of it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        let_it_end(self.client)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Answer a request."""
        try:
            super().handle(client, req)
        except Exception as error:
            log.warning("a request over Socket Mode could not be answered (%s)", type(error).__name__)


class SocketModeBot:
    """The bot as one object: `with SocketModeBot(settings): …` is connected inside and stopped after.

    Args:
        settings: the settings, with an app-level token.
        aws: who asks AWS; by default boto3 with its own settings.
        diagnose: makes diagnoses in place of AWS clients (in tests).
        strict: raise on a message that breaks Slack's limits (in tests).
        pace: Slack's pace, with a clock of its own (in tests).
        places: what the modal offers in place of what AWS lists (in tests).
        stop_seconds: how long running diagnoses may take at the end.
    """

    def __init__(
        self,
        settings: Settings,
        aws: AwsClients | None = None,
        *,
        diagnose: Diagnoser | None = None,
        strict: bool = False,
        pace: Pace | None = None,
        places: Places | None = None,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        if settings.slack_app_token is None:
            raise ValueError("Socket Mode needs SLACK_APP_TOKEN")
        self.parts: Parts = compose(settings, aws, diagnose=diagnose, strict=strict, pace=pace, places=places)
        self.app = create_app(settings, self.parts.listening)
        self._stop_seconds = stop_seconds
        self._handler = _ReadingHandler(
            self.app,
            settings.slack_app_token.get_secret_value(),
            logger=quiet_logger(),
            web_client=web_client(settings, token=""),
            concurrency=20,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Connect.

        Raises:
            CannotConnectError: Slack refused the app-level token, or could not be reached.
        """
        self.app.access.prepare()
        try:
            self._handler.client.connect()
        except SlackApiError as error:
            self.stop()
            raise CannotConnectError(
                f"Slack refused the connection ({code_of(error)}): SLACK_APP_TOKEN must be an app-level "
                "token (xapp-…) with the scope connections:write, and Socket Mode must be on in the app's settings."
            ) from error
        except CALL_ERRORS as error:
            self.stop()
            raise CannotConnectError(f"Slack could not be reached ({code_of(error)}).") from error
        self.parts.take_up()
        if self.parts.events is not None:
            self.parts.events.start()
        if self.parts.daily is not None:
            self.parts.daily.start()

    def is_connected(self) -> bool:
        """True while the connection to Slack lives, as far as is known."""
        return bool(self._handler.client.is_connected())

    def stop(self) -> bool:
        """Take no more work, finish what runs, disconnect; whether everything that was taken was done."""
        # The connection stays open meanwhile: what arrives now is answered that the app restarts.
        done = self.parts.stop(self._stop_seconds)
        # It waits for listeners, too.
        closing = threading.Thread(
            target=hang_up, args=(self._handler.client,), name="pullcheck-close", daemon=True
        )
        closing.start()
        closing.join(CLOSE_SECONDS)
        self.app.listener_runner.listener_executor.shutdown(wait=False)
        return done


def run_until_stopped(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    try:
        bot = SocketModeBot(settings)
    except STORE_ERRORS as error:
        print(f"pullcheck: {name_of(settings)} cannot be used: {error}", file=sys.stderr)
        return 1
    stop = threading.Event()
    with _on_signals(stop.set):
        try:
            bot.start()
        except CannotConnectError as error:
            print(f"pullcheck: {error}", file=sys.stderr)
            return 1
        log.info("connected to Slack; waiting for /pullcheck")
        with beating(bot.is_connected):
            # Another process that shares the file may end and not start again.
            while not stop.wait(bot.parts.store.look):
                bot.parts.take_up()
        log.info("stopping: finishing what runs")
        if not bot.stop():
            log.warning("some diagnoses were not finished in time; those who asked were told where possible")
    return 0


@contextmanager
def _on_signals(act: Callable[[], None]) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:
        act()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
