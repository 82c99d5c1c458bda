"""Puts together what was said of each subject: one finding for one resource, what could not be read once for each action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from diagnostics.audit.model import LEVELS, STANDINGS, AuditFinding, AuditGap, AuditReport, JudgedSubject
from diagnostics.collect.inventory import ClusterFacts, Inventory
from diagnostics.snapshot import Absent, Fact, Unavailable, Why

_NEVER = datetime.max.replace(tzinfo=UTC)
_MANY = 1_000_000

SIMULATOR_LEFT_OUT = (
    "These clusters use too many roles to ask IAM's simulator about each: what service control policies say was asked for the "
    "first of them only."
)
SIMULATOR_DENIED = "iam:SimulatePrincipalPolicy is not allowed: what service control policies say was not asked, and no text of theirs can be read."
MOST_NAMES = 6


@dataclass(frozen=True)
class Course:
    """How an audit went.

    Attributes:
        started: when.
        seconds: how long it took.
        missing: the subjects that were not reached, by key.
        interrupted: it was ended by whoever started it.
        simulator_left_out: IAM's simulator was not asked about every role.
        simulator_denied: it may not be asked at all.
    """

    started: datetime
    seconds: float
    requests: int
    days: int
    missing: tuple[str, ...] = ()
    interrupted: bool = False
    simulator_left_out: bool = False
    simulator_denied: bool = False

    @property
    def caveats(self) -> tuple[str, ...]:
        """What no audit like this one sees."""
        if self.simulator_denied:
            return (SIMULATOR_DENIED,)
        return (SIMULATOR_LEFT_OUT,) if self.simulator_left_out else ()


def assemble(inventory: Inventory, judged: Iterable[JudgedSubject], course: Course) -> AuditReport:
    """The report of an audit; pure."""
    every = sorted(judged, key=lambda item: (STANDINGS.index(item.subject.standing), item.subject.key))
    return AuditReport(
        taken_at=course.started,
        seconds=round(course.seconds, 1),
        requests=course.requests,
        days=course.days,
        region=inventory.region,
        account_id=inventory.account,
        clusters=tuple(item.name for item in inventory.contents),
        findings=merged(every),
        subjects=tuple(item.subject for item in every),
        cannot_tell=once((*_not_listed(inventory), *(entry for item in every for entry in item.unread))),
        missing=course.missing,
        interrupted=course.interrupted,
        caveats=course.caveats,
    )


def merged(judged: Sequence[JudgedSubject]) -> tuple[AuditFinding, ...]:
    """One finding for one resource with everything that it stops, the worst first."""
    in_use = {role for item in judged if not item.idle for role in item.roles}
    return grouped(
        finding
        for item in judged
        for finding in item.findings
        # Else something that runs uses it too, whatever IAM remembers.
        if finding.id != "role-unused" or not in_use.intersection(finding.resources)
    )


def grouped(findings: Iterable[AuditFinding]) -> tuple[AuditFinding, ...]:
    """One finding for one resource, the worst first."""
    groups: dict[tuple[str, tuple[str, ...]], list[AuditFinding]] = {}
    for finding in findings:
        groups.setdefault(finding.key, []).append(finding)
    found = [_together(group) for group in groups.values()]
    return tuple(sorted(found, key=_worst_first))


def _together(group: list[AuditFinding]) -> AuditFinding:
    worst = min(group, key=lambda item: (LEVELS.index(item.level), not item.certain))
    advice = worst.advice
    if advice is not None and any(item.advice != advice for item in group):
        advice = f"{advice} Likewise for the others that it stops."
    return worst.model_copy(
        update={
            "subjects": tuple(sorted({key for item in group for key in item.subjects})),
            "resources": tuple(dict.fromkeys(name for item in group for name in item.resources)),
            "subnets": tuple(dict.fromkeys(name for item in group for name in item.subnets)),
            "advice": advice,
        }
    )


def _worst_first(item: AuditFinding) -> tuple[int, datetime, int, int, str, tuple[str, ...]]:
    return (
        LEVELS.index(item.level),
        item.at or _NEVER,
        _MANY if item.pushes is None else item.pushes,
        -len(item.subjects),
        item.subjects[0] if item.subjects else "",
        item.resources,
    )


def once(entries: Iterable[AuditGap]) -> tuple[AuditGap, ...]:
    """What could not be read, once for each action; of what no action would read, once for each reason."""
    groups: dict[str, list[AuditGap]] = {}
    for item in entries:
        groups.setdefault(item.action or item.why, []).append(item)
    return tuple(
        # That a permission is missing says more than that one of its calls took too long.
        max(group, key=lambda item: item.denied).model_copy(
            update={
                "subjects": tuple(sorted({key for item in group for key in item.subjects})),
                "what": tuple(dict.fromkeys(what for item in group for what in item.what)),
            }
        )
        for _, group in sorted(groups.items())
    )


def _not_listed(inventory: Inventory) -> Iterator[AuditGap]:
    """What the inventory could not see, which is not any one subject."""
    yield from _not_read(inventory.clusters, "the clusters of the account")
    for cluster in inventory.contents:
        yield from _not_read_in(cluster)
    yield from _not_read(inventory.buses, "the event buses beside the default one, and their rules")
    yield from _not_read(
        inventory.all_rules, "which EventBridge rules are disabled (all were taken for enabled)"
    )
    yield from _not_read(inventory.all_schedules, "the schedules that run tasks")
    yield from _roll_backs_not_read(inventory)
    if any(not item.arn.startswith("arn:") for item in inventory.contents):
        yield from _not_read(
            inventory.caller, "which account this is, and so which rules and schedules run tasks here"
        )


def _roll_backs_not_read(inventory: Inventory) -> Iterator[AuditGap]:
    """Of how many services it is not known what a roll-back returns to: as many as are deployed may be too many to name."""
    unread = {arn: fact for arn, fact in inventory.deployments.items() if isinstance(fact, Unavailable)}
    names = sorted({arn.rpartition("/")[0].rpartition("/")[2] for arn in unread})
    if names:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        what = f"what a roll-back of {', '.join(names[:MOST_NAMES])}{more} returns to"
        yield from _not_read(next(iter(unread.values())), what)


def _not_read_in(cluster: ClusterFacts) -> Iterator[AuditGap]:
    if isinstance(cluster.listed, Absent):
        yield AuditGap(
            action=None,
            why=f"There is no cluster {cluster.name}",
            denied=False,
            what=(f"cluster {cluster.name}",),
        )
        return
    yield from _not_read(cluster.listed, f"the services of {cluster.name}")
    yield from _not_read(cluster.tasks, f"the tasks that run in {cluster.name}")
    yield from _not_read(cluster.rules, f"the EventBridge rules that run tasks in {cluster.name}")


def _not_read(fact: Fact[Any], what: str) -> Iterator[AuditGap]:
    if isinstance(fact, Unavailable) and fact.was_asked:
        yield AuditGap(action=fact.call, why=fact.why, denied=fact.reason.why is Why.DENIED, what=(what,))
