"""Makes one request for a question, or for several that go together: pages, cleaning, parsing, and the reading of what went
wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from diagnostics.collect.cleaning import clean
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.errors import fails_in_passing, read_error
from diagnostics.collect.operation import Answer, Call
from diagnostics.collect.parsing import UnexpectedAnswerError
from diagnostics.collect.records import Records
from diagnostics.snapshot import Absent, Fact, Known, Unavailable, Why

T = TypeVar("T")


class Performed(NamedTuple):
    """The fact that a call gave, and how many requests (pages) it took.

    `in_passing`: it failed for a reason that may be over a moment later, whatever botocore tried. `again`: how many requests
    botocore sent again; whether AWS throttled them or failed, it does not say.
    """

    fact: Fact[Any]
    requests: int
    in_passing: bool = False
    again: int = 0


class _Requests:
    """Counts the requests of a call, those that failed included, and those that botocore sent again."""

    def __init__(self) -> None:
        self.count = 0
        self.again = 0

    def note(self, answer: Any) -> None:
        """See how often botocore sent a request again."""
        said = answer.get("ResponseMetadata") if isinstance(answer, Mapping) else None
        again = said.get("RetryAttempts") if isinstance(said, Mapping) else None
        self.again += again if isinstance(again, int) else 0

    def note_failed(self, error: Exception) -> None:
        """The same of one that failed."""
        if isinstance(error, ClientError):
            self.note(error.response)


def perform(call: Call[Any], clients: AwsClients, given_up: Callable[[], bool] = lambda: False) -> Performed:
    """Make a call; never raises.

    Args:
        given_up: says, between pages, whether anybody still waits for the answer.
    """
    requests, passing = _Requests(), False
    try:
        fact = _read(call, *_answer(call, clients, requests, given_up))
    except Exception as error:
        # Whatever went wrong, it is a reason why this one fact is not known, and no more.
        requests.note_failed(error)
        _tell(clients, error)
        fact, passing = read_error(error, call), fails_in_passing(error)
    return Performed(fact, requests.count, passing, requests.again)


def perform_together(
    calls: Sequence[Call[Any]], clients: AwsClients, given_up: Callable[[], bool] = lambda: False
) -> tuple[Performed, ...]:
    """Make one request for calls of one operation that can be joined; never raises.

    Where AWS refuses it, each is asked by itself: one id that does not exist, or may not be read, must cost the others nothing.
    What failed in passing is not: so many requests more would only add to the load. The first answer counts the requests.
    """
    if len(calls) == 1:
        return (perform(calls[0], clients, given_up),)
    first, requests = calls[0], _Requests()
    joining = first.operation.joining
    assert joining is not None
    params = [call.kwargs for call in calls]
    together = Call.to(first.operation, joining.joined(params), region=first.region, account=first.account)
    try:
        answer, truncated = _answer(together, clients, requests, given_up)
    except Exception as error:
        requests.note_failed(error)
        _tell(clients, error)
        if fails_in_passing(error):
            return _counted((Performed(read_error(error, call), 0, True) for call in calls), requests)
        truncated = True
    if truncated:
        return _counted((perform(call, clients, given_up) for call in calls), requests)
    return _counted(
        (_shared(call, joining.share(answer, asked)) for call, asked in zip(calls, params, strict=True)),
        requests,
    )


def _tell(clients: AwsClients, error: Exception) -> None:
    # Whoever brings clients of their own need not know of this.
    tell = getattr(clients, "on_failure", None)
    if tell is not None:
        tell(error)


def _counted(answers: Iterable[Performed], requests: _Requests) -> tuple[Performed, ...]:
    first, *others = answers
    count, again = first.requests + requests.count, first.again + requests.again
    return (first._replace(requests=count, again=again), *others)


def _shared(call: Call[Any], answer: Answer) -> Performed:
    try:
        return Performed(_read(call, answer, truncated=False), 0)
    except Exception as error:
        return Performed(read_error(error, call), 0)


def _answer(
    call: Call[Any], clients: AwsClients, requests: _Requests, given_up: Callable[[], bool]
) -> tuple[Answer, bool]:
    """The answer without secrets, and whether it goes on after what was read."""
    client = clients.get(call.operation.service, call.region, call.account)
    answer, truncated = _ask(call, client, requests, given_up)
    return clean(answer), truncated


def _read(call: Call[Any], answer: Answer, truncated: bool) -> Fact[Any]:
    """The fact in an answer; whatever the parser raises goes through."""
    if truncated and not call.operation.may_truncate:
        return Unavailable(reason=Why.TOO_LONG, call=call.operation.action, resource=call.resource)
    value = call.operation.parse(answer)
    if value is None:
        return Absent(call=call.operation.action)
    if isinstance(value, Records):
        return Known(value=value.items, unread=value.unread)
    return Known(value=value)


def _ask(
    call: Call[Any], client: Any, requests: _Requests, given_up: Callable[[], bool]
) -> tuple[Answer, bool]:
    """The answer, its pages merged, and whether the list goes on after the last page that was read."""
    operation = call.operation
    if operation.list_key is None or not client.can_paginate(operation.method):
        requests.count += 1
        answer = getattr(client, operation.method)(**call.kwargs)
        requests.note(answer)
        return answer, bool(answer.get("NextToken") or answer.get("nextToken"))
    sizes = {"PageSize": operation.page_size} if operation.page_size else {}
    pages = iter(client.get_paginator(operation.method).paginate(**call.kwargs, PaginationConfig=sizes))
    items: list[Any] = []
    while True:
        requests.count += 1
        page = next(pages, None)
        if page is None:
            raise UnexpectedAnswerError("the pages ended before the last one")
        requests.note(page)
        items.extend(page[operation.list_key])
        more = bool(
            page.get("NextToken") or page.get("nextToken") or page.get("IsTruncated") or page.get("Truncated")
        )
        if not more or requests.count >= operation.pages or given_up():
            return {operation.list_key: items}, more
