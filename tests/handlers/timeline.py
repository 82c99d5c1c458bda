"""Time for simulations: it passes only while everybody waits, and who waits goes on in the order of moments."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable


class Timeline:
    """Runs pieces of work, each on a thread of its own and only one at a time; `sleep` gives way to the next."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = itertools.count()
        self._back = threading.Semaphore(0)
        self._errors: list[BaseException] = []

    def clock(self) -> float:
        """Seconds since the beginning."""
        return self.now

    def at(self, when: float, work: Callable[[], object]) -> None:
        """Begin a piece of work at a moment."""

        def body() -> None:
            try:
                work()
            except BaseException as error:
                self._errors.append(error)
            finally:
                self._back.release()

        self._push(when, lambda: threading.Thread(target=body, daemon=True).start())

    def sleep(self, seconds: float) -> None:
        """Wait; for the work that runs."""
        turn = threading.Semaphore(0)
        self._push(self.now + seconds, turn.release)
        self._back.release()
        turn.acquire()

    def run(self) -> None:
        """Let time pass until nothing is left to do. Raises what a piece of work raised."""
        while self._due:
            when, _, go_on = heapq.heappop(self._due)
            self.now = max(self.now, when)
            go_on()
            self._back.acquire()
            if self._errors:
                raise self._errors[0]

    def _push(self, when: float, go_on: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._serial), go_on))
