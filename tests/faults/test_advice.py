"""Every symptom of the catalogue leads to advice: a fault's, or the one next step of what is no failed pull."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.stop_reason import SymptomId
from diagnostics.verdict.neighbours import NEIGHBOURS
from diagnostics.verdict.table import TEXTS

WITHOUT: Mapping[SymptomId, str] = {
    SymptomId.STOPPED_BEFORE_PULL: "no pull failed: its room passes and says so, and nothing is to be repaired",
    SymptomId.UNRECOGNISED: "any fault may have produced a text that nobody knows, so that none claims it",
    SymptomId.NONE: "the text is no error",
}


def advised() -> set[SymptomId]:
    """The symptoms that some fault explains. Each fault says how it is mended, with at least a sentence."""
    return {symptom for fault in ALL_FAULTS.values() if fault.how for symptom in fault.explains.symptoms}


def test_every_symptom_leads_to_advice_but_for_those_listed() -> None:
    assert set(SymptomId) - advised() - set(NEIGHBOURS) == set(WITHOUT)


@pytest.mark.parametrize("symptom", WITHOUT)
def test_each_that_does_not_has_its_reason(symptom: SymptomId) -> None:
    assert len(WITHOUT[symptom].split()) > 4


@pytest.mark.parametrize("symptom", NEIGHBOURS)
def test_what_is_no_failed_pull_is_none_of_a_fault(symptom: SymptomId) -> None:
    assert symptom not in TEXTS
    assert symptom not in advised()
    assert NEIGHBOURS[symptom].step.endswith(".")
