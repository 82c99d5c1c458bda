"""One attempt at a job: the job, all that doing it needs, and the thread that it answers in."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.context import current
from handlers.jobs import Job
from handlers.ports import SavedRun, Services
from handlers.thread import Thread


@dataclass(frozen=True)
class Attempt:
    """One attempt at a job.

    Attributes:
        job: the job.
        services: what doing it needs.
        thread: where it answers.
    """

    job: Job
    services: Services
    thread: Thread

    @classmethod
    def at(cls, job: Job, services: Services) -> Attempt:
        """An attempt at a job, which answers where the job says."""
        thread = Thread(
            services.slack,
            channel=job.channel,
            user=job.user,
            thread_ts=job.thread_ts,
            parent_ts=job.message_ts,
            response_url=job.response_url,
            replaces=job.replaces,
            strict=services.strict,
        )
        return cls(job, services, thread)

    @property
    def run_id(self) -> str:
        """The id of the run in hand."""
        now = current()
        return now.run_id if now else ""

    def earlier(self) -> SavedRun | None:
        """The run that the job is about, where it is still kept."""
        return self.services.runs.load(self.job.run_id) if self.job.run_id else None
