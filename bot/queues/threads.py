"""A queue in this process: a few diagnoses at a time, the rest wait in line and say so."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.queues.again import seconds_until
from handlers.jobs import Job
from handlers.ports import QueueClosedError, QueueFullError
from handlers.running import JobOutcome

log = logging.getLogger(__name__)

T = TypeVar("T")

QUICK_THREADS = 2
MOST_LONG = 10
"""Pieces of long work that are taken and not done; one runs at a time."""
TELLING_THREADS = 8
TELLING_SECONDS = 5.0
"""How long those whose job will not be done are told so, at the end."""


class KeptJobs(Protocol):
    """Keeps jobs from before their acknowledgement until their answer."""

    def keep(self, job: Job) -> bool:
        """Keep a job that this process will do; false where somebody has it already."""

    def change(self, job: Job) -> None:
        """Keep a job as it stands now."""

    def drop(self, job: Job) -> None:
        """The job has its answer."""


class JobRunner(Protocol):
    """What is done with jobs. None of it raises an `Exception`."""

    def run(self, job: Job, late: str | None, /) -> JobOutcome:
        """Do a job; `late` is why it is too late to ask AWS for it."""

    def announce(self, job: Job, position: int, /) -> Job:
        """Tell people that a job has to wait; the job with the message that says so."""

    def abandon(self, job: Job, /) -> None:
        """Tell people that a job will not be done before the app has come back."""


After = Callable[[float, Callable[[], None]], None]
"""Does something after so many seconds."""


def after(seconds: float, act: Callable[[], None]) -> None:
    """Do something later, on a thread of its own, unless the process has ended."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


@dataclass(frozen=True)
class _Errand:
    """What takes one call to Slack: a quick job or one that comes too late, else the notice that a job waits."""

    job: Job
    position: int = 0
    late: str | None = None


class ThreadQueue:
    """Runs jobs on threads of its own.

    Diagnoses take seconds and share `parallel` threads; quick jobs and the notices of those that wait take one call
    to Slack and have threads of their own, so that they never wait behind diagnoses. What takes minutes has one thread, so that no
    diagnosis waits behind it.

    Args:
        doing: does jobs, and tells people of them.
        kept: keeps jobs until they are answered.
        parallel: diagnoses at a time.
        waiting: how many may wait.
        later: has a job that reached nobody tried again.
    """

    def __init__(
        self, doing: JobRunner, kept: KeptJobs, *, parallel: int = 4, waiting: int = 100, later: After = after
    ) -> None:
        self._doing = doing
        self._kept = kept
        self._parallel = parallel
        self._capacity = parallel + waiting
        self._later = later
        self._changed = threading.Condition()
        self._slow: deque[Job] = deque()
        self._quick: deque[_Errand] = deque()
        self._minutes: deque[Job] = deque()
        self._diagnoses = 0
        """Diagnoses that were taken and are not done: in line, being announced, or running."""
        self._long = 0
        """The same of what takes minutes."""
        self._busy = 0
        """Threads that work."""
        self._telling = 0
        """Those of them that tell people something."""
        self._closed = False
        self._gone = False
        names = [("diagnosis", self._diagnose)] * parallel + [("quick", self._do_quick)] * QUICK_THREADS
        names += [("long", self._do_long)]
        for name, work in names:
            # Daemons: a diagnosis that outlives the bound of `stop` must not hold back the process.
            threading.Thread(target=work, name=f"pullcheck-{name}", daemon=True).start()

    def submit(self, job: Job, /) -> int:
        """Take a job, and keep it; its place in the line, 0 where it starts at once.

        Raises:
            QueueFullError: as many wait as may.
            QueueClosedError: the queue was stopped.
        """
        with self._changed:
            if self._closed:
                raise QueueClosedError
            if self._is_full_for(job):
                raise QueueFullError
            # The place is taken before the job is kept, which may wait for the disk.
            self._count(job, 1)
        try:
            mine = self._kept.keep(job)
        except Exception:
            # A disk that is full: better an answer that a crash would lose than none.
            log.exception("a job could not be kept")
            mine = True
        with self._changed:
            if mine and not self._gone:
                return self._line_up(job)
            self._count(job, -1)
        if mine:
            # The person is told to ask again, so that nobody else must take this up.
            self._keeping(self._kept.drop, job)
            raise QueueClosedError
        return 0

    def take_up(self, job: Job, late: str | None = None) -> None:
        """Take a job that is kept already: one that another process left behind, or one that is tried again.

        Args:
            job: the job.
            late: why it is too late to do it, where it is.
        """
        with self._changed:
            if self._closed:
                return
            if late is not None:
                self._quick.append(_Errand(job, late=late))
                self._changed.notify_all()
                return
            self._count(job, 1)
            self._line_up(job)

    def put_off(self, job: Job, seconds: float, /) -> None:
        """Take a job, and keep it, that is to be done after so many seconds.

        Raises:
            QueueClosedError: the queue was stopped.
        """
        with self._changed:
            if self._closed:
                raise QueueClosedError
        if self._kept.keep(job):
            self._later(seconds, lambda: self.take_up(job))

    def stop(self, timeout: float) -> bool:
        """Take no more work and finish what was taken, for at most `timeout` seconds; whether all of it was done.

        Those whose job has not begun by then are told so.
        """
        until = time.monotonic() + timeout
        with self._changed:
            self._closed = True
            while self._diagnoses or self._long or self._quick or self._busy:
                remaining = until - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
            done = not (self._diagnoses or self._long or self._quick or self._busy)
            left = (*self._slow, *self._minutes, *(errand.job for errand in self._quick))
            self._gone = True
            for job in left:
                self._count(job, -1)
            self._slow.clear()
            self._minutes.clear()
            self._quick.clear()
            self._changed.notify_all()
        self._tell(left)
        return done

    def _tell(self, left: Sequence[Job]) -> None:
        """Tell those whose job will not be done, several at a time: the process is about to end."""
        line = deque(left)

        def tell() -> None:
            with suppress(IndexError):
                while True:
                    self._doing.abandon(line.popleft())

        threads = [threading.Thread(target=tell, daemon=True) for _ in range(min(len(left), TELLING_THREADS))]
        for thread in threads:
            thread.start()
        until = time.monotonic() + TELLING_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: not self._telling, max(0.0, until - time.monotonic()))

    # --- the lines -----------------------------------------------------------------------------------

    def _line_up(self, job: Job) -> int:
        """Put a job whose place is taken into its line; its position there. Called with the lock."""
        position = self._position_of(job)
        if position or not job.kind.waits:
            self._quick.append(_Errand(job, position))
        else:
            self._line_of(job).append(job)
        self._changed.notify_all()
        return position

    def _is_full_for(self, job: Job) -> bool:
        if job.kind.long:
            return self._long >= MOST_LONG
        return (self._diagnoses if job.kind.waits else len(self._quick)) >= self._capacity

    def _count(self, job: Job, more: int) -> None:
        if job.kind.long:
            self._long += more
        elif job.kind.waits:
            self._diagnoses += more

    def _position_of(self, job: Job) -> int:
        if job.kind.long:
            return max(0, self._long - 1)
        return max(0, self._diagnoses - self._parallel) if job.kind.waits else 0

    def _line_of(self, job: Job) -> deque[Job]:
        return self._minutes if job.kind.long else self._slow

    def _announced(self, errand: _Errand) -> None:
        job = self._doing.announce(errand.job, errand.position)
        if job != errand.job:
            self._keeping(self._kept.change, job)
        with self._changed:
            if not self._gone:
                self._line_of(job).append(job)
                self._changed.notify_all()
                return
            self._count(job, -1)
        self._doing.abandon(job)

    def _do(self, job: Job, late: str | None = None) -> None:
        if self._doing.run(job, late) is JobOutcome.SETTLED:
            self._keeping(self._kept.drop, job)
            return
        seconds = seconds_until(job.tries)
        if seconds is None:
            log.error("a %s job is given up: its answer reached nobody for an hour", job.kind.name)
            self._keeping(self._kept.drop, job)
            return
        again = job.model_copy(update={"tries": job.tries + 1})
        self._keeping(self._kept.change, again)
        self._later(seconds, lambda: self.take_up(again, late))

    def _keeping(self, act: Callable[[Job], None], job: Job) -> None:
        try:
            act(job)
        except Exception:
            log.exception("what became of a job could not be kept")

    # --- the threads ---------------------------------------------------------------------------------

    def _diagnose(self) -> None:
        self._do_all(self._slow)

    def _do_long(self) -> None:
        self._do_all(self._minutes)

    def _do_all(self, line: deque[Job]) -> None:
        while (job := self._next(line)) is not None:
            try:
                self._do(job)
            except Exception:
                log.exception("a job's own error handling failed")
            finally:
                with self._changed:
                    self._count(job, -1)
                    self._busy -= 1
                    self._changed.notify_all()

    def _do_quick(self) -> None:
        while (errand := self._next(self._quick, tells=True)) is not None:
            try:
                if errand.position:
                    self._announced(errand)
                else:
                    self._do(errand.job, errand.late)
            except Exception:
                log.exception("a job's own error handling failed")
            finally:
                with self._changed:
                    self._busy -= 1
                    self._telling -= 1
                    self._changed.notify_all()

    def _next(self, line: deque[T], *, tells: bool = False) -> T | None:
        """The next piece of work, `None` when there will be none."""
        with self._changed:
            while not line and not self._gone:
                self._changed.wait()
            if self._gone:
                return None
            self._busy += 1
            self._telling += tells
            return line.popleft()
