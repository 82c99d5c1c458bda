"""The broken tasks beside the channel, and what became of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

log = logging.getLogger(__name__)

State = Literal["broken", "fixing", "fixed", "failed"]


@dataclass(frozen=True)
class BrokenTask:
    """A task that cannot pull its image; `fix` repairs the cause, and may raise."""

    id: str
    title: str
    description: str
    service: str
    arn: str
    fix: Callable[[], None] = field(repr=False)


class Tasks:
    """All broken tasks and the state of each. Used in the server's loop only."""

    def __init__(self, tasks: Sequence[BrokenTask], changed: Callable[[], None]) -> None:
        self._tasks = {task.id: task for task in tasks}
        self._states: dict[str, State] = {task.id: "broken" for task in tasks}
        self._changed = changed

    def shown(self) -> list[dict[str, Any]]:
        """What the page is told."""
        return [
            {
                "id": task.id,
                "title": task.title,
                "description": task.description,
                "service": task.service,
                "arn": task.arn,
                "state": self._states[task.id],
            }
            for task in self._tasks.values()
        ]

    async def fix(self, identifier: str) -> bool:
        """Repair the cause, once; says whether it worked. Raises KeyError for a task that is not here."""
        task = self._tasks[identifier]
        if self._states[identifier] in ("fixing", "fixed"):
            return True
        self._set(identifier, "fixing")
        try:
            await asyncio.to_thread(task.fix)
        except Exception:
            log.exception("the fix of %s failed", identifier)
            self._set(identifier, "failed")
            return False
        self._set(identifier, "fixed")
        return True

    def _set(self, identifier: str, state: State) -> None:
        self._states[identifier] = state
        self._changed()
