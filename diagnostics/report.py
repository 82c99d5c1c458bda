"""Assembles the report: the verdict, what it rests on, and what changed since an earlier run."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import engine, verdict
from diagnostics.faults.base import World
from diagnostics.faults.network import network_summary
from diagnostics.finding import (
    Change,
    Finding,
    Impact,
    PulledBy,
    Report,
    SnapshotSummary,
    Status,
    TaskContainer,
    TaskSummary,
    UnavailableSummary,
    Unsettled,
)
from diagnostics.snapshot import Reason, Snapshot, Unavailable, known_value
from diagnostics.snapshot.facts import Model
from diagnostics.stop_reason import redact


def build(snapshot: Snapshot, previous: Snapshot | None = None) -> Report:
    """The report of a snapshot.

    Args:
        snapshot: the facts.
        previous: the facts of an earlier run on the same target; it is judged by the same checks, so that only the
            facts make the difference.
    """
    world = engine.world_of(snapshot)
    findings = engine.run(world)
    answer, causes = verdict.rank(world, findings)
    return Report(
        task=_task(snapshot),
        pulled_by=_pulled_by(world),
        verdict=answer,
        causes=causes,
        findings=findings,
        network=network_summary(world),
        unavailable=unread(snapshot, findings),
        impact=_impact(snapshot),
        changes=None if previous is None else changes_since(previous, findings),
        snapshot=SnapshotSummary(
            taken_at=snapshot.taken_at,
            seconds=snapshot.seconds,
            api_calls=snapshot.api_calls,
            depth=snapshot.depth,
        ),
    )


# --- the task and who pulls --------------------------------------------------------------------------


def _task(snapshot: Snapshot) -> TaskSummary:
    task, service = known_value(snapshot.task), known_value(snapshot.service)
    definition = known_value(snapshot.task_definition)
    target = snapshot.target
    containers: tuple[TaskContainer, ...]
    if task is not None:
        containers = tuple(
            TaskContainer(
                name=item.name, image=item.image, reason=redact(item.reason) if item.reason else None
            )
            for item in task.containers
        )
    else:
        defined = definition.container_definitions if definition else ()
        containers = tuple(TaskContainer(name=item.name, image=item.image, reason=None) for item in defined)
    cluster = (task.cluster_arn if task else None) or (service.cluster_arn if service else None)
    return TaskSummary(
        arn=task.task_arn if task else target.task_arn,
        cluster=cluster.rsplit("/", 1)[-1] if cluster else target.cluster,
        account_id=snapshot.account_id,
        region=snapshot.region,
        partition=snapshot.partition,
        service=(task.service_name if task else None)
        or (service.service_name if service else None)
        or target.service,
        launch_type=(task.launch_type if task else None) or (service.launch_type if service else None),
        platform_version=task.platform_version if task else None,
        last_status=task.last_status if task else None,
        stop_code=task.stop_code if task else None,
        stopped_reason=redact(task.stopped_reason) if task and task.stopped_reason else None,
        stopped_at=task.stopped_at if task else None,
        containers=containers,
        source=snapshot.source,
    )


def _pulled_by(world: World) -> PulledBy:
    one = world.pull.principal
    used = world.pull.used_interface
    return PulledBy(
        principal=one.role_arn if one else None,
        principal_kind=one.kind if one else None,
        interface=used.interface_id if used else None,
        subnet=used.subnet_id if used else None,
    )


def _impact(snapshot: Snapshot) -> Impact | None:
    service = known_value(snapshot.service)
    if service is None:
        return None
    desired, running = service.desired_count, service.running_count
    headline = None
    if desired is not None and running is not None:
        headline = f"{running} of {desired} task{'' if desired == 1 else 's'} running"
        if service.pending_count:
            headline = f"{headline}, {service.pending_count} pending"
    return Impact(desired=desired, running=running, pending=service.pending_count, headline=headline)


# --- what could not be read --------------------------------------------------------------------------


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
    if isinstance(value, Unavailable):
        yield value
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            yield from _unavailable_facts(getattr(value, name))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _unavailable_facts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _unavailable_facts(item)


# --- what changed ------------------------------------------------------------------------------------


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
