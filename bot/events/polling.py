"""Takes task events from a queue in Amazon SQS that an EventBridge rule writes to, beside Socket Mode.

A message is hidden from others while it is worked on, put back where it must wait or failed, and deleted when it is done. It
needs `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on that queue, and sends nothing.
AWS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from bot.events.event import TaskEvent
from bot.events.handle import Done
from handlers.jobs import Job
from handlers.running import JobOutcome

log = logging.getLogger(__name__)

BATCH = 10
"""Messages of one answer at most. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html"""
PARALLEL = 4
"""Messages that are worked on at a time."""
POLL_SECONDS = 10
"""How long an empty queue lets wait for a message. The longest would be 20; who stops the app waits for it."""
HIDDEN_SECONDS = 120
"""How long a message is hidden from others. While it is worked on that is extended."""
EXTEND_SECONDS = 60.0
"""How long before its end it is extended."""
SOON = 20
"""Seconds after which a message that failed comes again; later each time."""
LATEST = 300
ENOUGH = 3
"""Deliveries after which a job whose answer reached nobody goes where jobs are tried for an hour."""
MOST = 50
"""Deliveries after which a message is given up in a queue that does not do so itself."""
LONGEST_PAUSE = 60.0
"""Seconds between two tries of a queue that cannot be read, at most."""

NEEDED = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
"""The permissions on the queue."""
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


@dataclass(frozen=True)
class _Received:
    """A message in hand: its receipt, its text, and how often it was delivered."""

    receipt: str
    body: str
    times: int


class EventsPoller:
    """Takes task events from a queue, on threads of its own.

    Args:
        client: a client of SQS.
        url: the queue's URL.
        handle: does what an event asks for.
        again: takes a job whose answer reached nobody, to be tried for an hour; true when it has it.
        parallel: events that are worked on at a time; 0 works on each where `turn` is called (in tests).
        poll: how long an empty queue lets wait.
        clock: seconds.
        pause: waits for so many seconds, or less where the poller is stopped.
    """

    def __init__(
        self,
        client: Any,
        url: str,
        handle: Callable[[TaskEvent], Done],
        again: Callable[[Job], bool],
        *,
        parallel: int = PARALLEL,
        poll: int = POLL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._client = client
        self._url = url
        self._handle = handle
        self._again = again
        self._parallel = parallel
        self._poll = poll
        self._clock = clock
        self._stopping = threading.Event()
        self._pause = pause or self._stopping.wait
        self._line: SimpleQueue[_Received] = SimpleQueue()
        self._changed = threading.Condition()
        self._hidden_until: dict[str, float] = {}
        """Of each message in hand, by its receipt."""
        self._failures = 0
        self._said: str | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to take events."""
        work = [self._receive_all] + [self._work] * self._parallel
        for act in work:
            # Daemons: an answer that does not come must not hold back the process.
            thread = threading.Thread(target=act, name="pullcheck-events", daemon=True)
            self._threads.append(thread)
            thread.start()
        log.info("task events are taken from %s", self._url)

    def leave(self) -> None:
        """Take no more events. What is begun is finished; what waits goes back to the queue."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def stop(self, timeout: float) -> bool:
        """The same, and wait for it; whether all that was taken was done."""
        self.leave()
        until = time.monotonic() + timeout
        self._put_back_what_waits()
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        # What came with the last answer.
        self._put_back_what_waits()
        return not any(thread.is_alive() for thread in self._threads)

    # --- receiving -----------------------------------------------------------------------------------

    def turn(self) -> None:
        """Receive once, and see to it that nobody else gets what is in hand."""
        self._extend()
        room = min(BATCH, self._room())
        if room <= 0:
            with self._changed:
                self._changed.wait(1.0)
            return
        try:
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=room,
                WaitTimeSeconds=self._poll,
                VisibilityTimeout=HIDDEN_SECONDS,
                AttributeNames=["ApproximateReceiveCount"],
            )
        except (BotoCoreError, ClientError) as error:
            self._cannot(error)
            return
        self._can()
        for message in answer.get("Messages", ()):
            self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        times = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
        received = _Received(message["ReceiptHandle"], message["Body"], times)
        with self._changed:
            self._hidden_until[received.receipt] = self._clock() + HIDDEN_SECONDS
        if self._stopping.is_set():
            self._put_back(received, 0)
        elif self._parallel:
            self._line.put(received)
        else:
            self.settle(received)

    def _room(self) -> int:
        """How many messages may be in hand beside those that are: as many wait here as are worked on."""
        with self._changed:
            return (2 * self._parallel or BATCH) - len(self._hidden_until)

    def _extend(self) -> None:
        """Keep others from what is in hand."""
        now = self._clock()
        with self._changed:
            due = [receipt for receipt, until in self._hidden_until.items() if until - now <= EXTEND_SECONDS]
        for receipt in due:
            if self._hide(receipt, HIDDEN_SECONDS):
                with self._changed:
                    if receipt in self._hidden_until:
                        self._hidden_until[receipt] = now + HIDDEN_SECONDS

    def _cannot(self, error: BotoCoreError | ClientError) -> None:
        """Say once that the queue cannot be read, and wait, longer each time."""
        code = _code(error)
        if code != self._said:
            why = f" The credentials need {', '.join(NEEDED)} on it." if code in _DENIED else ""
            why = " There is no such queue." if code in _GONE else why
            log.error("task events cannot be read from %s (%s).%s It is tried again.", self._url, code, why)
            self._said = code
        self._pause(min(2.0**self._failures, LONGEST_PAUSE))
        self._failures = min(self._failures + 1, 10)

    def _can(self) -> None:
        if self._said is not None:
            log.info("task events can be read again")
        self._failures, self._said = 0, None

    # --- one message ---------------------------------------------------------------------------------

    def settle(self, received: _Received) -> None:
        """Do what a message says, and tell the queue. Never raises an `Exception`."""
        try:
            event = TaskEvent.model_validate_json(received.body)
        except (ValidationError, RecursionError):
            # Nothing of it is quoted: anybody who may send there wrote it.
            log.error("a message in the queue of task events is no event of an ECS task, and is deleted")
            self._delete(received)
            return
        try:
            done = self._handle(event)
        except Exception:
            log.exception("a task event could not be handled")
            self._come_again(received)
            return
        if done.later:
            self._put_back(received, done.later)
        elif done.outcome is JobOutcome.SETTLED or self._is_kept(done, received):
            self._delete(received)
        else:
            self._come_again(received)

    def _is_kept(self, done: Done, received: _Received) -> bool:
        """True where a job whose answer reached nobody is tried elsewhere from now on."""
        if done.outcome is not JobOutcome.UNHEARD or done.job is None or received.times < ENOUGH:
            return False
        try:
            return self._again(done.job)
        except Exception:
            log.exception("a job could not be kept")
            return False

    def _come_again(self, received: _Received) -> None:
        if received.times >= MOST:
            log.error("a task event is given up after %d deliveries", received.times)
            self._delete(received)
            return
        self._put_back(received, min(SOON * 3 ** min(received.times - 1, 5), LATEST))

    def _delete(self, received: _Received) -> None:
        self._tell(
            "deleted",
            lambda: self._client.delete_message(QueueUrl=self._url, ReceiptHandle=received.receipt),
        )
        self._out_of_hand(received)

    def _put_back(self, received: _Received, seconds: int) -> None:
        self._hide(received.receipt, seconds)
        self._out_of_hand(received)

    def _hide(self, receipt: str, seconds: int) -> bool:
        return self._tell(
            "put back",
            lambda: self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            ),
        )

    def _tell(self, what: str, call: Callable[[], object]) -> bool:
        """Tell the queue something. Where that fails the message comes again by itself, and is known then."""
        try:
            call()
        except (BotoCoreError, ClientError) as error:
            log.warning("a task event could not be %s (%s)", what, _code(error))
            return False
        return True

    def _out_of_hand(self, received: _Received) -> None:
        with self._changed:
            self._hidden_until.pop(received.receipt, None)
            self._changed.notify_all()

    # --- the threads ---------------------------------------------------------------------------------

    def _receive_all(self) -> None:
        while not self._stopping.is_set():
            try:
                self.turn()
            except Exception:
                log.exception("taking task events failed")
                self._pause(1.0)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                received = self._line.get(timeout=0.5)
            except Empty:
                continue
            if self._stopping.is_set():
                self._put_back(received, 0)
            else:
                self.settle(received)

    def _put_back_what_waits(self) -> None:
        while True:
            try:
                received = self._line.get_nowait()
            except Empty:
                return
            self._put_back(received, 0)


def _code(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "refused"))
    return type(error).__name__
