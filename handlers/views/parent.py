"""The parent message: what does not work and why, what repairs it, and what can be done next. Four blocks, read in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from diagnostics.finding import Cause, Report
from diagnostics.snapshot import Why
from diagnostics.target import Target
from handlers.text import Mrkdwn, escape, fmt, join, moment, user
from handlers.views.message import Block, MessageContent, context, section
from handlers.views.parent_buttons import parent_buttons, private_buttons
from handlers.views.repeats import Repeats, counted
from handlers.views.size import SHORT, shown, visible_of
from handlers.views.words import (
    MARKS,
    cut,
    effect,
    first_sentence,
    fix_in_brief,
    prose_of,
    sentence_of,
    source_of,
    state_of,
    verdict_text,
    where_of,
)

MOST_CAUSES = 5
_LEAST = 200
"""Characters that are left for cause and fix, however long the names are."""


@dataclass(frozen=True)
class OnIt:
    """Who takes care of what a message tells of, and since when. The name is text: a mention would notify again and again."""

    user: str
    name: str
    since: datetime


@dataclass(frozen=True)
class Watched:
    """Who watches the service of a message, and until when; `lasting` where that outlives the process."""

    user: str
    name: str
    until: datetime
    lasting: bool = True


BY_EVENT = fmt("told by an event of ECS")
"""In place of who asked, where nobody did."""


def person(user_id: str, name: str) -> Mrkdwn | None:
    """A person by name, else, where Slack gave none, as a mention; `None` where nobody asked."""
    if name:
        return escape(cut(name, 60), 80)
    return user(user_id) if user_id else None


def parent(
    report: Report,
    *,
    run_id: str,
    target: Target,
    by: Mrkdwn | None = None,
    on_it: OnIt | None = None,
    repeats: Repeats | None = None,
    watched: Watched | None = None,
) -> MessageContent:
    """The verdict, with its buttons.

    Args:
        by: who asked.
        on_it: who takes care of it.
        repeats: how often the same was seen.
        watched: who watches its service.
    """
    held = on_it.user if on_it else None
    row = parent_buttons(report, run_id=run_id, target=target, held=held, watched=watched is not None)
    room = SHORT - visible_of((row,) if row else ())
    told = verdict_blocks(report, by=by, on_it=on_it, repeats=repeats, watched=watched, room=room)
    return MessageContent(verdict_text(report), (*told, *((row,) if row else ())))


def under_way(report: Report, doing: Mrkdwn, *, on_it: OnIt | None = None) -> MessageContent:
    """The verdict that stands while it is looked at again, without buttons, so that nobody presses one twice."""
    return MessageContent(doing, (section(fmt("⏳ {}", doing)), *verdict_blocks(report, on_it=on_it)))


def short(
    report: Report, *, run_id: str, target: Target, note: Mrkdwn | None = None, details: bool = True
) -> MessageContent:
    """The verdict where it has no thread, with a button for the details; `note` says why."""
    notes = () if note is None else (context(note),)
    row = private_buttons(report, run_id=run_id, target=target, details=details)
    return MessageContent(verdict_text(report), (*verdict_blocks(report), *notes, row))


def verdict_blocks(
    report: Report,
    *,
    by: Mrkdwn | None = None,
    on_it: OnIt | None = None,
    repeats: Repeats | None = None,
    watched: Watched | None = None,
    room: int = SHORT,
) -> tuple[Block, ...]:
    """The verdict and the facts around it, without buttons, in about `room` characters."""
    last = _around(report, by, on_it, watched)
    first = _title(report, by, repeats)
    told = _told(report, 2 * room)
    if told is not None and visible_of((first, section(told), last)) > room:
        # The deployment's id is what can be missed first.
        first = _title(report, by, repeats, brief=True)
        told = _told(report, max(room - visible_of((first, last)), _LEAST))
    return (first, *((section(told, expand=True),) if told is not None else ()), last)


# --- what is wrong -----------------------------------------------------------------------------------


def _title(report: Report, by: Mrkdwn | None, repeats: Repeats | None, *, brief: bool = False) -> Block:
    state = state_of(report)
    title = fmt("{} *{}*", MARKS[state], _bold(cut(effect(report), 260)))
    if state == "fixed":
        seen = fmt(", seen by {}", by) if by else fmt("")
        title = fmt("{} · fixed {}{}", title, moment(report.snapshot.taken_at), seen)
    return section(join("\n", (title, *_facts_line(report, repeats, brief))), expand=True)


def _bold(text: str) -> Mrkdwn:
    """A text inside of `*…*`: Slack ends bold at the next asterisk."""
    return escape(text.replace("*", "∗"), 600)


def _facts_line(report: Report, repeats: Repeats | None, brief: bool) -> Iterator[Mrkdwn]:
    facts = tuple(_facts(report, repeats, brief))
    if facts:
        yield join(" · ", facts)


def _facts(report: Report, repeats: Repeats | None, brief: bool) -> Iterator[Mrkdwn]:
    impact, task = report.impact, report.task
    if impact is not None and impact.headline:
        yield escape(cut(impact.headline, 60), 120)
    if repeats is not None:
        yield from counted(repeats)
    elif impact is not None and impact.failed_tasks:
        count = f"{impact.failed_tasks} {'task' if impact.failed_tasks == 1 else 'tasks'} failed"
        since = fmt(" since {}", moment(impact.deployed_at)) if impact.deployed_at else fmt("")
        yield fmt("{}{}", count, since)
        if impact.deployment and not brief:
            yield fmt("deployment {}", escape(cut(impact.deployment, 40), 60))
    elif task.stopped_at is not None:
        yield fmt("stopped {}", moment(task.stopped_at))
    elif task.last_status:
        yield escape(task.last_status.lower(), 30)
    if task.started_by is not None:
        yield fmt("started by {}", escape(cut(task.started_by.text, 60), 120))


# --- cause and fix -----------------------------------------------------------------------------------


def _told(report: Report, room: int) -> Mrkdwn | None:
    causes = report.causes_of("cause")
    if len(causes) > 1:
        return _numbered(causes, room)
    if causes:
        return _one(report, causes[0], room)
    step = next_step(report) if state_of(report) != "fixed" else None
    return fmt("*Next* {}", sentence_of(step, min(room, 320))) if step else None


def _one(report: Report, cause: Cause, room: int) -> Mrkdwn:
    after = len(report.causes_of("next"))
    more = fmt(" · {} more to fix after that", str(after)) if after else fmt("")
    where = fmt(" (command in the thread)") if cause.fix.cli else fmt("")
    fix = prose_of(fix_in_brief(cause.fix), max(room // 3, 110))
    left = max(room - len(shown(fix)) - len(where) - len(more) - len(cause.certainty) - 14, 110)
    what = sentence_of(first_sentence(cause.summary), left)
    return fmt("*Cause* ({}) {}\n*Fix* {}{}{}", cause.certainty, what, fix, where, more)


def _numbered(causes: tuple[Cause, ...], room: int) -> Mrkdwn:
    """One line for each of several causes, with its fix where there is room; of very many only the first."""
    told = fmt("")
    for most, each in _MANY:
        told = _rows(causes, most, each)
        if len(shown(told)) <= room:
            break
    return told


_MANY = ((MOST_CAUSES, 110), (MOST_CAUSES, 0), (3, 0), (2, 0))
"""How many causes are named, and how many characters their fixes have; 0 leaves the fixes to the thread."""


def _rows(causes: tuple[Cause, ...], most: int, each: int) -> Mrkdwn:
    rows = [
        fmt("{}. ({}) {}", str(place), cause.certainty, prose_of(_brief(cause, each), max(each, 64)))
        for place, cause in enumerate(causes[:most], 1)
    ]
    if len(causes) > most:
        rows.append(fmt("… {} more", str(len(causes) - most)))
    return fmt("*Causes*, with their fixes in the thread\n{}", join("\n", rows))


def _brief(cause: Cause, each: int) -> str:
    what = cause.short or first_sentence(cause.summary)
    return f"{what}: {fix_in_brief(cause.fix)}" if each else what


def next_step(report: Report) -> str | None:
    """The one thing to do where there is no cause to repair."""
    outcome, caveats = report.verdict.outcome, report.verdict.caveats
    denied = tuple(
        dict.fromkeys(item.call for item in report.unavailable if item.reason.why is Why.DENIED and item.call)
    )
    if outcome == "undecided":
        if denied:
            more = f" and {len(denied) - 2} more" if len(denied) > 2 else ""
            return f"Allow the app's role {', '.join(denied[:2])}{more}, then press Re-run checks."
        if caveats:
            return caveats[0]
        if report.second_opinion is not None:
            return "AWS's own runbook can test more from the task's subnet; its command is in the thread."
        return "What keeps it open stands in the thread."
    if outcome == "nothing_wrong":
        stopped = report.task.stopped_at is not None
        return "If tasks still fail, check a newer one." if stopped and state_of(report) == "fine" else None
    return caveats[-1] if caveats else None


# --- around it ---------------------------------------------------------------------------------------


def _around(report: Report, by: Mrkdwn | None, on_it: OnIt | None, watched: Watched | None) -> Block:
    checked = fmt("checked {}", moment(report.snapshot.taken_at))
    if by is not None:
        checked = fmt("{}, {}", checked, by) if by == BY_EVENT else fmt("{} for {}", checked, by)
    where = where_of(report)
    texts = [join(" · ", (where, checked)) if where else checked]
    source = source_of(report)
    if source is not None:
        texts.append(source)
    if on_it is not None:
        texts.append(
            fmt(
                "*{} is on it* since {}",
                person(on_it.user, on_it.name) or fmt("Somebody"),
                moment(on_it.since),
            )
        )
    if watched is not None:
        who = person(watched.user, watched.name) or fmt("Somebody")
        ends = fmt("") if watched.lasting else fmt(", or until this app restarts")
        texts.append(fmt("*{} watches it* until {}{}", who, moment(watched.until), ends))
    return context(*texts)
