"""Lines for a terminal: broken between words, never inside of a command, an id or an address that somebody may copy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from diagnostics.render.harmless import harmless
from diagnostics.render.harmless import one_line as plain

LEAST_WIDTH = 20
"""Columns of a paragraph, however narrow the terminal is."""
_COMMAND = r"aws [a-z0-9-]+ [a-z0-9-]+(?: (?!--)\S+){0,2}(?: --[a-z0-9-]+(?: (?!--)[^\s;]*[^\s;,.:)])?)+"
"""A command of the AWS CLI within a sentence: what it does, and options with one value each."""
_ENDS_WITH_COMMAND = re.compile(rf"{_COMMAND}\.$")
_PIECE = re.compile(rf"{_COMMAND}\S*|\S+")
_URL = re.compile(r"https://[!-~]+")
"""An address that may stand within an escape sequence: OSC 8 ends at the first character outside of printable ASCII."""


def wrapped(text: Text, width: int) -> list[Text]:
    """A paragraph in lines of so many columns.

    A word that is longer, and a command, is never broken: a terminal that folds it still copies it as one.
    """
    if _ENDS_WITH_COMMAND.search(text.plain):
        # Pasted with the sentence's full stop it would be another command.
        text = text[:-1]
    lines = list(text.divide(_breaks(text.plain, max(width, LEAST_WIDTH))))
    for line in lines:
        line.rstrip()
    return lines


# One answer is laid out several times, until it fits.
@lru_cache(maxsize=256)
def _breaks(text: str, most: int) -> tuple[int, ...]:
    """Where a paragraph is broken."""
    offsets: list[int] = []
    column = end = 0
    for piece in _PIECE.finditer(text):
        wide = cell_len(piece.group())
        gap = piece.start() - end
        # What is longer than a line is folded by the terminal wherever it begins.
        if column and column + gap + wide > most and (wide <= most or column > most // 2):
            offsets.append(piece.start())
            column = wide
        else:
            column += gap + wide
        end = piece.end()
    return tuple(offsets)


def indented(text: Text, width: int, columns: int = 2) -> list[Text]:
    """A paragraph, each line after so many blanks."""
    return [Text(" " * columns) + line for line in wrapped(text, width - columns)]


def labelled(label: Text, text: Text, width: int, columns: int) -> list[Text]:
    """A paragraph with a label in front of its first line, all lines at the same column."""
    first, *others = wrapped(text, width - columns)
    label = label.copy()
    label.pad_right(max(columns - cell_len(label.plain), 1))
    return [label + first, *(Text(" " * columns) + line for line in others)]


def command_lines(text: str, columns: int = 4) -> list[Text]:
    """A command to paste: its own lines and no others, so that each stays one for the shell."""
    return [
        Text(" " * columns + line, style="dim" if line.startswith("#") else "cyan")
        for line in harmless(text).split("\n")
    ]


def rows_of(line: Text, width: int) -> int:
    """How many rows of a terminal a line takes, with those into which it is folded."""
    return max(1, -(-cell_len(line.plain) // width))


def show(console: Console, lines: Sequence[Text]) -> None:
    """Print lines as they are."""
    for line in lines:
        console.print(line, soft_wrap=True)


def linked(text: str, url: str, style: str = "") -> Text:
    """A text that leads to an address where the terminal has hyperlinks. An address that could end the sequence is no link."""
    safe = _URL.fullmatch(url) is not None
    return Text(plain(text), style=Style.parse(style) + Style(link=url if safe else None))
