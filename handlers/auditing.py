"""`/pullcheck audit CLUSTER`: which of its services could not start a task now, and which will not be able to soon.

An audit takes minutes, so it says how far it is, and of two who ask for the same in one channel one runs and the other is led to it.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from diagnostics.audit import AuditProgress, AuditReport
from diagnostics.audit.text import lines
from handlers.answers import AnswerForms, Reached
from handlers.attempt import Attempt
from handlers.diagnosing import show_progress
from handlers.explaining import post_pages, upload
from handlers.packed import packed_text, unpacked_text
from handlers.ports import DiagnosisError
from handlers.slack_errors import CALL_ERRORS, code_of
from handlers.text import Mrkdwn, join, plain_lines
from handlers.views import audited as views
from handlers.views.message import MessageContent
from handlers.views.pages import pages_of
from handlers.views.parent import person

log = logging.getLogger(__name__)

PROGRESS_SECONDS = 6.0
"""Between two edits that say how far an audit is: Slack takes 50 a minute in a workspace, of all messages together."""
LARGEST_KEPT = 300_000
"""Characters of an audit that is kept until its answer reaches somebody: an item of DynamoDB holds 400 KB."""
LOOKS = (0.25, 0.25, 0.5, 1.0, 1.0)
"""Seconds between two looks for the message of somebody who has only just begun."""


class AuditUnderWay(BaseModel):
    """The word on an audit that runs: the message that shows it, and who asked."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    message_ts: str
    user: str
    user_name: str = ""


def audit(attempt: Attempt) -> Reached:
    """Audit a cluster, and answer with what is found, the worst first."""
    job = attempt.job
    word = _word(attempt)
    if not attempt.alone(word):
        led = _led(attempt, word)
        if led is not None:
            return led
    else:
        # What an audit of before left is not where this one is shown.
        _write(attempt, word, "")
    if refusal := attempt.services.accounts.refusal_of(job.target, job.channel):
        return _refused(attempt, refusal)
    if (made := _kept(attempt)) is not None:
        return _told(attempt, made)
    if not show_progress(attempt, views.auditing(job.target, _by(attempt))):
        return "nowhere"
    _note(attempt, word)
    try:
        report = attempt.services.audit(job.target, _ProgressTeller(attempt))
    except DiagnosisError as error:
        attempt.line.failed(str(error))
        return say_not_audited(attempt, str(error))
    reached = _told(attempt, report)
    if reached == "nowhere":
        _keep(attempt, report)
    return reached


def _told(attempt: Attempt, report: AuditReport) -> Reached:
    if refusal := attempt.services.accounts.refusal(report.account_id, attempt.job.channel):
        return _refused(attempt, refusal, report)
    return _answer(attempt, report)


def say_not_audited(attempt: Attempt, sentence: str) -> Reached:
    """Say that there is no audit, and why."""
    told = views.not_audited(attempt.job.target, sentence)
    return attempt.thread.answer(AnswerForms(told, tuple, lambda _: told, lambda _, __: told))


def _refused(attempt: Attempt, refusal: str, report: AuditReport | None = None) -> Reached:
    if report is not None:
        attempt.line.audited(report)
    attempt.line.refused(refusal)
    return say_not_audited(attempt, refusal)


# --- how far it is -------------------------------------------------------------------------------------


class _ProgressTeller:
    """Edits the message as the audit goes, not more often than Slack likes it."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._pace = attempt.services.pace
        self._next = self._pace.clock() + PROGRESS_SECONDS

    def __call__(self, step: AuditProgress) -> None:
        now = self._pace.clock()
        if now < self._next or self._attempt.thread.parent_ts is None:
            return
        self._next = now + PROGRESS_SECONDS
        self._attempt.thread.show(views.auditing(self._attempt.job.target, _by(self._attempt), step))


# --- the answer ----------------------------------------------------------------------------------------


def _answer(attempt: Attempt, report: AuditReport) -> Reached:
    target, by = attempt.job.target, _by(attempt)
    attempt.line.audited(report)

    def told(*notes: Mrkdwn | None) -> MessageContent:
        said = [item for item in notes if item is not None]
        return views.audited(report, target, by=by, note=join("\n", said) if said else None)

    doubtful = attempt.progress.replying
    reached = attempt.thread.answer(
        AnswerForms(told(), tuple, told, lambda note, _: told(note), views.unconfirmed_audit(target))
    )
    if reached == "channel" and not doubtful and (report.findings or not report.is_whole):
        _give_rest(attempt, report)
    return reached


def _give_rest(attempt: Attempt, report: AuditReport) -> None:
    """The whole audit in the thread: as a file, or in pages where the app may not upload one."""
    target = attempt.job.target
    text = plain_lines("\n".join(lines(report))) + "\n"
    name = views.audit_file_name(target, attempt.run_id)
    if upload(attempt, name, text) is None:
        post_pages(attempt, pages_of(text, f"Audit of {target.cluster or 'every cluster'}"))


# --- an answer that reached nobody yet -----------------------------------------------------------------


def _keep(attempt: Attempt, report: AuditReport) -> None:
    """Keep an audit for the next try to answer. Never raises: without it the account is audited again."""
    text, key, runs = packed_text(report.to_json()), _own(attempt), attempt.services.runs
    if len(text) > LARGEST_KEPT:
        return
    try:
        runs.claim(key, 1.0, attempt.job.key)
        runs.note(key, text)
    except Exception:
        log.exception("an audit that reached nobody could not be kept")


def _kept(attempt: Attempt) -> AuditReport | None:
    """The audit that an earlier try made, where its answer reached nobody."""
    note = attempt.services.runs.noted(_own(attempt))
    try:
        return AuditReport.model_validate_json(unpacked_text(note)) if note else None
    except ValueError:
        return None


def _own(attempt: Attempt) -> str:
    return f"audited {attempt.run_id}"


# --- the same asked twice ------------------------------------------------------------------------------


def _word(attempt: Attempt) -> str:
    """The key of the word on an audit in a channel."""
    target = attempt.job.target
    parts = attempt.job.channel, target.account_id or "", target.region or "", target.cluster or "*"
    return f"audit {hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def _note(attempt: Attempt, word: str) -> None:
    """Say where the audit is shown."""
    ts, job = attempt.thread.parent_ts, attempt.job
    if ts is None or attempt.thread.thread_ts is None:
        return
    _write(
        attempt, word, AuditUnderWay(message_ts=ts, user=job.user, user_name=job.user_name).model_dump_json()
    )


def _write(attempt: Attempt, word: str, note: str) -> None:
    """Never raises: without the word a second audit is made."""
    try:
        attempt.services.runs.note(word, note)
    except Exception:
        log.exception("where an audit is shown could not be noted")


def _led(attempt: Attempt, word: str) -> Reached | None:
    """Lead the person to the audit that runs; `None` where it is shown nowhere, so that one is made as if nobody had asked."""
    job, services = attempt.job, attempt.services
    link = None
    for pause in (*LOOKS, 0.0):
        found = _read(services.runs.noted(word))
        if found is not None and (link := _link(attempt, found.message_ts)) is not None:
            break
        services.pace.sleep(pause)
    if found is None or link is None:
        return None
    by = person(found.user, found.user_name) if found.user != job.user else None
    reached = attempt.tell(views.being_audited(job.target, by, link), in_thread=False)
    if reached == "nowhere":
        return None
    attempt.thread.give_up()
    return reached


def _read(note: str | None) -> AuditUnderWay | None:
    try:
        return AuditUnderWay.model_validate_json(note) if note else None
    except ValidationError:
        return None


def _link(attempt: Attempt, message_ts: str) -> str | None:
    slack: Any = attempt.services.slack
    try:
        link = slack.chat_getPermalink(channel=attempt.job.channel, message_ts=message_ts).get("permalink")
    except CALL_ERRORS as error:
        log.info("Slack gave no link to an audit: %s", code_of(error))
        return None
    return link if isinstance(link, str) and link.startswith("https://") else None


def _by(attempt: Attempt) -> Mrkdwn | None:
    return person(attempt.job.user, attempt.job.user_name)
