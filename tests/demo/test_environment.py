"""What `make demo` and `make dev` install, and what is said while they do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP_SAYS = """\
Processing /wheels/pydantic-2.14.4-py3-none-any.whl (from -r requirements.txt (line 9))
Collecting moto==5.2.5 (from -r requirements.txt (line 3))
  Downloading moto-5.2.5-py3-none-any.whl.metadata (12 kB)
  Downloading moto-5.2.5-py3-none-any.whl (6.4 MB)
  Downloading six-1.17.0-py2.py3-none-any.whl (500 kB)
  Using cached idna-3.20-py3-none-any.whl (71 kB)
Requirement already satisfied: pyyaml==6.0.4
Installing collected packages: six, idna, pydantic, moto
Successfully installed six idna pydantic moto
"""


def pins(name: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)
    return dict(found)


def test_each_list_holds_the_smaller_one() -> None:
    runtime, demo, dev = (pins(f"requirements{part}.txt") for part in ("", "-demo", "-dev"))
    assert runtime.items() <= demo.items() <= dev.items()
    assert {"moto", "aiohttp"} <= demo.keys() - runtime.keys()


def test_the_demo_installs_nothing_of_a_developer() -> None:
    assert (
        pins("requirements-demo.txt")
        .keys()
        .isdisjoint(
            {
                "mypy",
                "ruff",
                "pytest",
                "import-linter",
                "hypothesis",
                "selenium",
                "cfn-lint",
                "pip-tools",
                "docker",
            }
        )
    )


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-demo.txt", "requirements-dev.txt"])
def test_a_list_is_hashed_and_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links", text) == []


def made(folder: Path, says: str, status: int) -> subprocess.CompletedProcess[str]:
    """What `tools/venv.sh` says and does where pip says this."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\ncat <<'END'\n{says}END\nexit {status}\n", "utf-8")
    python.chmod(0o755)
    packages = folder.parent / "list.txt"
    packages.write_text("moto==5.2.5 \\\n    --hash=sha256:0\nsix==1.17.0 \\\n    --hash=sha256:0\n", "utf-8")
    return run(folder, packages)


def run(folder: Path, packages: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "tools/venv.sh", str(folder), str(packages), str(folder / ".stamp")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_step_is_one_line_with_its_size(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    done = made(folder, PIP_SAYS, 0)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == f"Installing 2 packages of {tmp_path}/list.txt, less those that are there already ..."
    assert lines[1] == "Downloaded 2 packages, 6.9 MB, and found 2 on this machine; unpacking ..."
    assert re.fullmatch(r"Compiling \d+ MB of packages \.\.\.", lines[2])
    assert re.fullmatch(rf"Installed in {folder}: \d+ MB more, in \d+ s\.", lines[3])
    assert len(lines) == 4
    assert (folder / ".stamp").exists()


@pytest.mark.parametrize(("status", "by"), [(0, "uv"), (2, "pip")])
def test_uv_unpacks_where_the_list_pins_it_and_pip_where_it_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, by: str
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///one file:///two")
    monkeypatch.setenv("PIP_FIND_LINKS", "/some/wheels /more/wheels")
    for name in ("PIP_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "venv"
    uv = folder / "bin" / "uv"
    uv.parent.mkdir(parents=True)
    uv.write_text(
        f'#!/bin/sh\necho "$UV_INDEX|$UV_FIND_LINKS|$*" >"{tmp_path}/asked"\nexit {status}\n', "utf-8"
    )
    uv.chmod(0o755)
    python = folder / "bin" / "python"
    python.write_text(
        f'#!/bin/sh\necho "$*" >>"{tmp_path}/python"\ncase "$*" in *config*) exit 1;; esac\n', "utf-8"
    )
    python.chmod(0o755)
    packages = tmp_path / "list.txt"
    pin = "uv==0.13.9 \\\n    --hash=sha256:0 \\\n    --hash=sha256:1\n"
    packages.write_text(
        f"six==1.17.0 \\\n    --hash=sha256:0\n{pin}moto==5.2.5 \\\n    --hash=sha256:0\n", "utf-8"
    )
    done = run(folder, packages)
    assert done.returncode == 0
    assert (folder / "uv.txt").read_text("utf-8") == pin
    places, _, asked = (tmp_path / "asked").read_text("utf-8").rpartition("|")
    assert places == "file:///one file:///two|/some/wheels,/more/wheels"
    assert asked.strip() == f"pip install --quiet --python {python} --require-hashes -r {packages}"
    by_pip = f"--require-hashes -r {packages} " in (tmp_path / "python").read_text("utf-8")
    assert by == ("pip" if by_pip else "uv")


def test_a_failure_shows_what_pip_said_and_leaves_no_stamp(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    done = made(folder, "ERROR: No matching distribution found for moto==5.2.5\n", 1)
    assert done.returncode == 1
    assert "No matching distribution found for moto==5.2.5" in done.stderr
    assert f"all of what pip said is in {folder}/pip.log" in done.stderr
    assert not (folder / ".stamp").exists()


def test_an_environment_that_somebody_else_keeps_is_left_alone(tmp_path: Path) -> None:
    made(tmp_path / "theirs", "", 0)
    link = tmp_path / "linked"
    link.symlink_to(tmp_path / "theirs")
    done = run(link, tmp_path / "list.txt")
    assert done.returncode == 1
    assert "is a link to an environment that somebody else keeps" in done.stderr
    assert (tmp_path / "theirs" / "bin" / "python").exists()
