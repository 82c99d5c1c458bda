"""slack_sdk's threads of Socket Mode: one can miss that it was told to end, others take seconds to look."""

from __future__ import annotations

import socket
from contextlib import suppress

from slack_sdk.socket_mode import SocketModeClient


def let_it_end(client: SocketModeClient) -> None:
    """Let the thread that receives for a client end when, and only when, its session does.

    When slack_sdk (3.x) begins to receive it takes back the mark that the session was ended, and looks for the session
    and its state one after the other while `connect` puts new ones there. A `close` at that moment waits for ever for a
    thread that reads from no socket; a reconnect leaves one that never hears of the new connection. Every connection
    has a state of its own, so that nothing has to be taken back: with the state read first, what is received for is
    either the newest session or one that was ended, and that returns at once.
    """

    def receive() -> None:
        state = client.current_session_state
        session = client.current_session
        if session is None or not session.is_active():
            return
        try:
            session.run_until_completion(state)
        except Exception as error:
            client.logger.error(f"Could not receive from Slack any more ({type(error).__name__}: {error})")

    client.current_session_runner.target = receive


def hang_up(client: SocketModeClient) -> None:
    """Close a client; returns when its threads have ended. slack_sdk waits for them without a bound.

    The thread that receives looks whether it is over when Slack has said something, which may be seconds later: it is told that
    nothing comes any more. The thread that takes messages looks once a second; an empty message wakes it.
    """
    client.closed = True
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    session = client.current_session
    connected = None if session is None else session.sock
    if connected is not None:
        with suppress(OSError):
            # For reading alone: what is being sent still goes out. Not SSLSocket's own, which takes away what the other
            # thread is reading with.
            socket.socket.shutdown(connected, socket.SHUT_RD)
    client.message_queue.put(None)
    client.close()
