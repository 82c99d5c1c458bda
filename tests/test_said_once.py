"""Names are written once: a fault, a symptom or a reason that is misspelt elsewhere does not import.

Each walks the code of the product. Renaming an id in its definition can then leave nothing behind that still says the old
one: everything else refers to the object.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.snapshot.reasons import Reason, Why, read
from diagnostics.stop_reason import SymptomId
from handlers.kinds import KINDS
from tests.rows import every_row

ROOT = Path(__file__).parent.parent
FILES = sorted(
    path for folder in ("bot", "handlers", "diagnostics") for path in (ROOT / folder).rglob("*.py")
)
WITH_JOBS = [path for path in FILES if path.relative_to(ROOT).parts[0] != "diagnostics"]
"""Diagnostics knows of no jobs: its commands and the words of error texts may be called as a kind of job is."""
SYMPTOMS = ROOT / "diagnostics" / "stop_reason" / "symptoms.py"


FAULT_ID = frozenset(ALL_FAULTS)
SYMPTOM_ID = frozenset(set(SymptomId) - {SymptomId.NONE})
WORD = re.compile(r"[\w-]+")


def id_of(node: ast.AST) -> ast.expr | None:
    """The id that a definition gives its fault: `Fault(id=…)`, and `network_fault(…)` of a room of the network."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    if node.func.id == "network_fault":
        return node.args[0]
    found = [item.value for item in node.keywords if item.arg == "id"]
    return found[0] if node.func.id == "Fault" and found else None


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """The text literals of a module, without docstrings and without the ids that define a fault."""
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            left_out.add(node.value)
        left_out |= {item for item in [id_of(node)] if item is not None}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node


@cache
def literals(source: str) -> tuple[str, ...]:
    """The same as text, once for all tests."""
    return tuple(str(node.value) for node in texts(ast.parse(source)))


def named(source: str, names: frozenset[str]) -> list[str]:
    """Those of the names that text literals of a module hold as a whole word."""
    return [word for text in literals(source) for word in WORD.findall(text) if word in names]


@every_row("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_names_a_fault_or_a_symptom(path: Path) -> None:
    source = path.read_text("utf-8")
    if path != SYMPTOMS:
        assert named(source, FAULT_ID) == []
        assert named(source, SYMPTOM_ID) == []


@every_row("path", WITH_JOBS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_names_a_kind_of_job(path: Path) -> None:
    """A kind is compared as the object that it is; its name stands where it is made, and in waiting jobs."""
    if path != ROOT / "handlers" / "kinds.py":
        assert set(literals(path.read_text("utf-8"))) & KINDS.keys() == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('x = "route-no-egress"', ["route-no-egress"]),
        ('x = f"see {y}: tag-not-found"', ["tag-not-found"]),
        ('TABLE = {"scp-denies": 1}', ["scp-denies"]),
        ('F = Fault(id="route-no-egress", title="x")', []),
        ('F = network_fault("route-no-egress", "x", "why", "how", "source")', []),
        ('def f():\n    """Such as route-no-egress."""', []),
        ('x = "my-route-no-egress-2"', []),
    ],
)
def test_a_name_is_seen_wherever_it_stands(source: str, expected: list[str]) -> None:
    assert named(source, FAULT_ID) == expected


def test_each_fault_is_defined_once() -> None:
    ids: list[str] = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            value = id_of(node)
            ids += [str(value.value)] if isinstance(value, ast.Constant) else []
    assert len(set(ids)) == len(ids)
    # Those of the missing endpoints are made from the service's name, in one place.
    assert {name for name in ALL_FAULTS if name not in ids} == {
        name for name in ALL_FAULTS if name.startswith("endpoint-missing-")
    }


@every_row("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_why_something_is_not_known_is_a_value(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Unavailable":
            assert "why" not in [item.arg for item in node.keywords], f"line {node.lineno}: give a Reason"


# --- names of classes and types ----------------------------------------------------------------------

WITH_TOOLS = sorted(
    path
    for folder in ("bot", "handlers", "diagnostics", "demo", "tools")
    for path in (ROOT / folder).rglob("*.py")
)
CAMEL = re.compile(r"_?[A-Z]\w*[a-z]\w*")


def named_types(source: str) -> Iterator[str]:
    """The classes of a module, also within others, and the types that it gives a name to; `_Run` is called `Run`."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name.lstrip("_")
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and CAMEL.fullmatch(target.id):
                yield target.id.lstrip("_")


def test_no_class_has_two_meanings() -> None:
    """Who reads `Run` must not have to ask which of several: a name is given once, private or not, in the whole tree."""
    places: dict[str, list[str]] = {}
    for path in WITH_TOOLS:
        for name in named_types(path.read_text("utf-8")):
            places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class Run: ...", ["Run"]),
        ("class _Run: ...", ["Run"]),
        ("def f():\n    class Run: ...", ["Run"]),
        ('Kind = Literal["a"]', ["Kind"]),
        ("Place: TypeAlias = tuple[int, int]", ["Place"]),
        ('T = TypeVar("T")\nLIMIT = 3\nlog = None', []),
    ],
)
def test_a_type_is_seen_however_it_is_made(source: str, expected: list[str]) -> None:
    assert list(named_types(source)) == expected


FAMILIES = [path for path in FILES if "faults" in path.relative_to(ROOT).parts]


def test_no_two_families_call_different_makers_of_checks_alike() -> None:
    places: dict[str, list[str]] = {}
    for path in FAMILIES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if (
                isinstance(node, ast.FunctionDef)
                and ast.unparse(node.returns or ast.Constant(None)) == "Check"
            ):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert places
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


# --- reasons in saved snapshots ----------------------------------------------------------------------

ABOUT = {Why.OTHER_ACCOUNT: ("111122223333", "444455556666")}


@every_row("why", Why)
def test_a_reason_survives_as_words(why: Why) -> None:
    """Snapshots that were saved before reasons were values hold the words alone."""
    gaps = str(Reason(why=why, of=("{}",) * 2)).count("{}")
    reason = Reason(why=why, of=ABOUT.get(why, ("InternalError",))[:gaps])
    assert read(str(reason)) == (reason if why is not Why.OTHER else Reason.about(why, "InternalError"))
    assert str(reason).startswith(reason.brief)


def test_words_without_a_value_are_kept() -> None:
    assert read("something that was said once") == Reason.about(Why.OTHER, "something that was said once")
