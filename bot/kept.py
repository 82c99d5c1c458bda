"""Answers of Slack that are kept for a while, for whoever cannot wait for one each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

AGAIN_SECONDS = 3.0
"""How long after a failure Slack is asked again, so that a Slack that hangs holds up one request and not each."""


class NoAnswerError(Exception):
    """There is no answer; the message is why: Slack's error code, or what happened instead."""


class RefusedError(NoAnswerError):
    """Slack said no, which an older answer must not hide."""


class Kept(Generic[T]):
    """One answer, read when it is first needed and again when it is no longer fresh. Safe to share between threads.

    It is read on a thread of its own, by one reader at a time, so that nobody waits longer than they want to.

    Args:
        read: asks Slack; raises `NoAnswerError` where there is no answer.
        fresh: for how many seconds an answer is given without asking again.
        usable: for how many seconds it is given where Slack cannot be asked.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        read: Callable[[], T],
        *,
        fresh: float,
        usable: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._read = read
        self._fresh = fresh
        self._usable = usable
        self._clock = clock
        self._lock = threading.Lock()
        self._answer: tuple[T, float] | None = None
        self._failure: tuple[NoAnswerError, float] | None = None
        self._flight: threading.Event | None = None

    def get(self, wait: float) -> T:
        """The answer; where it has to be read, after `wait` seconds at most.

        Raises:
            NoAnswerError: there is none.
        """
        flight = self.refresh()
        if flight is not None:
            flight.wait(wait)
        with self._lock:
            now = self._clock()
            if self._answer is not None and now - self._answer[1] < self._fresh:
                return self._answer[0]
            failed = self._failure[0] if self._failure else NoAnswerError("no answer in time")
            if (
                self._answer is not None
                and now - self._answer[1] < self._usable
                and not isinstance(failed, RefusedError)
            ):
                return self._answer[0]
            # A new one for each: several threads may raise it at the same time.
            raise type(failed)(*failed.args)

    def refresh(self) -> threading.Event | None:
        """Begin to read where that is due, or join whoever does; what is set at the end, `None` where nothing is read."""
        with self._lock:
            now = self._clock()
            if self._answer is not None and now - self._answer[1] < self._fresh:
                return None
            if self._flight is not None:
                return self._flight
            if self._failure is not None and now - self._failure[1] < AGAIN_SECONDS:
                return None
            self._flight = threading.Event()
            threading.Thread(
                target=self._fly, args=(self._flight,), name="pullcheck-kept", daemon=True
            ).start()
            return self._flight

    def _fly(self, flight: threading.Event) -> None:
        answer: T | None = None
        failure: NoAnswerError | None = None
        try:
            answer = self._read()
        except NoAnswerError as error:
            failure = error
        except Exception as error:
            failure = NoAnswerError(type(error).__name__)
        with self._lock:
            now = self._clock()
            if failure is None:
                self._answer, self._failure = (answer, now), None  # type: ignore[assignment]
            else:
                self._failure = (failure, now)
            self._flight = None
        flight.set()
