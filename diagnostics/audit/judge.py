"""How one subject stands: what the checks of a diagnosis say of its next task, and what is ahead of its images."""

from __future__ import annotations

from datetime import datetime

from diagnostics import report
from diagnostics.audit.around import around
from diagnostics.audit.images import ahead_of
from diagnostics.audit.model import AuditedSubject, AuditFinding, AuditGap, JudgedSubject, Standing
from diagnostics.audit.subjects import AuditSubject
from diagnostics.collect.needed import NeededFacts
from diagnostics.faults.image.digest_not_found import DIGEST_EXPIRED, DIGEST_NOT_FOUND
from diagnostics.finding import Cause, Evidence, Report
from diagnostics.network import KeptTraces
from diagnostics.snapshot import Unavailable, Why, known_value

MOST_REASONS = 3


def judge(
    subject: AuditSubject,
    facts: NeededFacts,
    now: datetime,
    days: int,
    kept: KeptTraces | None = None,
) -> JudgedSubject:
    """Judge one subject by its facts; pure.

    Args:
        now: when the facts were read.
        days: how far ahead to look.
        kept: the traces that the subjects share.
    """
    told = report.build(facts.snapshot, kept=kept)
    findings = _now(subject, told, facts.resolved)
    fails = bool(findings)
    findings += _not_runnable(subject, facts)
    open_ends: list[str] = []
    unread = [
        _cannot_tell(subject, item.call, item.reason.why, item.why)
        for item in told.unavailable
        # What hangs on something else that could not be read was not asked: that stands there itself.
        if item.needed_by and (item.call is not None or item.reason.why is not Why.NOT_ASKED)
    ]
    undecided = told.verdict.outcome not in ("nothing_wrong", "cause_found") or (
        told.verdict.outcome == "cause_found" and not fails
    )
    if undecided:
        open_ends += [told.verdict.headline, *list(told.not_known())[:MOST_REASONS]]
    for fact in subject.open:
        open_ends.append(f"The digest that it was deployed with is not known: {fact.in_words()}.")
        unread.append(_of_fact(subject, fact))
    ahead: dict[tuple[str, tuple[str, ...]], AuditFinding] = {}
    for image in facts.images:
        seen = ahead_of(subject, image, now, days)
        if seen.finding is not None:
            # What the next task pulls comes first and outranks the same image by another name.
            ahead.setdefault(seen.finding.key, seen.finding)
        if seen.unread is not None:
            unread.append(_of_fact(subject, seen.unread))
        if seen.open is not None:
            open_ends.append(seen.open)
    findings += [*ahead.values(), *around(subject, facts, now)]
    standing = _standing(findings, open_ends)
    headline = _headline(standing, findings, open_ends, told)
    return JudgedSubject(
        subject=_audited(subject, standing, headline, *dict.fromkeys(open_ends)),
        findings=tuple(findings),
        unread=tuple(unread),
        roles=tuple(facts.snapshot.roles),
        idle=subject.idle,
    )


def not_judged(subject: AuditSubject, fact: Unavailable) -> JudgedSubject:
    """A subject that could not be read itself."""
    why = f"It could not be looked at: {fact.in_words()}."
    return JudgedSubject(subject=_audited(subject, "undecided", why, why), unread=(_of_fact(subject, fact),))


def crashed(subject: AuditSubject, error: Exception) -> JudgedSubject:
    """A subject that pullcheck itself failed on."""
    why = f"pullcheck itself failed on it ({type(error).__name__})."
    return JudgedSubject(subject=_audited(subject, "undecided", why, why))


def _audited(subject: AuditSubject, standing: Standing, headline: str, *open_ends: str) -> AuditedSubject:
    return AuditedSubject(
        key=subject.key,
        kind=subject.kind,
        cluster=subject.cluster,
        name=subject.name,
        standing=standing,
        headline=headline,
        open=open_ends,
    )


def _now(subject: AuditSubject, told: Report, resolved: frozenset[str]) -> list[AuditFinding]:
    """What would stop a pull that starts now; only what the facts confirm."""
    if told.verdict.outcome != "cause_found":
        return []
    causes = [item for item in told.causes if item.role != "also" and item.certainty == "confirmed"]
    return [_fails(subject, item, resolved) for item in causes]


def _not_runnable(subject: AuditSubject, facts: NeededFacts) -> list[AuditFinding]:
    """What ECS does with a revision that was deregistered: nobody may run tasks of it, but the services that it has go on, and scale.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
    """
    definition = known_value(facts.snapshot.task_definition)
    if definition is None or definition.status is None or subject.kind == "family":
        return []
    name = definition.task_definition_arn.rpartition("/")[2]
    what = f"Task definition {name} is deregistered ({definition.status})"
    if subject.kind == "service":
        says = "the service still starts tasks of it, but it cannot be deployed again, and AWS does not promise to keep it."
    else:
        says = "ECS runs no new tasks of it."
    return [
        AuditFinding(
            level="risk" if subject.kind == "service" else "now",
            id="definition-inactive",
            resources=(definition.task_definition_arn,),
            summary=f"{what}: {says}",
            clause="its task definition is deregistered",
            subjects=(subject.key,),
            evidence=(Evidence(what=f"{name} is {definition.status}", source="ecs:DescribeTaskDefinition"),),
            advice="Register it again, which gives a new revision, and name that one.",
        )
    ]


def _fails(subject: AuditSubject, cause: Cause, resolved: frozenset[str]) -> AuditFinding:
    summary, name, clause, advice = cause.summary, cause.id, cause.clause or cause.summary, cause.fix.text
    if name == DIGEST_NOT_FOUND.id and resolved.intersection(cause.containers):
        # It was judged by the digest that the deployment fixed; the task definition names a tag.
        name = DIGEST_EXPIRED.id
        summary = f"The digest that the deployment fixed is gone, whatever the tag names now: {clause}."
        clause = "the digest that it was deployed with is gone"
        advice = DIGEST_EXPIRED.how
    return AuditFinding(
        level="when_started" if subject.parked else "now",
        id=name,
        resources=cause.resources,
        summary=summary,
        clause=clause.rstrip("."),
        subjects=(subject.key,),
        subnets=cause.subnets,
        evidence=cause.evidence,
        advice=advice,
    )


def _standing(findings: list[AuditFinding], open_ends: list[str]) -> Standing:
    levels = {item.level for item in findings}
    if "now" in levels:
        return "fails_now"
    if "soon" in levels:
        return "fails_soon"
    if "when_started" in levels:
        return "fails_when_started"
    return "undecided" if open_ends else "works"


def _headline(standing: Standing, findings: list[AuditFinding], open_ends: list[str], told: Report) -> str:
    if standing in ("fails_now", "fails_when_started"):
        found = told.verdict.outcome == "cause_found"
        return told.verdict.headline if found else findings[0].summary
    if standing == "fails_soon":
        return next(item.summary for item in findings if item.level == "soon")
    return open_ends[0] if standing == "undecided" else told.verdict.headline


def _of_fact(subject: AuditSubject, fact: Unavailable) -> AuditGap:
    return _cannot_tell(subject, fact.call, fact.reason.why, fact.why)


def _cannot_tell(subject: AuditSubject, action: str | None, why: Why, words: str) -> AuditGap:
    return AuditGap(action=action, why=words, denied=why is Why.DENIED, subjects=(subject.key,))
