"""The command line: `python -m diagnostics TARGET` says why a task could not pull its image.

Exit status: 0 nothing stops a pull, or it was no pull failure; 1 a cause was found; 2 the input or usage is wrong;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached at all. 70 and 74 are those of
sysexits.h: pullcheck itself failed; its answer could not be written.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from diagnostics import target as targets
from diagnostics.collect import AwsClients, AwsUnreachableError, OnProgress, RegionNeededError
from diagnostics.diagnose import Run, run
from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.network.route_no_egress import FAULT as NO_EGRESS
from diagnostics.finding import Outcomes, Report
from diagnostics.image_reference import nearest
from diagnostics.options import Parser, options_of
from diagnostics.render import (
    HarmlessConsole,
    error_json,
    harmless,
    render_explanation,
    render_list,
    render_report,
    report_json,
    show_what_can_be_shown,
    shows_ascii_only,
)
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from diagnostics.snapshot.case import LARGEST, CaseError, as_case, parse_case
from diagnostics.stop_reason import error_in

EXIT: dict[Outcomes, int] = {
    "nothing_wrong": 0,
    "not_a_pull_failure": 0,
    "cause_found": 1,
    "undecided": 3,
    "task_gone": 3,
}
WRONG_INPUT = 2
UNREACHABLE = 4
FAILED_ITSELF = 70
NOT_WRITTEN = 74
NOT_READ_TO_THE_END = 141
"""What a shell gives a program whose reader has gone away (128 and SIGPIPE)."""
WIDTH_OF_FILES = 110
"""Columns where the output is no terminal: commands are never wrapped, sentences are."""


class _NotWrittenError(Exception):
    """Standard output takes no more; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None:
        # Closed by the caller (`>&-`), who wants the status only.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    show_what_can_be_shown()
    try:
        if words and words[0] in ("explain", "list"):
            return _explain(words[1:]) if words[0] == "explain" else _list(words[1:])
        return _diagnose(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_output()
        return NOT_READ_TO_THE_END
    except _NotWrittenError as error:
        _drop_output()
        _say(f"The answer could not be written to standard output: {error}.")
        return NOT_WRITTEN
    except Exception as error:
        # A status of 1 would say that a cause was found.
        _say(traceback.format_exc())
        fail = _failing("json" if "json" in words or "--format=json" in words else "text")
        what = (
            f"pullcheck itself failed ({type(error).__name__}); please report what stands on standard error."
        )
        return fail("internal", what, FAILED_ITSELF)


def _drop_output() -> None:
    """The interpreter must not fail on flushing at exit what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    """Tell it on standard error."""
    print(harmless(message), file=sys.stderr)


@contextmanager
def _writing() -> Iterator[None]:
    """Everything that is printed within has left when this ends.

    Raises:
        _NotWrittenError: standard output does not take it, such as a full disk.
        BrokenPipeError: its reader has gone away.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _NotWrittenError(error.strerror or str(error)) from error


# --- diagnose ----------------------------------------------------------------------------------------


def _diagnose(words: Sequence[str]) -> int:
    options = options_of(words)
    fail = _failing(options.format)
    if options.replay is not None and options.target is not None:
        return fail("usage", "Give a target or --replay FILE, not both.", WRONG_INPUT)
    if options.replay is not None:
        try:
            snapshot = _load(options.replay)
            previous = _previous(options.previous, snapshot.target)
        except _UnreadableError as error:
            return fail("bad_input", str(error), WRONG_INPUT)
        report = build(snapshot, previous)
        return _print(report, options.format)
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
    status = _print(report, options.format)
    if options.save is not None:
        _save(options.save, snapshot)
    return status


def _save(path: Path, snapshot: Snapshot) -> None:
    """Keep the facts. Where that fails, the report stands on standard output already, with its status: only a word."""
    try:
        path.write_text(as_case(snapshot), encoding="utf-8")
    except OSError as error:
        _say(f"{path} could not be written: {error.strerror}. The report is complete.")


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


def _failing(form: str) -> Callable[[str, str, int], int]:
    """How a failure is told: one sentence on stderr, or the JSON error object on stdout."""

    def fail(kind: str, message: str, status: int) -> int:
        if form == "json":
            with _writing():
                print(error_json(kind, message, ascii_only=shows_ascii_only()))
        else:
            _say(message)
        return status

    return fail


def _print(report: Report, form: str) -> int:
    with _writing():
        if form == "json":
            print(report_json(report, ascii_only=shows_ascii_only()))
        else:
            render_report(report, _console())
    return EXIT[report.verdict.outcome]


def _console() -> HarmlessConsole:
    console = HarmlessConsole()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console


def _read(options: argparse.Namespace, target: targets.Target, previous: Snapshot | None) -> Run:
    """Read and judge; on a terminal a line on stderr tells how far it is."""
    console = HarmlessConsole(stderr=True)

    def read(progress: OnProgress | None) -> Run:
        return run(
            target,
            aws=AwsClients.of_profile(options.profile),
            deadline=options.deadline,
            region=options.region,
            previous=previous,
            alert_text=error_in([options.target or ""]),
            progress=progress,
        )

    if not console.is_terminal:
        return read(None)
    with console.status("Reading AWS …") as status:
        return read(
            lambda answered, asked, action: status.update(
                Text(f"Reading AWS: {answered} of {asked}, {action}")
            )
        )


# --- explain, list -----------------------------------------------------------------------------------


def _explain(words: Sequence[str]) -> int:
    parser = Parser(prog="python -m diagnostics explain", description="Explains a cause.")
    parser.add_argument("id", metavar="ID", help=f"such as {NO_EGRESS.id}; `list` shows them all")
    wanted = parser.parse_args(words).id
    fault = ALL_FAULTS.get(wanted)
    if fault is None:
        close = nearest(wanted, ALL_FAULTS)
        hint = (
            f"; did you mean {' or '.join(close)}?"
            if close
            else "; `python -m diagnostics list` shows them all."
        )
        _say(f"There is no cause {wanted!r}{hint}")
        return WRONG_INPUT
    with _writing():
        render_explanation(fault, _console())
    return 0


def _list(words: Sequence[str]) -> int:
    Parser(prog="python -m diagnostics list", description="Lists every cause that is looked for.").parse_args(
        words
    )
    with _writing():
        render_list(ALL_FAULTS.values(), _console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
