"""What is ruled out, plays no part or is not known in each saved case, by fault: one golden file for all of them.

The golden reports and terminal outputs leave these lists out, so that a new fault adds one block here and no line to
the file of any world.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache

import pytest

from diagnostics import engine, report, verdict
from diagnostics.faults import ALL_CHECKS, ALL_FAULTS
from diagnostics.faults.network import ROOMS
from diagnostics.faults.network.check import leg_check
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix, Status
from diagnostics.network import Blocker
from tests.build.saved import case
from tests.cases.saved import NAMES, judged
from tests.golden import LOUD, NEEDED, RULED_OUT, assert_golden, report_text, terminal_text
from tests.render.test_terminal import SHOWN, drawn

Block = tuple[str, str]


@cache
def states() -> dict[Block, dict[str, str]]:
    """What is said of each fault of each check, by saved case; a fault that is found there stands in its report."""
    found: dict[Block, dict[str, str]] = {}
    for name in NAMES:
        said: dict[Block, Counter[str]] = defaultdict(Counter)
        for finding in judged(name).findings:
            if finding.status in LOUD:
                continue
            text: str = finding.status
            if finding.status is Status.UNKNOWN:
                text += " " + json.dumps(
                    finding.model_dump(mode="json", exclude={"check", "fault", "status"})
                )
            said[finding.check, finding.fault][text] += 1
        for block, counted in said.items():
            parts = [f"{text} ×{number}" for text, number in sorted(counted.items())]
            found.setdefault(block, {})[name] = ", ".join(parts)
    return found


def lists(pattern: re.Pattern[str], text: str) -> list[tuple[str, ...]]:
    """The lists of faults in a terminal output."""
    return [tuple(match["faults"].replace("\n", " ").split()) for match in pattern.finditer(text)]


@cache
def in_the_terminal(name: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """What the terminal rules out, and what it needs what it could not read for."""
    text = drawn(judged(name))
    return lists(RULED_OUT, text), lists(NEEDED, text)


def plain(listed: tuple[str, ...]) -> list[str]:
    return [item.removesuffix(",") for item in listed]


def test_golden_ruled_out() -> None:
    lines = []
    for (check, fault), by_world in states().items():
        lines.append(f"{check} {fault}")
        worlds: dict[str, list[str]] = defaultdict(list)
        for name in NAMES:
            worlds[by_world.get(name, "no word of it here")].append(name)
        usual = max(worlds, key=lambda state: len(worlds[state]))
        lines.append(f"  {usual}: in all others")
        lines.extend(f"  {state}: {', '.join(names)}" for state, names in worlds.items() if state != usual)
    lines.append("")
    needed: dict[str, list[str]] = defaultdict(list)
    for name in NAMES:
        for item in judged(name).unavailable:
            for fault in item.needed_by:
                needed[fault].append(f"{name} ({item.call}: {item.why})")
    lines.extend(f"{fault} needs: {', '.join(places)}" for fault, places in needed.items())
    lines.append("")
    ruled_out: dict[str, list[str]] = defaultdict(list)
    for name in SHOWN:
        for listed in in_the_terminal(name)[0]:
            for fault in plain(listed):
                ruled_out[fault].append(name)
    lines.extend(
        f"{fault} is ruled out in the terminal: {', '.join(names)}" for fault, names in ruled_out.items()
    )
    assert_golden("ruled_out.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", SHOWN)
def test_the_terminal_lists_them_in_the_order_of_the_report_and_counts_them(name: str) -> None:
    order = list(dict.fromkeys(finding.fault for finding in judged(name).findings))
    text = drawn(judged(name))
    listed, needed = in_the_terminal(name)
    for match, faults in zip(RULED_OUT.finditer(text), listed, strict=True):
        assert int(match["count"]) == len(faults)
        assert plain(faults) == sorted(plain(faults), key=order.index)
    for faults, item in zip(needed, judged(name).unavailable, strict=True):
        assert plain(faults) == list(item.needed_by)


# That something is not known where every fact was read is news, and stands in the terminal.
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("demo-route-no-egress", Status.PASS),
        ("demo-route-no-egress", Status.SKIPPED),
        ("healthy-nat", Status.PASS),
        ("task-gone", Status.UNKNOWN),
    ],
)
def test_a_new_fault_changes_the_golden_file_of_no_world(name: str, status: Status) -> None:
    before = judged(name)
    new = before.findings[0].model_copy(update={"fault": "brand-new-fault", "status": status})
    unavailable = tuple(
        item.model_copy(update={"needed_by": (*item.needed_by, "brand-new-fault")})
        for item in before.unavailable
    )
    after = before.model_copy(update={"findings": (*before.findings, new), "unavailable": unavailable})
    assert report_text(after) == report_text(before)
    assert terminal_text(drawn(after)) == terminal_text(drawn(before))


class NothingThere(Blocker):
    """A kind of blocking that no trace names."""


@pytest.mark.parametrize("name", ["demo-route-no-egress", "healthy-nat", "task-gone"])
def test_a_new_room_changes_the_golden_file_of_no_world(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = network_fault(
        "brand-new-fault", "Nothing new is there", "Why.", "How.", "https://docs.aws.amazon.com/"
    )
    room = NetworkFault(fault=fault, means=NothingThere, repair=lambda _: Fix(text="Repair it."))
    legs = leg_check((*ROOMS, room))
    checks = tuple(legs if item.name == legs.name else item for item in ALL_CHECKS)
    before = judged(name)
    monkeypatch.setattr(engine.run, "__defaults__", (checks,))
    monkeypatch.setattr(verdict.rank, "__defaults__", ({**ALL_FAULTS, fault.id: fault},))
    after = report.build(case(name))
    assert fault.id in {item.fault for item in after.findings}
    assert report_text(after) == report_text(before)
    assert terminal_text(drawn(after)) == terminal_text(drawn(before))
