"""What is kept of a watch: who watches a thread's service, until when, and where its places among all watches are.

A watch holds one place of its person and one of all; they are claims with an end, so that what is lost gives them back by itself.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError

from handlers.ports import RunsStore

log = logging.getLogger(__name__)

SECONDS = 7200.0
"""How long somebody watches at most."""
GRACE = 900.0
"""Seconds after its end for which a watch is waited for that should have said so: its message may be late."""
MOST_OF_ONE = 3
"""Watches of one person at a time."""
MOST = 20
"""Watches of everybody at a time: each asks AWS two or three times in five minutes."""
FIRST, GROWS, LONGEST = 20.0, 1.5, 300.0


class Watch(BaseModel):
    """Somebody watches.

    Attributes:
        key: names the watch.
        user: who, by the id.
        name: the same as people know them; empty where Slack did not say.
        until: when it ends, in seconds since 1970.
        look: the number of the look that was begun last.
        seen: the ARN of the task that had failed when it began: the next one is waited for.
        places: what it holds among the watches.
        lasting: it goes on though the process ends that began it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    key: str
    user: str
    name: str = ""
    until: float
    look: int = 0
    seen: str | None = None
    places: tuple[str, ...] = ()
    lasting: bool = True

    @property
    def ends(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.until, UTC)


def read_watch(note: str | None) -> Watch | None:
    """The watch of a note; `None` where there is none."""
    if not note:
        return None
    try:
        return Watch.model_validate_json(note)
    except ValidationError:
        log.warning("a note on a watch is of a version that differs")
        return None


def seconds_until_look(look: int) -> float:
    """Seconds between a look (the first is 0) and the next one: soon at first, then every five minutes."""
    return LONGEST if look > 20 else min(FIRST * GROWS**look, LONGEST)


def places_of(runs: RunsStore, user: str, key: str) -> tuple[str, ...] | str:
    """Two places for a watch; or the sentence that says why there are none."""
    mine = _place(runs, f"watches of {user}", MOST_OF_ONE, key)
    if mine is None:
        return f"You have {MOST_OF_ONE} watches on already, which is as many as one person may have. Stop one of them first."
    of_all = _place(runs, "watches", MOST, key)
    if of_all is None:
        runs.settle((), (mine,))
        return f"{MOST} threads are watched already, which is as many as may be. Try again when one of them has ended."
    return mine, of_all


def _place(runs: RunsStore, what: str, most: int, key: str) -> str | None:
    places = (f"{what} {number}" for number in range(most))
    return next((place for place in places if runs.claim(place, SECONDS + GRACE, key)), None)
