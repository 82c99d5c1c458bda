"""A queue in this process: a few diagnoses at a time, the rest wait in line and say so."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from handlers.jobs import Job
from handlers.ports import QueueClosedError, QueueFullError

log = logging.getLogger(__name__)

T = TypeVar("T")

QUICK_THREADS = 2
TELLING_THREADS = 8
TELLING_SECONDS = 5.0
"""How long those whose job will not be done are told so, at the end."""


class ThreadQueue:
    """Runs jobs on threads of its own.

    Diagnoses take seconds and share `parallel` threads; explanations and the notices of those that wait take one call
    to Slack and have threads of their own, so that they never wait behind diagnoses.

    Args:
        run: does a job; must not raise.
        announce: tells people that a job has to wait, and gives the job to be done later; must not raise.
        abandon: tells people that a job will not be done; must not raise.
        parallel: diagnoses at a time.
        waiting: how many may wait.
    """

    def __init__(
        self,
        run: Callable[[Job], None],
        announce: Callable[[Job, int], Job],
        abandon: Callable[[Job], None],
        *,
        parallel: int = 4,
        waiting: int = 100,
    ) -> None:
        self._run = run
        self._announce = announce
        self._abandon = abandon
        self._parallel = parallel
        self._capacity = parallel + waiting
        self._changed = threading.Condition()
        self._slow: deque[Job] = deque()
        self._quick: deque[tuple[Job, int]] = deque()
        self._diagnoses = 0
        """Diagnoses that were taken and are not done: in line, being announced, or running."""
        self._busy = 0
        """Threads that work."""
        self._telling = 0
        """Those of them that tell people something."""
        self._closed = False
        self._gone = False
        names = [("diagnosis", self._diagnose)] * parallel + [("quick", self._do_quick)] * QUICK_THREADS
        for name, work in names:
            # Daemons: a diagnosis that outlives the bound of `stop` must not hold back the process.
            threading.Thread(target=work, name=f"pullcheck-{name}", daemon=True).start()

    def submit(self, job: Job, /) -> int:
        """Take a job; its place in the line, 0 where it starts at once.

        Raises:
            QueueFullError: as many wait as may.
            QueueClosedError: the queue was stopped.
        """
        with self._changed:
            if self._closed:
                raise QueueClosedError
            if not job.kind.waits:
                if len(self._quick) >= self._capacity:
                    raise QueueFullError
                self._quick.append((job, 0))
                self._changed.notify_all()
                return 0
            if self._diagnoses >= self._capacity:
                raise QueueFullError
            position = max(0, self._diagnoses + 1 - self._parallel)
            self._diagnoses += 1
            if position:
                self._quick.append((job, position))
            else:
                self._slow.append(job)
            self._changed.notify_all()
            return position

    def stop(self, timeout: float) -> bool:
        """Take no more work and finish what was taken, for at most `timeout` seconds; whether all of it was done.

        Those whose job has not begun by then are told so.
        """
        until = time.monotonic() + timeout
        with self._changed:
            self._closed = True
            while self._diagnoses or self._quick or self._busy:
                remaining = until - time.monotonic()
                if remaining <= 0:
                    break
                self._changed.wait(remaining)
            done = not (self._diagnoses or self._quick or self._busy)
            left = (*self._slow, *(job for job, _ in self._quick))
            self._gone = True
            self._diagnoses -= sum(job.kind.waits for job in left)
            self._slow.clear()
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
                    self._abandon(line.popleft())

        threads = [threading.Thread(target=tell, daemon=True) for _ in range(min(len(left), TELLING_THREADS))]
        for thread in threads:
            thread.start()
        until = time.monotonic() + TELLING_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._changed:
            self._changed.wait_for(lambda: not self._telling, max(0.0, until - time.monotonic()))

    def _line_up(self, job: Job, position: int) -> None:
        job = self._announce(job, position)
        with self._changed:
            if not self._gone:
                self._slow.append(job)
                self._changed.notify_all()
                return
            self._diagnoses -= 1
        self._abandon(job)

    def _diagnose(self) -> None:
        while (job := self._next(self._slow)) is not None:
            try:
                self._run(job)
            except Exception:
                log.exception("a job's own error handling failed")
            finally:
                with self._changed:
                    self._diagnoses -= 1
                    self._busy -= 1
                    self._changed.notify_all()

    def _do_quick(self) -> None:
        while (taken := self._next(self._quick, tells=True)) is not None:
            job, position = taken
            try:
                if not job.kind.waits:
                    self._run(job)
                else:
                    self._line_up(job, position)
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
