"""What the command line loads before AWS has been asked anything. `make bench` measures the time; this says where it goes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.__main__ import main
from diagnostics.target import EXAMPLE
from tools.bench_start import ROOT, UP_TO_THE_FIRST_CALL, environment

TELLING = """
import atexit, sys
atexit.register(lambda: print(*sorted(sys.modules)))
from diagnostics.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
JUDGING = {"diagnostics.faults", "diagnostics.engine", "diagnostics.verdict", "diagnostics.report"}
ASKING = {"botocore", "diagnostics.collect"}
LATER = {
    "boto3",
    "opentelemetry",
    "rich.console",
    "slack_sdk",
    "diagnostics.finding",
    "diagnostics.write",
    "diagnostics.render.terminal",
    "diagnostics.render.junit",
}


@pytest.mark.parametrize(
    ("program", "words", "loaded", "without"),
    [
        (TELLING, ["--version"], set(), JUDGING | ASKING | LATER | {"pydantic", "diagnostics.snapshot"}),
        (TELLING, ["list"], {"diagnostics.faults"}, ASKING | {"diagnostics.engine", "diagnostics.verdict"}),
        (TELLING, ["nonsense"], {"diagnostics.target"}, JUDGING),
        (
            UP_TO_THE_FIRST_CALL,
            [EXAMPLE],
            ASKING,
            JUDGING | LATER | {"diagnostics.collect.plan", "diagnostics.network", "diagnostics.policy"},
        ),
    ],
    ids=["version", "list", "a target that is none", "up to the first call"],
)
def test_no_more_is_loaded_than_is_needed(
    program: str, words: list[str], loaded: set[str], without: set[str], tmp_path: Path
) -> None:
    # Something else in the same environment that would like to see each model being made.
    (tmp_path / "nosy-1.dist-info").mkdir()
    (tmp_path / "nosy-1.dist-info" / "METADATA").write_text("Name: nosy\nVersion: 1\n")
    (tmp_path / "nosy-1.dist-info" / "entry_points.txt").write_text("[pydantic]\nnosy = nosy:plugin\n")
    (tmp_path / "nosy.py").write_text("class plugin: new_schema_validator = lambda *a: (None,) * 3\n")
    env = environment()
    env["PYTHONPATH"] += f"{os.pathsep}{tmp_path}"
    done = subprocess.run(
        [sys.executable, "-c", program, *words], env=env, cwd=ROOT, capture_output=True, text=True
    )
    modules = set(done.stdout.splitlines()[-1].split())
    assert loaded <= modules, done.stderr
    assert not (without | {"nosy"}) & modules


@pytest.mark.parametrize(("before", "set_to"), [((700, 10, 10), [(50_000, 20, 20)]), ((100_000, 20, 50), [])])
def test_the_collector_leaves_what_is_loaded_alone(
    before: tuple[int, int, int], set_to: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(gc, "get_threshold", lambda: before)
    monkeypatch.setattr(gc, "set_threshold", lambda *numbers: asked.append(numbers))
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert asked == set_to
