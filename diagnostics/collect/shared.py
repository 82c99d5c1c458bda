"""Answers of AWS that several diagnoses share.

Equal questions under way are asked once. A young answer is taken from memory, with its own time of reading. Questions that
wait for a thread, or for the budget, and differ only in their ids go out as one request. All of it is per store: a run without
one of its own makes one, a process that diagnoses often keeps one.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

from diagnostics import observing
from diagnostics.collect.budget import BucketKey, Budget, bucket_key
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.operation import Call
from diagnostics.collect.perform import Performed, perform_together
from diagnostics.collect.pool import SHARED, Pool
from diagnostics.snapshot import Absent, Fact, Known, Unavailable, Why

MOST_RECORDS = 50_000
"""How many records the answers in memory may have together; the oldest go first."""


class StoreClock(Protocol):
    """Time as a store needs it."""

    def elapsed(self) -> float:
        """Seconds since some fixed moment, never going back."""

    def later(self, seconds: float, work: Callable[[], None], /) -> None:
        """Do something after a while, in another thread."""


class SharedAnswer(NamedTuple):
    """An answer as one run gets it.

    Attributes:
        performed: the fact; it counts only requests that were made for this run.
        asked_at: when AWS was asked, by the store's clock.
        reused: it was asked for by another run.
        waited: the seconds that the budget held it back.
    """

    performed: Performed
    asked_at: float
    reused: bool
    waited: float


@dataclass(frozen=True, eq=False)
class AskingRun:
    """One run.

    Attributes:
        put: takes an answer, from any thread.
        gone: whether the run has ended.
        fresh: takes nothing that was asked for before the run: what it is to show is what changed since.
        urgent: a person waits for it, so that the budget does not hold it back.
    """

    put: Callable[[Call[Any], SharedAnswer], None]
    gone: Callable[[], bool]
    fresh: bool = False
    urgent: bool = True


_AnswerKey = tuple[Hashable, Call[Any]]


@dataclass(eq=False)
class _SharedCall:
    """A question that is to be asked, or under way."""

    key: _AnswerKey
    clients: AwsClients
    askers: list[AskingRun]
    since: float
    asked_at: float | None = None
    held: bool = False
    urgent: bool = False
    within: Any = field(default_factory=observing.here)

    @property
    def call(self) -> Call[Any]:
        return self.key[1]

    def gone(self) -> bool:
        return all(asker.gone() for asker in self.askers)


@dataclass(eq=False)
class _WaitingCalls:
    """Questions that can be asked in one request, and wait for it; `bucket` is what it takes its token from."""

    bucket: BucketKey
    questions: list[_SharedCall] = field(default_factory=list)
    submitted: bool = False
    held: bool = False

    @property
    def urgent(self) -> bool:
        return any(item.urgent for item in self.questions)


class _KeptAnswer(NamedTuple):
    performed: Performed
    asked_at: float
    records: int


class TimerClock:
    """The clock of the machine."""

    def elapsed(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def later(self, seconds: float, work: Callable[[], None], /) -> None:
        """Do something after a while; the thread that waits does not hold back the end of the process."""
        timer = threading.Timer(seconds, work)
        timer.daemon = True
        timer.start()


class FactStore:
    """Answers AWS gave, questions under way, and those that wait. Safe to share between threads."""

    def __init__(
        self,
        pool: Pool = SHARED,
        *,
        age: float = 0.0,
        joins: bool = False,
        budget: Budget | None = None,
        clock: StoreClock | None = None,
        most_records: int = MOST_RECORDS,
    ) -> None:
        """A store.

        Args:
            pool: where requests are made.
            age: seconds for which an answer is kept; 0 keeps none.
            joins: whether questions that differ only in their ids may go out as one request.
            budget: how fast automatic work may ask; `None` does not hold it back.
            clock: the time.
            most_records: how many records are kept at most.
        """
        self._pool = pool
        self._age = age
        self._joins = joins
        self._budget = budget
        self._clock: StoreClock = clock or TimerClock()
        self._most_records = most_records
        self._lock = threading.Lock()
        self._kept: OrderedDict[_AnswerKey, _KeptAnswer] = OrderedDict()
        self._records = 0
        self._under_way: dict[_AnswerKey, _SharedCall] = {}
        self._lines: OrderedDict[Hashable, _WaitingCalls] = OrderedDict()
        self._wakes_at: float | None = None

    def ask(self, calls: Sequence[Call[Any]], clients: AwsClients, asker: AskingRun) -> None:
        """Ask some questions of the same moment; each answer goes to the asker, and what is known goes there at once."""
        ready: list[tuple[Call[Any], SharedAnswer]] = []
        with self._lock:
            now = self._clock.elapsed()
            self._forget(now)
            for call in calls:
                # Whoever brings clients of their own need not know of this.
                key = (getattr(clients, "shares", clients), call)
                kept = None if asker.fresh else self._remembered(key)
                if kept is not None:
                    ready.append((call, kept))
                else:
                    self._join(key, clients, asker, now)
        for call, taken in ready:
            asker.put(call, taken)
        self._dispatch()

    def from_memory(self, call: Call[Any], clients: AwsClients, asker: AskingRun) -> SharedAnswer | None:
        """The answer to a question where it is kept; nothing is asked for it."""
        if asker.fresh or not self._age:
            return None
        with self._lock:
            self._forget(self._clock.elapsed())
            return self._remembered((getattr(clients, "shares", clients), call))

    def held_since(self, asker: AskingRun) -> float | None:
        """Since when the budget holds back a question of this run; `None` where it holds back none."""
        with self._lock:
            return min(
                (
                    item.since
                    for line in self._lines.values()
                    if line.held
                    for item in line.questions
                    if asker in item.askers
                ),
                default=None,
            )

    def age_of(self, asked_at: float) -> float:
        """How many seconds ago something was asked."""
        return self._clock.elapsed() - asked_at

    @property
    def waiting(self) -> int:
        """How many questions are to be asked, or under way."""
        with self._lock:
            return len(self._under_way)

    @property
    def records(self) -> int:
        """How many records are kept."""
        with self._lock:
            return self._records

    # --- asking, under the lock ------------------------------------------------------------------------

    def _remembered(self, key: _AnswerKey) -> SharedAnswer | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        return SharedAnswer(kept.performed._replace(requests=0), kept.asked_at, True, 0.0)

    def _join(self, key: _AnswerKey, clients: AwsClients, asker: AskingRun, now: float) -> None:
        question = self._under_way.get(key)
        if question is not None and (question.asked_at is None or not asker.fresh):
            question.askers.append(asker)
            question.urgent = question.urgent or asker.urgent
            return
        question = self._under_way[key] = _SharedCall(key, clients, [asker], now, urgent=asker.urgent)
        name = self._line_of(question)
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = _WaitingCalls(_bucket_of(question.call))
        line.questions.append(question)

    def _line_of(self, question: _SharedCall) -> Hashable:
        """What the questions have in common that one request can ask."""
        call = question.call
        joining = call.operation.joining if self._joins else None
        kind = joining.kind(call.kwargs) if joining else None
        return (
            question if kind is None else (question.key[0], call.operation, call.region, call.account, kind)
        )

    def _forget(self, now: float) -> None:
        """Let go of what is too old, and of the oldest where it is too much."""
        while self._kept:
            key, oldest = next(iter(self._kept.items()))
            if now - oldest.asked_at < self._age and self._records <= self._most_records:
                return
            self._records -= oldest.records
            del self._kept[key]

    def _dispatch(self) -> None:
        """Give to the pool every line that may be asked now; see to it that the others come up in time."""
        started, wakes = [], None
        with self._lock:
            now = self._clock.elapsed()
            lines = [(name, line, line.urgent) for name, line in self._lines.items() if not line.submitted]
            empty: dict[BucketKey, float] = {}
            for name, line, urgent in sorted(lines, key=lambda item: not item[2]):
                # Of hundreds that wait for one bucket, the first tells of all.
                wait = 0.0 if urgent else empty.get(line.bucket) or self._wait(line.bucket, now)
                line.held = wait > 0
                if line.held:
                    empty[line.bucket] = wait
                    for item in line.questions:
                        item.held = True
                    wakes = wait if wakes is None else min(wakes, wait)
                else:
                    self._take_tokens(line.bucket, 1, now)
                    line.submitted = True
                    started.append(name)
            if wakes is not None and (self._wakes_at is None or now + wakes < self._wakes_at):
                self._wakes_at = now + wakes
            else:
                wakes = None
        if wakes is not None:
            self._clock.later(wakes, self._wake)
        for name in started:
            self._pool.submit(partial(self._perform, name))

    def _wake(self) -> None:
        with self._lock:
            self._wakes_at = None
        self._dispatch()

    def _wait(self, bucket: BucketKey, now: float) -> float:
        return 0.0 if self._budget is None else self._budget.wait(bucket, now)

    def _take_tokens(self, bucket: BucketKey, count: int, now: float) -> None:
        if self._budget is not None and count:
            self._budget.take(bucket, now, count)

    # --- in the pool -----------------------------------------------------------------------------------

    def _perform(self, name: Hashable) -> None:
        """Make one request for as many questions of a line as it takes."""
        questions = self._next_of(name)
        self._dispatch()
        if not questions:
            return
        first = questions[0]
        answers = _observed(questions, first)
        with self._lock:
            now = self._clock.elapsed()
            bucket = _bucket_of(first.call)
            self._take_tokens(bucket, sum(item.requests + item.again for item in answers) - 1, now)
            if self._budget is not None and any(item.again or _is_throttled(item) for item in answers):
                self._budget.throttled(bucket, now)
            for question, performed in zip(questions, answers, strict=True):
                self._keep(question, performed)
        for question, performed in zip(questions, answers, strict=True):
            self._give(question, performed)

    def _next_of(self, name: Hashable) -> list[_SharedCall]:
        """The questions of the next request of a line, those first that somebody waits for."""
        with self._lock:
            line = self._lines.pop(name)
            now = self._clock.elapsed()
            for item in [item for item in line.questions if item.gone()]:
                # Nobody waits for it any more.
                line.questions.remove(item)
                self._let_go(item)
            line.questions.sort(key=lambda item: not item.urgent)
            most, taken = _most(line), 0
            now_asked: list[_SharedCall] = []
            while line.questions and (not now_asked or taken + _size(line.questions[0]) <= most):
                taken += _size(line.questions[0])
                now_asked.append(line.questions.pop(0))
            for item in now_asked:
                item.asked_at = now
            if line.questions:
                self._lines[name] = _WaitingCalls(line.bucket, line.questions)
            return now_asked

    def _keep(self, question: _SharedCall, performed: Performed) -> None:
        self._let_go(question)
        assert question.asked_at is not None
        key, before = question.key, self._kept.get(question.key)
        if (
            not self._age
            or not _is_worth_keeping(performed)
            or (before and before.asked_at > question.asked_at)
        ):
            return
        if before is not None:
            self._records -= before.records
            del self._kept[key]
        kept = self._kept[key] = _KeptAnswer(performed, question.asked_at, _records(performed))
        self._records += kept.records

    def _let_go(self, question: _SharedCall) -> None:
        """It is no longer under way; a fresh run may have asked the same again since."""
        if self._under_way.get(question.key) is question:
            del self._under_way[question.key]

    def _give(self, question: _SharedCall, performed: Performed) -> None:
        assert question.asked_at is not None
        waited = question.asked_at - question.since if question.held else 0.0
        for place, asker in enumerate(question.askers):
            own = performed if place == 0 else performed._replace(requests=0)
            asker.put(question.call, SharedAnswer(own, question.asked_at, place > 0, waited))


def _observed(questions: Sequence[_SharedCall], first: _SharedCall) -> Sequence[Performed]:
    """The answers; whoever watches hears of what the call was and how it ended, and of nothing that it asked."""
    service, _, method = first.call.operation.action.partition(":")
    with observing.span(
        f"{service}.{method}",
        parent=first.within,
        outgoing=True,
        rpc_system="aws-api",
        rpc_service=service,
        rpc_method=method,
        cloud_region=first.call.region,
    ) as span:
        answers = perform_together(
            [item.call for item in questions], first.clients, lambda: all(item.gone() for item in questions)
        )
        span.tell(
            outcome=_outcome(answers[0].fact),
            questions=len(answers),
            attempts=sum(item.requests + item.again for item in answers),
        )
    return answers


def _outcome(fact: Fact[Any]) -> str:
    return fact.reason.why.value if isinstance(fact, Unavailable) else fact.kind


def _bucket_of(call: Call[Any]) -> BucketKey:
    return bucket_key(call.operation.action, call.region, call.account)


def _most(line: _WaitingCalls) -> int:
    joining = line.questions[0].call.operation.joining if line.questions else None
    return joining.most if joining else 1


def _size(question: _SharedCall) -> int:
    joining = question.call.operation.joining
    return len(joining.ids(question.call.kwargs) or ()) if joining else 1


def _is_throttled(performed: Performed) -> bool:
    fact = performed.fact
    return isinstance(fact, Unavailable) and fact.reason.why is Why.THROTTLED


def _is_worth_keeping(performed: Performed) -> bool:
    """What AWS said, a refusal too: in a storm each run would be refused again. What failed otherwise is worth another try."""
    fact = performed.fact
    return isinstance(fact, Known | Absent) or (
        isinstance(fact, Unavailable) and fact.reason.why is Why.DENIED
    )


def _records(performed: Performed) -> int:
    fact = performed.fact
    return 1 + (len(fact.value) if isinstance(fact, Known) and isinstance(fact.value, tuple) else 0)
