"""The JSON of the command line: the report, or an error object."""

from __future__ import annotations

import json

from diagnostics.finding import Report


def report_json(report: Report) -> str:
    """The report as its JSON Schema describes it."""
    return report.to_json(indent=2)


def error_json(kind: str, message: str) -> str:
    """The object that stands in for a report where there is none."""
    return json.dumps({"error": {"kind": kind, "message": message}}, indent=2, ensure_ascii=False)
