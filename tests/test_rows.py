"""A table that is gone through in one test: no row is left out, and each that fails is named with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rows import every_row


def failure(*given: Any, **more: Any) -> str:
    """What is said of a table of pairs that must be equal."""

    def check(one: Any, other: Any) -> None:
        tried.append(one)
        if one == "stop":
            pytest.fail("asked to")
        assert one == other, f"{one} is not {other}"

    tried: list[Any] = []
    with pytest.raises((pytest.fail.Exception, AssertionError)) as raised:
        every_row(*given, **more)(check)()
    return f"{tried} {raised.value}"


ROWS = [(1, 1), (2, 3), ("stop", 0), (4, 5)]


def test_each_row_that_fails_is_named_and_all_are_tried() -> None:
    said = failure("one, other", ROWS)
    assert said.startswith("[1, 2, 'stop', 4] 3 of 4 rows fail:")
    assert "[2-3]" in said
    assert "2 is not 3" in said
    assert "[stop-0]" in said
    assert "asked to" in said
    assert "[4-5]" in said
    assert "[1-1]" not in said
    assert 'test_rows.py", line' in said


def test_a_row_is_named_as_the_table_says() -> None:
    assert "[second]" in failure(("one", "other"), ROWS, ids=["first", "second", "third", "fourth"])
    assert "[<2>-<3>]" in failure("one,other", ROWS, ids=lambda value: f"<{value}>")
    assert "[named]" in failure("one,other", [pytest.param(1, 2, id="named")])


@pytest.mark.skip
def marked(one: int) -> None: ...


def test_what_cannot_fail_is_refused() -> None:
    assert "there is no row" in failure("one,other", [])
    with pytest.raises(AssertionError, match="an id for each row"):
        every_row("one", [1, 2], ids=["first"])
    with pytest.raises(AssertionError, match="needs a test of its own"):
        every_row("one", [pytest.param(1, marks=pytest.mark.xfail)])

    with pytest.raises(AssertionError, match="marks stand above the table"):
        every_row("one", [1])(marked)


@pytest.fixture
def shared() -> list[str]:
    return []


@pytest.mark.parametrize("above", [1, 2])
@every_row("one", ["a", "b"])
def test_rows_share_the_fixtures_and_marks_of_their_test(one: str, shared: list[str], above: int) -> None:
    shared.append(one)
    assert shared in (["a"], ["a", "b"])
    assert above in (1, 2)
