"""Runs every check over every subject, so that what cannot be read of one thing hides nothing of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagnostics import pull
from diagnostics.engine.hosts import alike
from diagnostics.engine.symptoms import refined, symptoms_of
from diagnostics.faults import ALL_CHECKS
from diagnostics.faults.base import Check, Subject, SubjectKind, World, skipped, unknown
from diagnostics.finding import ALERT_TEXT, ERROR_TEXT, Evidence, Finding, Outcome, UndecidedError, Unsettled
from diagnostics.network import KeptTraces
from diagnostics.pull import Interface
from diagnostics.snapshot import Fact, HostFacts, Snapshot, Unavailable, UnavailableError, known_value


def world_of(snapshot: Snapshot, kept: KeptTraces | None = None) -> World:
    """The facts with what the error texts say and how the task pulls; `kept` are traces that other worlds share."""
    symptoms = symptoms_of(snapshot)
    principals = (item.denial.principal for item in symptoms if item.denial is not None)
    denied = next((item for item in principals if item), None)
    described = pull.describe(snapshot, denied)
    used = described.used_interface
    facts = snapshot.vpcs.get(known_value(used.vpc_id) or "") if used else None
    if facts is not None:
        symptoms = tuple(refined(item, facts) for item in symptoms)
    return World(snapshot=snapshot, pull=described, symptoms=symptoms, kept=kept)


def run(world: World, checks: tuple[Check, ...] = ALL_CHECKS) -> tuple[Finding, ...]:
    """What every check says about every one of its subjects, in the order of the checks.

    Of a planned task that may be placed on several container instances, once for each kind of them: what one of them is like says
    nothing of the others.
    """
    hosts = alike(world.snapshot)
    if hosts:
        return _on_hosts(world, hosts, checks)
    of_kind = {kind: subjects(world, kind) for kind in {check.subject for check in checks}}
    return tuple(
        finding
        for check in checks
        for subject in of_kind[check.subject]
        for finding in judged(world, check, subject)
    )


def _on_hosts(
    world: World, hosts: tuple[tuple[HostFacts, ...], ...], checks: tuple[Check, ...]
) -> tuple[Finding, ...]:
    found: dict[Finding, tuple[str, ...]] = {}
    for group in hosts:
        names = tuple(host.name for host in group)
        for item in run(world_of(world.snapshot.on(group[0]), world.kept), checks):
            found[item] = (*found.get(item, ()), *names)
    return tuple(item.model_copy(update={"instances": names}) for item, names in found.items())


# --- what is judged ----------------------------------------------------------------------------------


class _NoSubject(Subject):
    """Stands for subjects that are not known (`unsettled`), or that there are none of (`reason`)."""

    unsettled: Unsettled | None = None
    reason: str | None = None


def subjects(world: World, kind: SubjectKind) -> tuple[Subject, ...]:
    """What a check of this kind judges, one after the other; one that stands for none where none is known."""
    if kind == "task":
        return (Subject(kind="task"),)
    images = world.pull.images
    if not images:
        return (_without_images(world, kind),)
    if kind == "image":
        return tuple(Subject(kind="image", image=image) for image in images)
    if kind == "role":
        used = world.pull.used_interface
        return tuple(Subject(kind="role", image=image, interface=used) for image in images)
    interfaces = world.interfaces()
    if not interfaces:
        return (_without_interfaces(world.pull.interfaces, kind),)
    if kind == "path":
        return tuple(
            Subject(kind="path", image=image, interface=interface)
            for interface in interfaces
            for image in images
        )
    return tuple(
        Subject(kind="leg", leg=leg, interface=interface)
        for interface in interfaces
        for leg in world.pull.legs
    )


def _without_images(world: World, kind: SubjectKind) -> _NoSubject:
    """No image is known: because the task or its definition could not be read, or because both are gone."""
    for fact in (world.snapshot.task, world.snapshot.task_definition):
        if isinstance(fact, Unavailable):
            return _NoSubject(kind=kind, unsettled=Unsettled.by(fact).model_copy(update={"stopped": True}))
    why = "neither the task nor its task definition tells which image it pulls"
    return _NoSubject(kind=kind, unsettled=Unsettled(words=why))


def _without_interfaces(fact: Fact[tuple[Interface, ...]], kind: SubjectKind) -> _NoSubject:
    if isinstance(fact, Unavailable):
        return _NoSubject(kind=kind, unsettled=Unsettled.by(fact).model_copy(update={"stopped": True}))
    reason = "the host is outside AWS, whose API shows nothing of its network"
    return _NoSubject(kind=kind, reason=reason)


# --- judging -----------------------------------------------------------------------------------------


_NOT_RULED = Unsettled(words="this check did not rule on it")


def judged(world: World, check: Check, subject: Subject) -> Iterator[Finding]:
    """What one check says about one subject: an outcome for each of its faults, whatever happens."""
    finding = _findings_about(world, check, subject)
    if isinstance(subject, _NoSubject):
        for fault in check.faults:
            outcome = (
                skipped(fault, subject.reason or "")
                if subject.unsettled is None
                else unknown(fault, subject.unsettled)
            )
            yield finding(outcome)
        return
    ruled: set[str] = set()
    why = _NOT_RULED
    try:
        for outcome in check.judge(world, subject):
            if outcome.fault.id in check.fault_ids:
                ruled.add(outcome.fault.id)
                yield finding(outcome)
            else:
                why = Unsettled(
                    words=f"this check ruled on {outcome.fault.id}, which is not one of its faults"
                )
    except UnavailableError as error:
        why = Unsettled.by(error.fact).model_copy(update={"stopped": True})
    except UndecidedError as error:
        why = error.why
    except Exception as error:
        # A mistake in one check must not cost the others; it shows as what it is.
        why = Unsettled(words=f"this check crashed: {type(error).__name__}: {error}")
    for fault in check.faults:
        if fault.id not in ruled:
            yield finding(unknown(fault, why))


def _findings_about(world: World, check: Check, subject: Subject) -> Callable[[Outcome], Finding]:
    """Makes findings of what a check says about one subject, which is looked at once."""
    interface = subject.interface
    containers = _containers(subject)
    leg, leg_stage = (subject.leg.name, subject.leg.stage) if subject.leg else (None, None)
    about = {
        "check": check.name,
        "container": containers[0] if len(containers) == 1 else None,
        "leg": leg,
        "subnet": interface.subnet_id if interface else None,
        "containers": containers,
        # Where it is not known which subnet was used, each may have been.
        "used_path": interface is None or interface.used or world.pull.used_interface is None,
    }

    def finding(outcome: Outcome) -> Finding:
        members = outcome.__dict__
        return Finding.model_validate(
            about
            # Most outcomes set few of their many members.
            | {name: members[name] for name in outcome.model_fields_set}
            | {
                "fault": outcome.fault.id,
                "evidence": _from_where(world, outcome.evidence),
                "follows_from": outcome.follows_from.id if outcome.follows_from else None,
                "stage": outcome.stage or leg_stage,
            }
        )

    return finding


def _from_where(world: World, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence; an error text that only the alert holds is marked as that."""
    if not evidence or world.snapshot.source != "alert":
        return evidence
    return tuple(
        item.model_copy(update={"source": ALERT_TEXT}) if item.source == ERROR_TEXT else item
        for item in evidence
    )


def _containers(subject: Subject) -> tuple[str, ...]:
    if subject.image is not None:
        return subject.image.containers
    return subject.leg.containers if subject.leg is not None else ()
