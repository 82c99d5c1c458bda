"""An app that is connected to the local Slack, and hangs up in the end or says where it stands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from unittest import mock

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.socket_mode.builtin import internals

from bot.socket_receiver import hang_up, let_it_end
from demo.slack import LocalSlack
from demo.stacks import all_stacks

CLOSE_SECONDS = 30.0


@contextmanager
def one_tls_context() -> Iterator[None]:
    """Connections share what slack_sdk makes for each, of all certificates of this machine, and does not use on loopback."""
    with mock.patch.object(internals, "_use_or_create_ssl_context", _tls_context):
        yield


_tls_context = cache(internals._use_or_create_ssl_context)


@contextmanager
def connected_app(app: App, slack: LocalSlack) -> Iterator[SocketModeHandler]:
    """Bolt's own handler, connected."""
    handler = SocketModeHandler(app, slack.app_token)
    let_it_end(handler.client)
    with one_tls_context():
        handler.connect()
    slack.wait_connected()
    try:
        yield handler
    finally:
        close(handler)


def close(handler: SocketModeHandler) -> None:
    """Hang up. slack_sdk waits for its threads without a bound: after 30 s this fails with the stacks of all."""
    closing = threading.Thread(target=hang_up, args=(handler.client,), name="close-socket-mode", daemon=True)
    closing.start()
    closing.join(CLOSE_SECONDS)
    assert not closing.is_alive(), f"the app did not hang up within {CLOSE_SECONDS:.0f} s\n{all_stacks()}"
