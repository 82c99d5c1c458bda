"""Turns a report into text for a terminal, or into JSON."""

from diagnostics.render.json import error_json, report_json
from diagnostics.render.terminal import render_explanation, render_list, render_report

__all__ = ["error_json", "render_explanation", "render_list", "render_report", "report_json"]
