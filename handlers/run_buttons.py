"""The buttons of an answer: each queues its kind of job, about the run that the answer is of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from handlers.buttons import STALE, answer_press, queue_run
from handlers.ids import MORE
from handlers.jobs import Kind
from handlers.kinds import KINDS
from handlers.ports import Listening
from handlers.response_url import Responder
from handlers.views import notices


def register(app: App, listening: Listening) -> None:
    """Listen to the button of each kind that has one, and to the menu of the others."""
    for kind in KINDS.values():
        if kind.button is not None:
            app.action(kind.button)(_listener(kind, listening))

    @app.action(MORE)
    def choose(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        kind = _chosen(body)
        answer_press(
            ack, respond, notices.refused(STALE) if kind is None else queue_run(body, kind, listening)
        )


def _chosen(body: dict[str, Any]) -> Kind | None:
    """The kind of work that a choice of the menu asks for."""
    option = (body["actions"][0].get("selected_option") or {}).get("value")
    return next((kind for kind in KINDS.values() if kind.option is not None and kind.option == option), None)


def _listener(kind: Kind, listening: Listening) -> Callable[..., None]:
    # Bolt gives a listener what its parameters are called, so that these names are Bolt's.
    def press(ack: Ack, body: dict[str, Any], respond: Responder) -> None:
        answer_press(ack, respond, queue_run(body, kind, listening))

    return press
