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
from handlers.context import current, doing
from handlers.ports import DiagnosisError, Run, SavedRun, Services
from handlers.text import Mrkdwn
from handlers.thread import Reached, Thread
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
        user: who asked; empty where nobody did, as for a task event.
        thread_ts: the thread to answer in, `None` to begin one.
        message_ts: the message that shows the verdict, where there is one already.
        response_url: Slack's own address for answers to this request. It lets anybody post, so it is never shown.
        replaces: whether the response_url belongs to the message of a button.
        run_id: the earlier run.
        run_as: the id that the new run gets, where whoever queued the job wants to find it again.
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
    run_as: str | None = None


class _RefusedError(Exception):
    """This account may not be looked at; the message is a sentence."""


def run_job(job: Job, services: Services) -> bool:
    """Do a job and answer. Never raises.

    Returns whether the job is settled. Where it is not, because somebody else is at it or because nobody could be told
    anything, a queue that can deliver it again should.
    """
    with doing(job.run_as or services.new_id(), job.user):
        return _run(job, services)


def _run(job: Job, services: Services) -> bool:
    try:
        if not services.runs.claim(job.key, services.lease):
            log.info("job %s was delivered again and is dropped", job.kind)
            return services.runs.finished(job.key)
        job = _taken_up(job, services)
    except Exception as error:
        return _failed(job, services, _thread(job, services), error)
    thread = _thread(job, services)
    try:
        if _WORK[job.kind](job, services, thread) == "nowhere":
            services.runs.release(job.key)
            return False
    except Exception as error:
        return _failed(job, services, thread, error)
    try:
        services.runs.finish(job.key)
    except Exception:
        log.exception("that a job is done could not be kept")
    return True


def _taken_up(job: Job, services: Services) -> Job:
    """The job with the message that a worker began with before it died, so that the answer goes there."""
    if job.kind != "diagnose" or job.message_ts is not None:
        return job
    begun = services.runs.noted(job.key)
    if begun is None:
        return job
    return job.model_copy(update={"thread_ts": job.thread_ts or begun, "message_ts": begun})


def _failed(job: Job, services: Services, thread: Thread, error: Exception) -> bool:
    failure_id = _run_id()
    log.error("failure %s in a %s job", failure_id, job.kind, exc_info=error)
    return _report_failure(job, services, thread, notices.sentence_of_failure(failure_id))


def _run_id() -> str:
    """The id of the run in hand."""
    now = current()
    return now.run_id if now else ""


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
    with doing(services.new_id(), job.user):
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


def _diagnose(job: Job, services: Services, thread: Thread) -> Reached:
    thread.show(notices.checking(job.target, job.user))
    if thread.parent_ts is not None and thread.parent_ts != job.message_ts:
        try:
            services.runs.note(job.key, thread.parent_ts)
        except Exception:
            log.exception("where a job answers could not be noted")
    return _judge(job, services, thread, None)


def _rerun(job: Job, services: Services, thread: Thread) -> Reached:
    busy = f"rerun {job.run_id}"
    if not services.runs.claim(busy, services.lease):
        thread.tell(notices.refused("This is being checked again already; the answer comes in the thread."))
        return "channel"
    try:
        earlier = services.runs.load(job.run_id or "")
        thread.show(notices.rerunning(job.target, job.user))
        return _judge(job, services, thread, earlier)
    finally:
        services.runs.release(busy)


def _explain(job: Job, services: Services, thread: Thread) -> Reached:
    earlier = services.runs.load(job.run_id or "")
    if earlier is None or earlier.report is None:
        thread.tell(notices.refused("That run is no longer kept; press Re-run checks first."))
        return "channel"
    told = f"explain {job.run_id}"
    if not services.runs.claim(told, services.lease):
        thread.tell(notices.refused("The explanation is in this thread already."))
        return "channel"
    reached: Reached = "nowhere"
    try:
        reached = thread.reply(explanation(earlier.report, services.fault))
    finally:
        if reached == "nowhere":
            services.runs.release(told)
        else:
            services.runs.finish(told)
    return reached


_WORK: dict[str, Callable[[Job, Services, Thread], Reached]] = {
    "diagnose": _diagnose,
    "rerun": _rerun,
    "explain": _explain,
}


def _judge(job: Job, services: Services, thread: Thread, earlier: SavedRun | None) -> Reached:
    """Diagnose, keep the run, and give the answer."""
    run_id = _run_id()
    known = earlier if earlier is not None and earlier.snapshot is not None else _latest(job, services)
    try:
        run = _permitted(job, services, known.snapshot if known else None)
    except (DiagnosisError, _RefusedError) as error:
        return _say_failed(job, services, thread, str(error), earlier)
    # What an event or another question left of the task stands in for it where ECS has forgotten it; only a re-run
    # is compared.
    report = run.report if known is earlier else run.report.model_copy(update={"changes": None})
    _keep(job, services, thread, run_id, run.snapshot, report)

    def in_one(note: Mrkdwn | None) -> Message:
        return alone(report, run_id=run_id, target=job.target, by=job.user, note=note)

    return thread.answer(
        parent(report, run_id=run_id, target=job.target),
        (details(report, by=job.user),),
        in_one,
    )


def _latest(job: Job, services: Services) -> SavedRun | None:
    """What is kept of this very task, where its account may be looked at."""
    target = job.target
    if target.task_id is None:
        return None
    found = services.runs.latest(target.task_id)
    if found is None or found.snapshot is None:
        return None
    kept = found.snapshot
    if target.account_id not in (None, kept.account_id) or target.region not in (None, kept.region):
        return None
    return None if services.accounts.refusal(kept.account_id, job.channel) else found


def _permitted(job: Job, services: Services, previous: Snapshot | None) -> Run:
    """The diagnosis, if the account may be looked at. Where the target names none, AWS has to tell first."""
    if refusal := services.accounts.refusal_of(job.target, job.channel):
        raise _RefusedError(refusal)
    run = services.diagnose(job.target, previous)
    if refusal := services.accounts.refusal(run.snapshot.account_id, job.channel):
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


def _report_failure(job: Job, services: Services, thread: Thread, sentence: str) -> bool:
    """Say that a job failed; whether somebody was told."""
    try:
        if job.kind == "explain":
            thread.tell(notices.refused(f"The explanation could not be given: {sentence}"))
        elif _say_failed(job, services, thread, sentence, _earlier(job, services)) == "nowhere":
            services.runs.release(job.key)
            return False
        services.runs.finish(job.key)
    except Exception:
        log.exception("a failure could not be reported")
    return True


def _earlier(job: Job, services: Services) -> SavedRun | None:
    return services.runs.load(job.run_id) if job.run_id else None


def _say_failed(
    job: Job, services: Services, thread: Thread, sentence: str, earlier: SavedRun | None
) -> Reached:
    """Say that there is no answer. The verdict of an earlier run stays in the parent message."""
    failed = notices.failed(job.target, sentence, run_id=job.run_id or _run_id())
    if earlier is not None and earlier.report is not None:
        standing = parent(earlier.report, run_id=earlier.run_id, target=earlier.target)
        return thread.answer(standing, (notices.refused(f"Not checked again: {sentence}"),), lambda _: failed)
    return thread.answer(failed, (), lambda _: failed)
