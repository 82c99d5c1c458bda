"""The command that has no name: `TARGET`, or `--replay FILE`, to a report."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from diagnostics import target as targets
from diagnostics.collect import AwsClients, AwsUnreachableError, OnProgress, RegionNeededError
from diagnostics.commands.answering import EXIT, UNREACHABLE, WRONG_INPUT, console, failing, say, writing
from diagnostics.commands.asking import ask, cut_off
from diagnostics.commands.options import idle_beside_replay, options_of
from diagnostics.diagnose import Run, run
from diagnostics.finding import Report
from diagnostics.render import render_report, report_json, shows_ascii_only
from diagnostics.report import build
from diagnostics.snapshot import Snapshot, Why
from diagnostics.snapshot.case import LARGEST, CaseError, as_case, parse_case
from diagnostics.stop_reason import error_in


def command(words: Sequence[str]) -> int:
    """Diagnose a target, or judge a saved case again; the exit status."""
    options = options_of(words)
    fail = failing(options.format)
    if options.replay is not None and options.target is not None:
        return fail("usage", "Give a target or --replay FILE, not both.", WRONG_INPUT)
    if options.replay is not None:
        idle = idle_beside_replay(options)
        if idle:
            return fail(
                "usage", f"--replay asks AWS nothing, so {idle} would do nothing; leave it out.", WRONG_INPUT
            )
        try:
            snapshot = _load(options.replay)
            previous = _previous(options.previous, snapshot.target)
        except _UnreadableError as error:
            return fail("bad_input", str(error), WRONG_INPUT)
        report = build(snapshot, previous)
        return _print(report, options)
    try:
        target = targets.parse(options.target or "")
    except targets.TargetError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    if options.region and target.region and options.region != target.region:
        return fail(
            "bad_input",
            f"The target is in {target.region}, and --region says {options.region}; leave --region out, or give the "
            "target that you mean.",
            WRONG_INPUT,
        )
    if options.save is not None and not options.save.parent.is_dir():
        return fail("bad_input", f"There is no folder {options.save.parent} to save into.", WRONG_INPUT)
    try:
        snapshot, report = _read(options, target, _previous(options.previous, target))
    except _UnreadableError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    except RegionNeededError as error:
        return fail("region_needed", str(error), WRONG_INPUT)
    except AwsUnreachableError as error:
        return fail(error.kind, error.message, UNREACHABLE)
    status = _print(report, options)
    if any(item.reason.why is Why.TIMED_OUT for item in report.unavailable):
        say(cut_off(options.deadline))
    if options.save is not None:
        _save(options.save, snapshot)
    return status


def _save(path: Path, snapshot: Snapshot) -> None:
    """Keep the facts. Where that fails, the report stands on standard output already, with its status: only a word."""
    try:
        path.write_text(as_case(snapshot), encoding="utf-8")
    except Exception as error:
        why = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__}: {error}"
        say(f"{path} could not be written: {why}. The report is complete.")


class _UnreadableError(Exception):
    """A saved case that cannot be replayed."""


def _load(path: Path) -> Snapshot:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise _UnreadableError(f"{path} could not be read: {why}.") from error
    try:
        return parse_case(data)
    except CaseError as error:
        raise _UnreadableError(f"{path} {error}.") from error


def _previous(path: Path | None, target: targets.Target) -> Snapshot | None:
    """The case to compare with, if one was given; it must be about the same target."""
    if path is None:
        return None
    previous = _load(path)
    told, asked = previous.target.model_dump(), target.model_dump()
    if any(None not in (told[name], asked[name]) and told[name] != asked[name] for name in told):
        raise _UnreadableError(
            f"{path} is about {previous.target}, not about {target}; give a case of the same target to compare with."
        )
    return previous


def _print(report: Report, options: argparse.Namespace) -> int:
    with writing():
        if options.format == "json":
            print(report_json(report, ascii_only=shows_ascii_only()))
        else:
            render_report(report, console(), verbose=options.verbose, environment=os.environ)
    return EXIT[report.verdict.outcome]


def _read(options: argparse.Namespace, target: targets.Target, previous: Snapshot | None) -> Run:
    """Read and judge."""

    def read(clients: AwsClients, seconds: float, progress: OnProgress | None) -> Run:
        return run(
            target,
            aws=clients,
            deadline=seconds,
            region=options.region,
            previous=previous,
            alert_text=error_in([options.target or ""]),
            progress=progress,
        )

    return ask(options, target, read)
