"""Words and marks that both texts of a report use."""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.finding import Became, Cause, CauseRole, TaskSummary

MARKS = {
    "cause_found": ("✗", "bold red"),
    "undecided": ("?", "bold yellow"),
    "nothing_wrong": ("✓", "bold green"),
    "not_a_pull_failure": ("✓", "bold green"),
    "task_gone": ("?", "bold yellow"),
}
LEGS = {"reachable": ("✓", "green"), "blocked": ("✗", "red"), "insufficient_information": ("?", "yellow")}
ROLES: dict[CauseRole, str] = {
    "cause": "What stopped this pull",
    "next": "After that you will hit",
    "also": "Also found, but not what stopped this pull",
}
_SOURCES = {
    "saved": "the task's facts were saved earlier",
    "sibling": "told by the newest task of the same service whose pull failed, the task itself is gone",
    "alert": "told by the alert's own text, ECS no longer describes the task",
    "service_events": "told by the service's events, not by the task itself",
}
BECAME_STYLES: dict[Became, str] = {
    "fixed": "green",
    "still_failing": "yellow",
    "new": "red",
    "unseen": "yellow",
}


def source_of(task: TaskSummary) -> str | None:
    """Where the facts of the task come from, where that is not the task itself."""
    return _SOURCES.get(task.source)


def started_by(task: TaskSummary) -> Iterable[str]:
    """Who started a task that no plain deployment of a service started, and what that means for the repair."""
    by = task.started_by
    return () if by is None else (f"Started by {by.text}", by.then)


def lower(text: str) -> str:
    """Lower case at the beginning, unless an id or an abbreviation stands there."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def rest_of(cause: Cause, headline: str) -> str:
    """What a cause says that the headline does not: its summary without the sentence that stands there already."""
    clause = cause.clause
    if not clause or clause not in headline:
        return cause.summary
    told = cause.summary[: len(clause)]
    return cause.summary[len(clause) :].lstrip(". ") if told[1:] == clause[1:] else cause.summary
