"""The answer to "Why this happens": why such a fault stops a pull, and how it is repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagnostics.finding import Cause, Fault, Report
from handlers.ids import CONSOLE
from handlers.text import Mrkdwn, code, escape, fmt, join, plain, prose
from handlers.views.message import Block, MessageContent, actions, context, divider, link, section
from handlers.views.words import TEXT, cut

MOST = 4


def explanation(report: Report, fault: Callable[[str], Fault | None]) -> MessageContent:
    """The faults of a report explained, the cause first, each once."""
    causes = {cause.id: cause for cause in reversed(report.causes)}
    ordered = [causes[name] for name in dict.fromkeys(cause.id for cause in report.causes)]
    blocks: list[Block] = []
    for place, cause in enumerate(ordered[:MOST]):
        if place:
            blocks.append(divider())
        blocks.extend(_one(cause, fault(cause.id), place))
    if len(ordered) > MOST:
        rest = join(", ", (code(cause.id, 120) for cause in ordered[MOST:][:20]))
        blocks.append(context(fmt("Not explained here: {}", rest)))
    return MessageContent(
        escape(
            cut(f"Why this happens: {', '.join(cause.id for cause in ordered[:MOST])}", TEXT - 1) + ".", TEXT
        ),
        tuple(blocks),
    )


def _one(cause: Cause, fault: Fault | None, place: int) -> Iterator[Block]:
    yield section(_paragraphs(cause, fault), expand=True)
    if fault is not None:
        page = link(
            plain("Read AWS's page", 75),
            f"{CONSOLE}.source{place}",
            fault.source,
            says=plain(f"Read AWS's page about {fault.id}", 75),
        )
        if page is not None:
            yield actions([page])


def _paragraphs(cause: Cause, fault: Fault | None) -> Mrkdwn:
    if fault is None:
        return fmt("*{}*\n{}", code(cause.id, 120), prose(cause.summary, 2000))
    return fmt(
        "*{}*\nA pull needs this: {}.\n\n*Why the pull fails*\n{}\n\n*How to fix it*\n{}",
        code(cause.id, 120),
        prose(fault.title.rstrip("."), 300),
        prose(fault.why, 1100),
        prose(fault.how, 1000),
    )
