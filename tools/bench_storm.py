"""Measures what a storm asks of AWS: a hundred services of one VPC whose tasks fail at the same moment."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.aws import EmulatedAws, build_account
from diagnostics.collect import AwsClients, Budget, FactStore, collect
from diagnostics.collect.budget import bucket_key, published
from diagnostics.target import Target, parse

SERVICES = 100
PARALLEL = 4
"""Diagnoses at a time, as the app makes by default."""
FAILED = (
    "CannotPullContainerError: ref pull has been retried 5 time(s): failed to resolve reference: failed to do request: "
    "dial tcp 3.122.8.9:443: i/o timeout"
)


@dataclass
class AskedOfAws:
    """When each API was asked, in seconds since the storm began."""

    began: float = field(default_factory=time.monotonic)
    at: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def requests(self) -> int:
        """How many requests in all."""
        return sum(map(len, self.at.values()))

    def of_half_a_rate(self) -> float:
        """The most that any API was asked in any span of time, as a part of what half of AWS's rate allows in it."""
        worst = 0.0
        for name, moments in self.at.items():
            rate = published(name)
            for first, start in enumerate(moments):
                for last in range(first, len(moments)):
                    allowed = (rate.burst + rate.rate * (moments[last] - start)) / 2 + 1
                    worst = max(worst, (last - first + 1) / allowed)
        return worst


class _Counting(AwsClients):
    """Clients of the emulated AWS that note each request."""

    def __init__(self, aws: EmulatedAws, asked: AskedOfAws) -> None:
        super().__init__()
        self._aws = aws
        self._asked = asked
        self._made: dict[tuple[str, str], Any] = {}
        self._guard = threading.Lock()

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        with self._guard:
            if (service, region) not in self._made:
                client = self._aws.client(service, region)
                client.meta.events.register("before-call", self._noting(service, region))
                self._made[service, region] = client
            return self._made[service, region]

    def _noting(self, service: str, region: str) -> Callable[..., None]:
        def note(model: Any, **_: Any) -> None:
            name = bucket_key(f"{service}:{model.name}", region, None).name
            with self._guard:
                self._asked.at[name].append(time.monotonic() - self._asked.began)

        return note


@dataclass(frozen=True)
class Storm:
    """What was measured.

    Attributes:
        first: requests for one service alone.
        each: requests for each further one.
        of_half_a_rate: how near any API came to half of AWS's rate; 1 is there.
        seconds: until all were read.
        person: seconds that a person waited for the facts of a hundred and first, asked in the middle.
    """

    first: int
    each: float
    of_half_a_rate: float
    seconds: float
    person: float


def storm() -> Storm:
    """A storm of automatic diagnoses, with a person who asks in the middle of it."""
    with EmulatedAws() as aws:
        account = build_account(aws)
        targets: list[Target] = []
        for number in range(SERVICES + 1):
            task = account.fargate_task(f"service-{number}")
            task.stop(FAILED)
            targets.append(parse(task.arn))
        persons = targets.pop()
        first = collect(targets[0], _Counting(aws, AskedOfAws())).api_calls

        asked = AskedOfAws()
        clients = _Counting(aws, asked)
        store = FactStore(age=30, joins=True, budget=Budget())
        left = list(reversed(targets))
        half = threading.Event()

        def work() -> None:
            while left:
                try:
                    target = left.pop()
                except IndexError:
                    return
                collect(target, clients, store=store, urgent=False, patience=300)
                if len(left) <= SERVICES / 2:
                    half.set()

        threads = [threading.Thread(target=work) for _ in range(PARALLEL)]
        for thread in threads:
            thread.start()
        half.wait()
        started = time.monotonic()
        collect(persons, clients, store=store)
        person = time.monotonic() - started
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - asked.began
    each = (asked.requests - first) / SERVICES
    return Storm(first, each, asked.of_half_a_rate(), seconds, person)
