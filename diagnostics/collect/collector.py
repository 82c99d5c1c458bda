"""Runs the plan: makes every call as soon as it can be asked, until all is answered or the time is up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError

from diagnostics.collect import calls, plan
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.errors import (
    UNREACHABLE_KINDS,
    UnreachableKind,
)
from diagnostics.collect.operation import Ask, Call
from diagnostics.collect.perform import Performed, perform
from diagnostics.collect.pool import SHARED, Pool
from diagnostics.snapshot import Absent, Fact, Known, Snapshot, Unavailable, Why
from diagnostics.target import REGION, Target

T = TypeVar("T")

Progress = Callable[[int, int, str], None]
"""Told after each answer: how many calls are answered, how many are asked, and the IAM action."""


class RegionNeededError(Exception):
    """The target does not name a Region, and nothing else does."""


class AwsUnreachableError(Exception):
    """Nothing at all could be read, because of the credentials, the Region or the way to AWS."""

    def __init__(self, kind: UnreachableKind, message: str) -> None:
        super().__init__(message)
        self.kind: UnreachableKind = kind
        self.message = message


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
    progress: Progress | None = None,
    previous: Snapshot | None = None,
    clock: Clock | None = None,
    pool: Pool = SHARED,
) -> Snapshot:
    """Everything that can be read about a target.

    Args:
        target: what to look at; its own Region and account win.
        clients: who asks.
        deadline: seconds after which what is missing becomes `Unavailable(Why.TIMED_OUT)`.
        region: the Region of a target that does not name one; else the session's.
        progress: told about each answer, in the caller's thread.
        previous: an earlier snapshot of the same target, for a task that ECS has forgotten since.

    Raises:
        RegionNeededError: neither the target nor anything else names a Region.
        AwsUnreachableError: nothing could be read at all.
    """
    clock = clock or SystemClock()
    started = clock.elapsed()
    where = region_of(target, clients, region)

    # Whoever brings clients of their own need not know of this.
    others = getattr(clients, "other_accounts", False)

    def build(ask: Ask) -> Snapshot:
        return plan.build(target, ask, region=where, previous=previous, other_accounts=others)

    run = _Run(build, clients, pool, clock, started + deadline, progress)
    try:
        run.until_done()
    finally:
        run.closed = True
    _check_reached(run.facts, where, clients, target.account_id)
    snapshot = build(_Final(run.facts))
    return snapshot.model_copy(
        update={
            "taken_at": clock.now(),
            "seconds": round(clock.elapsed() - started, 3),
            "api_calls": run.requests,
            "depth": depth_of(build, run.facts),
        }
    )


def region_of(target: Target, clients: AwsClients, region: str | None) -> str:
    """The Region to ask in: the target's, else the one that was given, else the session's.

    Raises:
        RegionNeededError: there is none.
        AwsUnreachableError: the session's settings cannot be read, such as those of a profile that does not
            exist.
    """
    found = target.region or region
    if found is None:
        try:
            found = clients.region
        except (BotoCoreError, OSError) as error:
            why = clients.problem() or f"The AWS settings cannot be used: {str(error).rstrip('.')}."
            raise AwsUnreachableError("no_credentials", why) from error
    if found and not re.fullmatch(REGION, found):
        raise RegionNeededError(
            f"{found[:60]!r} is no Region; name the task's own, for example eu-central-1."
        )
    if not found:
        raise RegionNeededError(
            "Which Region? Give the task's ARN, or name the Region with --region or AWS_REGION, "
            "for example eu-central-1."
        )
    return found


class _Known:
    """Answers from what is known; notes what is wanted beyond it."""

    def __init__(self, facts: Mapping[Call[Any], Fact[Any]]) -> None:
        self.facts = facts
        self.wanted: dict[Call[Any], None] = {}

    def __call__(self, call: Call[T], /) -> Fact[T]:
        fact = self.facts.get(call)
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


class _Run:
    """One run: which calls are under way, and what came back."""

    def __init__(
        self,
        build: Callable[[Ask], Snapshot],
        clients: AwsClients,
        pool: Pool,
        clock: Clock,
        until: float,
        progress: Progress | None,
    ) -> None:
        self.facts: dict[Call[Any], Fact[Any]] = {}
        self.requests = 0
        self.closed = False
        self._build = build
        self._clients = clients
        self._pool = pool
        self._clock = clock
        self._until = until
        self._progress = progress
        self._asked: set[Call[Any]] = set()
        self._results: SimpleQueue[tuple[Call[Any], Performed]] = SimpleQueue()

    def until_done(self) -> None:
        """Ask until nothing more is wanted or the time is up; what is missing then is timed out."""
        while True:
            self._ask_what_is_wanted()
            if len(self.facts) == len(self._asked):
                return
            remaining = self._until - self._clock.elapsed()
            if remaining <= 0 or not self._receive(remaining):
                for call in self._asked - self.facts.keys():
                    self.facts[call] = _timed_out(call)
                return

    def _ask_what_is_wanted(self) -> None:
        ask = _Known(self.facts)
        self._build(ask)
        for call in ask.wanted:
            if call not in self._asked:
                self._asked.add(call)
                self._pool.submit(lambda call=call: self._perform(call))  # type: ignore[misc]

    def _perform(self, call: Call[Any]) -> None:
        if not self.closed:
            self._results.put((call, perform(call, self._clients, lambda: self.closed)))

    def _receive(self, seconds: float) -> bool:
        """Wait for an answer and take every other that is there; whether one came in time."""
        try:
            self._take(self._results.get(timeout=seconds))
            while not self._results.empty():
                self._take(self._results.get_nowait())
        except Empty:
            return False
        return True

    def _take(self, item: tuple[Call[Any], Performed]) -> None:
        call, performed = item
        self.facts[call] = performed.fact
        self.requests += performed.requests
        if self._progress is not None:
            self._progress(len(self.facts), len(self._asked), call.operation.action)


def depth_of(build: Callable[[Ask], Snapshot], facts: Mapping[Call[Any], Fact[Any]]) -> int:
    """The longest chain of calls that had to wait for each other.

    The plan is replayed against the answers in waves: everything that can be asked is answered at once, and
    the number of waves is the length of the longest chain, whatever the order in which the answers really
    came.
    """
    revealed: dict[Call[Any], Fact[Any]] = {}
    waves = 0
    while True:
        ask = _Known(revealed)
        build(ask)
        made = [call for call in ask.wanted if call in facts]
        if not made:
            return waves
        waves += 1
        revealed.update((call, facts[call]) for call in made)


# --- nothing could be read ---------------------------------------------------------------------------


def _check_reached(
    facts: Mapping[Call[Any], Fact[Any]], region: str, clients: AwsClients, account: str | None
) -> None:
    """Raise where no answer came at all and the reasons are about the way to AWS, not one permission."""
    identity = calls.GET_CALLER_IDENTITY
    caller = next(
        (fact for call, fact in facts.items() if call.operation is identity and call.account == account), None
    )
    others = [fact for call, fact in facts.items() if call.operation is not calls.GET_CALLER_IDENTITY]
    failed = [fact for fact in others if isinstance(fact, Unavailable)]
    reasons = {fact.reason.why for fact in failed}
    if not failed or len(failed) != len(others) or not reasons <= UNREACHABLE_KINDS.keys():
        return
    if isinstance(caller, Known | Absent):
        # The credentials work and AWS answers, so only the Region can be at fault.
        if reasons <= {Why.WRONG_REGION, Why.NO_CREDENTIALS} or (
            reasons == {Why.UNREACHABLE} and not clients.knows_region(region)
        ):
            raise _unreachable("wrong_region", region)
        return
    if isinstance(caller, Unavailable):
        reasons = reasons | {caller.reason.why}
        if not reasons <= UNREACHABLE_KINDS.keys():
            return
    for why in (
        Why.EXPIRED_CREDENTIALS,
        Why.NO_CREDENTIALS,
        Why.WRONG_REGION,
        Why.UNREACHABLE,
        Why.TIMED_OUT,
    ):
        if why in reasons:
            kind = UNREACHABLE_KINDS[why]
            if kind == "unreachable" and not clients.knows_region(region):
                kind = "wrong_region"
            problem = clients.problem() if kind == "no_credentials" and hasattr(clients, "problem") else None
            raise AwsUnreachableError(kind, problem) if problem else _unreachable(kind, region)


def _unreachable(kind: UnreachableKind, region: str) -> AwsUnreachableError:
    messages: dict[UnreachableKind, str] = {
        "no_credentials": "AWS accepted no credentials: set AWS_PROFILE or the other AWS_* variables, "
        "or run `aws configure`.",
        "expired_credentials": "The AWS credentials have expired: renew them, "
        "for example with `aws sso login`.",
        "wrong_region": f"Region {region} does not exist or is not enabled for this account: "
        "name the task's own Region, for example --region eu-central-1.",
        "unreachable": f"AWS could not be reached in Region {region}: "
        "check the network, the proxy and AWS_ENDPOINT_URL.",
    }
    return AwsUnreachableError(kind, messages[kind])
