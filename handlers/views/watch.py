"""What a watch says, once: that the next task pulled, that it failed again, or that nothing came of it."""

from __future__ import annotations

from datetime import datetime

from diagnostics.finding import Report
from handlers.text import Mrkdwn, clock, code, escape, fmt, user
from handlers.views.message import MessageContent, section
from handlers.views.words import TEXT, cut, effect, name_of, new_causes, state_of


def pulled(
    report: Report, who: str, task_arn: str, at: datetime, found: Report | None = None
) -> MessageContent:
    """The next task pulled its image.

    Args:
        report: what the thread is about.
        who: the id of who watched.
        task_arn: the task.
        at: when.
        found: what the checks say of the service since.
    """
    if found is not None and state_of(found) == "cause":
        told = fmt(
            "🔴 The next task pulled at {} ({}), but the checks say: {}. Press Check newest task to see more.",
            clock(at), _id(task_arn), _effect(found),
        )  # fmt: skip
        return _told(report, who, told, "The next task pulled, but another one would fail")
    told = fmt("🟢 The next task pulled at {} ({}).", clock(at), _id(task_arn))
    return _told(report, who, told, "The next task pulled")


def failed_again(report: Report, who: str, found: Report) -> MessageContent:
    """The next task stopped before it ran, as `found` says."""
    state = state_of(found)
    if state == "cause" and not new_causes(found, report) and report.causes_of("cause"):
        told, brief = (
            fmt("🔴 The next task failed again, same cause."),
            "The next task failed again, same cause",
        )
    elif state == "cause":
        told = fmt(
            "🔴 The next task failed again, for another reason: {}. Press Check newest task for its fix.",
            _effect(found),
        )
        brief = "The next task failed again, for another reason"
    else:
        told = fmt(
            "⚪ The next task stopped before it ran: {}. Press Check newest task to see more.", _effect(found)
        )
        brief = "The next task stopped before it ran"
    return _told(report, who, told, brief)


def over(report: Report, who: str) -> MessageContent:
    """Nothing came of it within the time."""
    return _told(report, who, fmt("⚪ Two hours are over; no newer task has pulled."), "Two hours are over")


def service_gone(report: Report, who: str) -> MessageContent:
    """There is no such service any more."""
    return _told(
        report,
        who,
        fmt("⚪ The service is gone, so that nothing is watched any more."),
        "The service is gone",
    )


def cannot_look(report: Report, who: str, why: str) -> MessageContent:
    """It cannot be seen what becomes of the service; `why` is a sentence."""
    return _told(
        report, who, fmt("🟡 The watch has ended: {}", escape(cut(why, 300), 600)), "The watch has ended"
    )


def _effect(report: Report) -> Mrkdwn:
    return escape(cut(effect(report), 260), 600)


def _id(task_arn: str) -> Mrkdwn:
    return code(task_arn.rpartition("/")[2][:8])


def _told(report: Report, who: str, said: Mrkdwn, brief: str) -> MessageContent:
    """The mention stands in the sentence of the notification too: it is what notifies."""
    name = name_of(report)
    text = fmt("{}: {}.", user(who), escape(cut(f"{name}: {brief[0].lower()}{brief[1:]}", TEXT - 40), TEXT))
    return MessageContent(text, (section(fmt("{} *{}* {}", user(who), escape(name, 120), said)),))
