"""One attempt at a job: the job, all that doing it needs, the thread that it answers in, and how far it came before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handlers.answers import Reached
from handlers.audit import RunLine
from handlers.jobs import Job
from handlers.newer_blocks import NewerBlocks
from handlers.ports import Services
from handlers.progress import Notes, NotingClient, Progress
from handlers.thread import Thread
from handlers.views.message import MessageContent

if TYPE_CHECKING:
    from handlers.saved_run import SavedRun


def run_id_of(job: Job) -> str:
    """The id of the run that a job leads to: the same whenever it is delivered, so that its run is found again."""
    return job.run_as or hashlib.sha256(job.key.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Attempt:
    """One attempt at a job.

    Attributes:
        job: the job.
        services: what doing it needs.
        thread: where it answers.
        progress: how far an attempt came that ended in the middle.
        notes: how far this one comes.
        line: what the audit says of its run.
    """

    job: Job
    services: Services
    thread: Thread
    progress: Progress
    notes: Notes
    line: RunLine
    _busy: list[str] = field(default_factory=list)
    _once: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, job: Job, services: Services, progress: Progress | None = None) -> Attempt:
        """An attempt at a job, which answers where an earlier attempt began to, else where the job says."""
        progress = progress or Progress()
        begun = job.message_ts or (progress.parent if job.kind.waits else None)
        notes = Notes(job, services.runs, progress)
        thread = Thread(
            NotingClient(services.slack, job, notes).as_web_api(),
            channel=job.channel,
            user=job.user,
            thread_ts=job.thread_ts or begun,
            parent_ts=begun,
            response_url=job.response_url,
            replaces=job.replaces,
            apart=job.apart,
            strict=services.strict,
            pace=services.pace,
            blocks=NewerBlocks(services.runs, job.team),
        )
        return cls(job, services, thread, progress, notes, RunLine(job, run_id_of(job)))

    @property
    def run_id(self) -> str:
        """The id of the run in hand."""
        return run_id_of(self.job)

    def earlier(self) -> SavedRun | None:
        """The run that the job is about, where it is still kept."""
        return self.services.runs.load(self.job.run_id) if self.job.run_id else None

    def earlier_here(self) -> SavedRun | None:
        """The same, where it was told in the channel of the job: a button's value must not carry a run elsewhere."""
        earlier = self.earlier()
        return earlier if earlier is not None and earlier.channel == self.job.channel else None

    def made(self) -> SavedRun | None:
        """The run that an earlier attempt made, where nobody could be told of it or the process ended before."""
        kept = self.services.runs.load(self.run_id)
        return kept if kept is not None and kept.report is not None else None

    def tell(self, message: MessageContent, *, in_thread: bool = True, surely: bool = True) -> Reached:
        """Tell the person who asked something, alone; `surely` rather twice than perhaps not at all."""
        told = self.thread.tell(message, in_thread=in_thread, surely=surely)
        return "response_url" if told else "nowhere"

    # --- what only one job may do at a time ----------------------------------------------------------

    def alone(self, what: str) -> bool:
        """True when nobody else does this right now; until the job ends nobody else may."""
        return self._claim(what, self._busy)

    def once(self, what: str) -> bool:
        """True when this is still to be done and nobody else is at it; once the job is answered nobody may."""
        return self._claim(what, self._once)

    def _claim(self, what: str, held: list[str]) -> bool:
        # In the job's own name: an attempt that ended in the middle must not keep the next one out.
        got = self.services.runs.claim(what, self.services.lease, self.job.key)
        if got:
            held.append(what)
        return got

    def end(self, *, answered: bool) -> None:
        """The attempt is over, in one step with all that it held."""
        if answered:
            self.services.runs.settle((self.job.key, *self._once), self._busy)
        else:
            self.services.runs.settle((), (self.job.key, *self._once, *self._busy))

    def give_way(self) -> None:
        """The attempt has failed, and will say so: whoever reads that may press the button again at once."""
        self.services.runs.settle((), (*self._once, *self._busy))
        self._once.clear()
        self._busy.clear()
