"""The real messages that the classifier is held against: the project's reference file, and a second collection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def lines(name: str) -> list[dict[str, Any]]:
    """The messages of a collection: `text`, `cause` (the symptom), `source`, and in the second one `stage`."""
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


REFERENCE = lines("errors")
MESSAGES = lines("messages")
EVERY = [*REFERENCE, *MESSAGES]
