"""The JSON of the command line: the report, or an error object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from diagnostics.render.harmless import escaped_json

if TYPE_CHECKING:
    from diagnostics.finding import Report


def report_json(report: Report, *, ascii_only: bool = False) -> str:
    """The report as its JSON Schema describes it, without a character that could act on a terminal."""
    return escaped_json(report.to_json(indent=2), ascii_only=ascii_only)


def error_json(kind: str, message: str, *, ascii_only: bool = False) -> str:
    """The object that stands in for a report where there is none."""
    text = json.dumps({"error": {"kind": kind, "message": message}}, indent=2, ensure_ascii=False)
    return escaped_json(text, ascii_only=ascii_only)
