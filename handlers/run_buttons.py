"""The buttons of an answer: each queues its kind of job, about the run that the answer is of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from handlers.buttons import answer_press, queue_run
from handlers.jobs import Kind
from handlers.kinds import KINDS
from handlers.ports import Listening
from handlers.response_url import Responder


def register(app: App, listening: Listening) -> None:
    """Listen to the button of each kind that has one."""
    for kind in KINDS.values():
        if kind.button is not None:
            app.action(kind.button)(_listener(kind, listening))


def _listener(kind: Kind, listening: Listening) -> Callable[..., None]:
    # Bolt gives a listener what its parameters are called, so that these names are Bolt's.
    def press(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kind, listening))

    return press
