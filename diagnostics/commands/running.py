"""Reads AWS for a command, prints the report in the form that was asked for, and keeps the facts."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from diagnostics import render
from diagnostics.collect import AwsClients, AwsUnreachableError, OnProgress, RegionNeededError
from diagnostics.commands.answering import EXIT, UNREACHABLE, WRONG_INPUT, console, say, writing
from diagnostics.commands.asking import ask, cut_off
from diagnostics.diagnose import Run, run
from diagnostics.render import shows_ascii_only
from diagnostics.snapshot import PlannedTask, Snapshot, Why
from diagnostics.snapshot.case import as_case
from diagnostics.target import Target

if TYPE_CHECKING:
    from diagnostics.finding import Report

STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable that names the file of a step's summary.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary
"""

Fail = Callable[[str, str, int], int]


def answer(
    options: argparse.Namespace,
    fail: Fail,
    target: Target,
    *,
    previous: Snapshot | None = None,
    alert_text: str | None = None,
    planned: PlannedTask | None = None,
) -> int:
    """Read AWS about a target, print the report and keep the facts where that was asked for; the exit status."""
    differs = other_region(target, options.region)
    if differs is not None:
        return fail("bad_input", differs, WRONG_INPUT)
    if options.save is not None and not options.save.parent.is_dir():
        return fail("bad_input", f"There is no folder {options.save.parent} to save into.", WRONG_INPUT)
    if options.save is not None and options.save.is_dir():
        name = options.save / "case.json"
        return fail("bad_input", f"{options.save} is a folder; name a file, such as {name}.", WRONG_INPUT)
    try:
        snapshot, report = _read(options, target, previous, alert_text, planned)
    except RegionNeededError as error:
        return fail("region_needed", str(error), WRONG_INPUT)
    except AwsUnreachableError as error:
        return fail(error.kind, error.message, UNREACHABLE)
    status = print_report(report, options)
    if any(item.reason.why is Why.TIMED_OUT for item in report.unavailable):
        say(cut_off(options.deadline))
    if options.save is not None:
        _save(options.save, snapshot)
    return status


def other_region(target: Target, region: str | None) -> str | None:
    """That a target and the Region that was given do not go together, as a sentence."""
    if not region or not target.region or region == target.region:
        return None
    return (
        f"The target is in {target.region}, and --region says {region}; leave --region out, or give the "
        "target that you mean."
    )


def print_report(report: Report, options: argparse.Namespace) -> int:
    """Print a report in one of `options.FORMATS`; the exit status that it means."""
    form = options.format
    with writing():
        if form == "json":
            print(render.report_json(report, ascii_only=shows_ascii_only()))
        elif form == "github":
            print(render.github_annotations(report))
        elif form == "junit":
            print(render.report_junit(report))
        elif form == "markdown":
            from diagnostics.render.markdown import markdown

            print(markdown(report))
        else:
            render.render_report(report, console(), verbose=options.verbose, environment=os.environ)
    if form == "github":
        _add_summary(render.step_summary(report))
    if report.target_kind == "preflight" and report.verdict.outcome == "task_gone":
        # What was asked about is not there: a pipeline must not go on for that.
        return WRONG_INPUT
    return EXIT[report.verdict.outcome]


def _add_summary(text: str) -> None:
    """Add to the step's summary. Where that fails the annotations stand already: only a word."""
    path = os.environ.get(STEP_SUMMARY)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        say(
            f"The step summary ({path}) could not be written: {error.strerror}. The annotations are complete."
        )


def _save(path: Path, snapshot: Snapshot) -> None:
    """Keep the facts. Where that fails, the report stands on standard output already, with its status: only a word."""
    try:
        path.write_text(as_case(snapshot), encoding="utf-8")
    except Exception as error:
        why = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
        say(f"{path} could not be written: {why}. The report is complete.")


def _read(
    options: argparse.Namespace,
    target: Target,
    previous: Snapshot | None,
    alert_text: str | None,
    planned: PlannedTask | None,
) -> Run:
    """Read and judge."""

    def read(clients: AwsClients, seconds: float, progress: OnProgress | None) -> Run:
        return run(
            target,
            aws=clients,
            deadline=seconds,
            region=options.region,
            previous=previous,
            alert_text=alert_text,
            progress=progress,
            planned=planned,
        )

    return ask(options, target, read)
