"""What `make release-check` says of a commit that is a release, and of one with a small difference."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.release import disagreements


def git(root: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=e@example.com", *words],
        cwd=root,
        check=True,
        capture_output=True,
    )


def built(root: Path, version: str, metadata: str | None = None) -> None:
    told = f"Metadata-Version: 2.4\nName: pullcheck\nVersion: {metadata or version}\n"
    dist = root / "dist"
    dist.mkdir(exist_ok=True)
    with zipfile.ZipFile(dist / f"pullcheck-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"pullcheck-{version}.dist-info/METADATA", told)
    with tarfile.open(dist / f"pullcheck-{version}.tar.gz", "w:gz") as sdist:
        info = tarfile.TarInfo(f"pullcheck-{version}/PKG-INFO")
        info.size = len(told)
        sdist.addfile(info, io.BytesIO(told.encode()))


def changelog(root: Path, text: str) -> None:
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n{text}", encoding="utf-8")
    git(root, "commit", "-qam", "change the changelog")
    git(root, "tag", "-f", "v1.2.3")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    (tmp_path / "diagnostics").mkdir()
    (tmp_path / "diagnostics" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text("dist/\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begin")
    changelog(tmp_path, "## 1.2.3 - 2026-11-30\n\n- Something.\n")
    built(tmp_path, "1.2.3")
    return tmp_path


def test_a_release_agrees(release: Path) -> None:
    assert list(disagreements(release)) == []


def write(path: str, text: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        (root / path).write_text(text, encoding="utf-8")

    return edit


def another_tag(root: Path) -> None:
    git(root, "tag", "-d", "v1.2.3")
    git(root, "tag", "v1.2.4")


def nothing_built(root: Path) -> None:
    for path in (root / "dist").iterdir():
        path.unlink()


DIFFERENCES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "no tag": (
        lambda root: git(root, "tag", "-d", "v1.2.3"),
        ["This commit is not tagged v1.2.3 (git tag v1.2.3)."],
    ),
    "another tag": (
        another_tag,
        ["This commit is not tagged v1.2.3 (git tag v1.2.3); its tags: v1.2.4."],
    ),
    "not committed": (
        write("notes.txt", "x"),
        ["1 files are not committed, such as notes.txt."],
    ),
    "an empty Unreleased": (
        lambda root: changelog(root, "## Unreleased\n\n## 1.2.3 - 2026-11-30\n\n- Something.\n"),
        [],
    ),
    "something unreleased": (
        lambda root: changelog(root, "## Unreleased\n\n- More.\n\n## 1.2.3 - 2026-11-30\n\n- Something.\n"),
        ["CHANGELOG.md has lines under Unreleased; move them under ## 1.2.3 - YYYY-MM-DD."],
    ),
    "another newest version": (
        lambda root: changelog(root, "## 1.2.2 - 2026-11-30\n\n- Something.\n"),
        [
            "CHANGELOG.md must begin with the version ## 1.2.3 - YYYY-MM-DD; its newest is '1.2.2 - 2026-11-30'."
        ],
    ),
    "no version in the changelog": (
        lambda root: changelog(root, ""),
        ["CHANGELOG.md must begin with the version ## 1.2.3 - YYYY-MM-DD; it has none."],
    ),
    "nothing built": (
        nothing_built,
        [
            "dist/pullcheck-1.2.3-py3-none-any.whl is missing; make dist builds it.",
            "dist/pullcheck-1.2.3.tar.gz is missing; make dist builds it.",
        ],
    ),
    "an old sdist too": (
        write("dist/pullcheck-1.2.2.tar.gz", ""),
        ["dist/pullcheck-1.2.2.tar.gz is of another version; make dist builds all of it again."],
    ),
    "metadata of another version": (
        lambda root: built(root, "1.2.3", "1.2.4"),
        [
            "dist/pullcheck-1.2.3-py3-none-any.whl says that it is version 1.2.4.",
            "dist/pullcheck-1.2.3.tar.gz says that it is version 1.2.4.",
        ],
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_difference_is_said(release: Path, name: str) -> None:
    edit, expected = DIFFERENCES[name]
    edit(release)
    assert list(disagreements(release)) == expected
