"""How often a failure was seen, shown in the message that tells of it: not at each one, but after a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from bot.events.groups import EventGroup, EventGroups
from bot.events.told import job_key_of_group, shown
from handlers.ports import Services
from handlers.thread import Thread
from handlers.thread_state import ThreadState
from handlers.views.notices import failed
from handlers.views.repeats import Repeats

RECOUNT_SECONDS = 30
"""How long after a repeated failure its count is shown, and so the least time between two updates of a message."""
_LOST_SECONDS = 300.0
"""When a planned recount that did not come counts as lost."""

RECOUNT: Final = "recount"
"""How a recount is told from a job."""


class LaterMessages(Protocol):
    """Where messages to ourselves come again."""

    def send(self, body: str, *, delay: int = 0) -> None:
        """Have a message come after so many seconds."""


class Recount(BaseModel):
    """A message to ourselves, seen after a while: show how often a failure was seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["recount"] = RECOUNT
    key: str
    leader: str


@dataclass(frozen=True)
class Recounts:
    """Shows counts.

    Attributes:
        services: what changing a message needs.
        groups: the events of one cause.
        queue: where counts come again.
        clock: seconds since 1970.
    """

    services: Services
    groups: EventGroups
    queue: LaterMessages
    clock: Callable[[], float]

    def plan(self, group: EventGroup) -> None:
        """See to it that the count will be shown; one message is under way for all that happens meanwhile."""
        now = self.clock()
        if group.channel == "" or group.recount_at > now - _LOST_SECONDS:
            return
        if self.groups.plan_recount(group, now + RECOUNT_SECONDS):
            self._show_later(Recount(key=group.key, leader=group.leader))

    def came(self, message: Recount) -> None:
        """Show how often a failure was seen."""
        group = self.groups.get(message.key)
        if group is None or group.leader != message.leader or group.channel == "":
            return
        if not self.services.runs.finished(job_key_of_group(group)):
            # The answer is not there yet, and would take the place of what is shown now.
            if group.open:
                self._show_later(message)
            else:
                # Whoever gives the answer after all sees to it.
                self.groups.recount_came(group)
            return
        self.groups.recount_came(group)
        # Those that were counted until just now belong to what is shown.
        group = self.groups.get(message.key) or group
        run = shown(self.services.runs, group)
        if run is None or run.thread_ts is None or group.count <= group.shown:
            return
        if run.report is None and not group.unchecked:
            return
        thread = Thread(
            self.services.slack,
            channel=run.channel,
            user="",
            parent_ts=run.thread_ts,
            strict=self.services.strict,
            pace=self.services.pace,
        )
        repeats = Repeats(group.count, group.since, group.services)
        state = ThreadState(self.services.runs, run.channel, run.thread_ts)
        state.count(repeats)
        if run.report is not None:
            state.draw(run, thread.amend)
        else:
            thread.amend(failed(run.target, group.unchecked, run_id=run.run_id, repeats=repeats))
        self.groups.was_shown(group)

    def _show_later(self, message: Recount) -> None:
        self.queue.send(message.model_dump_json(), delay=RECOUNT_SECONDS)
