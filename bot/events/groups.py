"""Task events of one cause: the first one leads to a diagnosis, the others are counted.

A group begins with one service. Where its cause turns out to be that of another group, which has a message in the same
channel, it finds its home there: that one counts its events, and names its service.

A group stays open as long as events follow each other within the window, but for at most twelve windows, so that a
service that fails all day is heard of again. Every change is one conditional write, so that several workers may make it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.stores.dynamodb import Table, TableItem, number, text

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


def key_of(*parts: str) -> str:
    """A short name for a cause, whatever stands in its parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class EventGroups:
    """The groups in a table.

    Args:
        table: where they are kept.
        window: seconds after which an event no longer belongs to the one before.
    """

    def __init__(self, table: Table, window: float) -> None:
        self._table = table
        self._window = window

    def get(self, key: str) -> EventGroup | None:
        """A group as it stands, open or not."""
        item = self._table.get(_pk(key))
        return self._group(key, item) if item else None

    def open(self, key: str, task_id: str, since: datetime, old: EventGroup | None) -> EventGroup | None:
        """Open a group that a task leads, in place of the old one; `None` where somebody else did."""
        now = self._table.clock()
        new = {
            "pk": text(_pk(key)),
            "leader": text(task_id),
            "since": number(since.timestamp()),
            "first_at": number(now),
            "last_at": number(now),
            "tried_at": number(now),
            "seen": number(1),
        }
        if old is None:
            done = self._table.put(new, "attribute_not_exists(pk) OR expires_at <= :now", now=number(now))
        else:
            done = self._table.put(new, "leader = :leader", leader=text(old.leader))
        return self._group(key, new) if done else None

    def count(self, group: EventGroup) -> EventGroup | None:
        """Count one more task; the group as it is then, `None` where another one has taken its place."""
        item = self._table.updated(
            _pk(group.key),
            "SET last_at = :now ADD seen :one",
            "leader = :leader",
            leader=text(group.leader),
            now=number(self._table.clock()),
            one=number(1),
        )
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
            "SET home = :home, home_leader = :its, moved = :seen",
            "seen = :seen",
            home=text(home.key),
            its=text(home.leader),
            seen=number(moved),
        ):
            return False
        member = f"joined_{key_of(group.key, group.leader)[:16]}"
        self._change(
            home,
            f"SET last_at = :now, {member} = :yes ADD seen :moved",
            f"attribute_not_exists({member})",
            now=number(self._table.clock()),
            yes={"BOOL": True},
            moved=number(moved),
        )
        return True

    def name(self, group: EventGroup, *services: str) -> None:
        """Say whose tasks were seen. An item has room for so many; further ones are counted, and not named."""
        if len(group.services) >= MOST_SERVICES or set(services) <= set(group.services):
            return
        self._change(
            group,
            "SET last_at = :now ADD services :seen_of",
            now=number(self._table.clock()),
            seen_of={"SS": sorted(set(services))},
        )

    def tell(self, group: EventGroup, channel: str) -> None:
        """Say where a group is told; empty for nowhere."""
        self._change(group, "SET channel = :channel", channel=text(channel))

    def was_heard(self, group: EventGroup) -> None:
        """Somebody was told of a group."""
        self._change(group, "SET heard = :yes", yes={"BOOL": True})

    def try_again(self, group: EventGroup) -> bool:
        """True when it falls to the caller to tell a group of which nobody heard."""
        return self._change(
            group,
            "SET tried_at = :now",
            "(attribute_not_exists(tried_at) OR tried_at = :was)",
            now=number(self._table.clock()),
            was=number(group.tried_at),
        )

    def plan_recount(self, group: EventGroup, at: float) -> bool:
        """True when it falls to the caller to send the message that will have the count shown at that time."""
        return self._change(
            group,
            "SET recount_at = :at",
            "(attribute_not_exists(recount_at) OR recount_at = :was)",
            at=number(at),
            was=number(group.recount_at),
        )

    def recount_came(self, group: EventGroup) -> None:
        """No message is under way any more: events from now on need another one."""
        self._change(group, "SET recount_at = :never", never=number(0))

    def was_shown(self, group: EventGroup) -> None:
        """The count stands in the message."""
        self._change(group, "SET shown = :shown", shown=number(group.count))

    def _change(
        self, group: EventGroup, expression: str, condition: str | None = None, **values: Mapping[str, object]
    ) -> bool:
        """Change a group unless another one has taken its place."""
        same = "leader = :leader" + (f" AND {condition}" if condition else "")
        return self._table.update(_pk(group.key), expression, same, None, leader=text(group.leader), **values)

    def _group(self, key: str, item: TableItem) -> EventGroup:
        now = self._table.clock()
        first, last = float(item["first_at"]["N"]), float(item["last_at"]["N"])
        return EventGroup(
            key=key,
            leader=item["leader"]["S"],
            since=datetime.fromtimestamp(float(item["since"]["N"]), UTC),
            count=int(float(item["seen"]["N"])),
            channel=item["channel"]["S"] if "channel" in item else None,
            recount_at=float(item.get("recount_at", number(0))["N"]),
            heard="heard" in item,
            tried_at=float(item.get("tried_at", number(0))["N"]),
            shown=int(float(item.get("shown", number(1))["N"])),
            services=tuple(sorted(item["services"]["SS"])) if "services" in item else (),
            home=(item["home"]["S"], item["home_leader"]["S"]) if "home" in item else None,
            moved=int(float(item.get("moved", number(0))["N"])),
            open=last > now - self._window and first > now - LONGEST * self._window,
        )


def _pk(key: str) -> str:
    return f"group#{key}"
