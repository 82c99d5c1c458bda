"""The work of a diagnosis: look at a target, keep the run, and answer. `handlers.rerunning` does it again."""

from __future__ import annotations

import logging
from dataclasses import replace

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target
from handlers.again import Again
from handlers.answering import Since, answer_of
from handlers.answers import AnswerForms, Reached
from handlers.attempt import Attempt
from handlers.often import SENTENCE, too_often
from handlers.ports import Diagnosis, DiagnosisError
from handlers.recent import remember
from handlers.saved_run import SavedRun
from handlers.thread_state import People, ThreadState
from handlers.views import notices
from handlers.views.message import MessageContent
from handlers.views.words import still_recovered, task_target

log = logging.getLogger(__name__)

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
    again = Again(attempt)
    if (made := attempt.made()) is not None:
        again.take()
        return again.ended(made, give_answer(attempt, made))
    job = attempt.job
    if attempt.progress.parent is not None and job.message_ts is None:
        # This one began already, and has its message; that of one that waited in line stands in the job.
        again.take()
    elif (reached := again.answered()) is not None:
        return reached
    elif too_often(attempt):
        return refuse_for_now(attempt, None)
    if not show_progress(attempt, notices.checking(job.target, job.user)):
        return "nowhere"
    again.begun()
    run = judged(attempt, None)
    return again.ended(run, give_answer(attempt, run)) if isinstance(run, SavedRun) else run


def tell_event(attempt: Attempt) -> Reached:
    """Diagnose on behalf of a task event, and post once, with the verdict: an edit notifies nobody.

    Where a message of the channel names that cause already, it counts this one too.
    """
    run = attempt.made() or judged(attempt, None)
    if not isinstance(run, SavedRun):
        return run
    if attempt.services.incident.join(run):
        assert run.report is not None
        assert run.snapshot is not None
        attempt.line.made(run.snapshot, run.report)
        return "joined"
    return give_answer(attempt, run)


def show_progress(attempt: Attempt, message: MessageContent) -> bool:
    """Show that a diagnosis is under way; false where nobody will ever read its answer, so that AWS is not asked."""
    if attempt.thread.show(message) != "unreachable":
        return True
    log.warning("the channel takes no message and nobody asked, so that nothing is diagnosed")
    attempt.line.failed(NOBODY)
    return False


def say_not_checked(attempt: Attempt, sentence: str) -> Reached:
    """Say that there is no verdict."""
    return _say_failed(attempt, sentence, attempt.earlier_here())


def refuse_for_now(attempt: Attempt, earlier: SavedRun | None) -> Reached:
    """Tell a person who asks too often to wait. What said that it waits in line is taken back."""
    attempt.line.refused(SENTENCE)
    attempt.give_way()
    reached = attempt.tell(notices.refused(f"Not checked: {SENTENCE}"), in_thread=False)
    if reached == "nowhere":
        return reached
    attempt.thread.give_up()
    if earlier is not None and earlier.report is not None:
        thread_state(attempt).draw(earlier, attempt.thread.amend)
    return reached


def judged(attempt: Attempt, earlier: SavedRun | None, *, at_newest: bool = False) -> SavedRun | Reached:
    """Diagnose, and keep the run; or say that there is no verdict.

    Args:
        earlier: the run that it is compared with.
        at_newest: the target is a service, and the run is about the task that was found there.
    """
    job = attempt.job
    known = earlier if earlier is not None and earlier.snapshot is not None else _latest(attempt)
    try:
        run = _permitted(attempt, known.snapshot if known else None, at_newest)
    except _AccountRefusedError as error:
        attempt.line.refused(str(error), error.snapshot)
        return _say_failed(attempt, str(error), earlier)
    except DiagnosisError as error:
        attempt.line.failed(str(error))
        return _say_failed(attempt, str(error), earlier)
    # What an event or another question left of the task stands in for it where ECS has forgotten it; only a re-run
    # is compared.
    alone = {"changes": None, "recovered": False}
    report = run.report if known is earlier else run.report.model_copy(update=alone)
    return _kept(
        attempt, run.snapshot, report, earlier, (task_target(report) if at_newest else None) or job.target
    )


def judged_newest(attempt: Attempt, service: Target, earlier: SavedRun) -> SavedRun:
    """Diagnose the newest task of a service for a thread that is about an earlier one, and keep the run. Says nothing.

    Raises:
        DiagnosisError: AWS could not be reached at all, or no Region is known.
    """
    run = attempt.services.diagnose(service, earlier.snapshot, None, True)
    attempt.line.made(run.snapshot, run.report)
    return _kept(attempt, run.snapshot, run.report, earlier, task_target(run.report) or service)


def _kept(
    attempt: Attempt, snapshot: Snapshot, report: Report, earlier: SavedRun | None, target: Target
) -> SavedRun:
    job = attempt.job
    kept = SavedRun(
        run_id=attempt.run_id,
        target=target,
        channel=job.channel,
        thread_ts=attempt.thread.thread_ts,
        user=job.user,
        user_name=job.user_name,
        taken_at=snapshot.taken_at,
        snapshot=snapshot,
        report=still_recovered(report, earlier.report if earlier else None),
    )
    _keep(attempt, kept)
    return kept


def give_answer(
    attempt: Attempt, run: SavedRun, since: Since | None = None, standing: SavedRun | None = None
) -> Reached:
    """Give the answer of a run.

    Args:
        since: what is different from an earlier run, where there was one that can be compared with.
        standing: the run whose verdict the message goes on to show, where this one decides nothing.
    """
    thread, report = attempt.thread, run.report
    assert report is not None
    assert run.snapshot is not None
    attempt.line.made(run.snapshot, report)
    state = thread_state(attempt)
    before = state.people
    replied = attempt.progress.replying and thread.parent_ts is not None
    since = None if replied else since
    told = standing or run
    answer = answer_of(told, causes_page=attempt.services.causes_page, state=state, since=since)
    if replied:
        # The details may be in the thread already. The verdict offers them, so that they are there, and once.
        answer = replace(answer, parent=answer.short(None), make_details=tuple)
    if attempt.progress.doubtful:
        thread.say_doubt(answer.doubt)
        return _in_doubt(attempt)
    state.show(told.run_id)
    reached = thread.answer(answer)
    if reached == "unsure":
        return _in_doubt(attempt)
    if reached == "channel":
        _settle(attempt, told, state, before)
    return reached


def _settle(attempt: Attempt, run: SavedRun, state: ThreadState, before: People) -> None:
    """Keep where the answer stands; draw the message again where somebody is on it or watches it since."""
    thread = attempt.thread
    if thread.thread_ts != run.thread_ts:
        _keep(attempt, run.model_copy(update={"thread_ts": thread.thread_ts}))
    here = thread_state(attempt)
    if here.place != state.place:
        here.show(run.run_id)
    elif thread.is_threaded and not attempt.progress.replying and state.people != before:
        state.draw(run, thread.amend)


def thread_state(attempt: Attempt) -> ThreadState:
    """What is kept of the thread that is answered in."""
    return ThreadState(attempt.services.runs, attempt.job.channel, attempt.thread.parent_ts)


def _in_doubt(attempt: Attempt) -> Reached:
    """Slack may have taken the answer. It is not given again; how to get it if it is not there is said when Slack is back."""
    if attempt.thread.doubt_said or attempt.job.tries >= MOST_DOUBTS:
        return "unsure"
    attempt.notes.write(doubtful=True)
    return "nowhere"


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


def _permitted(attempt: Attempt, previous: Snapshot | None, at_newest: bool) -> Diagnosis:
    """The diagnosis, if the account may be looked at. Where the target names none, AWS has to tell first."""
    target, channel, services = attempt.job.target, attempt.job.channel, attempt.services
    if refusal := services.accounts.refusal_of(target, channel):
        raise _AccountRefusedError(refusal)
    run = services.diagnose(target, previous, attempt.job.alert_text, at_newest)
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
        standing = thread_state(attempt).parent_of(earlier)
        word = notices.refused(f"Not checked again: {sentence}")
        return thread.answer(AnswerForms(standing, lambda: (word,), lambda _: failed, lambda _, __: failed))
    if attempt.services.incident.failed(sentence.replace(attempt.run_id, "…")):
        return "joined"
    reached = thread.answer(AnswerForms(failed, tuple, lambda _: failed, lambda _, __: failed))
    if not job.user and reached == "channel":
        # So that its message is found again, which counts what fails of the same.
        _keep(attempt, _without_verdict(attempt))
    return reached


def _without_verdict(attempt: Attempt) -> SavedRun:
    job = attempt.job
    return SavedRun(
        run_id=attempt.run_id, target=job.target, channel=job.channel, thread_ts=attempt.thread.thread_ts, user=job.user
    )  # fmt: skip
