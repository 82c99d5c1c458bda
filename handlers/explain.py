"""The button Explain: says in the thread why such a fault stops a pull, and gives the fix as code."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from handlers import kinds
from handlers.buttons import answer_press, queue_run
from handlers.ids import EXPLAIN
from handlers.ports import Listening
from handlers.response_url import Responder


def register(app: App, listening: Listening) -> None:
    """Listen to the button."""

    @app.action(EXPLAIN)
    def explain(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kinds.EXPLAIN, listening))
