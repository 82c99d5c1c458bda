"""What changed since an earlier run: which fault of which resources fails no more, still, or only now."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import engine
from diagnostics.finding import Change, Finding, Status
from diagnostics.snapshot import Snapshot, known_value
from diagnostics.verdict import had_failed


def changes_since(previous: Snapshot, findings: tuple[Finding, ...]) -> tuple[Change, ...]:
    """Every fault that failed then or fails now: fixed, still failing, or new."""
    before, now = (
        _by_fault(_by_subject(engine.run(engine.world_of(previous)))),
        _by_fault(_by_subject(findings)),
    )
    changes: list[Change] = []
    for key in dict.fromkeys((*_failing(before), *_failing(now))):
        fault, resources = key
        changes.append(
            Change(
                fault=fault,
                was=_status(before.get(fault, ()), resources, now.get(fault, ())),
                is_=_status(now.get(fault, ()), resources, before.get(fault, ())),
                resources=resources,
            )
        )
    return tuple(changes)


def has_recovered(snapshot: Snapshot, previous: Snapshot, changes: tuple[Change, ...]) -> bool:
    """True where an earlier run was about a pull that failed or would fail, and the task of this one has pulled since.

    That is so whatever cannot be read: what ECS says of the task is the proof.
    """
    task, before = known_value(snapshot.task), known_value(previous.task)
    if task is None or snapshot.source != "live" or not task.has_pulled:
        return False
    if before is not None and before.has_pulled:
        return False
    return had_failed(engine.world_of(previous)) or any(item.was is Status.FAIL for item in changes)


def _by_subject(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, where what does not apply to a subject that passes its check passes too.

    A leg that goes through a NAT gateway now skips what is wrong with a subnet without a way out: it has one. But where
    nothing of the subject passes, or something of it is not known, a skip says nothing of it.
    """
    said: dict[object, set[Status]] = {}
    for item in findings:
        said.setdefault(_subject(item), set()).add(item.status)
    good = {Status.PASS, Status.SKIPPED}
    return tuple(
        item.model_copy(update={"status": Status.PASS})
        if item.status is Status.SKIPPED and Status.PASS in said[_subject(item)] <= good
        else item
        for item in findings
    )


def _by_fault(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    result: dict[str, tuple[Finding, ...]] = {}
    for item in findings:
        result[item.fault] = (*result.get(item.fault, ()), item)
    return result


def _failing(by_fault: dict[str, tuple[Finding, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for fault, items in by_fault.items():
        for item in items:
            if item.status is Status.FAIL:
                yield fault, item.resources


def _status(
    findings: tuple[Finding, ...], resources: tuple[str, ...], others: tuple[Finding, ...]
) -> Status | None:
    """The status of a fault of these resources in one of two runs; `None` where it was not judged at all.

    `others` are the other run's findings: a subject that failed there is looked up here.
    """
    if any(item.status is Status.FAIL and item.resources == resources for item in findings):
        return Status.FAIL
    subjects = {
        _subject(item) for item in others if item.status is Status.FAIL and item.resources == resources
    }
    again = [item for item in findings if _subject(item) in subjects]
    if subjects - {_subject(item) for item in again}:
        # A subnet that is no longer looked at is not in order for that.
        return None
    same = [item.status for item in again]
    if Status.FAIL in same:
        # The subject fails with other resources in the other run: of these, nothing was said.
        return None
    return next(
        (item for item in (Status.UNKNOWN, Status.WARN, Status.SKIPPED, Status.PASS) if item in same), None
    )


def _subject(finding: Finding) -> tuple[str, tuple[str, ...], str | None, str | None]:
    return finding.check, finding.containers, finding.leg, finding.subnet
