"""What one person is told who asks for what was asked already: where the answer is."""

from __future__ import annotations

from diagnostics.target import Target
from handlers.ids import RERUN
from handlers.text import Mrkdwn, escape, fmt, page, plain
from handlers.views.message import MessageContent, actions, button, section
from handlers.views.notices import named
from handlers.views.values import ButtonValue


def being_checked(target: Target, user: str | None, name: str, link: str) -> MessageContent:
    """Somebody's diagnosis is under way."""
    text = fmt("⏳ {} is being checked{}: {}", named(target), _by(user, name), page(link, "see the thread"))
    return MessageContent(text, (section(text),))


def was_checked(
    target: Target,
    user: str | None,
    name: str,
    link: str,
    minutes: int,
    *,
    of: Target,
    run_id: str,
    message_ts: str | None,
    thread_ts: str | None,
) -> MessageContent:
    """There is an answer, which can be checked again in its own thread.

    Args:
        target: what was asked for.
        user: who asked first; empty where nobody did, `None` where it was the same person.
        name: as people know them; as text, since a mention would call them.
        link: the address of the answer.
        minutes: how long ago.
        of: what the answer is about, which may be the failure that stands for this one.
        run_id: its run.
        message_ts: its message.
        thread_ts: its thread.
    """
    text = fmt(
        "👀 {} was checked {}{}: {}",
        named(target),
        _ago(minutes),
        _by(user, name),
        page(link, "see the answer"),
    )
    value = ButtonValue(run_id=run_id, target=of, message_ts=message_ts, thread_ts=thread_ts).text()
    says = plain("Re-run checks in the thread that there is", 75)
    row = actions([button(plain("Re-run checks", 75), RERUN, value, says=says)])
    return MessageContent(text, (section(text), row))


def _ago(minutes: int) -> str:
    if minutes < 1:
        return "less than a minute ago"
    return "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"


def _by(user: str | None, name: str) -> Mrkdwn:
    """By whom, where that is known."""
    if user is None:
        return fmt(" for you")
    if not user:
        return fmt(" automatically")
    return fmt(" by {}", escape(name, 80)) if name else fmt("")
