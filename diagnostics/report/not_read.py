"""What could not be read, and which faults stay open for that."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Finding, Status, UnavailableSummary, Unsettled
from diagnostics.snapshot import Model, Reason, Snapshot, Unavailable
from diagnostics.snapshot.facts import CamelCaseKeys, PascalCaseKeys


def unread(snapshot: Snapshot, findings: tuple[Finding, ...]) -> tuple[UnavailableSummary, ...]:
    """Each thing that could not be read, once, with the faults that it leaves open; last what no finding needed."""
    facts = tuple(_unavailable_facts(snapshot))
    needed: dict[tuple[str | None, Reason, str | None], dict[str, None]] = {}
    for item in findings:
        if item.status is not Status.UNKNOWN:
            continue
        for fact in _missed(item.unsettled, facts) if item.unsettled else ():
            key = (fact.call, fact.reason, fact.resource)
            needed.setdefault(key, {})[item.fault] = None
    told = {call for call, _, _ in needed}
    for fact in facts:
        if fact.call is not None and fact.call not in told and not fact.moot and fact.was_asked:
            needed.setdefault((fact.call, fact.reason, fact.resource), {})
    return tuple(
        UnavailableSummary(call=call, why=str(reason), reason=reason, resource=resource, needed_by=tuple(by))
        for (call, reason, resource), by in needed.items()
    )


def _missed(why: Unsettled, facts: tuple[Unavailable, ...]) -> tuple[Unavailable, ...]:
    """The facts that a finding needed: what the same call failed to read for the same reason, if possible by its id."""
    if why.stopped:
        return why.unread
    failures = {(fact.call, fact.reason) for fact in why.unread}
    alike = tuple(fact for fact in facts if fact.call and (fact.call, fact.reason) in failures)
    named = tuple(fact for fact in alike if fact.resource in why.names)
    return named or alike


def _unavailable_facts(value: object) -> Iterator[Unavailable]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _unavailable_facts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _unavailable_facts(item)
    elif isinstance(value, Model):
        if isinstance(value, Unavailable):
            yield value
        # A shape of AWS's own has no facts in it; those of a large account have 200,000 members.
        elif not isinstance(value, (CamelCaseKeys, PascalCaseKeys)):
            for _, item in value:
                yield from _unavailable_facts(item)
