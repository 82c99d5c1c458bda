"""The answer that a run makes, in the forms that different places need."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.finding import Cause
from handlers.answers import AnswerForms
from handlers.saved_run import SavedRun
from handlers.text import Mrkdwn, join
from handlers.thread_state import ThreadState, parent_of
from handlers.views import notices
from handlers.views.details import alone, details
from handlers.views.message import MessageContent
from handlers.views.parent import person, short


@dataclass(frozen=True)
class Since:
    """What a run found to be different from an earlier one.

    Attributes:
        line: the difference, or that there is none, in one line.
        said: the same for a message that holds more.
        causes: those that the thread does not explain yet.
    """

    line: MessageContent
    said: Mrkdwn
    causes: tuple[Cause, ...]


def answer_of(
    run: SavedRun,
    *,
    causes_page: str | None = None,
    state: ThreadState | None = None,
    since: Since | None = None,
) -> AnswerForms:
    """The answer that a run makes, in the forms that different places need."""
    report, run_id, target = run.report, run.run_id, run.target
    assert report is not None
    said = since.said if since is not None else None

    def without_thread(note: Mrkdwn | None) -> MessageContent:
        notes = [item for item in (said, note) if item is not None]
        return short(report, run_id=run_id, target=target, note=join("\n", notes) if notes else None)

    def in_thread() -> tuple[MessageContent, ...]:
        if since is None:
            return (details(report, causes_page=causes_page),)
        if not since.causes:
            return (since.line,)
        return since.line, details(report, causes_page=causes_page, causes=since.causes)

    by = person(run.user, run.user_name)
    whole = alone(report, run_id=run_id, target=target, by=by, causes_page=causes_page, since=said)
    told = parent_of(run) if state is None else state.parent_of(run)
    return AnswerForms(told, in_thread, without_thread, whole, notices.unconfirmed(target, run_id=run_id))
