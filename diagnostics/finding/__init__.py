"""What a check says and what a report holds: faults, findings, fixes, causes (data only).

`Report` is the JSON contract: it serialises to exactly the object that `python -m diagnostics TARGET --format json`
prints and whose JSON Schema is checked in.
"""

from diagnostics.finding.answer import (
    Cause,
    CauseRole,
    Gone,
    Outcomes,
    SymptomSummary,
    Verdict,
)
from diagnostics.finding.change import (
    BECAME,
    NOTHING_CHANGED,
    Became,
    Change,
)
from diagnostics.finding.fault import (
    Explains,
    Fault,
    FaultKind,
    Over,
    Refusal,
)
from diagnostics.finding.fix import (
    LEFT_OUT,
    Fix,
    ThenText,
    Ways,
    first_and_others,
)
from diagnostics.finding.outcome import (
    ALERT_TEXT,
    ERROR_TEXT,
    Evidence,
    Finding,
    Outcome,
    Status,
)
from diagnostics.finding.summary import (
    DeniedReads,
    Disposition,
    Impact,
    LegSummary,
    NetworkSummary,
    PulledBy,
    SecondOpinion,
    SnapshotSummary,
    StartedBy,
    TaskContainer,
    TaskSummary,
    UnavailableSummary,
)
from diagnostics.finding.unsettled import (
    UndecidedError,
    Unsettled,
    distinct,
    together,
)
from diagnostics.finding.value import (
    Value,
)
from diagnostics.finding.whole import (
    REPORT_SCHEMA_VERSION,
    Report,
)

__all__ = [
    "ALERT_TEXT",
    "BECAME",
    "ERROR_TEXT",
    "LEFT_OUT",
    "NOTHING_CHANGED",
    "REPORT_SCHEMA_VERSION",
    "Became",
    "Cause",
    "CauseRole",
    "Change",
    "DeniedReads",
    "Disposition",
    "Evidence",
    "Explains",
    "Fault",
    "FaultKind",
    "Finding",
    "Fix",
    "Gone",
    "Impact",
    "LegSummary",
    "NetworkSummary",
    "Outcome",
    "Outcomes",
    "Over",
    "PulledBy",
    "Refusal",
    "Report",
    "SecondOpinion",
    "SnapshotSummary",
    "StartedBy",
    "Status",
    "SymptomSummary",
    "TaskContainer",
    "TaskSummary",
    "ThenText",
    "UnavailableSummary",
    "UndecidedError",
    "Unsettled",
    "Value",
    "Verdict",
    "Ways",
    "distinct",
    "first_and_others",
    "together",
]
