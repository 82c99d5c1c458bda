"""Audits without an account: what an audit of a cluster may say, with small differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from diagnostics.audit import AuditedSubject, AuditFinding, AuditGap, AuditReport
from diagnostics.audit.model import LEVELS, AuditLevel, Standing
from diagnostics.finding import Evidence

ACCOUNT, REGION = "111122223333", "eu-central-1"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SERVICES = ("api", "mailer", "search", "worker")


def finding(
    level: AuditLevel, resource: str, *names: str, cluster: str = "prod", **more: Any
) -> AuditFinding:
    """A finding about a resource that stops services."""
    said = {
        "now": ("tag-not-found", f"repository {resource} has no tag v2", None),
        "soon": ("image-expires", "image expires in about 3 days by rule 2", NOON + timedelta(days=3)),
        "when_started": ("tag-not-found", f"repository {resource} has no tag v2", None),
        "risk": ("role-unused", "its role looks unused", None),
    }
    found, clause, at = said[level]
    values: dict[str, Any] = {
        "level": level,
        "id": found,
        "resources": (resource,),
        "summary": f"{clause[0].upper()}{clause[1:]}, which container app names.",
        "clause": clause,
        "subjects": tuple(f"{cluster}/{name}" for name in names),
        "at": at,
        "rule": 2 if level == "soon" else None,
        "evidence": (Evidence(what=f"{resource} was read", source="ecr:DescribeImages"),),
        "advice": "Push it, or name a tag that is there.",
    }
    return AuditFinding(**{**values, **more})


BROKEN = finding("now", "shop", "api")
EXPIRING = finding("soon", "jobs", "mailer", "worker")
AT_RISK = finding("risk", "arn:aws:iam::111122223333:role/search", "search")


def denied(action: str = "ecr:GetLifecyclePolicy", *keys: str) -> AuditGap:
    """A permission that is missing."""
    return AuditGap(action=action, why="access was denied", denied=True, subjects=keys or ("prod/search",))


def report(
    *findings: AuditFinding, cluster: str = "prod", services: Sequence[str] = SERVICES, **more: Any
) -> AuditReport:
    """An audit; without findings given, one that found something of each level."""
    return _audit(findings or (BROKEN, EXPIRING, AT_RISK), cluster, services, more)


def healthy(cluster: str = "prod", services: Sequence[str] = SERVICES, **more: Any) -> AuditReport:
    """An audit that found nothing."""
    return _audit((), cluster, services, more)


def _audit(
    findings: Sequence[AuditFinding], cluster: str, services: Sequence[str], more: Mapping[str, Any]
) -> AuditReport:
    found = sorted(findings, key=lambda item: LEVELS.index(item.level))
    unread = more.get("cannot_tell", ())
    values: dict[str, Any] = {
        "taken_at": NOON,
        "seconds": 12.0,
        "requests": 73,
        "days": 30,
        "region": REGION,
        "account_id": ACCOUNT,
        "clusters": (cluster,),
        "findings": tuple(found),
        "subjects": tuple(_subject(cluster, name, found, unread) for name in services),
        "cannot_tell": (),
    }
    return AuditReport(**{**values, **more})


def _subject(
    cluster: str, name: str, found: Sequence[AuditFinding], unread: Sequence[AuditGap]
) -> AuditedSubject:
    key = f"{cluster}/{name}"
    levels = {item.level for item in found if key in item.subjects}
    standing: Standing = "fails_now" if "now" in levels else "fails_soon" if "soon" in levels else "works"
    if standing == "works" and any(key in item.subjects for item in unread):
        standing = "undecided"
    return AuditedSubject(
        key=key, kind="service", cluster=cluster, name=name, standing=standing, headline=f"{name}: {standing}"
    )
