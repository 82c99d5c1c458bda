"""The command `mcp`: is the SDK there, and nothing on standard output but the protocol."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from diagnostics.commands.answering import WRONG_INPUT, say
from diagnostics.commands.options import Parser

NEEDS_THE_EXTRA = (
    "pullcheck mcp needs the MCP SDK, which this installation is without. Install it too, for example: "
    "pipx install 'pullcheck[mcp]'."
)


def command(words: Sequence[str]) -> int:
    """Serve until standard input ends; the exit status."""
    Parser(
        prog="pullcheck mcp",
        description="Serves the tools diagnose and explain to an assistant over standard input and output (MCP).",
    ).parse_args(words)
    if find_spec("mcp") is None:
        say(NEEDS_THE_EXTRA)
        return WRONG_INPUT
    from diagnostics.commands.mcp_server import SERVER

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    SERVER.run("stdio")
    return 0
