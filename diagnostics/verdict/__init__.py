"""From findings to an answer: what stopped the pull, what would stop it next, and what else was found."""

from diagnostics.verdict.rank import rank
from diagnostics.verdict.situation import had_failed

__all__ = ["had_failed", "rank"]
