"""The one place where slow work happens: a job is taken from the queue, done, and its answer given.

Whatever goes wrong is said to the person who asked, with a short id that the log has too; nobody is shown a stack.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target
from handlers.ports import DiagnosisError, Run, SavedRun, Services
from handlers.text import Mrkdwn
from handlers.thread import Thread
from handlers.views import notices
from handlers.views.details import alone, details
from handlers.views.explain import explanation
from handlers.views.message import Message
from handlers.views.parent import parent

log = logging.getLogger(__name__)

RESTARTING = "the app is being restarted. Try again in a minute."


class Job(BaseModel):
    """Acknowledged work, as it waits in a queue: JSON, and safe to deliver twice.

    Attributes:
        key: names this very request (a trigger id, an event id); a job with a key that was finished is dropped.
        kind: `diagnose` a target, `rerun` an earlier run, `explain` an earlier run's causes.
        target: what to look at; for `rerun` and `explain` only where the earlier run is no longer kept.
        thread_ts: the thread to answer in, `None` to begin one.
        message_ts: the message that shows the verdict, where there is one already.
        response_url: Slack's own address for answers to this request. It lets anybody post, so it is never shown.
        replaces: whether the response_url belongs to the message of a button.
        run_id: the earlier run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    kind: Literal["diagnose", "rerun", "explain"]
    target: Target
    channel: str
    user: str
    team: str | None = None
    thread_ts: str | None = None
    message_ts: str | None = None
    response_url: str | None = Field(None, repr=False)
    replaces: bool = False
    run_id: str | None = None


class _RefusedError(Exception):
    """This account may not be looked at; the message is a sentence."""


def run_job(job: Job, services: Services) -> None:
    """Do a job and answer. Never raises."""
    thread = _thread(job, services)
    try:
        if not services.runs.claim(job.key, services.lease):
            log.info("job %s was delivered again and is dropped", job.kind)
            return
        _WORK[job.kind](job, services, thread)
        services.runs.finish(job.key)
    except Exception:
        failure_id = services.new_id()
        log.exception("failure %s in a %s job", failure_id, job.kind)
        _report_failure(job, services, thread, notices.sentence_of_failure(failure_id))


def announce(job: Job, position: int, services: Services) -> Job:
    """Say that a job has to wait, and give the job with the message that says so. Never raises."""
    if job.kind == "explain":
        return job
    thread = _thread(job, services)
    try:
        thread.show(notices.waiting(job.target, job.user, position))
    except Exception:
        log.exception("a job could not be announced")
    if thread.thread_ts is None:
        return job
    return job.model_copy(update={"thread_ts": thread.thread_ts, "message_ts": thread.parent_ts})


def abandon(job: Job, services: Services) -> None:
    """Say that a job will not be done, because the app stops. Never raises."""
    _report_failure(job, services, _thread(job, services), RESTARTING)


def _thread(job: Job, services: Services) -> Thread:
    return Thread(
        services.slack,
        channel=job.channel,
        user=job.user,
        thread_ts=job.thread_ts,
        parent_ts=job.message_ts,
        response_url=job.response_url,
        replaces=job.replaces,
        strict=services.strict,
    )


# --- the kinds of work -------------------------------------------------------------------------------


def _diagnose(job: Job, services: Services, thread: Thread) -> None:
    thread.show(notices.checking(job.target, job.user))
    _judge(job, services, thread, None)


def _rerun(job: Job, services: Services, thread: Thread) -> None:
    busy = f"rerun {job.run_id}"
    if not services.runs.claim(busy, services.lease):
        thread.tell(notices.refused("This is being checked again already; the answer comes in the thread."))
        return
    try:
        earlier = services.runs.load(job.run_id or "")
        thread.show(notices.rerunning(job.target, job.user))
        _judge(job, services, thread, earlier)
    finally:
        services.runs.release(busy)


def _explain(job: Job, services: Services, thread: Thread) -> None:
    earlier = services.runs.load(job.run_id or "")
    if earlier is None or earlier.report is None:
        thread.tell(notices.refused("That run is no longer kept; press Re-run checks first."))
        return
    told = f"explain {job.run_id}"
    if not services.runs.claim(told, services.lease):
        thread.tell(notices.refused("The explanation is in this thread already."))
        return
    try:
        thread.reply(explanation(earlier.report, services.fault))
    except BaseException:
        services.runs.release(told)
        raise
    services.runs.finish(told)


_WORK: dict[str, Callable[[Job, Services, Thread], None]] = {
    "diagnose": _diagnose,
    "rerun": _rerun,
    "explain": _explain,
}


def _judge(job: Job, services: Services, thread: Thread, earlier: SavedRun | None) -> None:
    """Diagnose, keep the run, and give the answer."""
    run_id = services.new_id()
    try:
        run = _permitted(job, services, earlier.snapshot if earlier else None)
    except (DiagnosisError, _RefusedError) as error:
        _say_failed(job, services, thread, str(error), earlier)
        return
    _keep(job, services, thread, run_id, run.snapshot, run.report)

    def in_one(note: Mrkdwn | None) -> Message:
        return alone(run.report, run_id=run_id, target=job.target, by=job.user, note=note)

    thread.answer(
        parent(run.report, run_id=run_id, target=job.target),
        (details(run.report, by=job.user),),
        in_one,
    )


def _permitted(job: Job, services: Services, previous: Snapshot | None) -> Run:
    """The diagnosis, if the account may be looked at. Where the target names none, AWS has to tell first."""
    named = job.target.account_id
    if named is not None and (refusal := services.accounts.refusal(named)):
        raise _RefusedError(refusal)
    run = services.diagnose(job.target, previous)
    if refusal := services.accounts.refusal(run.snapshot.account_id):
        raise _RefusedError(refusal)
    return run


def _keep(
    job: Job,
    services: Services,
    thread: Thread,
    run_id: str,
    snapshot: Snapshot | None,
    report: Report | None,
) -> None:
    """Keep a run. The answer goes out even where that fails; a re-run then has nothing to compare with."""
    run = SavedRun(
        run_id=run_id,
        target=job.target,
        channel=job.channel,
        thread_ts=thread.thread_ts,
        user=job.user,
        taken_at=snapshot.taken_at if snapshot else None,
        snapshot=snapshot,
        report=report,
    )
    try:
        services.runs.save(run)
    except Exception:
        log.exception("run %s could not be kept", run_id)


def _report_failure(job: Job, services: Services, thread: Thread, sentence: str) -> None:
    try:
        if job.kind == "explain":
            thread.tell(notices.refused(f"The explanation could not be given: {sentence}"))
        else:
            earlier = services.runs.load(job.run_id) if job.run_id else None
            _say_failed(job, services, thread, sentence, earlier)
        services.runs.finish(job.key)
    except Exception:
        log.exception("a failure could not be reported")


def _say_failed(
    job: Job, services: Services, thread: Thread, sentence: str, earlier: SavedRun | None
) -> None:
    """Say that there is no answer. The verdict of an earlier run stays in the parent message."""
    run_id = job.run_id or services.new_id()
    failed = notices.failed(job.target, sentence, run_id=run_id)
    if earlier is not None and earlier.report is not None:
        standing = parent(earlier.report, run_id=earlier.run_id, target=earlier.target)
        thread.answer(standing, (notices.refused(f"Not checked again: {sentence}"),), lambda _: failed)
        return
    thread.answer(failed, (), lambda _: failed)
