"""Puts audits of single clusters together, as if one had looked at all of them."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.audit.assembly import grouped, once
from diagnostics.audit.model import STANDINGS, AuditedSubject, AuditReport


def joined(reports: Sequence[AuditReport], missing: Sequence[str] = ()) -> AuditReport:
    """One report of several of one account and Region; pure.

    Args:
        reports: of different clusters, at least one.
        missing: what has no report, in words.
    """
    subjects: dict[str, AuditedSubject] = {}
    for item in (subject for report in reports for subject in report.subjects):
        # A rule or a schedule may start tasks in two clusters: the worst counts.
        known = subjects.get(item.key)
        if known is None or STANDINGS.index(item.standing) < STANDINGS.index(known.standing):
            subjects[item.key] = item
    first = min(reports, key=lambda report: report.taken_at)
    return first.model_copy(
        update={
            "seconds": round(sum(report.seconds for report in reports), 1),
            "requests": sum(report.requests for report in reports),
            "account_id": next((report.account_id for report in reports if report.account_id), None),
            "clusters": tuple(dict.fromkeys(name for report in reports for name in report.clusters)),
            "findings": grouped(finding for report in reports for finding in report.findings),
            "subjects": tuple(
                sorted(subjects.values(), key=lambda item: (STANDINGS.index(item.standing), item.key))
            ),
            "cannot_tell": once(entry for report in reports for entry in report.cannot_tell),
            "missing": tuple(
                dict.fromkeys((*(name for report in reports for name in report.missing), *missing))
            ),
            "interrupted": any(report.interrupted for report in reports),
            "caveats": tuple(dict.fromkeys(text for report in reports for text in report.caveats)),
        }
    )
