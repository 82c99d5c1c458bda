"""The report for a terminal: the answer that fits a screen, or the whole text."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from diagnostics.finding import Report
from diagnostics.render.brief import MOST_ROWS, brief_lines
from diagnostics.render.lines import show
from diagnostics.render.links import shows_links
from diagnostics.render.whole import render_whole


def render_report(
    report: Report, console: Console, *, verbose: bool = False, environment: Mapping[str, str] | None = None
) -> None:
    """Print the report.

    Args:
        report: what to show.
        console: where to.
        verbose: all of it: evidence, the path, undo, other ways and every id.
        environment: what tells of the terminal whether it has hyperlinks; without it addresses are printed.
    """
    links = environment is not None and shows_links(console, environment)
    if verbose:
        render_whole(report, console, links=links)
        return
    # The prompt of the shell takes a row as well.
    most = max(MOST_ROWS, console.height - 1) if console.is_terminal else MOST_ROWS
    show(console, brief_lines(report, console.width, links=links, most=most))
