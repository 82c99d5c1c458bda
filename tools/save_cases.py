"""Saves what is read of every broken and healthy world of the emulated AWS, as cases for the tests.

    python -m tools.save_cases [SCENARIO …]

Each case is a snapshot in `tests/cases`, and what a diagnosis must say of it stands in `tests/cases/expected.json`. The
emulated AWS draws its ids from a seeded source here and times are replaced, so that saving again changes only what
really differs.
"""

from __future__ import annotations

import json
import random
import re
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from moto.moto_api._internal import mock_random

from demo.aws import SCENARIOS, EmulatedAws, Scenario
from diagnostics.collect import AwsClients, collect
from diagnostics.snapshot import Snapshot
from diagnostics.target import parse

CASES = Path(__file__).parent.parent / "tests" / "cases"
SEED = 20261124

NOW = "2026-11-24T09:20:00Z"
MOMENTS = {
    "taken_at": NOW,
    "imagePushedAt": "2026-11-20T08:00:00Z",
    "pullStartedAt": "2026-11-24T09:10:00Z",
    "pullStoppedAt": "2026-11-24T09:15:00Z",
    "stoppingAt": "2026-11-24T09:15:01Z",
    "executionStoppedAt": "2026-11-24T09:15:01Z",
    "stoppedAt": "2026-11-24T09:15:02Z",
}
ANY_MOMENT = "2026-11-24T09:00:00Z"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_NOT_ASKED = {"kind": "unavailable", "why": "not asked", "call": None, "resource": None}


def main(names: Sequence[str]) -> int:
    """Save the named scenarios, or all of them."""
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f"there is no scenario {', '.join(unknown)}", file=sys.stderr)
        return 2
    CASES.mkdir(parents=True, exist_ok=True)
    file = CASES / "expected.json"
    expected: dict[str, Any] = json.loads(file.read_text("utf-8")) if names and file.exists() else {}
    for name in names or SCENARIOS:
        case, expectation = saved(SCENARIOS[name])
        (CASES / f"{name}.json").write_text(case, "utf-8")
        expected[name] = expectation
        print(name)
    file.write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def saved(scenario: Scenario) -> tuple[str, dict[str, Any]]:
    """A scenario's snapshot as text, and what must be said of it."""
    with same_ids(), EmulatedAws() as aws:
        broken = scenario.stand(aws)
        with mock.patch.dict("os.environ", aws.environment()):
            snapshot = collect(
                parse(broken.target or broken.task.arn), AwsClients(), region=broken.task.region
            )
    expectation = {
        "outcome": scenario.outcome,
        "fault": scenario.fault,
        "symptom": scenario.symptom,
        "resources": list(broken.resources),
    }
    return compact(snapshot), expectation


def compact(snapshot: Snapshot) -> str:
    """The snapshot as JSON without what a reader fills in by itself, and with times that stay the same."""
    value = _pruned(_timeless(json.loads(snapshot.model_dump_json(by_alias=True))))
    value.update(seconds=1.0)
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    Snapshot.model_validate_json(text)
    return text


@contextmanager
def same_ids() -> Iterator[None]:
    """Lets moto and the emulated AWS draw the same ids in every run."""
    source = random.Random(SEED)
    mock_random.seed(SEED)
    random.seed(SEED)

    def uuid4() -> uuid.UUID:
        return uuid.UUID(int=source.getrandbits(128), version=4)

    with ExitStack() as patches:
        for name, module in tuple(sys.modules.items()):
            if name.startswith("demo.aws") and hasattr(module, "uuid4"):
                patches.enter_context(mock.patch.object(module, "uuid4", uuid4))
        yield


def is_moment(text: str) -> bool:
    """True if a text is a point in time."""
    return _MOMENT.fullmatch(text) is not None


def _timeless(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _timeless(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [_timeless(item, key) for item in value]
        # Images come in the order in which they were pushed, which is lost with the times.
        pushed = all(isinstance(item, dict) and "imagePushedAt" in item for item in items)
        return sorted(items, key=lambda item: str(item["imageTags"])) if pushed else items
    if isinstance(value, str) and is_moment(value):
        return MOMENTS.get(key, ANY_MOMENT)
    return value


def _pruned(value: Any) -> Any:
    """Without nulls and facts that were not asked; empty lists and objects stay, since in a fact they are an answer."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if item is not None and item != _NOT_ASKED}
        return {name: _pruned(item) for name, item in kept.items()}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
