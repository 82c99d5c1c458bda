"""The work of a diagnosis and of a re-run: look at a target, keep the run, and answer."""

from __future__ import annotations

import logging

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from handlers.attempt import Attempt
from handlers.ports import DiagnosisError, Run, SavedRun
from handlers.text import Mrkdwn
from handlers.thread import Reached
from handlers.views import notices
from handlers.views.details import alone, details
from handlers.views.message import Message
from handlers.views.parent import parent

log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """This account may not be looked at; the message is a sentence."""


def diagnose(attempt: Attempt) -> Reached:
    """Diagnose a target."""
    job, thread = attempt.job, attempt.thread
    thread.show(notices.checking(job.target, job.user))
    if thread.parent_ts is not None and thread.parent_ts != job.message_ts:
        try:
            attempt.services.runs.note(job.key, thread.parent_ts)
        except Exception:
            log.exception("where a job answers could not be noted")
    return _judge(attempt, None)


def rerun(attempt: Attempt) -> Reached:
    """Diagnose the target of an earlier run again, and say what has changed."""
    job, services, thread = attempt.job, attempt.services, attempt.thread
    busy = f"rerun {job.run_id}"
    if not services.runs.claim(busy, services.lease):
        thread.tell(notices.refused("This is being checked again already; the answer comes in the thread."))
        return "channel"
    try:
        earlier = attempt.earlier()
        thread.show(notices.rerunning(job.target, job.user))
        return _judge(attempt, earlier)
    finally:
        services.runs.release(busy)


def say_not_checked(attempt: Attempt, sentence: str) -> Reached:
    """Say that there is no verdict."""
    return _say_failed(attempt, sentence, attempt.earlier())


def _judge(attempt: Attempt, earlier: SavedRun | None) -> Reached:
    """Diagnose, keep the run, and give the answer."""
    job, thread, run_id = attempt.job, attempt.thread, attempt.run_id
    known = earlier if earlier is not None and earlier.snapshot is not None else _latest(attempt)
    try:
        run = _permitted(attempt, known.snapshot if known else None)
    except (DiagnosisError, _RefusedError) as error:
        return _say_failed(attempt, str(error), earlier)
    # What an event or another question left of the task stands in for it where ECS has forgotten it; only a re-run
    # is compared.
    report = run.report if known is earlier else run.report.model_copy(update={"changes": None})
    _keep(attempt, run.snapshot, report)

    def in_one(note: Mrkdwn | None) -> Message:
        return alone(report, run_id=run_id, target=job.target, by=job.user, note=note)

    return thread.answer(
        parent(report, run_id=run_id, target=job.target),
        (details(report, by=job.user),),
        in_one,
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


def _permitted(attempt: Attempt, previous: Snapshot | None) -> Run:
    """The diagnosis, if the account may be looked at. Where the target names none, AWS has to tell first."""
    target, channel, services = attempt.job.target, attempt.job.channel, attempt.services
    if refusal := services.accounts.refusal_of(target, channel):
        raise _RefusedError(refusal)
    run = services.diagnose(target, previous)
    if refusal := services.accounts.refusal(run.snapshot.account_id, channel):
        raise _RefusedError(refusal)
    return run


def _keep(attempt: Attempt, snapshot: Snapshot, report: Report) -> None:
    """Keep a run. The answer goes out even where that fails; a re-run then has nothing to compare with."""
    job = attempt.job
    run = SavedRun(
        run_id=attempt.run_id,
        target=job.target,
        channel=job.channel,
        thread_ts=attempt.thread.thread_ts,
        user=job.user,
        taken_at=snapshot.taken_at,
        snapshot=snapshot,
        report=report,
    )
    try:
        attempt.services.runs.save(run)
    except Exception:
        log.exception("run %s could not be kept", run.run_id)


def _say_failed(attempt: Attempt, sentence: str, earlier: SavedRun | None) -> Reached:
    """Say that there is no answer. The verdict of an earlier run stays in the parent message."""
    job, thread = attempt.job, attempt.thread
    failed = notices.failed(job.target, sentence, run_id=job.run_id or attempt.run_id)
    if earlier is not None and earlier.report is not None:
        standing = parent(earlier.report, run_id=earlier.run_id, target=earlier.target)
        return thread.answer(standing, (notices.refused(f"Not checked again: {sentence}"),), lambda _: failed)
    return thread.answer(failed, (), lambda _: failed)
