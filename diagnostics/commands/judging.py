"""Diagnoses a target, or judges a saved case again."""

from __future__ import annotations

import argparse
from pathlib import Path

from diagnostics import target as targets
from diagnostics.commands.answering import WRONG_INPUT, failing
from diagnostics.commands.options import idle_beside_replay
from diagnostics.commands.program import meant
from diagnostics.commands.running import answer, print_report
from diagnostics.snapshot import Snapshot
from diagnostics.snapshot.case import LARGEST, CaseError, parse_case
from diagnostics.stop_reason import error_in


def judged(options: argparse.Namespace) -> int:
    """Do what the options of a diagnosis say; the exit status."""
    fail = failing(options.format)
    if options.replay is not None and options.target is not None:
        return fail("usage", "Give a target or --replay FILE, not both.", WRONG_INPUT)
    try:
        if options.replay is not None:
            idle = idle_beside_replay(options)
            if idle:
                return fail(
                    "usage",
                    f"--replay asks AWS nothing, so {idle} would do nothing; leave it out.",
                    WRONG_INPUT,
                )
            snapshot = _load(options.replay)
            previous = _previous(options.previous, snapshot.target)
            # With all the checks, which a run that asks AWS loads while it waits.
            from diagnostics.report import build

            return print_report(build(snapshot, previous), options)
        target = targets.parse(options.target or "")
        previous = _previous(options.previous, target)
    except targets.TargetError as error:
        command = meant(options.target or "")
        hint = f" Or did you mean `{command}`?" if command else ""
        return fail("bad_input", f"{error}{hint}", WRONG_INPUT)
    except _UnreadableError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    return answer(options, fail, target, previous=previous, alert_text=error_in([options.target or ""]))


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
