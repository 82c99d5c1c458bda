"""The commands that ask AWS nothing: `explain ID` and `list`."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.commands.answering import WRONG_INPUT, console, say, writing
from diagnostics.commands.options import Parser
from diagnostics.commands.program import PROGRAM
from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.network.route_no_egress import FAULT as NO_EGRESS
from diagnostics.image_reference import nearest
from diagnostics.render import render_explanation, render_list

LONGEST_NAMED = 80
"""Characters of what is no cause that are said again."""


def explain(words: Sequence[str]) -> int:
    """Explain one cause; the exit status."""
    wanted = explain_parser().parse_args(words).id.strip().strip("`").lower()
    fault = ALL_FAULTS.get(wanted)
    if fault is None:
        close = nearest(wanted, ALL_FAULTS)
        hint = f"; did you mean {' or '.join(close)}?" if close else f"; `{PROGRAM} list` shows them all."
        named = wanted if len(wanted) <= LONGEST_NAMED else f"{wanted[:LONGEST_NAMED]}…"
        say(f"There is no cause {named!r}{hint}")
        return WRONG_INPUT
    with writing():
        render_explanation(fault, console())
    return 0


def explain_parser() -> Parser:
    """The words of `explain`."""
    made = Parser(prog=f"{PROGRAM} explain", description="Explains a cause.")
    made.add_argument("id", metavar="ID", help=f"such as {NO_EGRESS.id}; `list` shows them all")
    return made


def list_parser() -> Parser:
    """The words of `list`: none."""
    return Parser(prog=f"{PROGRAM} list", description="Lists every cause that is looked for.")


def list_all(words: Sequence[str]) -> int:
    """List every cause; the exit status."""
    list_parser().parse_args(words)
    with writing():
        render_list(ALL_FAULTS.values(), console())
    return 0
