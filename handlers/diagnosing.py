"""The work of a diagnosis and of a re-run: look at a target, keep the run, and answer."""

from __future__ import annotations

import logging
from dataclasses import replace

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target
from handlers.answers import AnswerForms, Reached
from handlers.attempt import Attempt
from handlers.ports import Diagnosis, DiagnosisError, SavedRun
from handlers.recent import remember
from handlers.text import Mrkdwn
from handlers.views import notices
from handlers.views.details import alone, details
from handlers.views.message import MessageContent
from handlers.views.parent import parent, short

log = logging.getLogger(__name__)

DOUBLED = "This was being checked again already when you asked; the answer is in the thread, or comes there."
NOBODY = "the channel takes no message, and there is nobody else to be told"
"""Why nothing was diagnosed, for the audit."""
MOST_DOUBTS = 6
"""Tries, some eight minutes, after which nobody is told any more that an answer may not be there."""


class _AccountRefusedError(Exception):
    """This account may not be looked at; the message is a sentence."""

    def __init__(self, sentence: str, snapshot: Snapshot | None = None) -> None:
        super().__init__(sentence)
        self.snapshot = snapshot


def diagnose(attempt: Attempt) -> Reached:
    """Diagnose a target."""
    if (made := attempt.made()) is not None:
        return _answer(attempt, made)
    job = attempt.job
    if not _show(attempt, notices.checking(job.target, job.user)):
        return "nowhere"
    return _judge(attempt, None)


def tell_event(attempt: Attempt) -> Reached:
    """Diagnose on behalf of a task event, and post once, with the verdict: an edit notifies nobody.

    Where a message of the channel names that cause already, it counts this one too.
    """
    run = attempt.made() or _judged(attempt, None)
    if not isinstance(run, SavedRun):
        return run
    if attempt.services.incident.join(run):
        assert run.report is not None
        assert run.snapshot is not None
        attempt.line.made(run.snapshot, run.report)
        return "joined"
    return _answer(attempt, run)


def rerun(attempt: Attempt) -> Reached:
    """Diagnose the target of an earlier run again, and say what has changed."""
    job = attempt.job
    if attempt.progress.doubled or not attempt.alone(f"rerun {job.run_id}"):
        reached = attempt.tell(notices.refused(DOUBLED))
        if reached == "nowhere":
            # When this comes again the other one is done, and its answer stands for both.
            attempt.notes.write(doubled=True)
        return reached
    if (made := attempt.made()) is not None:
        # The attempt that made it said that work is under way.
        attempt.thread.shows_progress = True
        return _answer(attempt, made)
    earlier = attempt.earlier_here()
    if not _show(attempt, notices.rerunning(job.target, job.user)):
        return "nowhere"
    return _judge(attempt, earlier)


def _show(attempt: Attempt, message: MessageContent) -> bool:
    """Show that a diagnosis is under way; false where nobody will ever read its answer, so that AWS is not asked."""
    if attempt.thread.show(message) != "unreachable":
        return True
    log.warning("the channel takes no message and nobody asked, so that nothing is diagnosed")
    attempt.line.failed(NOBODY)
    return False


def say_not_checked(attempt: Attempt, sentence: str) -> Reached:
    """Say that there is no verdict."""
    return _say_failed(attempt, sentence, attempt.earlier_here())


def _judge(attempt: Attempt, earlier: SavedRun | None) -> Reached:
    """Diagnose, keep the run, and give the answer."""
    run = _judged(attempt, earlier)
    return _answer(attempt, run) if isinstance(run, SavedRun) else run


def _judged(attempt: Attempt, earlier: SavedRun | None) -> SavedRun | Reached:
    """Diagnose, and keep the run; or say that there is no verdict."""
    job = attempt.job
    known = earlier if earlier is not None and earlier.snapshot is not None else _latest(attempt)
    try:
        run = _permitted(attempt, known.snapshot if known else None)
    except _AccountRefusedError as error:
        attempt.line.refused(str(error), error.snapshot)
        return _say_failed(attempt, str(error), earlier)
    except DiagnosisError as error:
        attempt.line.failed(str(error))
        return _say_failed(attempt, str(error), earlier)
    # What an event or another question left of the task stands in for it where ECS has forgotten it; only a re-run
    # is compared.
    report = run.report if known is earlier else run.report.model_copy(update={"changes": None})
    kept = SavedRun(
        run_id=attempt.run_id,
        target=job.target,
        channel=job.channel,
        thread_ts=attempt.thread.thread_ts,
        user=job.user,
        taken_at=run.snapshot.taken_at,
        snapshot=run.snapshot,
        report=report,
    )
    _keep(attempt, kept)
    return kept


def _answer(attempt: Attempt, run: SavedRun) -> Reached:
    """Give the answer of a run."""
    thread, report, by = attempt.thread, run.report, run.user
    assert report is not None
    assert run.snapshot is not None
    attempt.line.made(run.snapshot, report)

    answer = answer_of(
        report, run_id=run.run_id, target=run.target, by=by, causes_page=attempt.services.causes_page
    )
    if attempt.progress.replying and thread.parent_ts is not None:
        # The details may be in the thread already. The verdict offers them, so that they are there, and once.
        answer = replace(answer, parent=answer.short(None), make_details=tuple)
    if attempt.progress.doubtful:
        thread.say_doubt(answer.doubt)
        return _in_doubt(attempt)
    reached = thread.answer(answer)
    if reached == "unsure":
        return _in_doubt(attempt)
    if reached == "channel" and thread.thread_ts != run.thread_ts:
        _keep(attempt, run.model_copy(update={"thread_ts": thread.thread_ts}))
    return reached


def _in_doubt(attempt: Attempt) -> Reached:
    """Slack may have taken the answer. It is not given again; how to get it if it is not there is said when Slack is back."""
    if attempt.thread.doubt_said or attempt.job.tries >= MOST_DOUBTS:
        return "unsure"
    attempt.notes.write(doubtful=True)
    return "nowhere"


def answer_of(
    report: Report, *, run_id: str, target: Target, by: str, causes_page: str | None = None
) -> AnswerForms:
    """The answer that a report makes, in the forms that different places need."""

    def without_thread(note: Mrkdwn | None) -> MessageContent:
        return short(report, run_id=run_id, target=target, note=note)

    return AnswerForms(
        parent(report, run_id=run_id, target=target),
        lambda: (details(report, by=by, causes_page=causes_page),),
        without_thread,
        alone(report, run_id=run_id, target=target, by=by, causes_page=causes_page),
        notices.unconfirmed(target, run_id=run_id),
    )


def _latest(attempt: Attempt) -> SavedRun | None:
    """What is kept of this very task, where its account may be looked at."""
    target, services = attempt.job.target, attempt.services
    if target.task_id is None:
        return None
    found = services.runs.latest(target.task_id)
    if found is None or found.snapshot is None:
        return None
    kept = found.snapshot
    if target.account_id not in (None, kept.account_id) or target.region not in (None, kept.region):
        return None
    return None if services.accounts.refusal(kept.account_id, attempt.job.channel) else found


def _permitted(attempt: Attempt, previous: Snapshot | None) -> Diagnosis:
    """The diagnosis, if the account may be looked at. Where the target names none, AWS has to tell first."""
    target, channel, services = attempt.job.target, attempt.job.channel, attempt.services
    if refusal := services.accounts.refusal_of(target, channel):
        raise _AccountRefusedError(refusal)
    said = attempt.job.alert_text
    run = services.diagnose(target, previous, *(() if said is None else (said,)))
    if refusal := services.accounts.refusal(run.snapshot.account_id, channel):
        raise _AccountRefusedError(refusal, run.snapshot)
    return run


def _keep(attempt: Attempt, run: SavedRun) -> None:
    """Keep a run. The answer goes out even where that fails; a re-run then has nothing to compare with."""
    try:
        attempt.services.runs.save(run)
        remember(attempt.services.runs, run, notices.short_name(run.target))
    except Exception:
        log.exception("run %s could not be kept", run.run_id)


def _say_failed(attempt: Attempt, sentence: str, earlier: SavedRun | None) -> Reached:
    """Say that there is no answer. The verdict of an earlier run stays in the parent message."""
    job, thread = attempt.job, attempt.thread
    failed = notices.failed(job.target, sentence, run_id=job.run_id or attempt.run_id)
    if earlier is not None and earlier.report is not None:
        standing = parent(earlier.report, run_id=earlier.run_id, target=earlier.target)
        word = notices.refused(f"Not checked again: {sentence}")
        return thread.answer(AnswerForms(standing, lambda: (word,), lambda _: failed, lambda _, __: failed))
    return thread.answer(AnswerForms(failed, tuple, lambda _: failed, lambda _, __: failed))
