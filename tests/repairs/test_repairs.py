"""Every repair of every world: pasted into a real shell with the real AWS CLI it cures, says so, and can be taken back.

`REPAIRS_SHELL=bash` or `zsh` pastes all of them into one shell; otherwise half of the worlds goes to each.
"""

from __future__ import annotations

import os
from zlib import crc32

import pytest

from demo.aws import CATALOGUE, EmulatedAws, Scenario
from tests.repairs.exceptions import EXCEPTIONS
from tests.repairs.proof import STEPS, proved
from tests.repairs.shell import HERE, Paste

WORLDS = [
    scenario
    for scenario in CATALOGUE.values()
    if not scenario.plain_only
    and any((scenario.expected.cause, scenario.expected.next, scenario.expected.also))
]


def shell_for(world: str) -> str:
    """The shell into which the repairs of a world are pasted."""
    return os.environ.get("REPAIRS_SHELL") or HERE[crc32(world.encode()) % len(HERE)]


@pytest.mark.parametrize("scenario", WORLDS, ids=lambda scenario: scenario.id)
def test_a_repair(aws: EmulatedAws, paste: Paste, scenario: Scenario) -> None:
    paste.shell = shell_for(scenario.id)
    wrong, seen = [], set()
    for way, failures in proved(aws, scenario, paste):
        name = str(way)
        seen.add(name)
        excused = set(EXCEPTIONS.get(name, {}))
        wrong += [f"{name}: {step}: {text}" for step, text in failures.items() if step not in excused]
        wrong += [
            f"{name}: take {step!r} out of the exceptions" for step in sorted(excused - failures.keys())
        ]
    assert not wrong, "\n".join(wrong)
    excused_here = {name for name in EXCEPTIONS if name.startswith(f"{scenario.id}: ")}
    assert excused_here <= seen, "exceptions for repairs that nobody offers"


@pytest.mark.parametrize("name", sorted(EXCEPTIONS))
def test_an_exception_is_of_a_world_and_has_a_reason(name: str) -> None:
    assert name.partition(": ")[0] in {scenario.id for scenario in WORLDS}
    assert set(EXCEPTIONS[name]) <= set(STEPS)
    assert all(len(reason.split()) > 4 for reason in EXCEPTIONS[name].values())
