"""The command `mcp`: is the SDK there, and nothing on standard output but the protocol."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from diagnostics.commands.answering import WRONG_INPUT, say
from diagnostics.commands.options import Parser
from diagnostics.commands.program import PROGRAM, without_extra

NEEDS_THE_EXTRA = without_extra("mcp", "the MCP SDK", "it")


def parser() -> Parser:
    """The words of the command: none."""
    return Parser(
        prog=f"{PROGRAM} mcp",
        description="Serves diagnose, preflight, audit and explain to an assistant over standard input and output (MCP).",
    )


def command(words: Sequence[str]) -> int:
    """Serve until standard input ends; the exit status."""
    parser().parse_args(words)
    if find_spec("mcp") is None:
        say(NEEDS_THE_EXTRA)
        return WRONG_INPUT
    from diagnostics.commands.mcp_server import SERVER

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    SERVER.run("stdio")
    return 0
