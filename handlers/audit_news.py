"""What changed since the audit of the day before, told to a channel: a job, so that Slack's trouble loses none of it."""

from __future__ import annotations

import logging

from pydantic import BaseModel, ConfigDict

from diagnostics.audit import AuditChange
from handlers.answers import AnswerForms, Reached
from handlers.attempt import Attempt
from handlers.views.audited import changed

log = logging.getLogger(__name__)

MOST_CHANGES = 40
"""Changes that one job carries; the others are counted. A message of SQS holds 256 KB."""


class ToldChange(BaseModel):
    """A change, with the names of those that it concerns in this channel."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    who: str
    change: AuditChange


class AuditNews(BaseModel):
    """What a channel is told of a day's audit.

    Attributes:
        heading: what was audited and how much changed, a sentence.
        changes: the worst first.
        left: how many changes are not among them.
        notes: sentences that stand below.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    heading: str
    changes: tuple[ToldChange, ...] = ()
    left: int = 0
    notes: tuple[str, ...] = ()


def tell_news(attempt: Attempt) -> Reached:
    """Tell a channel what changed."""
    news = AuditNews.model_validate_json(attempt.job.about or "")
    rows = [(item.who, item.change) for item in news.changes]
    told = changed(news.heading, rows, left=news.left, notes=news.notes)
    return attempt.thread.answer(AnswerForms(told, tuple, lambda _: told, lambda _, __: told))


def say_no_news(attempt: Attempt, sentence: str) -> Reached:
    """Nobody asked, so that nobody is told that it failed; it comes again."""
    log.error("what an audit found could not be told: %s", sentence)
    return "nowhere"
