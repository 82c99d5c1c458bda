"""An app that is connected to the local Slack, and hangs up in the end or says where it stands."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.socket_receiver import hang_up, let_it_end
from demo.slack import LocalSlack
from demo.stacks import all_stacks

CLOSE_SECONDS = 30.0


@contextmanager
def connected_app(app: App, slack: LocalSlack) -> Iterator[SocketModeHandler]:
    """Bolt's own handler, connected; Slack pings it often, so that it closes within parts of a second."""
    handler = SocketModeHandler(app, slack.app_token)
    let_it_end(handler.client)
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
