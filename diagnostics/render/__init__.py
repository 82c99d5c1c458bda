"""Turns a report into text for a terminal, or into JSON."""

from diagnostics.render.explanations import render_explanation, render_list
from diagnostics.render.harmless import HarmlessConsole, harmless, show_what_can_be_shown, shows_ascii_only
from diagnostics.render.json import error_json, report_json
from diagnostics.render.terminal import render_report

__all__ = [
    "HarmlessConsole",
    "error_json",
    "harmless",
    "render_explanation",
    "render_list",
    "render_report",
    "report_json",
    "show_what_can_be_shown",
    "shows_ascii_only",
]
