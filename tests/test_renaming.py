"""What is a name in the code is referred to as one: a field or an object that is renamed in one place is missed elsewhere.

One run of mypy over a copy in which all of them are renamed where they are defined. Each has to be missed by name. That
no text says what should be a name, `test_said_once.py` holds.
"""

from __future__ import annotations

import ast
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from diagnostics.faults import ALL_FAULTS
from handlers.kinds import KINDS
from tests.test_contracts import IDS
from tests.test_said_once import FILES, ROOT

REVIEWED = ROOT / "tests" / "golden" / "verdict" / "explains.txt"
BLOCKERS, JOBS = Path("diagnostics/network/blockers.py"), Path("handlers/jobs.py")
DOING = Path("handlers/doing.py")
KIND_OBJECTS = Path("handlers/kinds.py")
CHECKED = ("diagnostics/network", "diagnostics/faults", "diagnostics/verdict", "handlers", "bot")
TYPE_VARIABLES = ("A", "B")
"""What mypy calls a blocker in `diagnostics.faults.network.repair`."""
NEW = "_renamed"

MISSED = re.compile(
    r"^(?P<file>[^:]+):(?P<line>\d+): error: (?:"
    r'(?:Item )?"(?P<owner>\w+)(?:\[\w+\])?"(?: of "[^"]+")? has no attribute "(?P<attribute>\w+)"'
    r'|Unexpected keyword argument "(?P<argument>\w+)" for "(?P<made>\w+)"'
    r'|Module "(?P<module>[\w.]+)" has no attribute "(?P<imported>\w+)"'
    r'|Name "(?P<name>\w+)" is not defined'
    r")",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Definition:
    """A name and the lines of a file that define it; several classes may have a field of one name."""

    file: Path
    name: str
    lines: tuple[int, ...]


def fields(file: Path, source: str, *classes: str) -> Iterator[Definition]:
    """The fields of the dataclasses of a module, of those classes alone where some are named."""
    found: dict[str, list[int]] = defaultdict(list)
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and (not classes or node.name in classes):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    found[item.target.id].append(item.lineno)
    return (Definition(file, name, tuple(lines)) for name, lines in found.items())


def objects(file: Path, source: str, *made_by: str) -> Iterator[Definition]:
    """The constants of a module that these make."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            by, target = node.value.func, node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(by, ast.Name) and by.id in made_by and isinstance(target, ast.Name):
                yield Definition(file, target.id, (node.lineno,))


def definitions() -> Iterator[Definition]:
    """Every field of a blocker and of a kind of job, every fault, every kind."""
    yield from fields(BLOCKERS, (ROOT / BLOCKERS).read_text("utf-8"))
    yield from fields(JOBS, (ROOT / JOBS).read_text("utf-8"), "Kind")
    yield from fields(DOING, (ROOT / DOING).read_text("utf-8"), "Deed")
    yield from objects(KIND_OBJECTS, (ROOT / KIND_OBJECTS).read_text("utf-8"), "Kind")
    for path in FILES:
        if "faults" in path.parts:
            yield from objects(path.relative_to(ROOT), path.read_text("utf-8"), "Fault", "network_fault")


DEFINED = tuple(definitions())
Missed = Mapping[Definition, set[tuple[str, int]]]
"""The places at which each name is missed, by file and line."""
BY_ID = {f"{item.file}: {item.name}": item for item in DEFINED}


def renamed(source: str, found: Definition) -> str:
    """The source with the name changed where it is defined, and nowhere else."""
    lines = source.split("\n")
    for number in found.lines:
        lines[number - 1] = re.sub(
            rf"^(\s*){found.name}\b", rf"\g<1>{found.name}{NEW}", lines[number - 1], count=1
        )
    return "\n".join(lines)


def misses(report: str) -> Missed:
    """Where mypy misses each name."""
    owners = {
        name: file
        for file in (BLOCKERS, JOBS, DOING)
        for name in re.findall(r"^class (\w+)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    }
    # What a repair holds is any kind of blocker.
    owners.update(dict.fromkeys(TYPE_VARIABLES, BLOCKERS))
    places: dict[Definition, set[tuple[str, int]]] = defaultdict(set)
    by_name = {(str(item.file), item.name): item for item in DEFINED}
    for found in MISSED.finditer(report):
        of = owners.get(found["owner"] or found["made"] or "")
        file = (
            str(of)
            if of
            else found["file"]
            if found["name"]
            else f"{(found['module'] or '').replace('.', '/')}.py"
        )
        name = found["attribute"] or found["argument"] or found["imported"] or found["name"]
        item = by_name.get((file, name))
        if item is not None:
            places[item].add((found["file"], int(found["line"])))
    return places


def known_to_mypy(folder: Path) -> None:
    """Give a copy what mypy found in the tree, where it ran there: what is in the copy as it is in the tree is not looked at again.

    What depends on a changed file is, so the answer is the same. It is read as a database, since another mypy may be writing it.
    """
    for found in ROOT.glob(".mypy_cache/*/cache*.db"):
        place = folder / "cache" / found.parent.name
        place.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(found)) as source,
            closing(sqlite3.connect(place / found.name)) as target,
        ):
            source.backup(target)


def checked(folder: Path) -> str:
    """What mypy says of a copy, with the settings of the project."""
    known_to_mypy(folder)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(folder / "cache"), *CHECKED],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def missed(tmp_path_factory: pytest.TempPathFactory) -> Missed:
    """What mypy misses where all names are others."""
    folder = tmp_path_factory.mktemp("renamed")
    for name in ("bot", "handlers", "diagnostics"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for item in DEFINED:
        path = folder / item.file
        source = path.read_text("utf-8")
        other = renamed(source, item)
        assert other.count(NEW) == source.count(NEW) + len(item.lines)
        path.write_text(other, "utf-8")
    return misses(checked(folder))


def test_there_are_names_of_every_sort() -> None:
    files = [item.file for item in DEFINED]
    assert files.count(BLOCKERS) >= 25
    assert files.count(JOBS) == 9
    assert files.count(DOING) == 2
    assert files.count(KIND_OBJECTS) == len(KINDS)
    rooms = [item for item in DEFINED if "faults" in item.file.parts]
    # Those of the missing endpoints are made in one place, from the service's name.
    assert len(rooms) >= len([name for name in ALL_FAULTS if not name.startswith("endpoint-missing-")])


@pytest.mark.parametrize("name", BY_ID)
def test_a_name_that_is_changed_is_missed(name: str, missed: Missed) -> None:
    assert missed[BY_ID[name]], "nothing refers to it by this name"


def names_of(source: str) -> Iterator[str]:
    """What the classes of a module call their members."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    yield item.target.id
                if isinstance(item, ast.FunctionDef):
                    yield item.name


def reads(source: str, own: Collection[str], every: Collection[str]) -> Iterator[tuple[int, str]]:
    """Where fields of blockers are read: by names that are theirs alone, or of what is called `blocker`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in every:
            of = getattr(node.value, "attr", getattr(node.value, "id", None))
            if node.attr in own or of == "blocker":
                yield node.end_lineno or node.lineno, node.attr


def test_no_field_of_a_blocker_is_read_where_its_type_is_not_known(missed: Missed) -> None:
    """What reads a field of a value that may be anything would not be missed."""
    blockers = {item.name: item for item in DEFINED if item.file == BLOCKERS}
    sources = {path: path.read_text("utf-8") for path in FILES if path != ROOT / BLOCKERS}
    of_others = {
        name for path, source in sources.items() if "diagnostics" in path.parts for name in names_of(source)
    }
    own = set(blockers) - of_others
    found = {
        (str(path.relative_to(ROOT)), line, name)
        for path, source in sources.items()
        for line, name in reads(source, own, set(blockers))
    }
    assert {name for _, _, name in found} >= own, "a field that nothing reads"
    assert len(own) >= 10
    assert len(found) >= 80
    assert [place for place in sorted(found) if place[:2] not in missed[blockers[place[2]]]] == []


@pytest.mark.parametrize("fault", ALL_FAULTS)
def test_an_id_that_is_changed_is_missed(fault: str) -> None:
    """The table of texts and faults holds each id, and is compared as a whole; what explains no text stands in the docs."""
    reviewed = re.search(rf"^    {fault}$", REVIEWED.read_text("utf-8"), re.MULTILINE)
    assert reviewed or fault in IDS, (
        f"{fault} does not stand in {REVIEWED.name}: `make golden`, or an id that changed"
    )
