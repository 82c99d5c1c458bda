"""The saved cases: what was read of every world of the emulated AWS, and what a diagnosis must say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from diagnostics import report
from diagnostics.finding import Report
from diagnostics.snapshot import Known, Unavailable
from diagnostics.snapshot.facts import Model
from tests.build.saved import FOLDER, case

EXPECTED: Mapping[str, Mapping[str, Any]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
NAMES = tuple(EXPECTED)

HIDDEN = Unavailable(why="denied", call="test:Hidden")


@cache
def judged(name: str) -> Report:
    """Its report."""
    return report.build(case(name))


Path = tuple[str | int, ...]


Facts = TypeVar("Facts", bound=Model)


def without_one(facts: Facts, within: str = "") -> Iterator[tuple[Path, Facts]]:
    """The facts without each of those that are known in turn, with its place; those of one field alone, if it is named."""
    for path, changed in _without_one(facts):
        assert isinstance(changed, type(facts))
        if path[0] == (within or path[0]):
            yield path, changed


def _without_one(value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Known):
        yield (), HIDDEN
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            for path, item in _without_one(getattr(value, name)):
                yield (name, *path), value.model_copy(update={name: item})
    elif isinstance(value, Mapping):
        for key in value:
            for path, item in _without_one(value[key]):
                yield (key, *path), {**value, key: item}
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            for path, item in _without_one(one):
                yield (place, *path), (*value[:place], item, *value[place + 1 :])
