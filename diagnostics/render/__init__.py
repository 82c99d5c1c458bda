"""Turns a report into text for a terminal, into JSON, and into what pipelines and tickets show.

A form is loaded when it is first used: a run shows its report in one of them, and in none before AWS has answered.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from diagnostics.render.harmless import harmless, show_what_can_be_shown, shows_ascii_only

if TYPE_CHECKING:
    from diagnostics.render.console import HarmlessConsole
    from diagnostics.render.explanations import render_explanation, render_list
    from diagnostics.render.github import error_annotation, github_annotations, note_annotation
    from diagnostics.render.json import error_json, report_json
    from diagnostics.render.junit import report_junit
    from diagnostics.render.markdown import step_summary
    from diagnostics.render.terminal import render_report

__all__ = [
    "HarmlessConsole",
    "error_annotation",
    "error_json",
    "github_annotations",
    "harmless",
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

_MODULES = {
    "HarmlessConsole": "console",
    "error_annotation": "github",
    "error_json": "json",
    "github_annotations": "github",
    "note_annotation": "github",
    "render_explanation": "explanations",
    "render_list": "explanations",
    "render_report": "terminal",
    "report_json": "json",
    "report_junit": "junit",
    "step_summary": "markdown",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
