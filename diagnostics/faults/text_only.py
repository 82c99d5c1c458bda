"""Faults that only an error text can show. Each has a room in its family, and all are judged alike."""

from __future__ import annotations

from collections.abc import Callable

from diagnostics.faults.base import Room, Subject, World, fails, skipped, unseen
from diagnostics.faults.told import TEXT_ONLY, said, text_evidence, told
from diagnostics.finding import Evidence, Fault, Outcome, Status, Ways
from diagnostics.stop_reason import Stage, Symptom, SymptomId


def text_room(
    fault: Fault,
    shown_by: tuple[SymptomId, ...],
    tell: Callable[[World, Subject, Symptom], Outcome],
    unless: Callable[[World, Subject], str | None] = lambda _world, _subject: None,
) -> Room:
    """The room of a fault that an error text shows, and nothing else does.

    Args:
        fault: the fault, as data.
        shown_by: the symptoms of the texts that show it, the one that tells most first.
        tell: what is said where a text shows it, mostly by `shown`: a sentence, what proves it, and what to do.
        unless: why a subject cannot have the fault, whatever the text says; `None` where it can.
    """

    def judge(world: World, subject: Subject) -> Outcome:
        why = unless(world, subject)
        if why is not None:
            return skipped(fault, why)
        symptom = told(world, subject.image, *shown_by) if subject.image else said(world, *shown_by)
        return unseen(fault, TEXT_ONLY) if symptom is None else tell(world, subject, symptom)

    return Room(fault, judge)


def shown(
    fault: Fault,
    symptom: Symptom,
    summary: str,
    fix: Ways,
    *more: Evidence,
    stage: Stage,
    resources: tuple[str, ...],
    console_url: str | None = None,
    named: bool = False,
) -> Outcome:
    """The fault is there by the error text alone, so that it only warns. `named`: the summary begins with a name."""
    return fails(
        fault,
        summary,
        named=named,
        stage=stage,
        resources=resources,
        evidence=(text_evidence(symptom), *more),
        fix=fix,
        console_url=console_url,
        status=Status.WARN,
    )
