"""When a job is tried again whose answer reached nobody, on every transport: soon at first, for an hour at most."""

from __future__ import annotations

FIRST = 15
LONGEST = 120
TRIES = 33
"""With these it is tried for an hour. Slack's outages seldom last longer, and the task itself is forgotten by then."""


def seconds_until(tries: int) -> int | None:
    """Seconds until the next try after so many that reached nobody (from 0); `None` where there is none."""
    return None if tries >= TRIES else min(FIRST * 2**tries, LONGEST)
