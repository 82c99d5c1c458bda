"""What is kept of a thread beside its runs: which run its parent message shows, who is on it, how often the same was seen.

Each is a note of its own in the store, written whole, so that two who write at once never lose each other's: whoever writes
draws the parent message from all notes, and looks at them once more afterwards (`draw`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from handlers.ports import RunsStore
from handlers.saved_run import SavedRun
from handlers.views.message import MessageContent
from handlers.views.parent import BY_EVENT, OnIt, Watched, parent, person
from handlers.views.repeats import Repeats
from handlers.watches import Watch, read_watch

log = logging.getLogger(__name__)

People = tuple[OnIt | None, str | None]
"""Who is on it, and the watch of its service."""
_HOLDER = "thread"
_SECONDS = 1.0
_TIMES = 3


class ThreadState:
    """The notes on one parent message. They go with the store's retention.

    Args:
        runs: the store.
        channel: where the message is.
        ts: the message; without one nothing is kept.
    """

    def __init__(self, runs: RunsStore, channel: str, ts: str | None) -> None:
        self._runs = runs
        self.place = f"{channel} {ts}" if ts else None
        """The message, as its notes name it."""

    @property
    def shown(self) -> str | None:
        """The id of the run that the message shows, where that is known."""
        return self._read("shown")

    def show(self, run_id: str) -> None:
        """The message shows this run from now on. Never raises: an answer goes out even where it cannot be kept."""
        try:
            self._write("shown", run_id)
        except Exception:
            log.exception("what a message shows could not be kept")

    @property
    def on_it(self) -> OnIt | None:
        """Who takes care of it."""
        note = self._read("on it")
        if not note:
            return None
        try:
            user, name, since = json.loads(note)
            return OnIt(str(user), str(name), datetime.fromtimestamp(float(since), UTC))
        except (ValueError, TypeError, OverflowError, OSError):
            log.warning("a note on a thread is of a version that differs")
            return None

    def take(self, on_it: OnIt | None) -> None:
        """Somebody takes care of it, or nobody does any more."""
        note = [on_it.user, on_it.name, on_it.since.timestamp()] if on_it else None
        self._write("on it", json.dumps(note) if note else "")

    @property
    def repeats(self) -> Repeats | None:
        """How often the same was seen."""
        note = self._read("repeats")
        if not note:
            return None
        try:
            count, since, services = json.loads(note)
            return Repeats(
                int(count), datetime.fromtimestamp(float(since), UTC), tuple(str(item) for item in services)
            )
        except (ValueError, TypeError, OverflowError, OSError):
            log.warning("a note on a thread is of a version that differs")
            return None

    def count(self, repeats: Repeats) -> None:
        """The same was seen so often."""
        note = [repeats.count, repeats.since.timestamp(), list(repeats.services)]
        self._write("repeats", json.dumps(note))

    @property
    def watch(self) -> Watch | None:
        """Who watches its service."""
        return read_watch(self._read("watch"))

    def watch_for(self, watch: Watch | None) -> None:
        """Somebody watches, or nobody does any more."""
        self._write("watch", watch.model_dump_json(exclude_defaults=True) if watch else "")

    @property
    def people(self) -> People:
        """Who is on it, and who watches."""
        watch = self.watch
        return self.on_it, watch.key if watch else None

    def parent_of(self, run: SavedRun) -> MessageContent:
        """The parent message of a run, with all that is kept of its thread."""
        return parent_of(run, self.on_it, self.repeats, self.watch)

    def draw(self, run: SavedRun, put: Callable[[MessageContent], bool]) -> bool:
        """Put the parent message of the run that is shown, else of this one; again where a note has changed meanwhile.

        Returns what the last `put` said.
        """
        done = False
        drawn: MessageContent | None = None
        for _ in range(_TIMES):
            shown = self.shown
            newest = self._runs.load(shown) if shown and shown != run.run_id else run
            now = self.parent_of(newest if newest is not None and newest.report is not None else run)
            if drawn is not None and now.payload() == drawn.payload():
                break
            done, drawn = put(now), now
        return done

    def _read(self, what: str) -> str | None:
        if self.place is None:
            return None
        try:
            return self._runs.noted(f"{what} {self.place}")
        except Exception:
            log.exception("what is kept of a thread could not be read")
            return None

    def _write(self, what: str, text: str) -> None:
        if self.place is None:
            return
        key = f"{what} {self.place}"
        # A note stands on a claim; in one holder's name it can be made again and again.
        self._runs.claim(key, _SECONDS, _HOLDER)
        self._runs.note(key, text)


def parent_of(
    run: SavedRun,
    on_it: OnIt | None = None,
    repeats: Repeats | None = None,
    watch: Watch | None = None,
) -> MessageContent:
    """The parent message of a kept run."""
    assert run.report is not None
    return parent(
        run.report,
        run_id=run.run_id,
        target=run.target,
        by=person(run.user, run.user_name) or BY_EVENT,
        on_it=on_it,
        repeats=repeats,
        watched=Watched(watch.user, watch.name, watch.ends, watch.lasting) if watch else None,
    )
