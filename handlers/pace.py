"""Slack's pace: a line for each channel and method, in which whoever calls waits for a turn.

A channel takes one message a second; `chat.update` and `chat.delete` are of tier 3 (50 a minute in a workspace),
`chat.postEphemeral` of tier 4 (100). Where Slack asks to wait (`Retry-After`), the whole line waits.
Slack: https://docs.slack.dev/apis/web-api/rate-limits

What a person waits for goes before what nobody asked for: it takes the next turn of those that wait for one, and each of them the
turn of the one behind it. So a line is never faster for it.

The line is one process's. Processes that share a channel (environments on Lambda) know nothing of each other: they are kept
to the pace by Slack's 429 alone, and come back at moments that differ by chance.
"""

from __future__ import annotations

import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from diagnostics import observing

REMEMBERED = 1000
"""Lines that are remembered. One that is forgotten begins as if nothing had been said in it."""
SPREAD = 0.5
"""Seconds by which those who were asked to wait come back at different moments, at most."""


@dataclass(frozen=True)
class Line:
    """A line: one call each `interval` seconds, and `burst` of them at once after a quiet time.

    `burst` and what fits into a minute are together no more than Slack takes in a minute.
    """

    name: str
    interval: float
    burst: int = 1


UPDATES = Line("chat.update", 1.5, 10)
PROGRESS = Line("progress", UPDATES.interval, UPDATES.burst)
"""Messages that an answer will have to update: no more of them than updates, or they would stand for ever."""
DELETES = Line("chat.delete", 1.5, 10)
EPHEMERALS = Line("chat.postEphemeral", 0.75, 20)


def posts(channel: str) -> Line:
    """The line of a channel's messages."""
    return Line(f"chat.postMessage {channel}", 1.0)


@dataclass(eq=False)
class _Turn:
    """Somebody's turn in a line; it may be put off for a person who comes later."""

    slot: float
    first: bool


@dataclass
class _LineState:
    next: float
    """When a call would be due that keeps to the interval exactly."""
    held_until: float
    waiting: list[_Turn] = field(default_factory=list)


class Pace:
    """Keeps to Slack's pace. Safe to share between threads, and one for a whole process.

    Args:
        clock: seconds.
        sleep: waits for so many seconds.
        chance: between 0 and 1.
        patience: for how many seconds an answer may wait for Slack in all. It must fit into the lease of a job.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        patience: float = 30.0,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self.patience = patience
        self._chance = chance
        self._lock = threading.Lock()
        self._lines: OrderedDict[str, _LineState] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many lines are remembered."""
        return len(self._lines)

    def turn(self, line: Line, until: float, *, first: bool = False) -> bool:
        """Wait for a turn; whether there is one by `until` (of the clock). Where there is none, nothing is waited for.

        Args:
            line: the line.
            until: when the turn must have come.
            first: a person waits for it, so that it goes before what nobody asked for. That may lose a turn by it which it had
                in time: then it has waited in vain.
        """
        with self._lock:
            mine = self._take(line, until, first)
        while mine is not None:
            slot = mine.slot
            pause = slot - self.clock()
            if pause > 0:
                self.sleep(pause)
                observing.measure("pullcheck.slack.wait", pause, "s", method=line.name.partition(" ")[0])
            with self._lock:
                if mine.slot != slot and mine.slot <= until:
                    # Somebody goes before.
                    continue
                state = self._state(line)
                if mine in state.waiting:
                    state.waiting.remove(mine)
                if mine.slot == slot and state.held_until <= slot:
                    return True
                # Slack asked this line to wait while this one stood in it, or there is no turn in time any more.
                mine = self._take(line, until, first) if mine.slot == slot else None
        return False

    def hold(self, line: Line, seconds: float) -> None:
        """Let a line wait, because Slack asked for it."""
        with self._lock:
            until = self.clock() + seconds + SPREAD * self._chance()
            state = self._state(line)
            state.held_until = max(state.held_until, until)
            state.next = max(state.next, until + line.interval * (line.burst - 1))

    def _take(self, line: Line, until: float, first: bool) -> _Turn | None:
        state, now = self._state(line), self.clock()
        slack = line.interval * (line.burst - 1)
        last = max(now, state.next - slack, state.held_until)
        # Whose moment has come is about to go; whom Slack holds back takes another turn when he knows of it.
        soonest = max(now, state.held_until)
        behind = sorted(
            (item for item in state.waiting if first and not item.first and now < item.slot >= soonest),
            key=lambda item: item.slot,
        )
        slots = [*(item.slot for item in behind), last]
        if slots[0] > until:
            return None
        mine = _Turn(slots[0], first)
        for item, slot in zip(behind, slots[1:], strict=True):
            item.slot = slot
        state.waiting.append(mine)
        state.next = max(state.next, last) + line.interval
        return mine

    def _state(self, line: Line) -> _LineState:
        found = self._lines.get(line.name)
        if found is None:
            self._forget()
            found = self._lines[line.name] = _LineState(self.clock(), 0.0)
        self._lines.move_to_end(line.name)
        return found

    def _forget(self) -> None:
        """Forget lines that nobody used for longest, those first in which nobody waits."""
        if len(self._lines) < REMEMBERED:
            return
        now = self.clock()
        quiet = (name for name, state in self._lines.items() if max(state.next, state.held_until) <= now)
        self._lines.pop(next(quiet, next(iter(self._lines))))
