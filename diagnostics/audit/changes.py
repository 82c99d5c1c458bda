"""What is different since an earlier audit: only that is worth a message every day."""

from __future__ import annotations

from typing import Literal

from diagnostics.audit.model import LEVELS, AuditFinding, AuditReport
from diagnostics.finding.value import Value

Turned = Literal["new", "worse", "better", "spread", "gone", "not_seen"]
"""`spread`: it stops more than before. `gone`: looked for again and not found. `not_seen`: what it stopped could not be judged now."""


class AuditChange(Value):
    """A finding that is not as it was; of one that is gone, as it was."""

    turned: Turned
    finding: AuditFinding
    subjects: tuple[str, ...]
    """Those that are affected by the change: of `spread` only the further ones."""


class AuditChanges(Value):
    """What changed between two audits of the same account and Region; the worst first, what is gone last."""

    changes: tuple[AuditChange, ...]

    @property
    def is_news(self) -> bool:
        """True if there is anything to tell. That something could not be seen this time is none by itself."""
        return any(item.turned != "not_seen" for item in self.changes)


def compare(previous: AuditReport, now: AuditReport) -> AuditChanges:
    """What changed since an earlier audit; pure. A date that came nearer is no change, a level that it reached is.

    Of a finding whose subjects were not judged now, because they were not reached or could not be read, it is not said that it is gone.
    """
    before = {item.key: item for item in previous.findings}
    after = {item.key: item for item in now.findings}
    changes = [change for key, item in after.items() if (change := _since(before.get(key), item)) is not None]
    blind = _not_judged(now)
    clusters_seen = {item.key for item in now.subjects}
    for key, item in before.items():
        if key in after:
            continue
        unseen = tuple(name for name in item.subjects if name in blind)
        hidden = now.interrupted or (not set(item.subjects) <= clusters_seen | blind and not now.is_whole)
        turned: Turned = "not_seen" if unseen or hidden else "gone"
        changes.append(AuditChange(turned=turned, finding=item, subjects=unseen or item.subjects))
    return AuditChanges(changes=tuple(changes))


def _since(before: AuditFinding | None, after: AuditFinding) -> AuditChange | None:
    if before is None:
        return AuditChange(turned="new", finding=after, subjects=after.subjects)
    rank = LEVELS.index(after.level) - LEVELS.index(before.level)
    if rank:
        return AuditChange(turned="worse" if rank < 0 else "better", finding=after, subjects=after.subjects)
    more = tuple(name for name in after.subjects if name not in before.subjects)
    return AuditChange(turned="spread", finding=after, subjects=more) if more else None


def _not_judged(report: AuditReport) -> set[str]:
    return {*report.missing, *(item.key for item in report.standing("undecided"))}
