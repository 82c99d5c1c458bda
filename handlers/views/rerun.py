"""What is said when a target is looked at again: that it is under way, and, in one line, what came of it."""

from __future__ import annotations

from datetime import UTC

from diagnostics.finding import Report, UnavailableSummary
from diagnostics.snapshot import Why
from handlers.text import Mrkdwn, clock, code, escape, fmt
from handlers.views.message import MessageContent, section
from handlers.views.words import TEXT, UNCHANGED, cut, difference, effect, name_of, state_of


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
    return MessageContent(_sentence(report, name, _brief(report, earlier, newest)), (section(said),))


def _brief(report: Report, earlier: Report, newest: bool) -> str:
    if newest and decides_nothing(report):
        return (
            "the newest task could not be read"
            if unread_newest(report)
            else "the newest task has not pulled yet"
        )
    if difference(report, earlier) is not None:
        return effect(report)
    return "the newest task has pulled" if newest and _has_pulled_since(report, earlier) else UNCHANGED


def in_one_line(report: Report, earlier: Report, *, by: Mrkdwn | None, newest: bool) -> Mrkdwn:
    """The same as one line of a message."""
    told = difference(report, earlier)
    if newest and decides_nothing(report):
        return _by_whom(report, by, _not_known_yet(report, told))
    what = told if told is not None else fmt("{}.", UNCHANGED)
    if newest:
        which = _which(report, earlier)
        if _has_pulled_since(report, earlier):
            return _by_whom(
                report, by, fmt("{} has pulled{}", which, fmt("; {}", told) if told is not None else fmt("."))
            )
        what = fmt("{} {}", which, what)
    return _by_whom(report, by, what)


def _by_whom(report: Report, by: Mrkdwn | None, what: Mrkdwn) -> Mrkdwn:
    at = clock(report.snapshot.taken_at)
    return fmt("{}, {}: {}", by, at, what) if by is not None else fmt("{}: {}", at, what)


def unread_newest(report: Report) -> UnavailableSummary | None:
    """Why the newest task of a service is not known, where it could not be read."""
    if report.task.arn is not None:
        return None
    return next(
        (
            item
            for item in report.unavailable
            if item.call in _TELL_OF_TASKS or item.reason.why is Why.OTHER_ACCOUNT
        ),
        None,
    )


def decides_nothing(report: Report) -> bool:
    """True where the newest task of a service could not be read, or has not pulled yet and nothing is found that would stop it."""
    return unread_newest(report) is not None or (report.task.is_starting and state_of(report) != "cause")


_TELL_OF_TASKS = ("ecs:ListTasks", "ecs:DescribeTasks")


def _not_known_yet(report: Report, told: Mrkdwn | None) -> Mrkdwn:
    """What is said where the newest task does not tell whether the service can pull."""
    unread = unread_newest(report)
    if unread is not None:
        why = fmt("{}: {}", code(unread.call, 100), unread.why) if unread.call else escape(unread.why, 300)
        return fmt("the newest task could not be read ({}), so that nothing is decided.", why)
    task_id, status = (report.task.arn or "").rpartition("/")[2][:8], (report.task.last_status or "").lower()
    found = fmt("; {}", told) if told is not None and report.became else fmt("")
    return fmt(
        "newest task {} is {} and has not pulled yet{}. Check again in a minute.",
        code(task_id),
        status,
        found,
    )


def _which(report: Report, earlier: Report) -> Mrkdwn:
    if report.task.arn is None:
        return fmt("no task of it can be looked at;")
    if report.task.arn == earlier.task.arn:
        return fmt("there is no newer task;")
    task_id = code(report.task.arn.rpartition("/")[2][:8])
    return fmt("newest task {}", task_id) if report.task.has_pulled else fmt("newest task {}:", task_id)


def _has_pulled_since(report: Report, earlier: Report) -> bool:
    return report.task.has_pulled and report.task.arn != earlier.task.arn


def _sentence(report: Report, name: str, what: str) -> Mrkdwn:
    at = report.snapshot.taken_at.astimezone(UTC).strftime("%H:%M UTC")
    who = f"{cut(name, 40)} checked again at {at}" if name else f"Checked again at {at}"
    return escape(cut(f"{who}: {what}", TEXT - 1) + ".", TEXT)
