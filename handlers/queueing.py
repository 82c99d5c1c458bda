"""Taking a job that a listener made: may this account be looked at there, and is there room in the queue?"""

from __future__ import annotations

from handlers import audit
from handlers.jobs import Job
from handlers.ports import Listening, QueueClosedError, QueueFullError
from handlers.views import notices
from handlers.views.message import MessageContent


def refusal_of(job: Job, listening: Listening) -> MessageContent | None:
    """Queue a job; the message that says why that was not done, `None` where it was."""
    if job.of is not None and (refusal := listening.accounts.refusal_of(job.of, job.channel)):
        audit.refused_job(job, refusal)
        return notices.refused(refusal)
    try:
        listening.queue.submit(job)
    except QueueFullError:
        return notices.refused("Too many diagnoses are waiting already. Try again in a minute.")
    except QueueClosedError:
        return notices.refused("The app is being restarted. Try again in a minute.")
    return None
