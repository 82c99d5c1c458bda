"""The buttons of an answer without a thread: Show details, and Post to channel where one person sees it."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from handlers import kinds
from handlers.buttons import answer_press, queue_run
from handlers.ids import POST, SHOW_DETAILS
from handlers.ports import Listening
from handlers.response_url import Responder


def register(app: App, listening: Listening) -> None:
    """Listen to the buttons."""

    @app.action(SHOW_DETAILS)
    def show(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kinds.SHOW_DETAILS, listening))

    @app.action(POST)
    def post(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kinds.POST, listening))
