"""Tables whose rows are so small that a test for each would cost more than the row: one test goes through all of them."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet

Ids = Callable[[Any], Any] | Iterable[str] | None


def every_row(
    names: str | Sequence[str], rows: Iterable[Any], *, ids: Ids = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize`, in one test: it tries each row, and names each that fails with where and why.

    For what takes less than some milliseconds. All rows share the fixtures of the test. Where rows are worked on one by one (`-k`), parametrize.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [_row(row, len(arguments)) for row in rows]
    given = None if ids is None or callable(ids) else list(ids)
    assert given is None or len(given) == len(table), "an id for each row"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        assert not hasattr(test, "pytestmark"), "marks stand above the table"
        wanted = inspect.signature(test).parameters.values()

        def whole(**fixtures: Any) -> None:
            assert table, "there is no row"
            wrong = []
            for place, (name, values) in enumerate(table):
                try:
                    test(**dict(zip(arguments, values, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    told = name or (given[place] if given else _told(values, ids))
                    wrong.append(f"[{told}]\n{''.join(traceback.format_exception(error, limit=-1))}")
            if wrong:
                pytest.fail(f"{len(wrong)} of {len(table)} rows fail:\n\n" + "\n".join(wrong), pytrace=False)

        whole.__name__, whole.__qualname__ = test.__name__, test.__qualname__
        whole.__doc__, whole.__module__ = test.__doc__, test.__module__
        others = [item for item in wanted if item.name not in arguments]
        whole.__signature__ = inspect.Signature(others)  # type: ignore[attr-defined]
        return whole

    return decorate


def _row(row: Any, width: int) -> tuple[str | None, tuple[Any, ...]]:
    """The id that a row has by itself, and its values."""
    if isinstance(row, ParameterSet):
        assert not row.marks, "a row that is marked needs a test of its own"
        return (row.id if isinstance(row.id, str) else None), tuple(row.values)
    return None, (row,) if width == 1 else tuple(row)


def _told(values: tuple[Any, ...], ids: Ids) -> str:
    """The id of a row that has none by itself."""
    said = (ids(value) if callable(ids) else None for value in values)
    return "-".join(str(value) if one is None else str(one) for one, value in zip(said, values, strict=True))
