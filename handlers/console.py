"""Buttons that open a page of the console: acknowledged, and nothing else."""

from __future__ import annotations

from slack_bolt import Ack, App

from handlers.ids import CONSOLE_ACTIONS


def register(app: App) -> None:
    """Listen to the buttons. A press that nobody acknowledges shows the person a warning sign."""

    @app.action(CONSOLE_ACTIONS)
    def opened(ack: Ack) -> None:
        ack()
