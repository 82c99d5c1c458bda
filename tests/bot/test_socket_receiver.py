"""The thread that receives for Socket Mode ends with its session, whatever the moment."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from bot.socket_receiver import hang_up, let_it_end


class Session:
    """A connection that something happens to at the moment when the thread has seen that it is open."""

    session_id = "test"

    def __init__(self, then: Any) -> None:
        self.then = then
        self.received_for: list[ConnectionState] = []

    def is_active(self) -> bool:
        self.then()
        return True

    def run_until_completion(self, state: ConnectionState) -> None:
        self.received_for.append(state)

    def close(self) -> None:
        pass


@pytest.fixture
def client() -> Iterator[SocketModeClient]:
    client = SocketModeClient("xapp-test")
    # Its own threads would take part.
    client.current_session_runner.shutdown()
    client.current_session_runner.thread = threading.Thread()
    let_it_end(client)
    yield client
    client.current_session = None
    hang_up(client)


def test_a_close_at_that_moment_is_not_taken_back(client: SocketModeClient) -> None:
    state = client.current_session_state

    def close() -> None:
        state.terminated = True

    session: Any = Session(close)
    client.current_session = session
    client.current_session_runner.target()
    assert [item.terminated for item in session.received_for] == [True]


def test_a_connection_made_at_that_moment_is_not_received_for_in_the_old_ones_name(
    client: SocketModeClient,
) -> None:
    old = client.current_session_state

    def connect() -> None:
        # As `connect` does: the old state ends before a new one stands.
        old.terminated = True
        client.current_session_state = ConnectionState()

    session: Any = Session(connect)
    client.current_session = session
    client.current_session_runner.target()
    # For the old state it returns at once; the next turn is for the new one.
    assert session.received_for == [old]
    assert old.terminated
    session.then = lambda: None
    client.current_session_runner.target()
    assert session.received_for[1:] == [client.current_session_state]
    assert not client.current_session_state.terminated


def test_without_an_open_connection_nothing_is_received(client: SocketModeClient) -> None:
    client.current_session_runner.target()
    session: Any = Session(lambda: None)
    session.is_active = lambda: False
    client.current_session = session
    client.current_session_runner.target()
    assert session.received_for == []


def test_what_fails_is_logged_and_ends_nothing(
    client: SocketModeClient, caplog: pytest.LogCaptureFixture
) -> None:
    session: Any = Session(lambda: None)

    def fail(state: ConnectionState) -> None:
        raise ValueError("no")

    session.run_until_completion = fail
    client.current_session = session
    client.current_session_runner.target()
    assert "Could not receive from Slack any more (ValueError: no)" in caplog.text


def test_hanging_up_ends_every_thread() -> None:
    client = SocketModeClient("xapp-test")
    let_it_end(client)
    threads = [client.current_session_runner.thread, client.message_processor.thread]
    hang_up(client)
    assert [thread.is_alive() for thread in threads] == [False, False]


class Reading(socket.socket):
    """A connection that tells when it is read from."""

    def __init__(self, of: socket.socket) -> None:
        super().__init__(of.family, of.type, of.proto, of.detach())
        self.began = threading.Event()

    def recv(self, *arguments: Any) -> bytes:
        self.began.set()
        return super().recv(*arguments)


def test_hanging_up_does_not_wait_for_slack_to_say_something() -> None:
    client = SocketModeClient("xapp-test")
    let_it_end(client)
    ours, slacks = socket.socketpair()
    with slacks:
        session: Any = Connection("ws://127.0.0.1", logging.getLogger("test"))
        session.sock = Reading(ours)
        client.current_session = session
        receiving = client.current_session_runner.thread
        assert session.sock.began.wait(10)
        closing = threading.Thread(target=hang_up, args=(client,), daemon=True)
        closing.start()
        closing.join(10)
        assert not closing.is_alive()
        assert not receiving.is_alive()
        assert slacks.recv(1) == b""
