"""The answer in the thread, in one message: causes first, then how far one can trust it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

from diagnostics.finding import Report
from diagnostics.snapshot import Why
from diagnostics.target import Target
from handlers.text import Mrkdwn, code, code_block, fmt, join, lines, moment, page, prose, user
from handlers.views.cause import brief, cause_blocks
from handlers.views.lint import BLOCKS
from handlers.views.message import CONTEXT, SECTION, Block, MessageContent, context, divider, section
from handlers.views.network import network
from handlers.views.parent import buttons, verdict_blocks
from handlers.views.second_opinion import second_opinion_blocks
from handlers.views.words import changed, verdict_text

MOST_CAUSES = 3
_LISTED = 6
_UNREAD = 8
_TEXT = 1200


def details(report: Report, *, by: str, causes_page: str | None = None) -> MessageContent:
    """Everything that explains the verdict. `by` is the id of the person who asked, `causes_page` where causes are explained."""
    told = changed(report)
    text = fmt("{}. {}", join("; ", told), verdict_text(report)) if told else verdict_text(report)
    return MessageContent(text, _fitting(lambda most: _details(report, by, most, causes_page)))


def alone(
    report: Report, *, run_id: str, target: Target, by: str, causes_page: str | None = None
) -> Callable[[Mrkdwn | None, bool], MessageContent]:
    """Verdict and details in one message, for one person: a function of a note that says why that person is told alone, and of
    whether they are offered to show it to the channel. What is long is made when it is first called, and once."""

    def blocks(most: int) -> Iterator[Block]:
        yield from verdict_blocks(report)
        yield from _body(report, most)
        yield _footer(report, by, causes_page)

    @functools.cache
    def fitting() -> tuple[Block, ...]:
        return _fitting(blocks, BLOCKS - 2)

    def private(note: Mrkdwn | None, post: bool) -> MessageContent:
        notes = () if note is None else (context(note),)
        row = buttons(report, run_id=run_id, target=target, post=post)
        return MessageContent(verdict_text(report), (*fitting(), *notes, row))

    return private


def _fitting(make: Callable[[int], Iterator[Block]], room: int = BLOCKS) -> tuple[Block, ...]:
    """The blocks, with as many causes in full as there is room for so many blocks."""
    blocks: tuple[Block, ...] = ()
    for most in range(MOST_CAUSES, 0, -1):
        blocks = tuple(make(most))
        if len(blocks) <= room:
            break
    return blocks


def _details(report: Report, by: str, most: int, causes_page: str | None) -> Iterator[Block]:
    told = changed(report)
    if told:
        yield section(fmt("*Since the last run*\n{}", join("\n", told)))
    yield from _body(report, most)
    yield _footer(report, by, causes_page)


def _body(report: Report, most: int) -> Iterator[Block]:
    causes = report.causes_of("cause")
    for place, cause in enumerate(causes[:most]):
        if place:
            yield divider()
        yield from cause_blocks(cause, place)
    if len(causes) > most:
        rest = causes[most:]
        yield section(lines((fmt("*Further causes*"), *map(brief, rest)), SECTION, "more causes"))
    yield from _outcome(report)
    yield from network(report)
    for others, title in (
        (report.causes_of("next"), "After that you will hit"),
        (report.causes_of("also"), "Also found, though it did not stop this pull"),
    ):
        if others:
            yield section(lines((fmt("*{}*", title), *map(brief, others)), SECTION))
    yield from _seen(report)


def _outcome(report: Report) -> Iterator[Block]:
    """What there is to say beside causes: the error text, and what the outcome asks of the reader."""
    outcome = report.verdict.outcome
    texts = dict.fromkeys(symptom.text for symptom in report.verdict.symptoms if symptom.text.strip())
    stopped = report.task.stopped_reason
    if outcome == "not_a_pull_failure" and not texts and stopped:
        texts = {stopped: None}
    who = "the alert" if report.task.source == "alert" else "ECS"
    for text in tuple(texts)[:2]:
        yield section(fmt("*What {} said*\n{}", who, code_block(text, _TEXT)))
    if outcome == "undecided":
        yield from _undecided(report)
    elif outcome == "nothing_wrong":
        passes = fmt(
            "Every check of the path, the policies and the image passes, so a pull started now should work."
        )
        if report.task.stopped_at is not None:
            passes = fmt("{} If tasks still fail, check a newer one.", passes)
        yield section(passes)
    elif outcome == "task_gone":
        told = [prose(text, 500) for text in report.verdict.caveats]
        check = fmt("Also make sure that the account, the Region and the cluster are the right ones.")
        yield section(lines((*told, check), SECTION))
    elif outcome == "not_a_pull_failure":
        yield section(
            fmt(
                "The image was not what stopped this task, so nothing about the pull was judged to be the cause."
            )
        )


def _undecided(report: Report) -> Iterator[Block]:
    told = {fault for item in report.unavailable for fault in item.needed_by}
    rows = [
        fmt("• {} ({})", prose(reason, 400), _codes(faults))
        for reason, faults in report.not_known(but=told).items()
    ]
    if rows:
        yield section(lines((fmt("*What keeps this open*"), *rows[:_UNREAD], *_left(rows, _UNREAD)), SECTION))
    yield from second_opinion_blocks(report)


def _seen(report: Report) -> Iterator[Block]:
    """What could not be looked at, what was ruled out, and what nobody can see."""
    if report.unavailable and report.verdict.outcome != "task_gone":
        rows = [
            fmt(
                "• {}{}: {}{}",
                code(item.call, 100) if item.call else fmt("a fact"),
                fmt(" on {}", code(item.resource, 200)) if item.resource else fmt(""),
                prose(item.why, 300),
                fmt(" (needed for {})", _codes(item.needed_by)) if item.needed_by else fmt(""),
            )
            for item in report.unavailable
        ]
        title = fmt("*Could not look at*")
        yield section(lines((title, *rows[:_UNREAD], *_left(rows, _UNREAD)), SECTION))
        if any(item.reason.why is Why.DENIED for item in report.unavailable):
            yield context(fmt("Allow what is denied to the app's role, then press *Re-run checks*."))
    ruled_out = report.ruled_out
    if ruled_out:
        rows = [fmt("✓ {}", prose(text, 200)) for text in ruled_out.values()]
        title = fmt("*Ruled out: {}*", str(len(rows)))
        yield context(lines((title, *rows[:_LISTED], *_left(rows, _LISTED)), CONTEXT))
    if report.verdict.caveats and report.verdict.outcome != "task_gone":
        rows = [fmt("⚠️ {}", prose(text, 500)) for text in report.verdict.caveats]
        yield context(lines(rows, CONTEXT))


def _codes(names: Iterable[str]) -> Mrkdwn:
    every = tuple(names)
    shown = [code(name, 120) for name in every[:4]]
    left = len(every) - len(shown)
    return join(", ", (*shown, *((f"{left} more",) if left > 0 else ())))


def _left(rows: list[Mrkdwn], shown: int) -> tuple[Mrkdwn, ...]:
    return (fmt("… {} more", str(len(rows) - shown)),) if len(rows) > shown else ()


def _footer(report: Report, by: str, causes_page: str | None) -> Block:
    shot = report.snapshot
    pages = _pages(report, causes_page) if causes_page else ()
    return context(
        fmt(
            "Read {} with {} read-only AWS calls in {} s{} · {}{}",
            moment(shot.taken_at),
            str(shot.api_calls),
            f"{shot.seconds:.1f}",
            f"; {shot.shared_in_words}" if shot.shared_in_words else "",
            fmt("asked by {}", user(by)) if by else fmt("told by an event of ECS"),
            fmt(" · about {}", join(", ", pages)) if pages else "",
        )
    )


def _pages(report: Report, causes_page: str) -> tuple[Mrkdwn, ...]:
    """A link for each cause to where it is explained: `docs/causes.md` has an anchor for each."""
    ids = dict.fromkeys(cause.id for cause in report.causes[:MOST_CAUSES])
    return tuple(page(f"{causes_page}#{name}", name) for name in ids)
