"""The words of the command line: what can be asked, and what is refused before anything is read."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from diagnostics import __version__
from diagnostics import target as targets
from diagnostics.faults.network.route_no_egress import FAULT as NO_EGRESS
from diagnostics.redaction import redact
from diagnostics.render import harmless

_EPILOG = f"""\
examples:
  python -m diagnostics {targets.EXAMPLE}
  python -m diagnostics payments/refunds-worker --region us-east-1
  python -m diagnostics TARGET --save case.json     keep what was read
  python -m diagnostics --replay case.json          judge it again, without AWS
  python -m diagnostics TARGET --previous case.json say what changed since
  python -m diagnostics explain {NO_EGRESS.id}     what a cause is and how to fix it
  python -m diagnostics audit --all                 which services could not start a task, now or soon
  python -m diagnostics list                        every cause that is looked for

exit status: 0 nothing stops a pull, or not a pull failure; 1 a cause was found; 2 wrong input;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached;
70 pullcheck itself failed; 74 the answer could not be written
"""


FORMATS = ("text", "json", "github", "junit", "markdown")
"""The forms of an answer."""


class Parser(argparse.ArgumentParser):
    """A parser that echoes arguments without secrets and what could act on the terminal."""

    def error(self, message: str) -> NoReturn:
        """Leave with the usage and what is wrong."""
        super().error(harmless(redact(message)))


def options_of(words: Sequence[str]) -> argparse.Namespace:
    """The options of a diagnosis; leaves with status 2 where they are wrong."""
    parser = Parser(
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
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="the alert's own text, which tells why a task stopped that ECS has forgotten",
    )
    parser.add_argument(
        "--version", action="version", version=f"pullcheck {__version__}", help="show the version and exit"
    )
    add_reading_options(parser)
    parser.add_argument("--replay", type=Path, metavar="FILE", help="judge saved facts; asks AWS nothing")
    parser.add_argument(
        "--previous", type=Path, metavar="FILE", help="say what changed since this case, kept with --save"
    )
    options = parser.parse_args(words)
    options.target = " ".join([*filter(None, [options.target]), *options.text]) or None
    return options


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """What every command takes that reads AWS: where and as whom to ask, how to answer, and until when."""
    parser.add_argument("--region", type=region, help="the Region, where the target does not name it")
    parser.add_argument("--profile", help="the AWS profile to read with")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="text (default), json, github (annotations and a step summary), junit or markdown",
    )
    parser.add_argument("--save", type=Path, metavar="FILE", help="keep what was read, for --replay")
    parser.add_argument(
        "--deadline",
        type=seconds,
        default=20.0,
        metavar="SECONDS",
        help="answer after this long with what is known by then (default 20)",
    )


def seconds(text: str) -> float:
    """A deadline."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 900:
        raise argparse.ArgumentTypeError(
            f"expected a number of seconds up to 900, for example 20; got {text!r}"
        )
    return value


def region(text: str) -> str:
    """A Region by its name."""
    if not re.fullmatch(targets.REGION, text):
        raise argparse.ArgumentTypeError(f"expected a Region, for example eu-central-1; got {text!r}")
    return text
