"""The one place where slow work happens: a job is taken from the queue, done, and its answer given.

Whatever goes wrong is said to the person who asked, with a short id that the log has too; nobody is shown a stack.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import Enum

from handlers.answers import Reached
from handlers.attempt import Attempt, run_id_of
from handlers.context import doing
from handlers.doing import DEEDS
from handlers.jobs import Job
from handlers.ports import Services
from handlers.progress import Progress
from handlers.views import notices
from handlers.views.message import MessageContent

log = logging.getLogger(__name__)

STOPPING = "the app is being restarted. Try again in a minute."
RESUMING = (
    "The app is being restarted; {} is checked when it is back. If nothing comes in a few minutes, ask again."
)


class JobOutcome(Enum):
    """What became of a job.

    Attributes:
        SETTLED: it is done, or was done before.
        BUSY: somebody else is at it; if that one dies, somebody must come back to it.
        UNHEARD: nobody could be told anything. What was found out is kept, so that coming back to it costs little.
    """

    SETTLED = "settled"
    BUSY = "busy"
    UNHEARD = "unheard"


def run_job(job: Job, services: Services, *, late: str | None = None, last: bool = False) -> JobOutcome:
    """Do a job and answer. Never raises an `Exception`.

    Args:
        job: the job.
        services: what doing it needs.
        late: why it is too late to ask AWS for it now, as a sentence for the person who asked. What was found out
            already is answered all the same.
        last: it is not tried again where its answer reaches nobody.
    """
    if job.kind.long:
        services = replace(services, lease=services.long_lease)
    with doing(run_id_of(job), job.user, job.kind.fresh):
        return _run(job, services, late, last)


def _run(job: Job, services: Services, late: str | None, last: bool) -> JobOutcome:
    runs = services.runs
    try:
        if not runs.claim(job.key, services.lease):
            log.info("job %s was delivered again and is dropped", job.kind.name)
            return JobOutcome.SETTLED if runs.finished(job.key) else JobOutcome.BUSY
        attempt = Attempt.at(job, services, Progress.read(runs.noted(job.key)))
        if late is not None and attempt.made() is None:
            log.warning("a %s job comes too late and is not done", job.kind.name)
            return _say(attempt, late, late, last)
    except Exception as error:
        return _failed(Attempt.at(job, services), error, last)
    try:
        reached = DEEDS[job.kind].does(attempt)
    except Exception as error:
        return _failed(attempt, error, last)
    return _end(attempt, reached, last)


def _end(attempt: Attempt, reached: Reached, last: bool) -> JobOutcome:
    answered = reached != "nowhere"
    told: Reached = "unsure" if not answered and attempt.notes.now.doubtful else reached
    if (answered or last) and not attempt.progress.audited and attempt.line.write(told) and not answered:
        # It may come again all the same, from the dead letters.
        attempt.notes.write(audited=True)
    if last and not answered:
        attempt.thread.give_up()
    try:
        attempt.end(answered=answered)
    except Exception:
        log.exception("what became of a job could not be kept")
    return JobOutcome.SETTLED if answered else JobOutcome.UNHEARD


def _failed(attempt: Attempt, error: Exception, last: bool) -> JobOutcome:
    log.error("failure %s in a %s job", attempt.run_id, attempt.job.kind.name, exc_info=error)
    return _say(attempt, notices.sentence_of_failure(attempt.run_id), type(error).__name__, last)


def _say(attempt: Attempt, sentence: str, reason: str, last: bool) -> JobOutcome:
    """Say that a job failed; `reason` is for the audit."""
    if attempt.job.kind.waits:
        attempt.line.failed(reason)
    try:
        attempt.give_way()
    except Exception:
        log.exception("what a job held could not be given back")
    try:
        reached = DEEDS[attempt.job.kind].fails(attempt, sentence)
    except Exception:
        log.exception("a failure could not be reported")
        attempt.line.write("nowhere")
        return JobOutcome.SETTLED
    return _end(attempt, reached, last)


def announce(job: Job, position: int, services: Services) -> Job:
    """Say that a job has to wait, and give the job with the message that says so. Never raises an `Exception`."""
    return _shown(job, services, notices.waiting(job.target, job.user, position))


def rest(job: Job, services: Services) -> None:
    """Say that a job waits for the app to come back. Never raises an `Exception`."""
    if job.kind.waits and not job.kind.quiet:
        _shown(job, services, notices.refused(RESUMING.format(notices.short_name(job.target))))


def abandon(job: Job, services: Services) -> None:
    """Say that a job will not be done, because the app stops and keeps nothing. Never raises an `Exception`."""
    with doing(run_id_of(job), job.user):
        _say(Attempt.at(job, services), STOPPING, STOPPING, last=True)


def _shown(job: Job, services: Services, message: MessageContent) -> Job:
    thread = Attempt.at(job, services).thread
    try:
        thread.show(message)
    except Exception:
        log.exception("a job could not be announced")
    if thread.thread_ts is None:
        return job
    return job.model_copy(update={"thread_ts": thread.thread_ts, "message_ts": thread.parent_ts})
