"""A clock for runs of the collector."""

from __future__ import annotations

from datetime import UTC, datetime

NOW = datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


class FixedClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return NOW

    def elapsed(self) -> float:
        return self.seconds
