"""What the command line is called where it was called, for its examples and hints: they are there to be pasted."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import PurePath

from diagnostics import __version__

INSTALLED = "pullcheck"
PROGRAM = INSTALLED if PurePath(sys.argv[0]).stem in (INSTALLED, "command") else "python -m diagnostics"
"""`pullcheck` where it is installed or runs in the container, and else how it runs in a checkout."""

COMMANDS = {
    "completion": "completing:command",
    "audit": "auditing:command",
    "explain": "explaining:explain",
    "list": "explaining:list_all",
    "mcp": "serving:command",
    "preflight": "preflighting:command",
    "deployment": "deploying:command",
}
"""By its first word: the module and the function in `diagnostics.commands`. Any other word is a target."""
OTHERS = {"bot": "python -m bot", "help": f"{PROGRAM} --help", "version": f"{PROGRAM} --version"}
"""What people write for something that is no command of `diagnostics`."""


def meant(words: str) -> str | None:
    """The command that somebody misspelt who gave no target, for a hint."""
    first = words.split()[0].casefold() if words.split() else ""
    if first in OTHERS:
        return OTHERS[first]
    close = get_close_matches(first, COMMANDS, n=1, cutoff=0.8)
    return f"{PROGRAM} {close[0]}" if close else None


def without_extra(extra: str, needs: str, them: str) -> str:
    """What is said where an installation is without an extra, and what the command of that name `needs` of it; `them` is its pronoun.

    No index has pullcheck, and what has its name there one day may be somebody else's: it is installed by a path.
    """
    wheel = f"{INSTALLED}-{__version__}-py3-none-any.whl"
    return "\n  ".join(
        (
            f"pullcheck {extra} needs {needs}, which this installation is without. Install it again with {them}, in a checkout "
            "or beside the wheel, for example:",
            f"pipx install --force '.[{extra}]'",
            f"uv tool install --force '.[{extra}]'",
            f"pip install './{wheel}[{extra}]'",
        )
    )
