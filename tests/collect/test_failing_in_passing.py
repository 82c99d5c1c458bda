"""Requests that fail and would succeed a moment later: throttles, errors of the server, connections that are reset."""

from __future__ import annotations

import functools
import random
import threading
from collections import Counter
from types import SimpleNamespace

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError
from botocore.retries.quota import RetryQuota

from diagnostics.collect import AwsUnreachableError, collect
from diagnostics.collect.clients import CONFIG
from diagnostics.collect.pool import SHARED, Pool
from diagnostics.report import build
from diagnostics.snapshot import Snapshot, Unavailable
from tests.build.recorded import Answer, Recorded, Reply, Request, error, failing
from tests.build.targets import task_target
from tests.build.unthreaded import UnthreadedPool

from .clock import FixedClock
from .reading import unavailable
from .test_collect import WORLDS

IN_PASSING = {
    "throttled": error("ThrottlingException", 400),
    "an error of the server": error("InternalError", 500),
    "unavailable": error("ServiceUnavailable", 503),
    "a reset connection": failing(ConnectionClosedError(endpoint_url="https://aws")),
    "no connection": failing(EndpointConnectionError(endpoint_url="https://aws")),
}


_quotas: list[RetryQuota] = []


class _QuotaOfAClient(RetryQuota):  # type: ignore[misc]
    """What botocore still retries for a client."""

    def __init__(self) -> None:
        super().__init__()
        _quotas.append(self)


@functools.cache
def _made_once(name: str) -> Recorded:
    return Recorded(name, CONFIG)


def aws(name: str) -> Recorded:
    """Clients that try again as those of the product do: slow to make, and as good as new before each test."""
    clients = _made_once(name)
    clients.take()
    return clients


@pytest.fixture(autouse=True)
def _as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits, and botocore, which counts what a client retries, begins to count."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.quota.RetryQuota", _QuotaOfAClient)
    for quota in _quotas:
        quota.release(RetryQuota.INITIAL_CAPACITY)


def first(times: int, failure: Reply) -> Reply:
    """Each request fails so many times before it succeeds."""
    sent: Counter[Request] = Counter()
    lock = threading.Lock()

    def reply(request: Request, answer: Answer) -> Answer:
        with lock:
            sent[request] += 1
            fails = sent[request] <= times
        return failure(request, answer) if fails else answer

    return reply


def read(clients: Recorded, pool: Pool = SHARED) -> Snapshot:
    return collect(task_target(clients.world.task_id), clients, clock=FixedClock(), pool=pool)


@functools.cache
def expected_of(name: str) -> Snapshot:
    """What is read of a world where nothing fails."""
    return read(aws(name))


@pytest.mark.parametrize("failure", IN_PASSING.values(), ids=IN_PASSING.keys())
@pytest.mark.parametrize("world", ["fargate", "on-ec2"])
def test_two_failures_of_every_request_change_nothing(world: str, failure: Reply) -> None:
    expected, clients = expected_of(world), aws(world)
    with clients.but(first(2, failure)):
        snapshot = read(clients)
    assert snapshot == expected
    assert build(snapshot) == build(expected)


@pytest.mark.parametrize("failure", IN_PASSING.values(), ids=IN_PASSING.keys())
def test_three_attempts_twice_and_it_is_a_fact_that_is_not_known(failure: Reply) -> None:
    expected = {item.call for item in unavailable(expected_of("fargate"))}
    clients = aws("fargate")

    def routes(request: Request, answer: Answer) -> Answer:
        return failure(request, answer) if request.operation == "DescribeRouteTables" else answer

    with clients.but(routes):
        snapshot = read(clients)
    assert [item.operation for item in clients.take()].count("DescribeRouteTables") == 6
    assert {item.call for item in unavailable(snapshot)} == expected | {"ec2:DescribeRouteTables"}
    assert all(isinstance(vpc.route_tables, Unavailable) for vpc in snapshot.vpcs.values())


def one_in_five(seed: int, failure: Reply) -> Reply:
    """One request in five fails; which, is told by the request and not by the order in which threads send."""
    sent: Counter[Request] = Counter()
    lock = threading.Lock()

    def reply(request: Request, answer: Answer) -> Answer:
        with lock:
            sent[request] += 1
            drawn = random.Random(f"{seed} {request} {sent[request]}").random()
        return failure(request, answer) if drawn < 0.2 else answer

    return reply


@pytest.mark.parametrize("failure", IN_PASSING.values(), ids=IN_PASSING.keys())
@pytest.mark.parametrize("world", WORLDS)
def test_one_failure_in_five_changes_no_answer(world: str, failure: Reply) -> None:
    expected, clients = expected_of(world), aws(world)
    for seed in range(4):
        with clients.but(one_in_five(seed, failure)):
            # Which fail does not hang on threads; the tests before this one have them.
            found = read(clients, UnthreadedPool())
        # Who was asked again was asked by one request more.
        assert found.model_copy(update={"api_calls": expected.api_calls}) == expected, seed


@pytest.mark.parametrize("kind", ["a reset connection", "no connection"])
def test_nobody_waits_longer_for_an_aws_that_cannot_be_reached(kind: str) -> None:
    clients = aws("fargate")
    with (
        clients.but(lambda request, answer: IN_PASSING[kind](request, answer)),
        pytest.raises(AwsUnreachableError),
    ):
        read(clients)
    assert set(Counter(clients.take()).values()) == {3}
