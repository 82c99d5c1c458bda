"""The command line: `python -m diagnostics TARGET` says why a task could not pull its image.

Exit status: 0 nothing stops a pull, or it was no pull failure; 1 a cause was found; 2 the input or usage is wrong;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached at all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console

from diagnostics import target as targets
from diagnostics.collect import AwsClients, AwsUnreachableError, Progress, RegionNeededError
from diagnostics.diagnose import Run, run
from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.network.route_no_egress import FAULT as NO_EGRESS
from diagnostics.finding import Outcomes, Report
from diagnostics.image_reference import nearest
from diagnostics.render import error_json, render_explanation, render_list, render_report, report_json
from diagnostics.report import build
from diagnostics.snapshot import Snapshot

EXIT: dict[Outcomes, int] = {
    "nothing_wrong": 0,
    "not_a_pull_failure": 0,
    "cause_found": 1,
    "undecided": 3,
    "task_gone": 3,
}
WRONG_INPUT = 2
UNREACHABLE = 4
WIDTH_OF_FILES = 110
"""Columns where the output is no terminal: commands are never wrapped, sentences are."""

_EPILOG = f"""\
examples:
  python -m diagnostics {targets.EXAMPLE}
  python -m diagnostics payments/refunds-worker --region us-east-1
  python -m diagnostics TARGET --save case.json     keep what was read
  python -m diagnostics --replay case.json          judge it again, without AWS
  python -m diagnostics explain {NO_EGRESS.id}     what a cause is and how to fix it
  python -m diagnostics list                        every cause that is looked for

exit status: 0 nothing stops a pull, or not a pull failure; 1 a cause was found; 2 wrong input;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words and words[0] in ("explain", "list"):
            return _explain(words[1:]) if words[0] == "explain" else _list(words[1:])
        return _diagnose(words)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough. The interpreter must not fail on flushing it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


# --- diagnose ----------------------------------------------------------------------------------------


def _diagnose(words: Sequence[str]) -> int:
    options = _options(words)
    fail = _failing(options.format)
    if options.replay is not None and options.target is not None:
        return fail("usage", "Give a target or --replay FILE, not both.", WRONG_INPUT)
    if options.replay is not None:
        try:
            report = build(_load(options.replay))
        except _UnreadableError as error:
            return fail("bad_input", str(error), WRONG_INPUT)
        return _print(report, options.format)
    try:
        target = targets.parse(options.target or "")
    except targets.TargetError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    if options.save is not None and not options.save.parent.is_dir():
        return fail("bad_input", f"There is no folder {options.save.parent} to save into.", WRONG_INPUT)
    try:
        snapshot, report = _read(options, target)
    except RegionNeededError as error:
        return fail("region_needed", str(error), WRONG_INPUT)
    except AwsUnreachableError as error:
        return fail(error.kind, error.message, UNREACHABLE)
    status = _print(report, options.format)
    if options.save is not None:
        try:
            options.save.write_text(
                snapshot.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8"
            )
        except OSError as error:
            return fail("not_saved", f"{options.save} could not be written: {error.strerror}.", WRONG_INPUT)
    return status


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m diagnostics",
        description="Says why an Amazon ECS task could not pull its image, and what to do about it. Reads only.",
        epilog=_EPILOG,
        # A set width: the README shows this text.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
    )
    parser.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="a task ARN, an ECS console link, cluster/task-id or cluster/service",
    )
    parser.add_argument("--region", help="the Region, where the target does not name it")
    parser.add_argument("--profile", help="the AWS profile to read with")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep what was read, for --replay")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="judge saved facts; asks AWS nothing")
    parser.add_argument(
        "--deadline",
        type=_seconds,
        default=20.0,
        metavar="SECONDS",
        help="answer after this long with what is known by then (default 20)",
    )
    return parser.parse_args(words)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 900:
        raise argparse.ArgumentTypeError(
            f"expected a number of seconds up to 900, for example 20; got {text!r}"
        )
    return value


class _UnreadableError(Exception):
    """A saved case that cannot be replayed."""


def _load(path: Path) -> Snapshot:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _UnreadableError(f"{path} could not be read: {why}.") from error
    try:
        return Snapshot.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _UnreadableError(
            f"{path} is not a case saved with --save ({place}: {first['msg']})."
        ) from error


def _failing(form: str) -> Callable[[str, str, int], int]:
    """How a failure is told: one sentence on stderr, or the JSON error object on stdout."""

    def fail(kind: str, message: str, status: int) -> int:
        if form == "json":
            print(error_json(kind, message))
        else:
            print(message, file=sys.stderr)
        return status

    return fail


def _print(report: Report, form: str) -> int:
    if form == "json":
        print(report_json(report))
    else:
        render_report(report, _console())
    return EXIT[report.verdict.outcome]


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console


def _read(options: argparse.Namespace, target: targets.Target) -> Run:
    """Read and judge; on a terminal a line on stderr tells how far it is."""
    console = Console(stderr=True, highlight=False, markup=False)

    def read(progress: Progress | None) -> Run:
        return run(
            target,
            aws=AwsClients.of_profile(options.profile),
            deadline=options.deadline,
            region=options.region,
            progress=progress,
        )

    if not console.is_terminal:
        return read(None)
    with console.status("Reading AWS …") as status:
        return read(
            lambda answered, asked, action: status.update(f"Reading AWS: {answered} of {asked}, {action}")
        )


# --- explain, list -----------------------------------------------------------------------------------


def _explain(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m diagnostics explain", description="Explains a cause.")
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
        print(f"There is no cause {wanted!r}{hint}", file=sys.stderr)
        return WRONG_INPUT
    render_explanation(fault, _console())
    return 0


def _list(words: Sequence[str]) -> int:
    argparse.ArgumentParser(
        prog="python -m diagnostics list", description="Lists every cause that is looked for."
    ).parse_args(words)
    render_list(ALL_FAULTS.values(), _console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
