"""The table of texts and faults fits the faults that are judged."""

from __future__ import annotations

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Fault
from diagnostics.verdict.table import (
    ANY_EXPLICIT,
    EARLIER_FIRST,
    IDENTITY_IMPLICIT,
    NOT_TO_THE_INTERNET,
    RESOURCE_EXPLICIT,
    RESOURCE_IMPLICIT,
    TABLE,
    THROUGH_ENDPOINT,
)

NO_TEXT_OF_A_PULL = {"stopped-before-pull"}
"""Faults whose text says that no pull failed."""


@pytest.mark.parametrize("symptom", TABLE)
def test_a_row_names_faults_that_are_judged(symptom: str) -> None:
    row = TABLE[symptom]
    assert set(row.ids) <= ALL_FAULTS.keys()
    assert row.nature in EARLIER_FIRST
    assert row.says
    assert not (row.stages and row.unless_told)


@pytest.mark.parametrize("fault", ALL_FAULTS.values(), ids=list(ALL_FAULTS))
def test_some_text_comes_from_each_fault(fault: Fault) -> None:
    rows = [name for name, row in TABLE.items() if fault.kind in row.kinds or fault.id in row.ids]
    assert bool(rows) is (fault.id not in NO_TEXT_OF_A_PULL)


def test_the_lists_name_faults_that_are_judged() -> None:
    lists = (
        IDENTITY_IMPLICIT,
        RESOURCE_IMPLICIT,
        RESOURCE_EXPLICIT,
        ANY_EXPLICIT,
        THROUGH_ENDPOINT,
        NOT_TO_THE_INTERNET,
    )
    assert {name for names in lists for name in names} <= ALL_FAULTS.keys()


def test_every_kind_of_fault_has_its_place() -> None:
    assert {fault.kind for fault in ALL_FAULTS.values()} == set(EARLIER_FIRST)
