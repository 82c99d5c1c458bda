"""What the faults say of themselves is what the verdict's own table said, row by row."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Fault
from diagnostics.stop_reason import Denial
from diagnostics.stop_reason.model import PolicyKind
from diagnostics.verdict.table import EARLIER_FIRST, TEXTS
from tests.verdict import old_table as old


@pytest.mark.parametrize("symptom", old.TABLE)
def test_a_row(symptom: str) -> None:
    row, text = old.TABLE[symptom], TEXTS[symptom]
    before = {fault.id for fault in ALL_FAULTS.values() if fault.kind in row.kinds or fault.id in row.ids}
    assert {fault.id for fault in ALL_FAULTS.values() if symptom in fault.explains.symptoms} == before
    assert (text.says, text.nature, text.stages, text.unless_told) == (
        row.says, row.nature, row.stages, row.unless_told,
    )  # fmt: skip


def test_the_rows() -> None:
    assert list(TEXTS) == list(old.TABLE)
    assert EARLIER_FIRST == old.EARLIER_FIRST
    assert {item for fault in ALL_FAULTS.values() for item in fault.explains.symptoms} <= set(TEXTS)


@pytest.mark.parametrize(
    ("policy", "explicit"), tuple(itertools.product(get_args(PolicyKind), (False, True)))
)
def test_a_wording(policy: PolicyKind, explicit: bool) -> None:
    denial = Denial(policy=policy, explicit=explicit)
    possible = old.named_by(denial)
    for fault in ALL_FAULTS.values():
        if fault.kind in ("permission", "secret"):
            assert fault.explains.fits(denial) is (possible is None or fault.id in possible), fault.id


@pytest.mark.parametrize("fault", ALL_FAULTS.values(), ids=list(ALL_FAULTS))
def test_the_way(fault: Fault) -> None:
    if fault.kind not in ("network", "dns"):
        assert fault.explains.over == ("endpoint", "internet")
        return
    assert ("endpoint" in fault.explains.over) is (fault.id in old.THROUGH_ENDPOINT)
    assert ("internet" in fault.explains.over) is (fault.id not in old.NOT_TO_THE_INTERNET)
