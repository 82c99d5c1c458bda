"""How every command answers: the report on standard output, all else on standard error, and the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from diagnostics import render
from diagnostics.render import harmless, shows_ascii_only

if TYPE_CHECKING:
    from diagnostics.finding import Outcomes
    from diagnostics.render import HarmlessConsole

EXIT: dict[Outcomes, int] = {
    "nothing_wrong": 0,
    "not_a_pull_failure": 0,
    "cause_found": 1,
    "undecided": 3,
    "task_gone": 3,
}
WRONG_INPUT = 2
UNREACHABLE = 4
NOT_WRITTEN = 74
NOT_READ_TO_THE_END = 141
"""What a shell gives a program whose reader has gone away (128 and SIGPIPE)."""
WIDTH_OF_FILES = 100
"""Columns where the output is no terminal: commands are never wrapped, sentences are."""


class NotWrittenError(Exception):
    """Standard output takes no more; the message says why."""


def drop_output() -> None:
    """The interpreter must not fail on flushing at exit what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """Tell it on standard error; one that takes nothing changes no status."""
    with suppress(OSError):
        print(harmless(message), file=sys.stderr, flush=True)


def form_of(words: Sequence[str]) -> str:
    """The form that the words ask for, before they are parsed: `json` or `text`."""
    found = [value for name, value in pairwise(words) if name == "--format"]
    found += [word.partition("=")[2] for word in words if word.startswith("--format=")]
    return "json" if "json" in found else "text"


@contextmanager
def writing() -> Iterator[None]:
    """Everything that is printed within has left when this ends.

    Raises:
        NotWrittenError: standard output does not take it, such as a full disk.
        BrokenPipeError: its reader has gone away.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NotWrittenError(error.strerror or str(error)) from error


def failing(form: str) -> Callable[[str, str, int], int]:
    """How a failure is told: one sentence on stderr, or on stdout the JSON error object or an annotation."""

    def fail(kind: str, message: str, status: int) -> int:
        if form == "json":
            with writing():
                print(render.error_json(kind, message, ascii_only=shows_ascii_only()))
        elif form == "github":
            with writing():
                print(render.error_annotation(message))
        else:
            say(message)
        return status

    return fail


def console() -> HarmlessConsole:
    """Standard output, at a set width where it is no terminal."""
    console = render.HarmlessConsole()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console
