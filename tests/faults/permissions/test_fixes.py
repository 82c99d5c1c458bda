"""Every repair: reviewed as a golden file, taken by the AWS CLI, and enough to make the pull go through."""

from __future__ import annotations

import json
from functools import cache

import pytest

from diagnostics.finding import Outcome
from diagnostics.stop_reason import Symptom
from tests.aws_cli import aws_commands, check_cli
from tests.build import (
    World,
    changed,
    endpoints,
    fargate,
    role_of,
)
from tests.build.judging import denied, world_of
from tests.build.permissions import TOKEN, bounded, endpoint, managed, second_image
from tests.build.policies import on_resource
from tests.faults.carrying_out import ELSEWHERE, apply, statements_in
from tests.faults.judging import further_parts
from tests.faults.permissions.rooms import REPAIRS, TABLE
from tests.faults.permissions.rulings import checks_of, failing, of_fault, outcomes
from tests.faults.permissions.tables import Case
from tests.golden import assert_golden
from tests.rows import every_row

FAILING = tuple(item for item in TABLE if item.status in ("fail", "warn"))
ONE_EACH = tuple({item.fault: item for item in reversed(FAILING)}.values())
EVERY = every_row("case", FAILING, ids=lambda item: f"{item.fault}-{item.name.replace(' ', '_')}")


@cache
def found(case: Case) -> tuple[Outcome, ...]:
    world = world_of(changed(case.base(), *case.edits), *case.symptoms)
    ruled = outcomes(world, checks_of(case.fault))
    return tuple(item for item in ruled if item.fault.id == case.fault and item.fix is not None)


@pytest.mark.parametrize("case", ONE_EACH, ids=lambda item: item.fault)
def test_a_repair_reads_like_this(case: Case) -> None:
    item = found(case)[0]
    assert item.fix is not None
    lines = [item.summary, "", f"resources: {', '.join(item.resources)}"]
    lines += [f"evidence: {one.what} ({one.source})" for one in item.evidence]
    for name in ("text", "cli", "verify", "undo", "terraform", "cloudformation"):
        lines += ["", f"--- {name}", getattr(item.fix, name) or "(none)"]
    lines += further_parts(item.fix, item.alternatives)
    assert_golden(f"fixes/permissions/{case.fault}.txt", "\n".join(lines) + "\n")


@EVERY
def test_the_aws_cli_takes_every_command(case: Case) -> None:
    for item in found(case):
        assert item.fix is not None
        for fix in (item.fix, *item.alternatives):
            assert fix.cli is None or check_cli(fix.cli)
            check_cli(fix.verify or "")
            check_cli(fix.undo or "")


@EVERY
def test_nothing_is_opened_to_everything(case: Case) -> None:
    """A new Allow names its actions and its resource; only the login has to be allowed on `*`."""
    before = {json.dumps(item) for item in statements_in(changed(case.base(), *case.edits).model_dump_json())}
    for item in found(case):
        assert item.fix is not None
        for words in aws_commands(item.fix.cli or ""):
            for word in words:
                for statement in statements_in(word) if word.startswith("{") else ():
                    if statement["Effect"] == "Deny" or json.dumps(statement) in before:
                        continue
                    actions = statement["Action"]
                    names = [actions] if isinstance(actions, str) else actions
                    assert all("*" not in name for name in names)
                    own = words[1] in ("kms", "secretsmanager", "ecr")
                    if names != ["ecr:GetAuthorizationToken"] and not own:
                        assert statement.get("Resource") != "*"


# --- carrying a repair out ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case", [*FAILING, *REPAIRS], ids=lambda item: f"{item.fault}-{item.name.replace(' ', '_')}"
)
def test_the_pull_goes_through_once_it_is_carried_out(case: Case) -> None:
    snapshot = changed(case.base(), *case.edits)
    # Of two statements in one policy each has its own repair, made for the policy as it is.
    for _ in range(2):
        ruled = outcomes(world_of(snapshot, *case.symptoms), checks_of(case.fault))
        fixes = [item.fix.cli or "" for item in ruled if item.fault.id == case.fault and item.fix is not None]
        commands = [words for text in fixes for words in aws_commands(text)]
        if not commands and (case.status == "warn" or case.fault in ("scp-denies", "rcp-denies")):
            # It stands in a policy that nobody here can read.
            return
        if any(tuple(words[1:3]) in ELSEWHERE for words in commands):
            return

        def carry_out(facts: World, commands: list[list[str]] = commands) -> None:
            for words in commands:
                apply(facts, words)

        snapshot = changed(snapshot, carry_out)
    assert case.fault not in failing(world_of(snapshot, *case.symptoms), checks_of(case.fault))


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    case = next(item for item in REPAIRS if item.name == "a name that is taken")
    item = found(case)[0]
    assert item.fix is not None
    assert "--policy-name ecr-pull-2 " in (item.fix.cli or "")
    assert role_of(json.loads(changed(case.base(), *case.edits).model_dump_json(by_alias=True)))


def test_one_repair_serves_all_images_of_the_task() -> None:
    """Both images show as one cause, so that its repair has to let both through."""
    case = Case("", "role-permission-missing", "fail", (managed(TOKEN), second_image))
    for item in found(case):
        assert item.fix is not None
        for name in ("payments-api", "ledger"):
            assert f":repository/{name}" in (item.fix.cli or "")


def test_one_repair_of_an_endpoint_serves_all_images_of_the_task() -> None:
    closed = endpoint("ecr.dkr", on_resource("Allow", "*", "s3:*", Resource="*"))
    case = Case("", "endpoint-policy-denies", "fail", (closed, second_image), endpoints)
    for item in found(case):
        assert item.fix is not None
        for name in ("payments-api", "ledger"):
            assert f":repository/{name}" in (item.fix.cli or "")


def test_a_repair_of_the_boundary_serves_all_images_of_the_task() -> None:
    case = Case("", "boundary-denies", "fail", (bounded(TOKEN), second_image))
    for item in found(case):
        assert item.fix is not None
        assert ":repository/ledger" in (item.fix.cli or "")


@pytest.mark.parametrize(
    ("symptom", "fault"),
    [
        (denied("identity"), "role-permission-missing"),
        (denied("identity", explicit=True), "role-explicit-deny"),
        (denied("resource", explicit=True), "repo-policy-denies"),
    ],
)
def test_a_policy_that_allows_what_the_text_says_was_denied_has_changed(symptom: Symptom, fault: str) -> None:
    assert "has changed since" in of_fault(world_of(fargate(), symptom), fault).summary


def test_a_policy_of_the_organization_stands_beside_what_could_be_read() -> None:
    scp = denied("scp", explicit=True)
    assert (
        "every policy that can be read here allows it"
        in of_fault(world_of(fargate(), scp), "scp-denies").summary
    )
    lacking = world_of(changed(fargate(), managed(TOKEN)), scp)
    assert "every policy" not in of_fault(lacking, "scp-denies").summary
