"""Time that passes only while everybody waits: threads that run one at a time, so that a storm of hours is the same each time.

What would wait for the machine's clock waits for this one: `sleep`, the `inbox` of a queue, a `pool` of threads, an `executor`.
A process can be ended in the middle of anything that waits (`kill`), as a Lambda environment can.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import Empty
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class KilledError(BaseException):
    """The process ends here."""


class _Process:
    """A thread that runs when it is its turn."""

    def __init__(self, work: Callable[[], object], group: object) -> None:
        self.work = work
        self.group = group
        self.turn = threading.Semaphore(0)
        self.token = 0
        self.thread: threading.Thread | None = None
        self.killed = False
        self.over = False


class Simulation:
    """A clock and the processes that wait for it.

    Attributes:
        failures: what a process raised that nobody caught.
    """

    def __init__(self, start: float = 1_795_600_000.0) -> None:
        # Counted from 0: of the seconds since 1970 a number has no digits left for parts of a microsecond.
        self._start = start
        self._now = 0.0
        self._agenda: list[tuple[float, int, _Process, int]] = []
        self._numbers = itertools.count()
        self._back = threading.Semaphore(0)
        self._running: _Process | None = None
        self._alive: set[_Process] = set()
        self.failures: list[BaseException] = []

    # --- the clock -------------------------------------------------------------------------------------

    def __call__(self) -> float:
        """The time, in seconds since 1970."""
        return self._start + self._now

    def elapsed(self) -> float:
        """Seconds since the beginning, as a `StoreClock` says it."""
        return self._now

    def later(self, seconds: float, work: Callable[[], object], /) -> None:
        """Do something after a while, in a process of its own."""
        self.start(work, seconds)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._wait(max(0.0, seconds))

    # --- processes -------------------------------------------------------------------------------------

    def start(self, work: Callable[[], object], seconds: float = 0.0, group: object = None) -> None:
        """Begin a process, after a while; it belongs to the group of whoever begins it unless one is given."""
        if group is None and self._running is not None:
            group = self._running.group
        process = _Process(work, group)
        self._alive.add(process)
        self._wake(process, self._now + seconds)

    def kill(self, group: object) -> None:
        """End all processes of a group where they wait; whoever calls this, if he belongs to it, at once."""
        for process in list(self._alive):
            if process.group is group:
                process.killed = True
                if process is not self._running:
                    process.token += 1
                    self._wake(process, self._now)
        if self._running is not None and self._running.killed:
            raise KilledError

    def run(self, until: float = float("inf")) -> None:
        """Let time pass until nobody waits for it any more, or until a moment. Raises what a process failed with."""
        until -= self._start
        while self._agenda and self._agenda[0][0] <= until:
            at, _, process, token = heapq.heappop(self._agenda)
            if process.over or token != process.token:
                continue
            self._now = max(self._now, at)
            process.token += 1
            self._running = process
            if process.thread is None:
                process.thread = threading.Thread(target=self._body, args=(process,), daemon=True)
                process.thread.start()
            else:
                process.turn.release()
            self._back.acquire()
            self._running = None
            if self.failures:
                raise self.failures[0]
        if until != float("inf"):
            self._now = max(self._now, until)

    def close(self) -> None:
        """End all processes."""
        for process in list(self._alive):
            process.killed = True
            process.token += 1
            if process.thread is None:
                process.over = True
                self._alive.discard(process)
            else:
                self._running = process
                process.turn.release()
                self._back.acquire()
        self._running = None
        self._agenda.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _body(self, process: _Process) -> None:
        try:
            if not process.killed:
                process.work()
        except KilledError:
            pass
        except BaseException as error:
            self.failures.append(error)
        process.over = True
        self._alive.discard(process)
        self._back.release()

    def _wake(self, process: _Process, at: float) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), process, process.token))

    def _wait(self, seconds: float | None) -> None:
        """Give the turn away until a moment, or until `_wake`."""
        process = self._running
        assert process is not None, "only a process of the simulation can wait"
        if process.killed:
            raise KilledError
        if seconds is not None:
            self._wake(process, self._now + seconds)
        self._back.release()
        process.turn.acquire()
        if process.killed:
            raise KilledError

    # --- what waits ------------------------------------------------------------------------------------

    def inbox(self) -> Inbox[Any]:
        """A queue in the place of `queue.SimpleQueue`."""
        return Inbox(self)

    def pool(self, size: int = 32) -> SimulatedPool:
        """Threads in the place of `diagnostics.collect.pool.DaemonPool`."""
        return SimulatedPool(self, size)

    def executor(self, size: int, name: str = "") -> SimulatedExecutor:
        """Threads in the place of `concurrent.futures.ThreadPoolExecutor`."""
        return SimulatedExecutor(self, size)


class Inbox(Generic[T]):
    """A queue that whoever takes from it waits for."""

    def __init__(self, time: Simulation) -> None:
        self._time = time
        self._items: deque[T] = deque()
        self._waiting: deque[_Process] = deque()

    def empty(self) -> bool:
        """True where nothing is there."""
        return not self._items

    def put(self, item: T) -> None:
        """Put something there."""
        self._items.append(item)
        while self._waiting:
            process = self._waiting.popleft()
            if not (process.killed or process.over):
                self._time._wake(process, self._time.elapsed())
                return

    def get_nowait(self) -> T:
        """What is there. Raises Empty."""
        if not self._items:
            raise Empty
        return self._items.popleft()

    def get(self, timeout: float | None = None) -> T:
        """What is there or comes in time. Raises Empty."""
        until = None if timeout is None else self._time.elapsed() + timeout
        while not self._items:
            if until is not None and self._time.elapsed() >= until:
                raise Empty
            process = self._time._running
            assert process is not None
            self._waiting.append(process)
            self._time._wait(None if until is None else until - self._time.elapsed())
            if process in self._waiting:
                self._waiting.remove(process)
        return self._items.popleft()


class SimulatedPool:
    """Does so many things at a time; the others wait their turn."""

    def __init__(self, time: Simulation, size: int) -> None:
        self._time = time
        self._size = size
        self._busy = 0
        self._left: deque[Callable[[], None]] = deque()
        self.most = 0
        """The most that waited."""

    def submit(self, work: Callable[[], None]) -> None:
        """Do the work as soon as there is a thread."""
        self._left.append(work)
        self.most = max(self.most, len(self._left))
        if self._busy < self._size:
            self._busy += 1
            self._time.start(self._work)

    def _work(self) -> None:
        try:
            while self._left:
                self._left.popleft()()
        finally:
            self._busy -= 1


class SimulatedExecutor:
    """As much of an executor as `map` needs."""

    def __init__(self, time: Simulation, size: int) -> None:
        self._time = time
        self._size = size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """The results, in the order of the items. Raises what the work raised."""
        left = deque(enumerate(items))
        results: dict[int, R] = {}
        failed: list[BaseException] = []
        ended: Inbox[None] = Inbox(self._time)
        workers = min(self._size, len(left))

        def worker() -> None:
            while left:
                place, item = left.popleft()
                try:
                    results[place] = work(item)
                except KilledError:
                    raise
                except BaseException as error:
                    failed.append(error)
            ended.put(None)

        for _ in range(workers):
            self._time.start(worker)
        for _ in range(workers):
            ended.get()
        if failed:
            raise failed[0]
        return iter([results[place] for place in sorted(results)])
