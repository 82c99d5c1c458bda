"""The pages for who changes the code: what they name is there, and the rows are those that are held."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("docs/architecture.md", "CONTRIBUTING.md")
PACKAGES = ("bot", "demo", "diagnostics", "handlers", "tests", "tools")

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PATH = re.compile(
    rf"(?:{'|'.join((*PACKAGES, 'docs', 'deploy'))})/[\w./-]*|[\w-]+\.(?:md|toml|json|txt|yml)"
)
_NAME = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+(?!\.\w)")
_TARGET = re.compile(r"make ([a-z-]+)")
_PLACEHOLDER = re.compile(r"NAME|YOUR|…")


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def named(name: str) -> list[str]:
    """What a page puts between backticks, but for what stands for a name that the reader chooses."""
    text = re.sub(r"^```.*?^```$", "", page(name), flags=re.MULTILINE | re.DOTALL)
    return [item for item in dict.fromkeys(_CODE.findall(text)) if not _PLACEHOLDER.search(item)]


def found(name: str) -> Any:
    """What a dotted name means. Raises AttributeError or ImportError where it means nothing."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            continue
        for part in parts[length:]:
            value = _member(value, part)
        return value
    raise ImportError(name)


def _member(value: Any, name: str) -> Any:
    """A member of a module or a class; a field counts, which a class itself need not have as an attribute."""
    fields = {name for base in getattr(value, "__mro__", ()) for name in getattr(base, "__annotations__", {})}
    return fields if name in fields else getattr(value, name)


def wrong(item: str) -> str | None:
    """Why what a page names is not there, `None` where it is or where it names nothing of ours."""
    if _PATH.fullmatch(item):
        return None if (ROOT / item).exists() else "no such file"
    if _NAME.fullmatch(item):
        try:
            found(item)
        except (AttributeError, ImportError) as error:
            return str(error)
    if target := _TARGET.fullmatch(item):
        targets = re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE)
        return None if target[1] in targets else "no such target"
    return None


@pytest.mark.parametrize(("name", "least"), [("docs/architecture.md", 60), ("CONTRIBUTING.md", 25)])
def test_what_a_page_names_is_there(name: str, least: int) -> None:
    ours = [item for item in named(name) if any(form.fullmatch(item) for form in (_PATH, _NAME, _TARGET))]
    assert len(ours) >= least
    assert [f"{item}: {why}" for item in ours if (why := wrong(item))] == []


def test_the_walks_name_functions_in_full() -> None:
    """A bare name could not be looked up; these few words are no names of files or functions."""
    forms = (_PATH, _NAME, _TARGET)
    bare = {item for item in named(PAGES[0]) if not any(form.fullmatch(item) for form in forms)}
    assert bare <= {"make", "means", "route-no-egress"}


def test_the_words_of_the_guide_are_names_in_the_code() -> None:
    """A class, a function or a member that is named by itself stands next to the file that has it."""
    code = "\n".join(path.read_text("utf-8") for folder in PACKAGES for path in (ROOT / folder).rglob("*.py"))
    words = {item for item in named("CONTRIBUTING.md") if re.fullmatch(r"[A-Za-z_]+", item)}
    assert len(words) > 15
    unknown = {
        word
        for word in words
        if not re.search(rf"^\s*(?:class |def )?{word}\b\s*[:=(\[,]", code, re.MULTILINE)
    }
    assert unknown == {"make"} & words


def test_the_rows_are_those_that_the_import_contract_holds() -> None:
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (item["layers"] for item in contracts if item["id"] == "diagnostics")
    (rows,) = re.findall(r"<!-- rows -->\n```text\n(.*?)```\n<!-- end of rows -->", page(PAGES[0]), re.DOTALL)
    assert rows.splitlines() == [re.sub(r"[()]", "", layer) for layer in layers]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_page_is_linked(name: str) -> None:
    assert "](docs/architecture.md)" in page(name)


@pytest.mark.parametrize(
    "item",
    [
        "diagnostics/nowhere.py",
        "diagnostics.target.parsed",
        "diagnostics.nowhere.parse",
        "make nothing",
        "diagnostics.snapshot.Snapshot.taken",
        "no-such-page.md",
    ],
)
def test_what_is_not_there_is_noticed(item: str) -> None:
    assert wrong(item) is not None
