"""What `make dist` builds, and clean environments that it is installed into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it; its path has spaces."""
    folder = tmp_path_factory.mktemp("made by make dist") / "in here"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def installed(dist: Path, folder: Path, *extras: str) -> Command:
    """Install the wheel into a new environment in `folder`; what runs a command of it, away from the checkout."""
    (wheel,) = dist.glob("*.whl")
    wanted = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
    environment = folder / "environment"
    _uv("venv", "--quiet", "--python", sys.executable, str(environment))
    _uv("pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), wanted)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(elsewhere),
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(program: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(environment / "bin" / program), *words],
            cwd=elsewhere,
            env=variables | more,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def _uv(*words: str) -> None:
    done = subprocess.run([str(UV), *words], capture_output=True, text=True, check=False)
    if done.returncode and "CI" not in os.environ and "Failed to fetch" in done.stderr:
        pytest.skip(f"no package can be fetched here: {done.stderr.splitlines()[-1].strip()}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def plain(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command line alone, without extras."""
    return installed(dist, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="session")
def with_bot(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The extra `bot` too."""
    return installed(dist, tmp_path_factory.mktemp("with bot"), "bot")


@pytest.fixture(scope="session", autouse=True)
def uv_is_there() -> None:
    assert UV.exists(), f"{UV} is missing: make dev"
    assert shutil.which("git")
