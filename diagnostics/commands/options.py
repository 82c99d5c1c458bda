"""The words of the command line: what can be asked, and what is refused before anything is read."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from diagnostics import __version__
from diagnostics.commands.answering import WRONG_INPUT, failing, form_of, writing
from diagnostics.commands.program import PROGRAM
from diagnostics.redaction import redact


def _epilog() -> str:
    # Only who reads the help needs a fault's name, and all the checks are behind it.
    from diagnostics import target as targets
    from diagnostics.faults.network.route_no_egress import FAULT as NO_EGRESS

    return f"""\
examples:
  {PROGRAM} {targets.EXAMPLE}
  {PROGRAM} payments/refunds-worker --region us-east-1
  {PROGRAM} TARGET --save case.json     keep what was read
  {PROGRAM} --replay case.json          judge it again, without AWS
  {PROGRAM} TARGET --previous case.json say what changed since
  {PROGRAM} preflight payments-api:8 --cluster payments --service payments-api   before a deployment
  {PROGRAM} audit --all                 which services could not start a task, now or soon
  {PROGRAM} deployment payments/api     wait for a deployment, and say why it failed
  {PROGRAM} explain {NO_EGRESS.id}     what a cause is and how to fix it
  {PROGRAM} list                        every cause that is looked for
  {PROGRAM} mcp                         serve these answers to an assistant (MCP)
  {PROGRAM} completion bash             the completion of bash, zsh or fish

exit status: 0 nothing stops a pull, or not a pull failure; 1 a cause was found; 2 wrong input;
3 undecided, or the task is gone and nothing else tells; 4 AWS could not be reached, or accepted
no credentials; 70 pullcheck itself failed; 74 the answer could not be written; 130 interrupted;
141 whoever read the answer went away
"""


_DASHES = "-‐‑‒–—―−﹘﹣－"
"""The ASCII one, and those that look like it."""
FORMATS = ("text", "json", "github", "junit", "markdown")
"""The forms of an answer."""


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence, and echoes arguments without secrets and what could act on the terminal.

    With `--format json` among the words the sentence is the error object.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **options})
        self._words: Sequence[str] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """argparse's own; the words are kept for the form of a refusal."""
        self._words = sys.argv[1:] if args is None else list(args)
        self._refuse_other_dashes()
        return super().parse_known_args(args, namespace)

    def _refuse_other_dashes(self) -> None:
        """Refuse `—region`, as programs that set text make of `--region`: it would be taken for a word of the alert."""
        for word in self._words:
            if word == "--":
                return
            name = "--" + word.partition("=")[0].lstrip(_DASHES)
            if word.startswith(tuple(_DASHES[1:])) and name in self._option_string_actions:
                self.error(f"{word!r} begins with another dash than an option does: write {name}")

    def error(self, message: str) -> NoReturn:
        """Leave with what is wrong, and what was expected."""
        sentence = redact(self._sentence(message))
        self.exit(failing(form_of(self._words))("usage", sentence, WRONG_INPUT))

    def print_help(self, file: Any = None) -> None:
        """Print it; a standard output that takes no more has a status of its own."""
        with writing():
            # argparse's own drops what cannot be written.
            print(self.format_help(), end="", file=file)

    def _sentence(self, message: str) -> str:
        told = re.sub(r"^argument ([^:]+): ", r"\1: ", message)
        unknown = re.match(r"unrecognized arguments: (\S+)", told)
        if unknown is None:
            first = told if told.startswith("-") else told[:1].upper() + told[1:]
            return (
                f"{first}."
                if "for example" in told
                else f"{first}; `{self.prog} --help` shows how it is used."
            )
        name = unknown.group(1).partition("=")[0]
        if not name.startswith("-"):
            return f"{name!r} is one word too many; `{self.prog} --help` shows how it is used."
        there = [item for item in self._option_string_actions if item.startswith("--")]
        close = get_close_matches(name, there, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else f"`{self.prog} --help` shows those there are."
        return f"There is no option {name!r}; {hint}"


class _ShowVersion(argparse.Action):
    """Prints the version; argparse's own drops what cannot be written."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        with writing():
            print(f"pullcheck {__version__}")
        parser.exit()


class _DiagnosisParser(Parser):
    def format_help(self) -> str:
        self.epilog = _epilog()
        return super().format_help()


def wide(prog: str) -> argparse.HelpFormatter:
    """The form of every help: a set width, as docs/command-line.md shows it."""
    return argparse.RawDescriptionHelpFormatter(prog, width=100)


def idle_beside_replay(options: argparse.Namespace) -> str | None:
    """The first option that only means something to a run that asks AWS."""
    given = {
        "--region": options.region,
        "--profile": options.profile,
        "--deadline": options.deadline,
        "--save": options.save,
        "--debug": options.debug or None,
    }
    return next((name for name, value in given.items() if value is not None), None)


def options_of(words: Sequence[str]) -> argparse.Namespace:
    """The options of a diagnosis; leaves with status 2 where they are wrong."""
    options = parser().parse_args(words)
    options.target = " ".join([*filter(None, [options.target]), *options.text]) or None
    return options


def parser() -> Parser:
    """The words of a diagnosis."""
    made = _DiagnosisParser(
        prog=PROGRAM,
        description="Says why an Amazon ECS task could not pull its image, and what to do about it. Reads only.",
        formatter_class=wide,
    )
    made.add_argument(
        "target",
        nargs="?",
        metavar="TARGET",
        help="a task ARN, an ECS console link, cluster/task-id or cluster/service",
    )
    made.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="the alert's own text, which tells why a task stopped that ECS has forgotten",
    )
    made.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
    add_reading_options(made)
    made.add_argument("--replay", type=a_file, metavar="FILE", help="judge saved facts; asks AWS nothing")
    made.add_argument(
        "--previous", type=a_file, metavar="FILE", help="say what changed since this case, kept with --save"
    )
    return made


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
    parser.add_argument(
        "--verbose", action="store_true", help="the whole text: evidence, path, undo, other ways and all ids"
    )
    parser.add_argument("--save", type=a_file, metavar="FILE", help="keep what was read, for --replay")
    parser.add_argument(
        "--deadline",
        type=seconds,
        metavar="SECONDS",
        help="answer after this long with what is known by then (default 20)",
    )
    add_debug(parser)


def add_debug(parser: argparse.ArgumentParser) -> None:
    """`--debug`, of every command that asks AWS."""
    parser.add_argument(
        "--debug",
        action="store_true",
        help="show on standard error what AWS and botocore said, without secrets",
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


def a_file(text: str) -> Path:
    """The path of a file; pathlib takes the empty one for the working folder."""
    if not text:
        raise argparse.ArgumentTypeError("expected the name of a file, for example case.json; got ''")
    return Path(text)


def region(text: str) -> str:
    """A Region by its name."""
    from diagnostics.target import REGION

    if not re.fullmatch(REGION, text):
        raise argparse.ArgumentTypeError(f"expected a Region, for example eu-central-1; got {text!r}")
    return text
