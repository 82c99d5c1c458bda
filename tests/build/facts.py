"""Facts in the JSON form of a snapshot, and snapshots changed in that form.

In a test that has a `Snapshot` in its hands, the classes `Known`, `Absent` and `Unavailable` of `diagnostics.snapshot` are
used as they are; `known`, `absent` and `unavailable` are the same for an edit, where everything is dictionaries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from diagnostics.snapshot import Snapshot

Edit = Callable[[dict[str, Any]], object]
World = dict[str, Any]


@dataclass(frozen=True, eq=False)
class _ByIdentity:
    """A snapshot that equals itself alone: to compare two is to compare all that is in them."""

    snapshot: Snapshot

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and self.snapshot is other.snapshot

    def __hash__(self) -> int:
        return id(self.snapshot)


@lru_cache(32)
def _in_json(key: _ByIdentity) -> str:
    # Most worlds are small changes of a few healthy ones.
    return key.snapshot.model_dump_json(by_alias=True)


def changed(snapshot: Snapshot, *edits: Edit) -> Snapshot:
    """The snapshot after edits to its JSON form. An edit changes the dictionary in place."""
    world = json.loads(_in_json(_ByIdentity(snapshot)))
    for edit in edits:
        edit(world)
    return Snapshot.model_validate(world)


def known(value: Any) -> dict[str, Any]:
    """A fact that AWS answered."""
    return {"kind": "known", "value": value}


def absent(call: str | None = None) -> dict[str, Any]:
    """AWS answered: no such thing."""
    return {"kind": "absent", "call": call}


def unavailable(why: str = "denied", call: str | None = None, resource: str | None = None) -> dict[str, Any]:
    """A fact that could not be read."""
    return {"kind": "unavailable", "why": why, "call": call, "resource": resource}


def known_facts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every known fact in a JSON form."""
    if isinstance(value, dict):
        if value.get("kind") == "known" and "value" in value:
            yield path
        for key, item in value.items():
            yield from known_facts(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from known_facts(item, (*path, place))
