"""The one place where slow work happens: a job is taken from the queue, done, and its answer given.

Whatever goes wrong is said to the person who asked, with a short id that the log has too; nobody is shown a stack.
"""

from __future__ import annotations

import logging

from handlers.attempt import Attempt
from handlers.context import doing
from handlers.jobs import Job
from handlers.ports import Services
from handlers.views import notices

log = logging.getLogger(__name__)

RESTARTING = "the app is being restarted. Try again in a minute."


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
            log.info("job %s was delivered again and is dropped", job.kind.name)
            return services.runs.finished(job.key)
        job = _taken_up(job, services)
    except Exception as error:
        return _failed(Attempt.at(job, services), error)
    attempt = Attempt.at(job, services)
    try:
        if job.kind.does(attempt) == "nowhere":
            services.runs.release(job.key)
            return False
    except Exception as error:
        return _failed(attempt, error)
    try:
        services.runs.finish(job.key)
    except Exception:
        log.exception("that a job is done could not be kept")
    return True


def _taken_up(job: Job, services: Services) -> Job:
    """The job with the message that a worker began with before it died, so that the answer goes there."""
    if job.message_ts is not None:
        return job
    begun = services.runs.noted(job.key)
    if begun is None:
        return job
    return job.model_copy(update={"thread_ts": job.thread_ts or begun, "message_ts": begun})


def _failed(attempt: Attempt, error: Exception) -> bool:
    log.error("failure %s in a %s job", attempt.run_id, attempt.job.kind.name, exc_info=error)
    return _report_failure(attempt, notices.sentence_of_failure(attempt.run_id))


def announce(job: Job, position: int, services: Services) -> Job:
    """Say that a job has to wait, and give the job with the message that says so. Never raises."""
    thread = Attempt.at(job, services).thread
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
        _report_failure(Attempt.at(job, services), RESTARTING)


def _report_failure(attempt: Attempt, sentence: str) -> bool:
    """Say that a job failed; whether somebody was told."""
    job, services = attempt.job, attempt.services
    try:
        if job.kind.fails(attempt, sentence) == "nowhere":
            services.runs.release(job.key)
            return False
        services.runs.finish(job.key)
    except Exception:
        log.exception("a failure could not be reported")
    return True
