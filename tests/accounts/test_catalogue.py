"""The catalogue is whole: a scenario, its row of expectations, and the saved case made of it belong together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demo.aws import BARE, CATALOGUE, SCENARIOS, build_account
from demo.aws.scenarios import model
from demo.aws.scenarios.model import Catalogue
from diagnostics.faults import ALL_FAULTS
from tests.cases.saved import EXPECTED
from tests.rows import every_row

ROWS = json.loads((Path(model.__file__).parent / "expected.json").read_text("utf-8"))


def test_each_row_belongs_to_a_scenario() -> None:
    assert list(ROWS) == list(CATALOGUE)
    assert len(CATALOGUE) == len(SCENARIOS) + len(BARE)


@every_row("identifier", ROWS)
def test_a_row_names_faults_that_there_are(identifier: str) -> None:
    expected = CATALOGUE[identifier].expected
    named = {*expected.cause, *expected.next, *expected.also}
    assert named <= set(ALL_FAULTS)
    assert bool(expected.cause) is (expected.outcome == "cause_found")


@every_row("identifier", SCENARIOS)
def test_the_saved_case_expects_what_the_catalogue_says(identifier: str) -> None:
    expected, saved = CATALOGUE[identifier].expected, EXPECTED[identifier]
    assert (saved["outcome"], saved["symptom"]) == (expected.outcome, expected.symptom)
    assert [saved["fault"]] == (list(expected.cause) or [None])
    assert len(saved["resources"]) == sum(len(parts) for parts in expected.cause.values())


def test_an_account_stands_on_one_kind_of_emulated_aws_at_least() -> None:
    assert [item.id for item in CATALOGUE.values() if item.truth_only and item.plain_only] == []


def test_a_scenario_without_a_row_is_refused() -> None:
    catalogue = Catalogue(build_account)
    with pytest.raises(ValueError, match=r'add a row such as "nobody-expects-it": \{"outcome"'):
        catalogue.add("nobody-expects-it", "No row")(lambda account: pytest.fail("is not built"))


def test_an_id_is_given_once() -> None:
    catalogue = Catalogue(build_account)
    catalogue.add("tag-not-found", "First")(lambda account: pytest.fail("is not built"))
    with pytest.raises(ValueError, match="two scenarios with the id 'tag-not-found'"):
        catalogue.add("tag-not-found", "Second")(lambda account: pytest.fail("is not built"))
