"""Whole outputs compared with files that are reviewed as diffs.

`make golden` (UPDATE_GOLDEN=1) writes them; a run without it only compares.
"""

from __future__ import annotations

import json
import os
import re
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from diagnostics.finding import Report, Status

GOLDEN = Path(__file__).parent / "golden"

LOUD = (Status.FAIL, Status.WARN)
"""The findings that stand in a golden report. What is said of all the other faults stands in `ruled_out.txt`."""
RULED_OUT = re.compile(r"^Ruled out \((?P<count>\d+)\)  (?P<faults>[a-z0-9,\s-]+?)\n\n", re.MULTILINE)
NEEDED = re.compile(r"  \(for\s+(?P<faults>[a-z0-9,\s-]+)\)$", re.MULTILINE)
"""The terminal's lists of faults."""


def assert_golden(name: str, text: str) -> None:
    """The text is what `tests/golden/NAME` holds. With UPDATE_GOLDEN=1 the file is written instead."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"there is no golden file {name} yet: run `make golden` and review it"
    reviewed = path.read_text(encoding="utf-8")
    if text != reviewed:
        lines = unified_diff(reviewed.splitlines(), text.splitlines(), name, "now", lineterm="", n=2)
        pytest.fail(
            f"{name} is another one now; if that is meant, run `make golden` and review it\n"
            + "\n".join(lines)
        )


def assert_golden_json(name: str, value: Any) -> None:
    """The same for JSON, indented so that a difference reads well."""
    assert_golden(name, json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n")


def report_text(report: Report) -> str:
    """A report for its golden file: one line for each finding, so that a difference reads well.

    Left out is what would grow with every new fault, whatever the world: what passes, plays no part or is not known, and
    what a fact that could not be read is needed for (`tests/cases/test_ruled_out.py` compares that), and the same runbook in each
    (`tests/report/test_second_opinion.py`).
    """
    value = json.loads(report.to_json())
    every = value.pop("findings")
    del value["second_opinion"]
    for item in value["unavailable"]:
        del item["needed_by"]
    lines = [json.dumps(item, ensure_ascii=False) for item in every if item["status"] in LOUD]
    findings = ",\n  ".join(lines)
    head = json.dumps(value, indent=1, ensure_ascii=False).removesuffix("\n}")
    return f'{head},\n "findings": [\n  {findings}\n ]\n}}\n'


def terminal_text(text: str) -> str:
    """A terminal output for its golden file, without its lists of faults, for the same reason."""
    return NEEDED.sub("  (for …)", RULED_OUT.sub("Ruled out (…)  …\n\n", text))
