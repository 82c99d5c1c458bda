"""Which services could not start a task now, and which will not be able to soon."""

from diagnostics.audit.changes import AuditChange, AuditChanges, compare
from diagnostics.audit.model import (
    AuditedSubject,
    AuditFinding,
    AuditProgress,
    AuditReport,
    CannotTell,
)
from diagnostics.audit.run import run_audit, store_for

__all__ = [
    "AuditChange",
    "AuditChanges",
    "AuditFinding",
    "AuditProgress",
    "AuditReport",
    "AuditedSubject",
    "CannotTell",
    "compare",
    "run_audit",
    "store_for",
]
