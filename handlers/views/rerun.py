"""What is said when a target is looked at again: that it is under way, and, in one line, what came of it."""

from __future__ import annotations

from datetime import UTC

from diagnostics.finding import Report
from handlers.text import Mrkdwn, clock, code, escape, fmt
from handlers.views.message import MessageContent, section
from handlers.views.words import TEXT, UNCHANGED, cut, difference, effect, name_of


def doing_again(report: Report, by: Mrkdwn | None, *, newest: bool) -> Mrkdwn:
    """That the checks are under way, for the top of the message whose verdict still stands below."""
    what = fmt("Checking the newest task of {}", name_of(report)) if newest else fmt("Re-running")
    return fmt("{} for {} …", what, by) if by is not None else fmt("{} …", what)


def came_of_it(
    report: Report, earlier: Report, *, by: Mrkdwn | None, name: str, newest: bool
) -> MessageContent:
    """What is different from an earlier run, or that nothing is.

    Args:
        by: who asked, as they stand in the line.
        name: the same for the sentence of a notification; empty where it is not known.
        newest: the newest task of the service was asked for.
    """
    said = in_one_line(report, earlier, by=by, newest=newest)
    return MessageContent(
        _sentence(report, name, changed=difference(report, earlier) is not None), (section(said),)
    )


def in_one_line(report: Report, earlier: Report, *, by: Mrkdwn | None, newest: bool) -> Mrkdwn:
    """The same as one line of a message."""
    told = difference(report, earlier)
    what = told if told is not None else fmt("{}.", UNCHANGED)
    if newest:
        what = fmt("{} {}", _which(report, earlier), what)
    at = clock(report.snapshot.taken_at)
    return fmt("{}, {}: {}", by, at, what) if by is not None else fmt("{}: {}", at, what)


def _which(report: Report, earlier: Report) -> Mrkdwn:
    if report.task.arn is None:
        return fmt("no task of it can be looked at;")
    task_id = report.task.arn.rpartition("/")[2]
    if report.task.arn == earlier.task.arn:
        return fmt("there is no newer task;")
    return fmt("newest task {}:", code(task_id[:8]))


def _sentence(report: Report, name: str, *, changed: bool) -> Mrkdwn:
    at = report.snapshot.taken_at.astimezone(UTC).strftime("%H:%M UTC")
    who = f"{cut(name, 40)} checked again at {at}" if name else f"Checked again at {at}"
    what = effect(report) if changed else UNCHANGED
    return escape(cut(f"{who}: {what}", TEXT - 1) + ".", TEXT)
