"""What stands above the causes of each role, in every form of a report."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.finding import CauseRole, Report

_STOPPED: Mapping[CauseRole, str] = {
    "cause": "What stopped this pull",
    "next": "After that you will hit",
    "also": "Also found, but not what stopped this pull",
}
_PLANNED: Mapping[CauseRole, str] = {
    "cause": "What would stop this pull",
    "next": "After that it would hit",
    "also": "What may stop it",
}


def titles_of(report: Report) -> Mapping[CauseRole, str]:
    """The titles by role, in the order in which the roles are shown."""
    return _PLANNED if report.target_kind == "preflight" else _STOPPED
