"""The buttons of our answers: a press queues what its kind does, and the person alone hears why where it does not."""

from __future__ import annotations

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
            _listen(app, kind, kind.button, listening)


def _listen(app: App, kind: Kind, action_id: str, listening: Listening) -> None:
    @app.action(action_id)
    def press(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kind, listening))
