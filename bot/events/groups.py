"""Task events of one cause: the first one leads to a diagnosis, the others are counted.

A group begins with one service. Where its cause turns out to be that of another group, which has a message in the same
channel, it finds its home there: that one counts its events, and names its service.

A group stays open as long as events follow each other within the window, but for at most twelve windows, so that a
service that fails all day is heard of again. Every change is one conditional write, so that several workers may make it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from bot.stores.items import NOT_THERE, Clause, Items, KeptItem, Where, absent, equal

LONGEST = 12
"""For how many windows a group stays open at most."""
MOST_SERVICES = 1000
"""Services that a group names at most: an item of DynamoDB holds 400 KB, and a name may have 510 letters."""


@dataclass(frozen=True)
class EventGroup:
    """A group as it stands.

    Attributes:
        key: names the cause.
        leader: the task whose event is diagnosed.
        since: when its event happened.
        count: how many different tasks were seen.
        channel: where it is told; empty for nowhere, `None` as long as nobody decided.
        recount_at: when a message will come that has the count shown (seconds since 1970), 0 where none will.
        shown: the count that was shown last.
        heard: its answer reached somebody.
        tried_at: when it was last tried to tell it (seconds since 1970).
        open: whether further events belong to it.
        services: whose tasks were seen, in the order of their names; empty where only one's are.
        home: the group that tells of this one's cause and the leader it had then, `None` where it tells itself.
        moved: how many tasks it had when it found its home: as many are counted there for it.
        unchecked: why its diagnosis could not be made, as a sentence; empty where that was not so.
    """

    key: str
    leader: str
    since: datetime
    count: int
    channel: str | None
    recount_at: float
    shown: int
    heard: bool
    tried_at: float
    open: bool
    services: tuple[str, ...] = ()
    home: tuple[str, str] | None = None
    moved: int = 0
    unchecked: str = ""


def key_of(*parts: str) -> str:
    """A short name for a cause, whatever stands in its parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class EventGroups:
    """The groups.

    Args:
        items: where they are kept.
        window: seconds after which an event no longer belongs to the one before.
    """

    def __init__(self, items: Items, window: float) -> None:
        self._items = items
        self._window = window

    def get(self, key: str) -> EventGroup | None:
        """A group as it stands, open or not."""
        item = self._items.read(_pk(key))
        return self._group(key, item) if item else None

    def open(self, key: str, task_id: str, since: datetime, old: EventGroup | None) -> EventGroup | None:
        """Open a group that a task leads, in place of the old one; `None` where somebody else did."""
        now = self._items.clock()
        new: KeptItem = {
            "leader": task_id, "since": since.timestamp(), "first_at": now, "last_at": now, "tried_at": now, "seen": 1.0,
        }  # fmt: skip
        where: Where = (NOT_THERE if old is None else (equal("leader", old.leader),),)
        return self._group(key, new) if self._items.write(_pk(key), new, where) else None

    def count(self, group: EventGroup) -> EventGroup | None:
        """Count one more task; the group as it is then, `None` where another one has taken its place."""
        item = self._change(group, {"last_at": self._items.clock()}, more={"seen": 1.0})
        return self._group(group.key, item) if item else None

    def find_home(self, group: EventGroup, home: EventGroup) -> bool:
        """Say that another group tells of this one's cause, and count there what was counted here, once.

        False where more was counted here meanwhile, or another group took the place of one of them.
        """
        moved = group.count
        if group.home == (home.key, home.leader):
            # Whoever said so may have ended before it was counted.
            moved = group.moved
        elif not self._change(
            group,
            {"home": home.key, "home_leader": home.leader, "moved": float(moved)},
            equal("seen", float(moved)),
        ):
            return False
        member = f"joined_{key_of(group.key, group.leader)[:16]}"
        self._change(
            home, {"last_at": self._items.clock(), member: True}, absent(member), more={"seen": float(moved)}
        )
        return True

    def name(self, group: EventGroup, *services: str) -> None:
        """Say whose tasks were seen. An item has room for so many; further ones are counted, and not named."""
        if len(group.services) >= MOST_SERVICES or set(services) <= set(group.services):
            return
        self._change(group, {"last_at": self._items.clock()}, more={"services": frozenset(services)})

    def tell(self, group: EventGroup, channel: str) -> None:
        """Say where a group is told; empty for nowhere."""
        self._change(group, {"channel": channel})

    def fail(self, group: EventGroup, sentence: str) -> None:
        """Say why the diagnosis of a group could not be made."""
        self._change(group, {"unchecked": sentence})

    def was_heard(self, group: EventGroup) -> None:
        """Somebody was told of a group."""
        self._change(group, {"heard": True})

    def try_again(self, group: EventGroup) -> bool:
        """True when it falls to the caller to tell a group of which nobody heard."""
        return self._change_from(group, "tried_at", group.tried_at, self._items.clock())

    def plan_recount(self, group: EventGroup, at: float) -> bool:
        """True when it falls to the caller to send the message that will have the count shown at that time."""
        return self._change_from(group, "recount_at", group.recount_at, at)

    def recount_came(self, group: EventGroup) -> None:
        """No message is under way any more: events from now on need another one."""
        self._change(group, {"recount_at": 0.0})

    def was_shown(self, group: EventGroup) -> None:
        """The count stands in the message."""
        self._change(group, {"shown": float(group.count)})

    # --- services ------------------------------------------------------------------------------------

    def point(self, service: str, group: EventGroup) -> None:
        """Say which group the newest failures of a service belong to, for whoever asks for the service."""
        self._items.write(_of_service(service), {"group_key": group.key})

    def of_service(self, service: str) -> EventGroup | None:
        """The group that the newest failures of a service belong to."""
        item = self._items.read(_of_service(service))
        return self.get(str(item["group_key"])) if item else None

    # -------------------------------------------------------------------------------------------------

    def _change_from(self, group: EventGroup, name: str, was: float, now: float) -> bool:
        """Change a number, unless somebody else has done so."""
        same = equal("leader", group.leader)
        where: Where = ((same, absent(name)), (same, equal(name, was)))
        return self._items.alter(_pk(group.key), {name: now}, where) is not None

    def _change(
        self, group: EventGroup, item: KeptItem, *also: Clause, more: KeptItem | None = None
    ) -> KeptItem | None:
        """Change a group unless another one has taken its place, or a further condition does not hold."""
        same: tuple[Clause, ...] = (equal("leader", group.leader), *also)
        return self._items.alter(_pk(group.key), item, (same,), more)

    def _group(self, key: str, item: KeptItem) -> EventGroup:
        now = self._items.clock()

        def number(name: str, otherwise: float = 0.0) -> float:
            return float(cast(float, item.get(name, otherwise)))

        return EventGroup(
            key=key,
            leader=str(item["leader"]),
            since=datetime.fromtimestamp(number("since"), UTC),
            count=int(number("seen")),
            channel=str(item["channel"]) if "channel" in item else None,
            recount_at=number("recount_at"),
            heard="heard" in item,
            tried_at=number("tried_at"),
            shown=int(number("shown", 1.0)),
            services=tuple(sorted(cast(frozenset[str], item.get("services", frozenset())))),
            home=(str(item["home"]), str(item["home_leader"])) if "home" in item else None,
            moved=int(number("moved")),
            unchecked=str(item.get("unchecked", "")),
            open=number("last_at") > now - self._window and number("first_at") > now - LONGEST * self._window,
        )


def _pk(key: str) -> str:
    return f"group#{key}"


def _of_service(service: str) -> str:
    return f"service#{service}"
