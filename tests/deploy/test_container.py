"""The container: whether it is healthy, that it stops when told to, and what its Dockerfile promises."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import healthy
from demo.slack import LocalSlack
from tests.deploy.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "healthy"
    monkeypatch.setenv(healthy.VARIABLE, str(path))
    return path


# --- health ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "says"),
    [
        (0, None),
        (59, None),
        (61, "not connected to Slack for 61 seconds"),
        (None, "not connected to Slack yet"),
    ],
)
def test_a_file_that_is_not_touched_any_more_is_no_health(
    file: Path, age: int | None, says: str | None
) -> None:
    now = 1_800_000_000.0
    if age is not None:
        file.touch()
        os.utime(file, (now - age, now - age))
    assert healthy.trouble(now) == says


def test_without_a_file_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(healthy.VARIABLE, raising=False)
    assert "PULLCHECK_HEALTH_FILE is not set" in (healthy.trouble(0.0) or "")
    with healthy.beating(lambda: True):
        pass


@pytest.mark.parametrize("connected", [True, False])
def test_it_is_touched_while_the_connection_lives(file: Path, connected: bool) -> None:
    asked: list[int] = []
    enough = healthy.threading.Event()

    def is_connected() -> bool:
        asked.append(1)
        if len(asked) == 3:
            enough.set()
        return connected

    with healthy.beating(is_connected, beat=0.001):
        assert enough.wait(10)
        assert file.exists() is connected
    assert not file.exists()


@pytest.fixture
def environment(file: Path, tmp_path: Path) -> Iterator[tuple[LocalSlack, dict[str, str]]]:
    with LocalSlack() as slack:
        yield (
            slack,
            {
                "PATH": os.environ["PATH"],
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "PULLCHECK_DATABASE": str(tmp_path / "runs.sqlite3"),
                healthy.VARIABLE: str(file),
            },
        )


def test_the_bot_is_healthy_once_it_is_connected_and_stops_on_sigterm(
    environment: tuple[LocalSlack, dict[str, str]], file: Path
) -> None:
    slack, variables = environment
    running = subprocess.Popen([sys.executable, "-m", "bot"], cwd=ROOT, env=variables, stderr=subprocess.PIPE)
    try:
        slack.wait_connected()
        deadline = time.monotonic() + 30
        while not file.exists() and time.monotonic() < deadline:
            assert running.poll() is None
        check = [sys.executable, "-m", "bot.healthy"]
        assert subprocess.run(check, cwd=ROOT, env=variables, check=False).returncode == 0
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
        after = subprocess.run(check, cwd=ROOT, env=variables, check=False, capture_output=True, text=True)
        assert (after.returncode, after.stderr) == (1, "pullcheck: not connected to Slack yet\n")
    finally:
        running.kill()
        running.communicate()


# --- the Dockerfile ----------------------------------------------------------------------------------


def instructions(name: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.+)$", joined, re.MULTILINE)


def test_it_runs_as_nobody_special_with_an_init_and_a_health_check() -> None:
    assert instructions("USER") == ["10001"]
    assert "--uid 10001" in DOCKERFILE
    assert instructions("ENTRYPOINT") == ['["/usr/bin/tini", "--", "python", "-m", "bot.command"]']
    assert instructions("CMD") == ['["bot"]']
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    (check,) = instructions("HEALTHCHECK")
    assert check.endswith('CMD ["python", "-m", "bot.healthy"]')
    assert instructions("EXPOSE") == []


def test_it_installs_what_is_locked_alone() -> None:
    # One place to pin the base image by its digest, for both stages.
    (base,) = instructions("ARG")
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.13[.0-9]*-slim-[a-z]+@sha256:[0-9a-f]{64}", base)
    assert instructions("FROM") == ["${PYTHON_IMAGE} AS build", "${PYTHON_IMAGE}"]
    assert "--require-hashes" in DOCKERFILE


def test_what_it_copies_is_let_in_and_nothing_else_is() -> None:
    copied = {
        source.removeprefix("./")
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignore if line.startswith("!")} == copied
    assert "*" in ignore
    for source in copied:
        assert (ROOT / source).exists()
