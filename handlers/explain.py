"""The button Explain: says in the thread why such a fault stops a pull, and gives the fix as code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, Respond

from handlers.buttons import STALE, job_of, value_of
from handlers.ids import EXPLAIN
from handlers.ports import Listening
from handlers.queueing import refused_by_queue
from handlers.views import notices
from handlers.views.message import Message


def register(app: App, listening: Listening) -> None:
    """Listen to the button."""

    @app.action(EXPLAIN)
    def explain(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        answer = handle(body, listening)
        ack()
        if answer is not None:
            respond(**answer.payload(), response_type="ephemeral", replace_original=False)


def handle(body: Mapping[str, Any], listening: Listening) -> Message | None:
    """Queue an explanation; or the message that says why not, for the person alone."""
    value = value_of(body)
    if value is None or not value.run_id:
        return notices.refused(STALE)
    account = value.target.account_id
    if account and (refusal := listening.accounts.refusal(account)):
        return notices.refused(refusal)
    return refused_by_queue(job_of(body, "explain", value.target, run_id=value.run_id), listening.queue)
