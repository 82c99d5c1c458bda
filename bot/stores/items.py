"""Small items that several workers change at once, each change in one step that a condition allows: what every store of them
does. `bot.stores.table` does it in DynamoDB, `bot.stores.sqlite_items` in a file or in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

ItemValue = str | float | bool | frozenset[str]
KeptItem = Mapping[str, ItemValue]
"""The members of an item by their names, without its key."""

ClauseTest = Literal["not_there", "absent", "present", "equal", "at_most"]


@dataclass(frozen=True)
class Clause:
    """One thing that must hold of an item.

    Attributes:
        test: `not_there`: there is no such item, or it has ended; this clause stands by itself. Else of one member: it is `absent`, `present`, `equal` to the
            value, or a number that is `at_most` the value. What is absent is neither equal nor less.
        name: the member.
        value: what it is compared with.
    """

    test: ClauseTest
    name: str = ""
    value: str | float = ""


Where = tuple[tuple[Clause, ...], ...]
"""A condition: it holds where every clause of one of these does; of none it holds always."""

ALWAYS: Where = ()
NOT_THERE = (Clause("not_there"),)


def equal(name: str, value: str | float) -> Clause:
    """A member has this value."""
    return Clause("equal", name, value)


def at_most(name: str, value: float) -> Clause:
    """A member is a number, and no more than this."""
    return Clause("at_most", name, value)


def absent(name: str) -> Clause:
    """There is no such member."""
    return Clause("absent", name)


def present(name: str) -> Clause:
    """There is such a member."""
    return Clause("present", name)


class Items(Protocol):
    """Keeps items by their keys until they end, some time after they were last written. Safe to share."""

    @property
    def clock(self) -> Callable[[], float]:
        """Seconds since 1970."""

    def read(self, key: str) -> KeptItem | None:
        """An item as it stands now; `None` where it is not there or has ended."""

    def write(self, key: str, item: KeptItem, where: Where = ALWAYS) -> bool:
        """Write a whole item; whether the condition let it."""

    def alter(
        self, key: str, item: KeptItem, where: Where = ALWAYS, more: KeptItem | None = None
    ) -> KeptItem | None:
        """Change members of an item, or make it; the item as it is then, `None` where the condition did not let it.

        Args:
            key: the item's.
            item: members with their new values.
            where: what must hold.
            more: members that are added to: a number, or further members of a set.
        """

    def delete(self, key: str) -> None:
        """Take an item away, where it is there."""
