"""Every fault of secrets: its worlds, its repair, that knowing less never decides more, and nobody else's faults."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from diagnostics.faults.base import World
from diagnostics.faults.secrets import CHECKS
from diagnostics.finding import Fix, Outcome, Status
from diagnostics.snapshot import Snapshot
from tests.aws_cli import aws_commands, check_cli
from tests.build import changed, ec2, endpoints, fargate, public
from tests.build.judging import world_of
from tests.faults.carrying_out import ELSEWHERE, apply, statements_in
from tests.faults.judging import further_parts
from tests.faults.permissions.rulings import a_fact_less, failing, outcomes, worst
from tests.faults.permissions.tables import Case
from tests.faults.secrets.rooms import TABLE
from tests.golden import assert_golden
from tests.rows import every_row

FAULTS = {fault.id: fault for check in CHECKS for fault in check.faults}


def name_of(case: Case) -> str:
    return f"{case.fault}-{case.status}-{case.name.replace(' ', '_')}"


def each(*cases: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=name_of)


FAILING = tuple(item for item in TABLE if item.status == "fail")
BROKEN = tuple(item for item in TABLE if item.status in ("fail", "warn"))
ONE_EACH = tuple({item.fault: item for item in reversed(FAILING)}.values())
# The first world of each fault in which it is there, and the first in which it is not.
FIRST = {(item.fault, item.status): item for item in reversed(TABLE) if item.status in ("fail", "pass")}


def snapshot_of(case: Case) -> Snapshot:
    return changed(case.base(), *case.edits)


def built(case: Case) -> World:
    return world_of(snapshot_of(case), *case.symptoms)


@cache
def said(case: Case) -> tuple[Outcome, ...]:
    """What the checks of secrets say of its world."""
    return outcomes(built(case), CHECKS)


def found(case: Case) -> tuple[tuple[Outcome, Fix], ...]:
    """Each outcome of the case's fault that fails, with its repair."""
    every = (item for item in said(case) if item.fault.id == case.fault)
    return tuple((item, item.fix) for item in every if item.fix is not None)


# --- what is said ------------------------------------------------------------------------------------


@each(*TABLE)
def test_a_world(case: Case) -> None:
    item = worst(said(case), case.fault)
    assert item.status.value == case.status, (item.summary, item.reason)
    told = " ".join((item.summary, item.reason or "", *(one.what for one in item.evidence)))
    assert case.says in told
    if case.stage is not None:
        assert item.stage == case.stage
    if case.resources:
        assert item.resources[: len(case.resources)] == case.resources


@every_row("case", [item for item in TABLE if item.alone], ids=name_of)
def test_nothing_else_is_accused(case: Case) -> None:
    accused = failing(built(case))
    assert accused == ({case.fault} if case.status == "fail" else accused & {case.fault})


@every_row("case", TABLE, ids=name_of)
def test_what_fails_says_all_that_a_person_needs(case: Case) -> None:
    for item in said(case):
        if item.status in (Status.FAIL, Status.WARN):
            assert all((item.stage, item.resources, item.evidence, item.fix))
            assert item.fix is not None
            assert item.fix.text
            # A policy of which only the text tells cannot be changed: it is said who is to be asked.
            assert (item.fix.cli and item.fix.verify) or item.status is Status.WARN
        if item.status in (Status.UNKNOWN, Status.SKIPPED):
            assert item.reason


@pytest.mark.parametrize("base", [fargate, endpoints, public, ec2])
def test_a_task_without_secrets_has_nothing_to_say(base: Any) -> None:
    assert {item.status for item in outcomes(world_of(base()), CHECKS)} == {Status.SKIPPED}


def test_every_fault_has_a_table_with_each_answer() -> None:
    answers: dict[str, set[str]] = {}
    for case in TABLE:
        answers.setdefault(case.fault, set()).add(case.status)
    assert set(answers) == set(FAULTS)
    for name, statuses in answers.items():
        assert {"fail", "pass", "unknown"} <= statuses, name


# --- knowing less ------------------------------------------------------------------------------------


@each(*FIRST.values())
def test_nothing_more_is_decided(case: Case) -> None:
    for path, key, status, whole in a_fact_less(snapshot_of(case), case.symptoms):
        assert status in {Status.UNKNOWN, whole or Status.UNKNOWN}, (path, key)


# --- repairs -----------------------------------------------------------------------------------------


@each(*ONE_EACH)
def test_a_repair_reads_like_this(case: Case) -> None:
    item, fix = found(case)[0]
    lines = [item.summary, "", f"resources: {', '.join(item.resources)}"]
    lines += [f"evidence: {one.what} ({one.source})" for one in item.evidence]
    for name in ("text", "cli", "verify", "undo", "terraform", "cloudformation"):
        lines += ["", f"--- {name}", getattr(fix, name) or "(none)"]
    lines += further_parts(fix, item.alternatives)
    assert_golden(f"fixes/secrets/{case.fault}.txt", "\n".join(lines) + "\n")


@each(*BROKEN)
def test_the_aws_cli_takes_every_command(case: Case) -> None:
    for item, first in found(case):
        for fix in (first, *item.alternatives):
            assert check_cli(fix.cli or "") or item.status is Status.WARN
            check_cli(fix.verify or "")
            check_cli(fix.undo or "")


@each(*FAILING)
def test_nothing_is_opened_to_everything(case: Case) -> None:
    """A new Allow names its actions, and the resource where the policy does not stand at it."""
    before = {json.dumps(item) for item in statements_in(snapshot_of(case).model_dump_json())}
    for _, fix in found(case):
        for words in aws_commands(fix.cli or ""):
            for statement in (item for word in words for item in statements_in(word)):
                if statement["Effect"] == "Deny" or json.dumps(statement) in before:
                    continue
                assert "*" not in str(statement["Action"])
                assert words[1] in ("kms", "secretsmanager") or statement["Resource"] != "*"


@each(*FAILING)
def test_the_secret_can_be_read_once_it_is_carried_out(case: Case) -> None:
    snapshot = snapshot_of(case)
    commands = [words for _, fix in found(case) for words in aws_commands(fix.cli or "")]
    assert commands
    if any(tuple(words[1:3]) in ELSEWHERE for words in commands):
        return

    def carry_out(facts: dict[str, Any]) -> None:
        for words in commands:
            apply(facts, words)

    assert case.fault in failing(world_of(snapshot, *case.symptoms))
    assert case.fault not in failing(world_of(changed(snapshot, carry_out), *case.symptoms))
