"""The answer to Explain: why such a fault stops a pull, how it is repaired, and the repair as code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from diagnostics.finding import Cause, Fault, Report
from handlers.ids import CONSOLE
from handlers.text import Mrkdwn, code, fmt, join, plain, prose
from handlers.views.cause import code_to_paste
from handlers.views.message import Block, MessageContent, actions, context, divider, link, section
from handlers.views.second_opinion import second_opinion_blocks

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
    blocks.extend(second_opinion_blocks(report))
    return MessageContent(
        fmt("Explained: {}", join(", ", (code(cause.id, 120) for cause in ordered[:MOST]))), tuple(blocks)
    )


def _one(cause: Cause, fault: Fault | None, place: int) -> Iterator[Block]:
    yield section(_paragraphs(cause, fault), expand=True)
    yield from code_to_paste(fmt("*As Terraform*"), cause.fix.terraform, most=3)
    yield from code_to_paste(fmt("*As CloudFormation*"), cause.fix.cloudformation, most=3)
    for other in cause.alternatives:
        way = prose(other.title or "", 200)
        yield from code_to_paste(fmt("*Another way, {}: as Terraform*", way), other.terraform, most=2)
        yield from code_to_paste(
            fmt("*Another way, {}: as CloudFormation*", way), other.cloudformation, most=2
        )
    if fault is not None:
        page = link(
            plain("Read AWS's page", 75),
            f"{CONSOLE}.source{place}",
            fault.source,
            says=plain(f"Read what AWS documents about {fault.id}", 75),
        )
        if page is not None:
            yield actions([page])


def _paragraphs(cause: Cause, fault: Fault | None) -> Mrkdwn:
    if fault is None:
        return fmt("*{}*\n{}", code(cause.id, 120), prose(cause.summary, 2000))
    return fmt(
        "*{}*\nHealthy is: {}.\n\n*Why the pull fails*\n{}\n\n*How to fix it*\n{}",
        code(cause.id, 120),
        prose(fault.title.rstrip("."), 300),
        prose(fault.why, 1100),
        prose(fault.how, 1000),
    )
