"""The button Re-run checks: diagnoses again and says in the same thread what has changed."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from handlers import kinds
from handlers.buttons import answer_press, queue_run
from handlers.ids import RERUN
from handlers.ports import Listening
from handlers.response_url import Responder


def register(app: App, listening: Listening) -> None:
    """Listen to the button."""

    @app.action(RERUN)
    def rerun(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kinds.RERUN, listening))
