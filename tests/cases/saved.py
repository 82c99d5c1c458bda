"""The saved cases: what was read of every world of the emulated AWS, and what a diagnosis must say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from diagnostics import report
from diagnostics.finding import Report
from diagnostics.snapshot import Known, Snapshot, Unavailable
from diagnostics.snapshot.facts import Model
from tests.build.saved import FOLDER, case

EXPECTED: Mapping[str, Mapping[str, Any]] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
NAMES = tuple(EXPECTED)

HIDDEN = Unavailable(why="denied", call="test:Hidden")


@cache
def judged(name: str) -> Report:
    """Its report."""
    return report.build(case(name))


def without_one(snapshot: Snapshot) -> Iterator[tuple[str, Snapshot]]:
    """The snapshot without each of its known facts in turn, with the place of the fact."""
    for path, changed in _without_one(snapshot):
        assert isinstance(changed, Snapshot)
        yield path, changed


def _without_one(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Known):
        yield "", HIDDEN
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            for path, item in _without_one(getattr(value, name)):
                yield f".{name}{path}", value.model_copy(update={name: item})
    elif isinstance(value, Mapping):
        for key in value:
            for path, item in _without_one(value[key]):
                yield f"[{key}]{path}", {**value, key: item}
    elif isinstance(value, tuple):
        for place, one in enumerate(value):
            for path, item in _without_one(one):
                yield f"[{place}]{path}", (*value[:place], item, *value[place + 1 :])
