"""The zip: the same bytes each time, with bytecode, with every client that is used, and with nothing else."""

from __future__ import annotations

import importlib.util
import json
import marshal
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from diagnostics.collect.calls import OPERATIONS
from tools import build_lambda
from tools.build_lambda import BuildError, BuildTarget

ROOT = Path(__file__).parent.parent.parent
ZIP_BUDGET = 16 * 1024 * 1024
"""Bytes. Unpacking is a part of each cold start."""


def isolated(task_root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that sees the built tree and nothing of this environment."""
    return subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=task_root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(task_root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def names(dist: Path) -> list[str]:
    with zipfile.ZipFile(dist / "lambda.zip") as archive:
        return archive.namelist()


@pytest.fixture
def no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds nothing."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.mark.usefixtures("no_index")
def test_two_builds_give_the_same_bytes_and_one_without_a_network_too(dist: Path, tmp_path: Path) -> None:
    """The second one takes the requirements from the environment, and shares nothing with the first."""
    again = build_lambda.build(build_lambda.local_platform(), tmp_path, tmp_path / "cache")
    assert again == json.loads((dist / "lambda.json").read_text())
    assert (tmp_path / "lambda.zip").read_bytes() == (dist / "lambda.zip").read_bytes()


def test_a_change_of_the_code_changes_them(tmp_path: Path) -> None:
    one = tmp_path / "one"
    one.mkdir()
    (one / "module.py").write_text("VALUE = 1\n")
    first = build_lambda.pack(one, tmp_path / "1.zip")
    (one / "module.py").write_text("VALUE = 2\n")
    assert build_lambda.pack(one, tmp_path / "2.zip") != first


def test_every_module_has_bytecode_that_lambda_will_use(task_root: Path, names: list[str]) -> None:
    tag = sys.implementation.cache_tag
    sources = [name for name in names if name.endswith(".py")]
    assert sources
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(source)).as_posix()
        assert compiled in names, f"{source} is not compiled"
        data = (task_root / compiled).read_bytes()
        assert data[:4] == importlib.util.MAGIC_NUMBER
        # Hash-based and unchecked: Lambda does not even look at the source.
        assert int.from_bytes(data[4:8], "little") == 0b01
    code = marshal.loads((task_root / f"bot/__pycache__/app.{tag}.pyc").read_bytes()[16:])
    assert code.co_filename == "/var/task/bot/app.py"


def test_it_holds_no_demo_no_tests_and_nothing_of_the_terminal(names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {"bot", "diagnostics", "handlers", "slack_bolt", "boto3", "pydantic"} <= tops
    assert not tops & {
        "demo",
        "tests",
        "tools",
        "moto",
        "rich",
        "pygments",
        "aiohttp",
        "pytest",
        "bin",
        "docs",
    }
    unwanted = ("bot/check", "diagnostics/render/", "diagnostics/__main__")
    assert [name for name in names if name.startswith(unwanted)] == []
    assert [name for name in names if "/tests/" in name or name.endswith((".sqlite3", ".env"))] == []


def test_it_stays_small(dist: Path) -> None:
    assert (dist / "lambda.zip").stat().st_size < ZIP_BUDGET


def test_every_module_of_ours_can_be_imported_from_it(task_root: Path) -> None:
    script = """
import importlib, pathlib
for package in ("bot", "diagnostics", "handlers"):
    for path in sorted(pathlib.Path(package).rglob("*.py")):
        importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""
    done = isolated(task_root, script)
    assert done.returncode == 0, done.stderr


def used_clients() -> set[str]:
    """botocore's names of every service that the code asks: by the table of calls, and by name in the bot."""
    named = {
        found
        for path in (ROOT / "bot").rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in build_lambda.LEFT_OUT
        for found in re.findall(
            r"""\b(?:clients?|create_client|resource)\(\s*["']([a-z0-9-]+)["']""",
            path.read_text(encoding="utf-8"),
        )
    }
    assert named >= {"dynamodb", "secretsmanager", "sqs", "ssm"}
    return named | {operation.service for operation in OPERATIONS} | {"sts"}


def test_every_client_that_is_used_can_be_made_from_it(task_root: Path) -> None:
    methods = {operation.service: operation.method for operation in OPERATIONS}
    wanted = {service: methods.get(service) for service in sorted(used_clients())}
    script = f"""
import boto3
for service, method in {wanted!r}.items():
    client = boto3.client(service, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
    assert method is None or hasattr(client, method), (service, method)
assert "eu-central-1" in boto3.Session().get_available_regions("ecs")
"""
    done = isolated(task_root, script)
    assert done.returncode == 0, done.stderr


def test_other_clients_were_trimmed_away(task_root: Path) -> None:
    kept = {path.name for path in (task_root / "botocore/data").iterdir() if path.is_dir()}
    assert kept == build_lambda.services()


def test_lambda_json_says_what_it_was_built_for(dist: Path) -> None:
    said = json.loads((dist / "lambda.json").read_text())
    assert said["runtime"] == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert said["architecture"] == build_lambda.local_arch()


def test_the_requirements_are_all_hashed_and_without_those_of_the_terminal() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    blocks = build_lambda.locked(text)
    pinned = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    assert set(blocks) == pinned - build_lambda.TERMINAL_ONLY
    assert pinned >= build_lambda.TERMINAL_ONLY
    for name, block in blocks.items():
        assert block.startswith(f"{name}==")
        assert "--hash=sha256:" in block


@pytest.mark.usefixtures("no_index")
def test_for_another_platform_wheels_must_be_fetched(tmp_path: Path) -> None:
    other = "x86_64" if build_lambda.local_arch() == "arm64" else "arm64"
    here = build_lambda.local_platform()
    with pytest.raises(BuildError, match="could not get the wheels"):
        build_lambda.dependencies(BuildTarget(here.version, other, here.python), tmp_path / "cache")


def test_a_version_that_is_not_here_is_refused() -> None:
    with pytest.raises(BuildError, match=r"no Python 3\.1 here"):
        build_lambda.find_platform("arm64", "3.1")


@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
def test_the_platform_is_one_that_lambda_runs(arch: str) -> None:
    found = build_lambda.find_platform(arch)
    assert found.version in build_lambda.RUNTIMES
    assert found.runtime == f"python{found.version}"
