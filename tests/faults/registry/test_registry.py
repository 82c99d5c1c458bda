"""Every fault of registries: its table, its repair, and that knowing less never decides more."""

from __future__ import annotations

import pytest

from diagnostics.faults.base import Check
from diagnostics.faults.registry import CHECKS
from tests.builders import stopped
from tests.faults.judging import Case, assert_case, assert_fix, assert_knowing_less, case, judged, named
from tests.faults.registry.cases import CASES, CREDENTIALS, HUB_TEXT

EVERY = [
    pytest.param(check, fault, one, id=f"{fault}: {one.name}")
    for fault, (check, cases) in CASES.items()
    for one in cases
]
FAULTS = {fault.id: fault for check in CHECKS for fault in check.faults}


def test_every_fault_has_a_table() -> None:
    assert set(CASES) == set(FAULTS)


@pytest.mark.parametrize("fault", CASES)
def test_every_table_has_what_the_fault_can_be(fault: str) -> None:
    wanted = {"warn", "skipped"} if FAULTS[fault].text_only else {"pass", "fail", "unknown"}
    assert {one.status for one in CASES[fault][1]} >= wanted


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_a_case(check: Check, fault: str, one: Case) -> None:
    assert_case(one, check, fault)


@pytest.mark.parametrize(("check", "fault", "one"), EVERY)
def test_knowing_less_never_decides_more(check: Check, fault: str, one: Case) -> None:
    assert_knowing_less(one, check)


@pytest.mark.parametrize("fault", CASES)
def test_the_repair(fault: str) -> None:
    check, cases = CASES[fault]
    assert_fix("registry", next(one for one in cases if one.status in ("fail", "warn")), check, fault)


@pytest.mark.parametrize(
    "fault", ["docker-hub-rate-limit", "registry-outage", "registry-credentials-missing"]
)
def test_where_the_task_is_denied_the_text_is_not_known(fault: str) -> None:
    check, _ = CASES[fault]
    denied = {"kind": "unavailable", "why": "denied", "call": "ecs:DescribeTasks"}
    one = case("denied", "unknown", named("nginx:1.27"), lambda world: world.update(task=denied))
    assert_case(one, check, fault)


def test_a_text_about_another_container_is_not_about_this_image() -> None:
    check, _ = CASES["docker-hub-rate-limit"]

    def two(world: dict) -> None:  # type: ignore[type-arg]
        other = {"name": "log", "image": "nginx:1.27"}
        world["task"]["value"]["containers"].append(dict(other))
        world["task_definition"]["value"]["containerDefinitions"].append(dict(other))

    one = case("two", "skipped", two, named("redis:7"), stopped(HUB_TEXT, container="log"))
    assert judged(one, check, "docker-hub-rate-limit").status == "skipped"


def test_a_secret_is_never_more_than_named() -> None:
    check, cases = CASES["registry-credentials-invalid"]
    finding = judged(cases[0], check, "registry-credentials-invalid")
    assert finding.fix is not None
    assert "get-secret-value" not in (finding.fix.cli or "")
    assert CREDENTIALS in (finding.fix.cli or "")
