"""How a report is put in words: the verdict's mark and word, the task's name, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from diagnostics.finding import BECAME, NOTHING_CHANGED, Became, Change, Gone, Outcomes, Report, TaskSummary
from handlers.text import Mrkdwn, code, escape, fmt, join, moment, prose

MARKS: dict[Outcomes, tuple[str, str]] = {
    "cause_found": ("🔴", "Cause found"),
    "undecided": ("🟡", "Undecided"),
    "nothing_wrong": ("🟢", "All clear now"),
    "not_a_pull_failure": ("⚪", "Not a pull failure"),
    "task_gone": ("⚪", "Task gone"),
}
"""Colour is never the only carrier: the word stands beside it."""

_MISSING: dict[Gone, str] = {
    "cluster": "No such cluster",
    "service": "No such service",
    "task": "Task gone",
    "task_definition": "No such task definition",
    "service_revision": "No such service revision",
}

_BECAME_MARKS: dict[Became, str] = {"fixed": "✅", "still_failing": "🔴", "new": "🆕", "unseen": "🟡"}
_SHOWN = 6


def mark_of(report: Report) -> tuple[str, str]:
    """The verdict's mark and word."""
    mark, word = MARKS[report.verdict.outcome]
    missing = report.verdict.missing
    return mark, word if missing is None else _MISSING[missing]


def verdict_text(report: Report) -> Mrkdwn:
    """The verdict in one sentence, for notifications and screen readers."""
    _, word = mark_of(report)
    return fmt("{}: {}", word, prose(report.verdict.headline, 1000))


def task_name(task: TaskSummary) -> Mrkdwn:
    """The service or the cluster, and the beginning of the task id."""
    task_id = task.arn.rsplit("/", 1)[-1] if task.arn else None
    name = "/".join(part for part in (task.cluster, task.service) if part)
    if name and task_id:
        return fmt("{} task {}", code(name, 300), code(task_id[:8]))
    return code(name or task_id or "task", 300)


def task_facts(report: Report) -> Mrkdwn:
    """Where the task is and what became of it, on one line."""
    task = report.task
    facts: list[Mrkdwn] = [task_name(task)]
    if task.launch_type:
        facts.append(
            escape(task.launch_type.title() if task.launch_type == "FARGATE" else task.launch_type, 60)
        )
    if task.stopped_at is not None:
        facts.append(fmt("stopped {}", moment(task.stopped_at)))
    elif task.last_status:
        facts.append(escape(task.last_status.lower(), 60))
    facts.extend(escape(part, 60) for part in (task.region, task.account_id) if part)
    if task.source == "saved":
        facts.append(fmt("from the facts of an earlier run, because ECS no longer describes the task"))
    if task.source == "sibling":
        facts.append(
            fmt("the newest task of its service whose pull failed, because ECS no longer describes the other")
        )
    if task.source == "service_events":
        facts.append(fmt("from the service's events, not from the task itself"))
    if task.source == "alert":
        facts.append(fmt("from the alert's own text, because ECS no longer describes the task"))
    return join(" · ", facts)


def changed(report: Report) -> tuple[Mrkdwn, ...]:
    """What a re-run found to be different, one line each: fixed, still failing, new, no longer known."""
    if report.changes is None:
        return ()
    told = tuple(
        fmt("{} *{}:* {}", _BECAME_MARKS[became], BECAME[became], _named(items))
        for became, items in report.became.items()
    )
    return told or (fmt("{}", NOTHING_CHANGED),)


def _named(changes: Sequence[Change]) -> Mrkdwn:
    shown = [
        fmt("{} ({})", code(item.fault, 120), code(item.resources[0], 200))
        if item.resources
        else code(item.fault, 120)
        for item in changes[:_SHOWN]
    ]
    left = len(changes) - len(shown)
    return join(", ", (*shown, *((f"{left} more",) if left else ())))
