"""A copy of the tree in which somebody follows a walk of CONTRIBUTING.md: a patch, and commands that run there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TREES = ("bot", "demo", "deploy", "diagnostics", "docs", "handlers", "tests", "tools")
FILES = (
    "pyproject.toml", "manifest.json", "serverless.yml", "README.md", "Makefile", "app.py", ".slack/config.json", ".slack/hooks.json",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One place of a file: the lines that are there, and those that take their place. A new file has none."""

    file: str
    old: str
    new: str


def changes(patch: str) -> Iterator[Change]:
    """What a unified diff changes. Its line numbers are left out, as the files go on changing."""
    for part in patch.split("\n--- ")[0 if patch.startswith("--- ") else 1 :]:
        head, *hunks = part.removeprefix("--- ").split("\n@@\n")
        file = head.split("\n+++ b/")[1]
        for hunk in hunks:
            lines = hunk.removesuffix("\n").split("\n")
            yield Change(
                file,
                "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+"),
                "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-"),
            )


class Scratch:
    """The copy. What is generated elsewhere, and what git and tools keep, stays out, but for bytecode.

    Python looks at the time and size of a source before it takes its bytecode, and both are copied: what a patch changes is
    compiled, the rest is not compiled again by each command.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        leave = shutil.ignore_patterns(".*", "node_modules", "dist", "*.png", "*.gif", "*.zip", "*.pyc.*")
        # Other processes may be writing bytecode (`*.pyc.NUMBER`, until it is whole).
        for name in TREES:
            shutil.copytree(ROOT / name, folder / name, ignore=leave)
        for name in FILES:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        self._before = self._state()

    def apply(self, patch: str) -> None:
        """Makes the changes of a patch; each place must be there once."""
        for change in changes(patch):
            path = self.folder / change.file
            if not change.old:
                assert not path.exists(), f"{change.file} is there already"
                path.write_text(change.new, "utf-8")
                continue
            source = path.read_text("utf-8")
            assert source.count(change.old) == 1, f"{change.file} has no such place any more:\n{change.old}"
            path.write_text(source.replace(change.old, change.new), "utf-8")

    def python(self, *words: str, **environment: str) -> str:
        """Runs this interpreter in the copy; what it prints. It must end well."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def tests(self, *words: str, golden: bool = False) -> str:
        """Runs some tests in the copy, which must pass; with `golden` they write their files again."""
        return self.python(
            "-m", "pytest", "-q", "-p", "no:cacheprovider", *words,
            UPDATE_GOLDEN="1" if golden else "0",
        )  # fmt: skip

    def touched(self) -> set[str]:
        """The files that are new or others than at first."""
        return {name for name, value in self._state().items() if self._before.get(name) != value}

    def _state(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
