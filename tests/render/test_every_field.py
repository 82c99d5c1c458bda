"""Every text that a snapshot can hold, whether a saved case fills it or not, comes out harmless."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, Union

import pytest
from pydantic import BaseModel, ValidationError

from diagnostics.render import report_json
from diagnostics.report import build
from diagnostics.snapshot import SCHEMA_VERSION, Known, Snapshot, Unavailable
from tests.build import fargate
from tests.render.test_harmless import POISON, acting, drawn_both

MOST_DEEP = 12
HEALTHY: dict[str, Any] = json.loads(fargate().model_dump_json(by_alias=True))


def filled(kind: Any, at: str, filled_in: set[str], deep: int = 0) -> Any:
    """A value of a type in which every text is poison, and every list and every optional place has something."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if deep > MOST_DEEP:
        raise RecursionError(at)
    if hasattr(kind, "__value__"):
        # A fact of something: the alias itself does not say of what.
        return (
            {"kind": "known", "value": filled(parts[0], at, filled_in, deep)}
            if parts
            else filled(kind.__value__, at, filled_in, deep)
        )
    if origin is typing.Annotated:
        return filled(parts[0], at, filled_in, deep)
    if origin is Literal:
        return parts[0]
    if origin in (Union, types.UnionType):
        chosen = sorted((part for part in parts if part is not type(None)), key=_is_not_known)
        return filled(chosen[0], at, filled_in, deep)
    if origin in (tuple, list, set, frozenset):
        return [filled(parts[0], at, filled_in, deep + 1)]
    if origin is not None and issubclass(origin, typing.Mapping):
        return {filled(parts[0], at, filled_in, deep + 1): filled(parts[1], at, filled_in, deep + 1)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model(kind, at, filled_in, deep)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if kind is str or kind is Any or kind is object:
        filled_in.add(at)
        return f"x{POISON}"
    return {bool: True, int: 1, float: 1.0, datetime: datetime(2026, 1, 1, tzinfo=UTC).isoformat()}[kind]


def _is_not_known(kind: Any) -> bool:
    origin = getattr(kind, "__pydantic_generic_metadata__", {}).get("origin")
    return (origin or kind) is not Known


def _model(kind: type[BaseModel], at: str, filled_in: set[str], deep: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        key = field.alias or name
        place = f"{kind.__name__.split('[')[0]}.{name}"
        pattern = next((item.pattern for item in field.metadata if getattr(item, "pattern", None)), None)
        if pattern is not None:
            # A text with a pattern takes no poison: that it is refused is another test's.
            if field.is_required():
                found[key] = "us-east-1"
            continue
        try:
            found[key] = filled(field.annotation, place, filled_in, deep + 1)
        except RecursionError:
            if field.is_required():
                raise
    return found


def strings_of(value: Any) -> Iterator[str]:
    """Every text in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *strings_of(item))
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)


def test_a_snapshot_filled_with_poison_comes_out_harmless() -> None:
    places: set[str] = set()
    content = filled(Snapshot, "Snapshot", places)
    content["schema_version"] = SCHEMA_VERSION
    assert len(places) > 80
    snapshot = Snapshot.model_validate(content)
    _harmless(snapshot)


@pytest.mark.parametrize("name", sorted(Snapshot.model_fields))
def test_why_something_is_not_known_comes_out_harmless(name: str) -> None:
    key = Snapshot.model_fields[name].alias or name
    why = {"kind": "unavailable"} | {
        field: f"x{POISON}"
        for field, info in Unavailable.model_fields.items()
        if info.annotation in (str, str | None)
    }
    assert len(why) > 1

    def unknown(value: Any) -> Any:
        if isinstance(value, dict):
            return (
                why if value.get("kind") == "known" else {name: unknown(item) for name, item in value.items()}
            )
        return [unknown(item) for item in value] if isinstance(value, list) else value

    # What the saved facts do not hold has no fact within that could be unknown.
    _harmless(
        Snapshot.model_validate({**HEALTHY, **({key: unknown(HEALTHY[key])} if key in HEALTHY else {})})
    )


@pytest.mark.parametrize("name", sorted(Snapshot.model_fields))
def test_a_field_filled_with_poison_comes_out_harmless(name: str) -> None:
    """One field at a time in a healthy world, so that the judgement reaches what stands behind the others."""
    key = Snapshot.model_fields[name].alias or name
    try:
        part = _model(Snapshot, "Snapshot", set(), 0)
        snapshot = Snapshot.model_validate({**HEALTHY, key: part[key]} if key in part else HEALTHY)
    except ValidationError as error:
        pytest.fail(str(error))
    _harmless(snapshot)


def _harmless(snapshot: Snapshot) -> None:
    report = build(snapshot)
    assert not acting(drawn_both(report))
    as_json = report_json(report)
    assert not acting(as_json)
    assert json.loads(as_json) == json.loads(report.to_json())
