"""Lists of clusters and services, for whoever chooses one, and tags, for whoever is routed by them: kept for a while, and given
within a time.

What was not there in time is asked on, so that the next one who asks has it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TypeVar

from diagnostics.collect import calls
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.operation import Call, Operation
from diagnostics.collect.shared import AskingRun, FactStore, SharedAnswer
from diagnostics.snapshot import Fact, Tag, Unavailable, Why

T = TypeVar("T")

LISTED_SECONDS = 60.0
"""For how long a list is kept: who types into a menu asks with each letter."""


def clusters(
    region: str, account: str | None, *, clients: AwsClients, store: FactStore, wait: float
) -> Fact[tuple[str, ...]]:
    """The ARNs of the clusters of a Region, the first thousand of them.

    Args:
        region: where.
        account: `None` for that of the credentials.
        clients: who asks.
        store: keeps the lists.
        wait: for how many seconds an answer is waited for.
    """
    return _listed(calls.EVERY_CLUSTER, {}, region, account, clients, store, wait)


def services(
    region: str, account: str | None, cluster: str, *, clients: AwsClients, store: FactStore, wait: float
) -> Fact[tuple[str, ...]]:
    """The ARNs of the services of a cluster, the first thousand of them; `clusters` says what the rest is."""
    return _listed(calls.SERVICES_TO_CHOOSE, {"cluster": cluster}, region, account, clients, store, wait)


def task_tags(
    region: str,
    account: str | None,
    cluster: str,
    task_arn: str,
    *,
    clients: AwsClients,
    store: FactStore,
    wait: float,
) -> Fact[tuple[Tag, ...]]:
    """The tags of a task. Nobody waits for them, so that they keep to the budget."""
    asked = {"cluster": cluster, "tasks": [task_arn], "include": ["TAGS"]}
    return _listed(calls.TASK_TAGS, asked, region, account, clients, store, wait, urgent=False)


def service_tags(
    region: str,
    account: str | None,
    cluster: str,
    service: str,
    *,
    clients: AwsClients,
    store: FactStore,
    wait: float,
) -> Fact[tuple[Tag, ...]]:
    """The same of a service."""
    asked = {"cluster": cluster, "services": [service], "include": ["TAGS"]}
    return _listed(calls.SERVICE_TAGS, asked, region, account, clients, store, wait, urgent=False)


def _listed(
    operation: Operation[tuple[T, ...]],
    parameters: Mapping[str, object],
    region: str,
    account: str | None,
    clients: AwsClients,
    store: FactStore,
    wait: float,
    *,
    urgent: bool = True,
) -> Fact[tuple[T, ...]]:
    call = Call.to(operation, parameters, region=region, account=account)
    given: list[Fact[Sequence[T]]] = []
    there = threading.Event()

    def put(_: Call[object], answer: SharedAnswer) -> None:
        given.append(answer.performed.fact)
        there.set()

    # Never gone: an answer that comes too late is for the next letter that is typed.
    store.ask((call,), clients, AskingRun(put, lambda: False, urgent=urgent))
    if not there.wait(wait):
        return Unavailable(reason=Why.TIMED_OUT, call=operation.action)
    return given[0]  # type: ignore[return-value]
