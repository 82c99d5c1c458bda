"""The database's file: for the bot's own user alone, whatever it was before; and brought up to date."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.stores import database
from bot.stores.database import UnsafeFileError
from bot.stores.jobs import SqliteJobs
from bot.stores.sqlite import SqliteRuns
from tests.bot.test_take_up import job


def rights(folder: Path) -> set[str]:
    return {oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o640, 0o600, 0o400])
def test_a_file_with_other_rights_is_narrowed(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "runs.sqlite3"
    SqliteRuns(path).close()
    # What a process that was killed leaves beside it.
    for name in ("runs.sqlite3-wal", "runs.sqlite3-shm"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    path.chmod(mode)

    runs = SqliteRuns(path)
    SqliteJobs(runs).keep(job())

    assert len(list(tmp_path.iterdir())) == 4
    assert rights(tmp_path) == {"0o600"}
    runs.close()


def test_a_new_file_is_narrow_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        runs = SqliteRuns(tmp_path / "runs.sqlite3")
        SqliteJobs(runs).keep(job())
        assert rights(tmp_path) == {"0o600"}
        runs.close()
    finally:
        os.umask(before)


def _link(path: Path) -> None:
    (path.parent / "elsewhere").touch()
    path.symlink_to(path.parent / "elsewhere")


def _link_beside(path: Path) -> None:
    (path.parent / "elsewhere").touch()
    path.with_name(f"{path.name}-wal").symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_link, "x is a symbolic link. Name the file that it leads to"),
        (_link_beside, "x-wal is a symbolic link"),
        (os.mkfifo, "x is no regular file"),
    ],
    ids=["link", "link beside", "pipe"],
)
def test_what_is_no_file_of_ours_is_refused(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    make(tmp_path / "x")

    with pytest.raises(UnsafeFileError, match=says):
        SqliteRuns(tmp_path / "x")

    elsewhere = tmp_path / "elsewhere"
    assert not elsewhere.exists() or elsewhere.stat().st_size == 0


def test_somebody_elses_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.touch(0o666)
    monkeypatch.setattr(database.os, "geteuid", lambda: path.stat().st_uid + 1)

    with pytest.raises(UnsafeFileError, match=r"x belongs to another user \(uid \d+; this is uid \d+\)"):
        SqliteRuns(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UnsafeFileError, match=r"there is no folder .*gone\. Make it, or set PULLCHECK_DATABASE"
    ):
        SqliteRuns(tmp_path / "gone" / "x")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.os, "access", lambda path, mode: False)

    with pytest.raises(
        UnsafeFileError, match=r"the folder .* cannot be written to, and SQLite keeps files beside"
    ):
        SqliteRuns(tmp_path / "x")


def test_who_went_back_a_version_can_come_forward_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    runs = SqliteRuns(path)
    SqliteJobs(runs).keep(job())
    runs.close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()

    runs = SqliteRuns(path)

    assert [left.job for left in SqliteJobs(runs).take_up()] == [job()]
    assert runs.claim("k", 60, "holder")
    runs.close()
