"""Whole outputs compared with files that are reviewed as diffs.

`make golden` (UPDATE_GOLDEN=1) writes them anew; a run without it only compares.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"


def assert_golden(name: str, text: str) -> None:
    """The text is what `tests/golden/NAME` holds. With UPDATE_GOLDEN=1 the file is written instead."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"there is no golden file {path.name} yet: run `make golden` and review it"
    assert text == path.read_text(encoding="utf-8")


def assert_golden_json(name: str, value: Any) -> None:
    """The same for JSON, indented so that a difference reads well."""
    assert_golden(name, json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n")
