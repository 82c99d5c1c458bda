"""How the plan asks: the account and Region of a run, and what a fact that hangs on another fact becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeGuard, TypeVar

from diagnostics.collect.operation import Ask, Call, Operation
from diagnostics.collect.parsing import Found
from diagnostics.snapshot import Absent, Fact, Known, Reason, Unavailable, Why

T = TypeVar("T")


@dataclass(frozen=True)
class Reader:
    """Asks in one account and Region. `partition` is the partition of both."""

    ask: Ask
    region: str
    account: str | None
    partition: str

    def read(
        self,
        operation: Operation[T],
        params: dict[str, Any] | None = None,
        *,
        about: str | None = None,
        region: str | None = None,
    ) -> Fact[T]:
        """The fact that one call gives; `about` says of what, `region` is another Region to ask in."""
        return self.ask(
            Call.to(
                operation,
                params or {},
                region=region or self.region,
                account=self.account,
                resource=about,
            )
        )


def is_pending(fact: Fact[Any]) -> TypeGuard[Unavailable]:
    """True if a fact is not answered yet, or was not asked for at all."""
    return isinstance(fact, Unavailable) and not fact.was_asked


def single(fact: Fact[Found[T]], action: str, about: str | None = None) -> Fact[T]:
    """The one thing of an ECS batch answer.

    A failure whose reason is `MISSING` is absence; any other reason is not. An answer with neither an item
    nor a failure is absence too. AWS:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    """
    if not isinstance(fact, Known):
        return fact
    if fact.value.items:
        return Known(value=fact.value.items[0])
    for failure in fact.value.failures:
        if failure.reason != "MISSING":
            reason = (
                Reason.about(Why.ECS_FAILURE, failure.reason)
                if failure.reason
                else Reason(why=Why.ECS_FAILURE_WITHOUT_REASON)
            )
            return Unavailable(
                reason=reason,
                call=action,
                resource=failure.arn or about,
            )
    return Absent(call=action)


def hanging_on(fact: Fact[Any], missing: Why) -> Unavailable:
    """What a fact is that cannot be asked for because another one is not known.

    `missing` says what is absent, where AWS said that the other thing does not exist.
    """
    if isinstance(fact, Unavailable):
        return fact
    return Unavailable(reason=missing, call=fact.call if isinstance(fact, Absent) else None, moot=True)


def by_id(fact: Fact[tuple[T, ...]], wanted: tuple[str, ...], key: str, action: str) -> dict[str, Fact[T]]:
    """A filtered answer by id; what the filter did not find is absent."""
    if not isinstance(fact, Known):
        return dict.fromkeys(wanted, fact)
    found: dict[str, T] = {getattr(item, key): item for item in fact.value}

    def of(identifier: str) -> Fact[T]:
        if identifier in found:
            return Known(value=found[identifier])
        if fact.may_hold(identifier):
            return Unavailable(reason=Why.UNREADABLE_RECORD, call=action, resource=identifier)
        return Absent(call=action)

    return {item: of(item) for item in wanted}


def merged(first: dict[str, Fact[T]], second: dict[str, Fact[T]]) -> dict[str, Fact[T]]:
    """Facts by id from two answers; one that knows wins over one that does not."""
    return second | {key: fact for key, fact in first.items() if isinstance(fact, Known) or key not in second}


def ids_filter(name: str, ids: tuple[str, ...]) -> dict[str, Any]:
    """EC2's parameters for a filter on ids, which unlike a list of ids does not fail for one that is gone."""
    return {"Filters": [{"Name": name, "Values": sorted(ids)}]}
