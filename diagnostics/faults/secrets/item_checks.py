"""The checks of secrets and parameters: rooms that are asked about each item of one image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diagnostics.faults.base import Check, Subject, World, skipped
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.finding import Fault, Outcome, Status
from diagnostics.finding.fault import Refusal
from diagnostics.pull import ContainerImage

SECRET_REFUSALS: tuple[Refusal, ...] = (
    "identity", "identity explicit", "boundary", "resource", "resource explicit",
)  # fmt: skip
"""Whatever stands around one request of the execution role is judged together: its own policies and boundary, and the resource's."""


@dataclass(frozen=True, kw_only=True)
class SecretFault:
    """One fault of secrets and parameters, and what is to be said of it about one of them."""

    fault: Fault
    judge: Callable[[World, Item], Outcome]


def check_of_items(
    name: str,
    items_of: Callable[[World, ContainerImage], tuple[Item, ...]],
    none: str,
    *rooms: SecretFault,
) -> Check:
    """The check that asks these rooms about the items of one image. `none` is the reason where it has no item."""

    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        assert subject.image is not None
        items = items_of(world, subject.image)
        for room in rooms:
            yield from _each_or_one([room.judge(world, item) for item in items], skipped(room.fault, none))

    return Check(name=name, subject="image", faults=tuple(room.fault for room in rooms), judge=judge)


def _each_or_one(found: list[Outcome], none: Outcome) -> Iterator[Outcome]:
    """Each outcome that fails; where none does, one for all: the least certain. Without any, `none`."""
    failing = [item for item in found if item.status in (Status.FAIL, Status.WARN)]
    if failing:
        yield from failing
        return
    for status in (Status.UNKNOWN, Status.PASS, Status.SKIPPED):
        first = next((item for item in found if item.status is status), None)
        if first is not None:
            yield first
            return
    yield none
