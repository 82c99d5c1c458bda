"""The command that has no name: `TARGET`, or `--replay FILE`, to a report."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.commands.options import options_of


def command(words: Sequence[str]) -> int:
    """Diagnose a target, or judge a saved case again; the exit status."""
    options = options_of(words)
    # `--version`, `--help` and words that are refused end before this, and need nothing of it.
    from diagnostics.commands.judging import judged

    return judged(options)
