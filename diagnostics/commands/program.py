"""What the command line is called where it was called, for its examples and hints: they are there to be pasted."""

from __future__ import annotations

import sys
from pathlib import PurePath

from diagnostics import __version__

INSTALLED = "pullcheck"
PROGRAM = INSTALLED if PurePath(sys.argv[0]).stem in (INSTALLED, "command") else "python -m diagnostics"
"""`pullcheck` where it is installed or runs in the container, and else how it runs in a checkout."""


def installed_with(extra: str) -> tuple[str, ...]:
    """Commands that install it with an extra. No index has it, and what has its name there one day may be somebody else's."""
    wheel = f"{INSTALLED}-{__version__}-py3-none-any.whl"
    return (
        f"pipx install --force '.[{extra}]'",
        f"uv tool install --force '.[{extra}]'",
        f"pip install './{wheel}[{extra}]'",
    )
