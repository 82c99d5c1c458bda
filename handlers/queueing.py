"""Putting a job on the queue, and what is said where the queue takes none."""

from __future__ import annotations

from handlers.jobs import Job
from handlers.ports import JobQueue, QueueClosedError, QueueFullError
from handlers.views import notices
from handlers.views.message import MessageContent


def refused_by_queue(job: Job, queue: JobQueue) -> MessageContent | None:
    """Queue a job; the message that says why that was not possible, `None` where it was."""
    try:
        queue.submit(job)
    except QueueFullError:
        return notices.refused("Too many diagnoses are waiting already. Try again in a minute.")
    except QueueClosedError:
        return notices.refused("The app is being restarted. Try again in a minute.")
    return None
