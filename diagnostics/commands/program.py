"""What the command line is called where it was called, for its examples and hints: they are there to be pasted."""

from __future__ import annotations

import sys
from pathlib import PurePath

INSTALLED = "pullcheck"
PROGRAM = INSTALLED if PurePath(sys.argv[0]).stem in (INSTALLED, "command") else "python -m diagnostics"
"""`pullcheck` where it is installed or runs in the container, and else how it runs in a checkout."""
