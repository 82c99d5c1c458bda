"""The report as a whole: the JSON contract, and what it amounts to for everybody who shows it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

from pydantic import Field

from diagnostics.finding.answer import Cause, CauseRole, Verdict
from diagnostics.finding.change import BECAME, Became, Change
from diagnostics.finding.outcome import Finding, Status
from diagnostics.finding.summary import (
    DeniedReads,
    Impact,
    NetworkSummary,
    PulledBy,
    SecondOpinion,
    SnapshotSummary,
    TaskSummary,
    UnavailableSummary,
)
from diagnostics.finding.value import Value

REPORT_SCHEMA_VERSION = 1


class Report(Value):
    """The whole answer. Its JSON form is a stable contract (`schema_version`).

    `target_kind` is `preflight` where it is about a task that nobody has started; else it is left out. `recovered` is told where an
    earlier run was about a pull that failed or would fail, and the task of this one has pulled since.
    """

    schema_version: int = REPORT_SCHEMA_VERSION
    target_kind: Literal["preflight"] | None = Field(None, exclude_if=lambda value: value is None)
    task: TaskSummary
    pulled_by: PulledBy
    verdict: Verdict
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]
    network: NetworkSummary
    unavailable: tuple[UnavailableSummary, ...]
    denied: DeniedReads | None = Field(None, exclude_if=lambda value: value is None)
    impact: Impact | None
    changes: tuple[Change, ...] | None
    recovered: bool = Field(False, exclude_if=lambda value: not value)
    second_opinion: SecondOpinion | None = None
    snapshot: SnapshotSummary

    @property
    def cause(self) -> Cause | None:
        """The first cause with role `cause`."""
        return next(iter(self.causes_of("cause")), None)

    def causes_of(self, role: CauseRole) -> tuple[Cause, ...]:
        """The causes of one role."""
        return tuple(item for item in self.causes if item.role == role)

    @property
    def ruled_out(self) -> dict[str, str]:
        """Each fault that was judged everywhere it applies and is nowhere, with a sentence that says so."""
        seen: dict[str, set[Status]] = {}
        sentences: dict[str, str] = {}
        for item in self.findings:
            seen.setdefault(item.fault, set()).add(item.status)
            if item.status is Status.PASS:
                sentences.setdefault(item.fault, item.summary)
        good = {Status.PASS, Status.SKIPPED}
        return {
            fault: sentences[fault] for fault, found in seen.items() if fault in sentences and found <= good
        }

    def not_known(self, but: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """Each reason for which something is not known, with the faults that stay open; none of those in `but`."""
        faults: dict[str, dict[str, None]] = {}
        for item in self.findings:
            if item.status is Status.UNKNOWN and item.fault not in but:
                faults.setdefault(item.reason or item.summary, {})[item.fault] = None
        return {reason: tuple(names) for reason, names in faults.items()}

    @property
    def became(self) -> dict[Became, tuple[Change, ...]]:
        """What became of the faults since an earlier run, in the order in which people are told."""
        told = {word: tuple(item for item in self.changes or () if item.became == word) for word in BECAME}
        return {word: items for word, items in told.items() if items}

    def to_json(self, **options: Any) -> str:
        """The report as JSON text."""
        return self.model_dump_json(by_alias=True, **options)
