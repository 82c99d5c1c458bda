"""What is kept of the last audit of an account and Region: what the next one is compared with, and who heard of it when.

An item of DynamoDB holds 400 KB, so it is kept without evidence and advice, compressed; of a very large audit only what fails
now, or soon, and then only that is compared.
AWS: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.stores.items import Items
from diagnostics.audit import AuditChanges, AuditFinding, AuditReport
from diagnostics.audit.model import LEVELS, AuditLevel
from handlers.packed import packed_text, unpacked_text

log = logging.getLogger(__name__)

LARGEST = 350_000
"""Characters of what is kept, as it stands in an item."""
_AT = datetime(1970, 1, 1, tzinfo=UTC)


class LastAudit(BaseModel):
    """The last audit, as far as the next one needs it.

    Attributes:
        taken_at: when it was taken; `None` before the first one.
        findings: what it found, and what an earlier one found of services that it could not see.
        levels: which of its findings are kept.
        channels: which channel heard of each subject that a finding names, by the subject's key.
        heard: when a channel was last told anything, in seconds since 1970.
        failed: why the last try gave no audit; `None` where it did.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    taken_at: datetime | None = None
    findings: tuple[AuditFinding, ...] = ()
    levels: tuple[AuditLevel, ...] = LEVELS
    channels: Mapping[str, str] = Field(default_factory=dict)
    heard: Mapping[str, float] = Field(default_factory=dict)
    failed: str | None = None

    def as_report(self, like: AuditReport) -> AuditReport:
        """The findings as a report that a newer one can be compared with."""
        return like.model_copy(
            update={
                "taken_at": self.taken_at or _AT,
                "findings": self.findings,
                "subjects": (),
                "missing": (),
            }
        )

    def comparable(self, report: AuditReport) -> AuditReport:
        """A newer report without what is not kept of this one: it would be told as new each day."""
        if self.taken_at is None or self.levels == LEVELS:
            return report
        found = tuple(item for item in report.findings if item.level in self.levels)
        return report.model_copy(update={"findings": found})


def carried(previous: LastAudit, now: AuditReport, changes: AuditChanges) -> tuple[AuditFinding, ...]:
    """The findings that the next audit is compared with: what is found now, and what was found of those that cannot be seen now.

    Without the latter a service that a denied read hides for a day would be told as new when it is seen again.
    """
    blind = {*now.missing, *(item.key for item in now.standing("undecided"))}
    before = {item.key: item for item in previous.findings}
    kept = []
    for item in now.findings:
        earlier = before.get(item.key)
        unseen = [name for name in earlier.subjects if name in blind] if earlier else []
        kept.append(item.model_copy(update={"subjects": tuple(sorted({*item.subjects, *unseen}))}))
    hidden = [change.finding for change in changes.changes if change.turned == "not_seen"]
    return (*kept, *hidden)


def slim(finding: AuditFinding) -> AuditFinding:
    """What a comparison and a line about it need of a finding."""
    return finding.model_copy(update={"evidence": (), "advice": None, "summary": finding.clause})


class KeptAudits:
    """The last audits, each an item of a store.

    Args:
        items: the store's.
    """

    def __init__(self, items: Items) -> None:
        self._items = items

    def last(self, scope: str) -> LastAudit:
        """The last audit of a scope; an empty one where there is none, or of a version that differs."""
        item = self._items.read(_key(scope))
        if item is None:
            return LastAudit()
        try:
            return LastAudit.model_validate_json(unpacked_text(str(item["audit"])))
        except (ValidationError, ValueError, KeyError):
            log.warning("the last audit of %s was kept by a version that differs", scope)
            return LastAudit()

    def keep(self, scope: str, audit: LastAudit) -> None:
        """Keep an audit as the last one. Of one that is too large the findings that are least urgent are left out."""
        for levels in (LEVELS, LEVELS[:2], LEVELS[:1], ()):
            kept = _only(audit, levels)
            text = packed_text(kept.model_dump_json())
            if len(text) <= LARGEST:
                break
            log.warning("the audit of %s is too large (%d characters) to be kept whole", scope, len(text))
        self._items.write(_key(scope), {"audit": text})


def _only(audit: LastAudit, levels: Sequence[AuditLevel]) -> LastAudit:
    found = tuple(slim(item) for item in audit.findings if item.level in levels)
    named = {key for item in found for key in item.subjects}
    channels = {key: channel for key, channel in audit.channels.items() if key in named}
    return audit.model_copy(update={"findings": found, "levels": tuple(levels), "channels": channels})


def _key(scope: str) -> str:
    return f"audit#{scope}"
