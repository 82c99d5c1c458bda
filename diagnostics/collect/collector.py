"""Runs the plan: makes every call as soon as it can be asked, until all is answered or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from diagnostics.collect import calls
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.operation import Ask, Call
from diagnostics.collect.pool import SHARED, Pool
from diagnostics.collect.reaching import check_reached, region_of
from diagnostics.collect.shared import AskingRun, FactStore, SharedAnswer
from diagnostics.snapshot import Absent, Fact, Known, PlannedTask, Snapshot, Unavailable, Why
from diagnostics.target import Target

T = TypeVar("T")

SHORTEST_WAIT = 0.05
"""Seconds between two looks at whether the budget still holds something back."""

OnProgress = Callable[[int, int, str], None]
"""Told after each answer: how many calls are answered, how many are asked, and the IAM action."""


class Clock(Protocol):
    """The time of a run."""

    def now(self) -> datetime:
        """The moment, with its time zone."""

    def elapsed(self) -> float:
        """Seconds since some fixed moment, never going back."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()


def collect(
    target: Target,
    clients: AwsClients,
    *,
    deadline: float = 20.0,
    region: str | None = None,
    progress: OnProgress | None = None,
    previous: Snapshot | None = None,
    alert_text: str | None = None,
    clock: Clock | None = None,
    pool: Pool = SHARED,
    store: FactStore | None = None,
    fresh: bool = False,
    urgent: bool = True,
    patience: float = 0.0,
    planned: PlannedTask | None = None,
    meanwhile: Callable[[], None] | None = None,
    newest: bool = False,
) -> Snapshot:
    """Everything that can be read about a target.

    Args:
        target: what to look at; its own Region and account win.
        clients: who asks.
        deadline: seconds after which what is missing becomes `Unavailable(Why.TIMED_OUT)`.
        region: the Region of a target that does not name one; else the session's.
        progress: told about each answer, in the caller's thread.
        previous: an earlier snapshot of the same target, for a task that ECS has forgotten since.
        alert_text: the error text of the alert that names the target (`stop_reason.error_in`), for a task that cannot be read.
        store: what other runs of the process asked, and ask; by default nothing is shared.
        fresh: take no answer of before this run, because what it is to show is what changed.
        urgent: a person waits; the budget of the store holds back nothing of it.
        patience: seconds that the budget may hold this run back beyond its deadline.
        planned: the task that nobody has started, of a target of kind `preflight`.
        newest: of a service the task that was made last, in place of the one that tells most of a failed pull.
        meanwhile: called once, in the caller's thread, when the first questions are under way; must not take long.

    Raises:
        RegionNeededError: neither the target nor anything else names a Region.
        AwsUnreachableError: nothing could be read at all.
    """
    clock = clock or SystemClock()
    started, now = clock.elapsed(), clock.now()
    where = region_of(target, clients, region)

    # Whoever brings clients of their own need not know of this.
    others = getattr(clients, "other_accounts", False)

    def build(ask: Ask) -> Snapshot:
        # Loaded here, because in a new process the first question goes out before there is a plan.
        from diagnostics.collect import plan

        return plan.build(
            target,
            ask,
            region=where,
            previous=previous,
            other_accounts=others,
            alert_text=alert_text,
            now=now,
            planned=planned,
            newest=newest,
        )

    run: _Collecting[Snapshot] = _Collecting(
        build, clients, store or FactStore(pool), clock, started + deadline, progress, fresh, urgent, patience
    )
    try:
        # What every plan asks first, whatever the target is.
        run.ask(Call.to(calls.GET_CALLER_IDENTITY, {}, region=where, account=target.account_id))
        run.ask_what_is_wanted()
        if meanwhile is not None:
            meanwhile()
        run.until_done()
    finally:
        run.closed = True
    check_reached(run.facts, where, clients, target.account_id)
    return run.made().model_copy(
        update={
            "taken_at": clock.now(),
            "seconds": round(clock.elapsed() - started, 3),
            "api_calls": run.requests,
            "depth": depth_of(build, run.facts),
            "reused": run.reused,
            "reused_age": None if run.oldest is None else round(max(0.0, run.oldest), 1),
            "waited": round(run.waited(), 3),
        }
    )


class Gathered(NamedTuple, Generic[T]):
    """What a plan of its own made of the answers, which those were, and how many requests they took."""

    value: T
    facts: Mapping[Call[Any], Fact[Any]]
    requests: int


def gather(
    build: Callable[[Ask], T],
    clients: AwsClients,
    *,
    store: FactStore,
    deadline: float,
    progress: OnProgress | None = None,
    clock: Clock | None = None,
    urgent: bool = True,
) -> Gathered[T]:
    """What `build`, a plan like that of a diagnosis, makes of everything that it asks for.

    Args:
        build: a pure function of the answers, called again after each.
        clients: who asks.
        store: what other runs of the process asked, and ask.
        deadline: seconds after which what is missing becomes `Unavailable(Why.TIMED_OUT)`.
        progress: told about each answer, in the caller's thread.
        urgent: a person waits; the budget of the store holds back nothing of it.
    """
    clock = clock or SystemClock()
    until = clock.elapsed() + deadline
    run: _Collecting[T] = _Collecting(build, clients, store, clock, until, progress, False, urgent, 0.0)
    try:
        run.ask_what_is_wanted()
        run.until_done()
    finally:
        run.closed = True
    return Gathered(run.made(), run.facts, run.requests)


class _AnswersSoFar:
    """Answers from what is known, or `remembered`; notes what is wanted beyond it."""

    def __init__(
        self,
        facts: Mapping[Call[Any], Fact[Any]],
        remembered: Callable[[Call[Any]], Fact[Any] | None] = lambda call: None,
    ) -> None:
        self.facts = facts
        self.wanted: dict[Call[Any], None] = {}
        self._remembered = remembered

    def __call__(self, call: Call[T], /) -> Fact[T]:
        fact = self.facts.get(call)
        if fact is None and call not in self.wanted:
            fact = self._remembered(call)
        if fact is None:
            self.wanted.setdefault(call)
            return Unavailable(call=call.operation.action, resource=call.resource)
        return fact


class _Final:
    """Answers from what is known; whatever else is wanted came too late."""

    def __init__(self, facts: Mapping[Call[Any], Fact[Any]]) -> None:
        self.facts = facts

    def __call__(self, call: Call[T], /) -> Fact[T]:
        fact = self.facts.get(call)
        return _timed_out(call) if fact is None else fact


def _timed_out(call: Call[Any]) -> Unavailable:
    return Unavailable(reason=Why.TIMED_OUT, call=call.operation.action, resource=call.resource)


class _Collecting(Generic[T]):
    """One run: which calls are under way, and what came back."""

    def __init__(
        self,
        build: Callable[[Ask], T],
        clients: AwsClients,
        store: FactStore,
        clock: Clock,
        until: float,
        progress: OnProgress | None,
        fresh: bool,
        urgent: bool,
        patience: float,
    ) -> None:
        self.facts: dict[Call[Any], Fact[Any]] = {}
        self.requests = 0
        self.reused = 0
        self.oldest: float | None = None
        self.closed = False
        self._whole: tuple[T] | None = None
        """What the plan made of the answers, once it wants no more than those."""
        self._build = build
        self._clients = clients
        self._store = store
        self._clock = clock
        self._until = until
        self._patience = patience
        self._progress = progress
        self._asked: set[Call[Any]] = set()
        self._put_off: dict[Call[Any], Fact[Any]] = {}
        self._again: set[Call[Any]] = set()
        self._waits: list[tuple[float, float]] = []
        self._results: SimpleQueue[tuple[Call[Any], SharedAnswer]] = SimpleQueue()
        self._asker = AskingRun(
            lambda call, taken: self._results.put((call, taken)), lambda: self.closed, fresh, urgent
        )

    def waited(self) -> float:
        """The seconds for which the budget held back something of this run."""
        return sum(end - start for start, end in _united(self._waits))

    def ask(self, call: Call[Any]) -> None:
        """Ask one question, before the plan has said that it wants it."""
        self._asked.add(call)
        self._store.ask([call], self._clients, self._asker)

    def ask_what_is_wanted(self) -> None:
        """Ask what the plan wants after the answers that are there."""
        ask = _AnswersSoFar(self.facts, self._from_memory)
        made = self._build(ask)
        wanted = [call for call in ask.wanted if call not in self._asked]
        self._asked.update(wanted)
        self._store.ask(wanted, self._clients, self._asker)
        self._whole = None if ask.wanted else (made,)

    def made(self) -> T:
        """What the plan makes of the answers that there are; what it wants beyond them came too late."""
        return self._build(_Final(self.facts)) if self._whole is None else self._whole[0]

    def _from_memory(self, call: Call[Any]) -> Fact[Any] | None:
        """What the store knows at once: what hangs on it is planned in the same round."""
        if call in self._asked:
            return None
        kept = self._store.from_memory(call, self._clients, self._asker)
        if kept is None:
            return None
        self._asked.add(call)
        self._take((call, kept))
        return self.facts.get(call)

    def until_done(self) -> None:
        """Ask until nothing more is wanted or the time is up; what is missing then is timed out."""
        while True:
            if len(self.facts) == len(self._asked):
                return
            if len(self.facts) + len(self._put_off) == len(self._asked):
                self._give_up_put_off()
                self.ask_what_is_wanted()
                continue
            if not self._receive_in_time():
                self._give_up_put_off()
                for call in self._asked - self.facts.keys():
                    self.facts[call] = _timed_out(call)
                return
            self.ask_what_is_wanted()

    def _receive_in_time(self) -> bool:
        """Take what comes before the time is up. What the budget holds back is waited for beyond it, for so long."""
        while (remaining := self._remaining()) > 0:
            if self._receive(remaining):
                return True
        return False

    def _remaining(self) -> float:
        now = self._clock.elapsed()
        held = self._store.held_since(self._asker) if self._patience else None
        waits = [*self._waits, *([] if held is None else [(held, now)])]
        waited = min(self._patience, sum(end - start for start, end in _united(waits)))
        remaining = self._until + waited - now
        return max(remaining, SHORTEST_WAIT) if held is not None and waited < self._patience else remaining

    def _receive(self, seconds: float) -> bool:
        """Wait for an answer and take every other that is there. False if none came in time."""
        try:
            self._take(self._results.get(timeout=seconds))
            while not self._results.empty():
                self._take(self._results.get_nowait())
        except Empty:
            return False
        return True

    def _take(self, item: tuple[Call[Any], SharedAnswer]) -> None:
        call, (performed, asked_at, reused, waited) = item
        self.requests += performed.requests
        self._waits += [(asked_at - waited, asked_at)] if waited else []
        if reused:
            self.reused += 1
            age = self._store.age_of(asked_at)
            self.oldest = age if self.oldest is None else max(self.oldest, age)
        if performed.in_passing and call not in self._again:
            # It is asked once more, unless AWS cannot be reached at all: for that nobody waits longer.
            self._put_off[call] = performed.fact
        else:
            self._answer(call, performed.fact)
        if self._put_off and any(isinstance(fact, Known | Absent) for fact in self.facts.values()):
            again = list(self._put_off)
            self._again.update(again)
            self._put_off.clear()
            self._store.ask(again, self._clients, self._asker)

    def _give_up_put_off(self) -> None:
        for call, fact in self._put_off.items():
            self._answer(call, fact)
        self._put_off.clear()

    def _answer(self, call: Call[Any], fact: Fact[Any]) -> None:
        self.facts[call] = fact
        if self._progress is not None:
            self._progress(len(self.facts), len(self._asked), call.operation.action)


def _united(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans of time without what they have in common."""
    result: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def depth_of(build: Callable[[Ask], Snapshot], facts: Mapping[Call[Any], Fact[Any]]) -> int:
    """The longest chain of calls that had to wait for each other.

    The plan is replayed against the answers in waves: everything that can be asked is answered at once, and
    the number of waves is the length of the longest chain, whatever the order in which the answers really
    came.
    """
    revealed: dict[Call[Any], Fact[Any]] = {}
    waves = 0
    while len(revealed) < len(facts):
        ask = _AnswersSoFar(revealed)
        build(ask)
        made = [call for call in ask.wanted if call in facts]
        if not made:
            break
        waves += 1
        revealed.update((call, facts[call]) for call in made)
    return waves
