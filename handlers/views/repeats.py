"""How often the same failure was seen, since when, and what it stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from handlers.text import Mrkdwn, escape, fmt, join, moment
from handlers.views.words import cut

MOST_NAMED = 3
"""Services that a message names; the others are counted."""


@dataclass(frozen=True)
class Repeats:
    """How many tasks failed in the same way, and since when; and which services that stops, where it is more than one."""

    count: int
    since: datetime
    services: tuple[str, ...] = ()


def counted(repeats: Repeats) -> Iterator[Mrkdwn]:
    """Since when, how often and at how many services the same was seen."""
    yield fmt("failing since {}", moment(repeats.since))
    yield fmt("{} {}", str(repeats.count), "task" if repeats.count == 1 else "tasks")
    yield from _services(repeats)


def _services(repeats: Repeats) -> Iterator[Mrkdwn]:
    count = len(repeats.services)
    if count > 1:
        named = [escape(cut(name, 40), 80) for name in repeats.services[:MOST_NAMED]]
        more = (fmt("… and {} more", str(count - MOST_NAMED)),) if count > MOST_NAMED else ()
        yield fmt("stops {} services: {}", str(count), join(", ", (*named, *more)))
