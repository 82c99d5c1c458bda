"""Turns a report into text for a terminal, into JSON, and into what pipelines and tickets show."""

from diagnostics.render.explanations import render_explanation, render_list
from diagnostics.render.github import error_annotation, github_annotations, note_annotation
from diagnostics.render.harmless import HarmlessConsole, harmless, show_what_can_be_shown, shows_ascii_only
from diagnostics.render.json import error_json, report_json
from diagnostics.render.junit import report_junit
from diagnostics.render.markdown import markdown, step_summary
from diagnostics.render.terminal import render_report

__all__ = [
    "HarmlessConsole",
    "error_annotation",
    "error_json",
    "github_annotations",
    "harmless",
    "markdown",
    "note_annotation",
    "render_explanation",
    "render_list",
    "render_report",
    "report_json",
    "report_junit",
    "show_what_can_be_shown",
    "shows_ascii_only",
    "step_summary",
]
