"""The worlds beside the channel: those that stand, those to choose from, and what became of the repair of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

log = logging.getLogger(__name__)

State = Literal["broken", "fixing", "fixed", "failed"]


@dataclass(frozen=True)
class Printed:
    """What came of a command: its exit status, and what it printed, with anything that a reader must know of how it ran."""

    status: int
    text: str


@dataclass(frozen=True)
class BrokenTask:
    """A task that stands in the emulated AWS.

    Attributes:
        id: that of its world.
        title: what is wrong, in a few words.
        description: the same in a sentence.
        service: what it is known by.
        arn: what a person asks about: an ARN, or `cluster/service`.
        apply: runs the command that the thread shows; may raise.
        signs: texts of which one button of the app's answer about this task carries all, to know its thread by.
    """

    id: str
    title: str
    description: str
    service: str
    arn: str
    apply: Callable[[str], Printed] = field(repr=False)
    signs: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class OfferedWorld:
    """A world to choose from; `build` makes it and gives its task, and may raise."""

    id: str
    group: str
    title: str
    description: str
    build: Callable[[], BrokenTask] = field(repr=False)


class Tasks:
    """All worlds and the state of each. Used in the server's loop only."""

    def __init__(
        self, tasks: Sequence[BrokenTask], changed: Callable[[], None], worlds: Sequence[OfferedWorld] = ()
    ) -> None:
        self._tasks = {task.id: task for task in tasks}
        self._worlds = {world.id: world for world in worlds}
        self._states: dict[str, State] = {task.id: "broken" for task in tasks}
        self._ran: dict[str, tuple[str, Printed]] = {}
        self._building: dict[str, asyncio.Task[BrokenTask]] = {}
        self._changed = changed

    def shown(self) -> list[dict[str, Any]]:
        """What the page is told of those that stand."""
        return [
            {
                "id": task.id,
                "title": task.title,
                "description": task.description,
                "service": task.service,
                "arn": task.arn,
                "state": self._states[task.id],
                "ran": self._ran_shown(task.id),
            }
            for task in self._tasks.values()
        ]

    def _ran_shown(self, identifier: str) -> dict[str, Any] | None:
        if identifier not in self._ran:
            return None
        command, printed = self._ran[identifier]
        return {"command": command, "status": printed.status, "printed": printed.text}

    @property
    def building(self) -> list[str]:
        """The worlds that are being built."""
        return list(self._building)

    def offered(self) -> list[dict[str, str]]:
        """All worlds to choose from."""
        return [
            {"id": world.id, "group": world.group, "title": world.title, "description": world.description}
            for world in self._worlds.values()
        ]

    def task(self, identifier: str) -> BrokenTask:
        """Raises KeyError for one that does not stand."""
        return self._tasks[identifier]

    async def build(self, identifier: str) -> BrokenTask:
        """Build a world, once. Raises KeyError for one that is not offered, RuntimeError where it could not be built."""
        if identifier in self._tasks:
            return self._tasks[identifier]
        world = self._worlds[identifier]
        if identifier not in self._building:
            self._building[identifier] = asyncio.create_task(asyncio.to_thread(world.build))
            self._changed()
        building = self._building[identifier]
        try:
            task = await asyncio.shield(building)
        except Exception as error:
            log.exception("the world %s could not be built", identifier)
            raise RuntimeError(f"“{world.title}” could not be built; the terminal says why") from error
        finally:
            self._building.pop(identifier, None)
            self._changed()
        # The newest stands first.
        self._tasks = {identifier: task, **self._tasks}
        self._states.setdefault(identifier, "broken")
        self._changed()
        return task

    async def fix(self, identifier: str, command: str) -> bool:
        """Run the command that repairs the cause; says whether it worked. Raises KeyError for a task that is not here."""
        task = self._tasks[identifier]
        if self._states[identifier] in ("fixing", "fixed"):
            return True
        self._set(identifier, "fixing")
        try:
            printed = await asyncio.to_thread(task.apply, command)
        except Exception:
            log.exception("the fix of %s failed", identifier)
            self._set(identifier, "failed")
            return False
        self._ran[identifier] = (command, printed)
        self._set(identifier, "failed" if printed.status else "fixed")
        return printed.status == 0

    def _set(self, identifier: str, state: State) -> None:
        self._states[identifier] = state
        self._changed()
