"""`python -m tools.release`: is what is in `dist/` the release that this commit says it is?

The version stands in `diagnostics/__init__.py` alone. The newest version of CHANGELOG.md, a tag of this commit, and the names and
the metadata of the wheel and the sdist must say the same; nothing may be uncommitted, and nothing unreleased.

Exit status: 0 they agree; 1 they do not, with a line for each disagreement.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).parents[1]


def version_of(root: Path) -> str:
    """What `diagnostics/__init__.py` says, read without importing it."""
    text = (root / "diagnostics" / "__init__.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    return str(version)


def disagreements(root: Path) -> Iterator[str]:
    """What keeps this commit from being a release, a sentence each."""
    version = version_of(root)
    yield from _changelog(root, version)
    yield from _git(root, version)
    yield from _built(root / "dist", version)


def _changelog(root: Path, version: str) -> Iterator[str]:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)\n([\s\S]*?)(?=^## |\Z)", text, re.MULTILINE)
    versions = [title for title, _ in sections if title != "Unreleased"]
    if any(title == "Unreleased" and body.strip() for title, body in sections):
        yield f"CHANGELOG.md has lines under Unreleased; move them under ## {version} - YYYY-MM-DD."
    if not versions or not re.fullmatch(rf"{re.escape(version)} - \d{{4}}-\d\d-\d\d", versions[0]):
        newest = f"its newest is {versions[0]!r}" if versions else "it has none"
        yield f"CHANGELOG.md must begin with the version ## {version} - YYYY-MM-DD; {newest}."


def _git(root: Path, version: str) -> Iterator[str]:
    tags = _told_by_git(root, "tag", "--points-at", "HEAD").split()
    if f"v{version}" not in tags:
        others = f"; its tags: {', '.join(tags)}" if tags else ""
        yield f"This commit is not tagged v{version} (git tag v{version}){others}."
    if changed := _told_by_git(root, "status", "--porcelain").splitlines():
        yield f"{len(changed)} files are not committed, such as {changed[0][3:]}."


def _told_by_git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


def _built(folder: Path, version: str) -> Iterator[str]:
    wheel, sdist = folder / f"pullcheck-{version}-py3-none-any.whl", folder / f"pullcheck-{version}.tar.gz"
    for path in (wheel, sdist):
        if not path.exists():
            yield f"dist/{path.name} is missing; make dist builds it."
    for path in folder.glob("pullcheck-*"):
        if path not in (wheel, sdist):
            yield f"dist/{path.name} is of another version; make dist builds all of it again."
    if wheel.exists():
        with zipfile.ZipFile(wheel) as archive:
            metadata = archive.read(f"pullcheck-{version}.dist-info/METADATA").decode()
        yield from _metadata(wheel.name, metadata, version)
    if sdist.exists():
        with tarfile.open(sdist) as archive:
            file = archive.extractfile(f"pullcheck-{version}/PKG-INFO")
            assert file is not None
            metadata = file.read().decode()
        yield from _metadata(sdist.name, metadata, version)


def _metadata(name: str, metadata: str, version: str) -> Iterator[str]:
    said = Parser().parsestr(metadata)["Version"]
    if said != version:
        yield f"dist/{name} says that it is version {said}."


def main() -> int:
    """Say what disagrees; the exit status."""
    found = list(disagreements(ROOT))
    for sentence in found:
        print(sentence, file=sys.stderr)
    if not found:
        print(f"pullcheck {version_of(ROOT)}: the version, its tag, the changelog, wheel and sdist agree.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
