"""The table of texts and faults, derived from what each fault says of itself."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Fault
from diagnostics.stop_reason import SymptomId
from diagnostics.verdict.table import EARLIER_FIRST, TEXTS
from tests.golden import assert_golden
from tests.rows import every_row

NO_TEXT_OF_A_PULL = {"stopped-before-pull", "firelens-config-unreadable"}
"""Faults whose text says that no pull failed."""

BOTH = ("endpoint", "internet")


@every_row("symptom", TEXTS)
def test_a_text_has_its_place_and_its_words(symptom: SymptomId) -> None:
    text = TEXTS[symptom]
    assert text.nature in EARLIER_FIRST
    assert text.says
    assert not (text.stages and text.unless_told)


@every_row("fault", ALL_FAULTS.values(), ids=list(ALL_FAULTS))
def test_some_text_comes_from_each_fault(fault: Fault) -> None:
    explains = fault.explains.symptoms
    assert bool(explains) is (fault.id not in NO_TEXT_OF_A_PULL)
    assert set(explains) <= set(TEXTS)


@every_row("fault", ALL_FAULTS.values(), ids=list(ALL_FAULTS))
def test_only_what_a_policy_can_refuse_says_how_a_refusal_is_worded(fault: Fault) -> None:
    if fault.explains.refusals:
        assert fault.kind in ("permission", "secret")
    if fault.explains.over != BOTH:
        assert fault.kind in ("network", "dns")


def test_every_kind_of_fault_has_its_place() -> None:
    assert {fault.kind for fault in ALL_FAULTS.values()} == set(EARLIER_FIRST)


def test_the_table_as_a_whole() -> None:
    """Which text can come from which fault: to be reviewed as a difference when a fault or a text is added."""
    assert_golden("verdict/explains.txt", "".join(f"{line}\n" for line in (*_rows(), *_of_faults())))


def _rows() -> Iterator[str]:
    for symptom, text in TEXTS.items():
        stages = text.stages or text.unless_told
        told = " unless told" if text.unless_told else ""
        at = f" at {', '.join(stages)}{told}" if stages else ""
        yield f"{symptom}: {text.says} ({text.nature}{at})"
        yield from sorted(
            f"    {name}" for name, fault in ALL_FAULTS.items() if symptom in fault.explains.symptoms
        )
        yield ""


def _of_faults() -> Iterator[str]:
    yield "What only one way can show, by the address that was dialled"
    for name, fault in sorted(ALL_FAULTS.items()):
        if fault.explains.over != BOTH:
            yield f"    {name}: {', '.join(fault.explains.over) or 'neither'}"
    yield ""
    yield "Refusals that name a kind of policy"
    for name, fault in sorted(ALL_FAULTS.items()):
        if fault.explains.refusals:
            of = f" (of {', '.join(fault.explains.actions)})" if fault.explains.actions else ""
            yield f"    {name}: {', '.join(fault.explains.refusals)}{of}"
