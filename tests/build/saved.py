"""The saved cases of `tests/cases`: what was read of every world of the emulated AWS."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from diagnostics.snapshot import Snapshot

FOLDER = Path(__file__).parent.parent / "cases"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != "expected"))


@cache
def case(name: str) -> Snapshot:
    """A saved snapshot."""
    return Snapshot.model_validate_json((FOLDER / f"{name}.json").read_text("utf-8"))


def case_json(name: str) -> dict[str, Any]:
    """The same as its file has it, to be changed."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return content
