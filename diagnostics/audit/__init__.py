"""Which services could not start a task now, and which will not be able to soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diagnostics.audit.changes import AuditChange, AuditChanges, compare
from diagnostics.audit.model import (
    AuditedSubject,
    AuditFinding,
    AuditGap,
    AuditProgress,
    AuditReport,
)

if TYPE_CHECKING:
    from diagnostics.audit.run import run_audit, store_for

__all__ = [
    "AuditChange",
    "AuditChanges",
    "AuditFinding",
    "AuditGap",
    "AuditProgress",
    "AuditReport",
    "AuditedSubject",
    "compare",
    "run_audit",
    "store_for",
]


def __getattr__(name: str) -> Any:
    """What runs an audit, loaded with all its checks when it is first asked for: whoever only shows one needs none of them."""
    if name in ("run_audit", "store_for"):
        from diagnostics.audit import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
