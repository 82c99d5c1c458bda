"""Each fault of who may pull, in worlds where it is there, is not, and cannot be told."""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module

import pytest

from diagnostics.faults import permissions
from diagnostics.faults.permissions import CHECKS
from diagnostics.finding import ERROR_TEXT, Fault, Outcome
from tests.build import changed, ec2, endpoints, fargate, public
from tests.build.judging import world_of
from tests.faults.permissions.rooms import TABLE, TABLES
from tests.faults.permissions.rulings import accused, outcomes, worst
from tests.faults.permissions.tables import Case
from tests.rows import every_row


def name_of(case: Case) -> str:
    return f"{case.fault}-{case.status}-{case.name.replace(' ', '_')}"


CASES = every_row("case", TABLE, ids=name_of)
ALONE = every_row("case", [item for item in TABLE if item.alone], ids=name_of)


@cache
def said(case: Case) -> tuple[Outcome, ...]:
    """What the checks say of its world."""
    return outcomes(world_of(changed(case.base(), *case.edits), *case.symptoms))


@pytest.mark.parametrize("case", TABLE, ids=name_of)
def test_a_world(case: Case) -> None:
    found = worst(said(case), case.fault)
    assert found.status.value == case.status, (found.summary, found.reason)
    told = " ".join((found.summary, found.reason or "", *(item.what for item in found.evidence)))
    assert case.says in told
    if case.stage is not None:
        assert found.stage == case.stage
    if case.resources:
        assert found.resources[: len(case.resources)] == case.resources


@ALONE
def test_nothing_else_is_accused(case: Case) -> None:
    found = accused(said(case))
    assert found == ({case.fault} if case.status in ("fail", "warn") else found & {case.fault})


@CASES
def test_what_fails_says_all_that_a_person_needs(case: Case) -> None:
    for item in said(case):
        if item.status.value in ("fail", "warn"):
            assert all((item.stage, item.resources, item.evidence, item.fix))
            assert item.fix is not None
            told = item.status.value == "warn" and item.evidence[0].source == ERROR_TEXT
            for_others = item.fault.id in ("scp-denies", "rcp-denies")
            assert item.fix.text
            assert told or for_others or (item.fix.cli and item.fix.verify)
        if item.status.value in ("unknown", "skipped"):
            assert item.reason


@pytest.mark.parametrize("base", [fargate, endpoints, public, ec2])
def test_a_healthy_world_has_nothing_to_say(base: object) -> None:
    statuses = {item.status.value for item in outcomes(world_of(base()))}  # type: ignore[operator]
    assert statuses == {"pass", "skipped"}


def test_every_fault_has_a_table_with_each_answer() -> None:
    answers: dict[str, set[str]] = {}
    for case in TABLE:
        answers.setdefault(case.fault, set()).add(case.status)
    every = {fault.id: fault for check in CHECKS for fault in check.faults}
    assert set(answers) == set(every)
    for name, statuses in answers.items():
        wanted = {"warn", "skipped"} if every[name].text_only else {"fail", "pass", "unknown"}
        assert wanted <= statuses, name


def test_each_room_has_a_table_of_its_name_with_its_faults() -> None:
    """Whoever adds a fault of a policy finds both places by one name."""
    defined: dict[str, set[str]] = {}
    for found in pkgutil.iter_modules(permissions.__path__):
        room = import_module(f"{permissions.__name__}.{found.name}")
        source = inspect.getsource(room)
        faults = {name: item for name, item in vars(room).items() if isinstance(item, Fault)}
        if own := {item.id for name, item in faults.items() if f"\n{name} = Fault(" in source}:
            defined[found.name] = own
    asked = {name: {case.fault for case in table.TABLE} for name, table in TABLES.items()}
    assert defined == asked
