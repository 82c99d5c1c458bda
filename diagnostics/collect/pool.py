"""A pool of daemon threads for input and output, shared by all runs.

`concurrent.futures` joins its threads when the interpreter exits, so one call that hangs would hold back a
finished report. The threads of this pool end with the process.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

from diagnostics.collect.clients import THREADS

_log = logging.getLogger(__name__)


class Pool(Protocol):
    """Where calls are made."""

    def submit(self, work: Callable[[], None]) -> None:
        """Do the work as soon as a thread is free."""


class DaemonPool:
    """Starts threads while more is to do than threads are free, up to `size`, and keeps them."""

    def __init__(self, size: int = THREADS) -> None:
        self._size = size
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._open = 0

    def submit(self, work: Callable[[], None]) -> None:
        """Do the work as soon as a thread is free; what it raises is logged."""
        with self._lock:
            self._open += 1
            grow = self._open > self._threads and self._threads < self._size
            self._threads += grow
        self._queue.put(work)
        if grow:
            threading.Thread(target=self._work, name="pullcheck-aws", daemon=True).start()

    def _work(self) -> None:
        while True:
            work = self._queue.get()
            try:
                work()
            except Exception:
                _log.exception("a call's own error handling failed")
            finally:
                with self._lock:
                    self._open -= 1


SHARED = DaemonPool()
