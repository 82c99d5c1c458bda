"""Secrets and parameters that are not there: what else is asked, and what is not."""

from __future__ import annotations

import pytest

from diagnostics.collect import plan
from diagnostics.collect.perform import perform
from diagnostics.pull import arn_suffix, secret_name, selector_of
from diagnostics.snapshot import Absent, Known, Snapshot
from tests.build import Edit, changed, fargate
from tests.build.asked import Asking
from tests.faults.secrets.secret_edits import (
    NEW_ARN,
    PARAMETER_ARN,
    SECRET_ARN,
    by_name,
    by_name_neither,
    gone,
    parameter_here,
    taking,
)

from .replaying import replay

ABROAD = SECRET_ARN.replace("us-east-1", "eu-west-1")
FAR = PARAMETER_ARN.replace("us-east-1", "eu-west-1")
PREFIX = "arn:aws:secretsmanager:us-east-1:111122223333:secret:"


def asked(*edits: Edit) -> tuple[Snapshot, list[str]]:
    """A world read again, and what was asked about its secrets and parameters."""
    facts = changed(fargate(), *edits)
    asking = Asking(facts)
    snapshot, answers = replay(
        lambda ask: plan.build(facts.target, ask, region=facts.region),
        lambda call: perform(call, asking).fact,
    )
    about = ("secretsmanager:DescribeSecret", "ssm:DescribeParameters")
    return snapshot, sorted(
        f"{call.region} {call.resource}" for call in answers if call.operation.action in about
    )


def test_a_secret_that_is_there_is_asked_for_once() -> None:
    snapshot, sent = asked(taking(SECRET_ARN))
    assert sent == [f"us-east-1 {SECRET_ARN}"]
    assert snapshot.secrets_by_name == {}


def test_one_that_is_not_is_asked_for_by_its_name() -> None:
    snapshot, sent = asked(taking(SECRET_ARN), by_name(SECRET_ARN))
    assert sent == [f"us-east-1 {SECRET_ARN}", "us-east-1 payments/db"]
    found = snapshot.secrets_by_name[SECRET_ARN]
    assert isinstance(found, Known)
    assert found.value.arn == NEW_ARN


def test_one_of_another_region_in_the_tasks_own_too() -> None:
    snapshot, sent = asked(taking(ABROAD), by_name_neither(ABROAD))
    assert sent == [f"eu-west-1 {ABROAD}", "eu-west-1 payments/db", "us-east-1 payments/db"]
    assert snapshot.secrets_by_name == {ABROAD: Absent(call="secretsmanager:DescribeSecret")}


def test_a_parameter_of_another_region_is_asked_for_here() -> None:
    snapshot, sent = asked(taking(FAR), parameter_here(FAR))
    assert [item.split()[0] for item in sent] == ["eu-west-1", "us-east-1"]
    found = snapshot.parameters_here[FAR]
    assert isinstance(found, Known)
    assert found.value.arn == PARAMETER_ARN


def test_one_of_the_tasks_own_region_is_not() -> None:
    snapshot, sent = asked(taking(PARAMETER_ARN), gone("parameters", PARAMETER_ARN))
    assert len(sent) == 1
    assert snapshot.parameters_here == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("db-AbCdEf", "db"),
        ("db-a1B2c3", "db"),
        ("db", "db"),
        ("db-backup", "db-backup"),
        ("db-Backup", "db-Backup"),
        ("db-BACKUP", "db-BACKUP"),
        ("db-202611", "db-202611"),
        ("db-prod01", "db-prod01"),
    ],
)
def test_what_a_secret_is_called(written: str, name: str) -> None:
    assert secret_name(f"{PREFIX}{written}") == name
    assert secret_name(f"{PREFIX}{written}:key::") == name


@pytest.mark.parametrize("value", ["payments/db", PARAMETER_ARN, ""])
def test_a_name_is_no_arn(value: str) -> None:
    assert secret_name(value) is None


@pytest.mark.parametrize(
    ("value", "selector"),
    [
        (PARAMETER_ARN, ""),
        (f"{PARAMETER_ARN}:3", "3"),
        ("/payments/token", ""),
        ("/payments/token:live", "live"),
        ("token:1:x", "1:x"),
    ],
)
def test_what_stands_behind_a_parameter(value: str, selector: str) -> None:
    assert selector_of(value) == selector


def test_the_end_of_an_arn() -> None:
    assert arn_suffix(SECRET_ARN) == "-AbCdEf"
    assert arn_suffix(f"{PREFIX}db") == ""
