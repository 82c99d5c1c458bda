"""The button Re-run checks: diagnoses again and says in the same thread what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, Respond

from handlers.buttons import STALE, job_of, value_of
from handlers.ids import RERUN
from handlers.ports import Listening
from handlers.queueing import refused_by_queue
from handlers.views import notices
from handlers.views.message import Message


def register(app: App, listening: Listening) -> None:
    """Listen to the button."""

    @app.action(RERUN)
    def rerun(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        answer = handle(body, listening)
        ack()
        if answer is not None:
            respond(**answer.payload(), response_type="ephemeral", replace_original=False)


def handle(body: Mapping[str, Any], listening: Listening) -> Message | None:
    """Queue a re-run; or the message that says why not, for the person alone."""
    value = value_of(body)
    if value is None:
        return notices.refused(STALE)
    account = value.target.account_id
    if account and (refusal := listening.accounts.refusal(account)):
        return notices.refused(refusal)
    job = job_of(body, "rerun", value.target, run_id=value.run_id or None)
    return refused_by_queue(job, listening.queue)
