"""What a check says of a fault: a status, with the evidence behind it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, field_validator

from diagnostics.finding.fault import Fault
from diagnostics.finding.fix import Fix
from diagnostics.finding.unsettled import Unsettled
from diagnostics.finding.value import Value
from diagnostics.pull import LegName
from diagnostics.stop_reason import Stage


class Status(StrEnum):
    """Would a pull started now fail because of this fault?"""

    PASS = "pass"
    """Every deciding fact is known and the answer is no."""
    FAIL = "fail"
    """The facts show that it would fail."""
    WARN = "warn"
    """It might: partly open ports, a condition that holds only sometimes, a limit only the error text shows."""
    UNKNOWN = "unknown"
    """A deciding fact was unavailable, the facts do not settle it, or the check crashed."""
    SKIPPED = "skipped"
    """It does not apply, or a neighbouring fault names it; with the reason."""


ERROR_TEXT = "error text"
"""The source of what ECS's error text says."""
ALERT_TEXT = "error text from the alert"
"""The source of the same where nothing but an alert holds it."""


class Evidence(Value):
    """One fact behind a finding. `source` is the IAM action that read it, or `error text`."""

    what: str
    source: str


class Outcome(Value):
    """What a check says about one of its faults for one subject.

    `stage` is the first step that it stops and `also_at` are later ones that it would stop as well.
    `reason` explains `unknown` and `skipped` in words; `unsettled` is what is behind `unknown`. `follows_from` is the fault that this one is a consequence of.
    `resources` name exactly what must change, or what the missing thing belongs to. `clause` is the first sentence of
    `summary` as it stands behind a colon. `unseen`: it is skipped because AWS's API does not show it, so that it may be
    there all the same. `alternatives` are other ways than `fix`.
    """

    fault: Fault
    status: Status
    summary: str
    stage: Stage | None = None
    also_at: tuple[Stage, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[str, ...] = ()
    clause: str | None = None
    reason: str | None = None
    unsettled: Unsettled | None = None
    follows_from: Fault | None = None
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = ()
    console_url: str | None = None
    unseen: bool = False

    # Here, and not in `Fix`: a report that an earlier version kept is still read.
    @field_validator("fix")
    @classmethod
    def _to_paste(cls, fix: Fix | None) -> Fix | None:
        return fix and fix.to_paste()

    @field_validator("alternatives")
    @classmethod
    def _all_to_paste(cls, ways: tuple[Fix, ...]) -> tuple[Fix, ...]:
        whole = (way.to_paste() for way in ways)
        return tuple(way if way.title else way.model_copy(update={"title": "Otherwise"}) for way in whole)


class Finding(Value):
    """An outcome with what it was judged about; one row of `findings` in the JSON report.

    `used_path` is false where it is about a subnet that the task in hand did not pull from. `unsettled` is why it
    is unknown, of which `reason` are the words. `instances` are the container instances that were judged alike, of those on which a
    planned task may be placed.
    """

    check: str
    fault: str
    status: Status
    stage: Stage | None
    container: str | None = None
    leg: LegName | None = None
    subnet: str | None = None
    instances: tuple[str, ...] = Field((), exclude_if=lambda value: not value)
    summary: str
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[str, ...] = ()
    reason: str | None = None
    follows_from: str | None = None
    containers: tuple[str, ...] = Field((), exclude=True)
    also_at: tuple[Stage, ...] = Field((), exclude=True)
    used_path: bool = Field(True, exclude=True)
    clause: str | None = Field(None, exclude=True)
    unsettled: Unsettled | None = Field(None, exclude=True)
    fix: Fix | None = Field(None, exclude=True)
    alternatives: tuple[Fix, ...] = Field((), exclude=True)
    console_url: str | None = Field(None, exclude=True)
    unseen: bool = Field(False, exclude=True)
