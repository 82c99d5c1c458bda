"""The parent message: the verdict in one sentence, what it means for the service, and what can be done next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import InteractiveElement

from diagnostics import console
from diagnostics.finding import Report
from diagnostics.target import Target
from handlers.ids import CONSOLE, EXPLAIN, POST, RERUN, SHOW_DETAILS
from handlers.text import Mrkdwn, code, escape, fmt, join, moment, plain, prose
from handlers.views.message import Block, MessageContent, actions, button, context, link, section
from handlers.views.values import ButtonValue
from handlers.views.words import changed, mark_of, task_facts, verdict_text

MOST_NAMED = 12
"""Services that a message names; the others are counted."""


@dataclass(frozen=True)
class Repeats:
    """How many tasks failed in the same way, and since when; and which services that stops, where it is more than one."""

    count: int
    since: datetime
    services: tuple[str, ...] = ()


def parent(report: Report, *, run_id: str, target: Target, repeats: Repeats | None = None) -> MessageContent:
    """The verdict, with its buttons."""
    return MessageContent(verdict_text(report), tuple(_blocks(report, run_id, target, repeats)))


def short(
    report: Report, *, run_id: str, target: Target, note: Mrkdwn | None = None, details: bool = True
) -> MessageContent:
    """The verdict where it has no thread, with a button for the details; `note` says why."""

    def blocks() -> Iterator[Block]:
        yield from verdict_blocks(report)
        if note is not None:
            yield context(note)
        yield buttons(report, run_id=run_id, target=target, details=details)

    return MessageContent(verdict_text(report), tuple(blocks()))


def verdict_blocks(report: Report) -> Iterator[Block]:
    """The verdict and the facts around it, without buttons."""
    mark, word = mark_of(report)
    yield section(fmt("{} *{}*\n{}", mark, word, prose(report.verdict.headline, 1500)), expand=True)
    yield context(task_facts(report))
    around = tuple(_around(report))
    if around:
        yield context(join(" · ", around))
    if report.impact is not None and report.impact.notes:
        yield context(join("\n", (escape(note, 300) for note in report.impact.notes[:4])))
    by = report.task.started_by
    if by is not None:
        yield context(fmt("Started by {}. {}", escape(by.text, 300), escape(by.then, 400)))
    told = changed(report)
    if told:
        yield section(join("\n", told))


def buttons(
    report: Report, *, run_id: str, target: Target, details: bool = False, post: bool = False
) -> Block:
    """Re-run, Explain where there is something to explain, and the page of the console that matters most.

    Args:
        details: there is no thread, so a button tells whoever presses it the details.
        post: only one person sees this, so a button shows the verdict to the channel.
    """
    value = ButtonValue(run_id=run_id, target=target).text()
    row: list[InteractiveElement] = []
    if details:
        row.append(
            button(
                plain("Show details", 75), SHOW_DETAILS, value, says=plain("Show the details to me alone", 75)
            )
        )
    if post:
        row.append(
            button(
                plain("Post to channel", 75), POST, value, says=plain("Show the verdict to the channel", 75)
            )
        )
    row.append(
        button(plain("Re-run checks", 75), RERUN, value, says=plain("Run all checks of this task again", 75))
    )
    if report.causes:
        row.append(
            button(plain("Explain", 75), EXPLAIN, value, says=plain("Explain the cause and its fix", 75))
        )
    page = _page(report)
    if page is not None:
        row.append(page)
    return actions(row, block_id=f"pullcheck.{run_id}")


def _blocks(report: Report, run_id: str, target: Target, repeats: Repeats | None) -> Iterator[Block]:
    yield from verdict_blocks(report)
    if repeats is not None:
        yield context(join(" · ", _repeated(repeats)))
    yield buttons(report, run_id=run_id, target=target)


def _repeated(repeats: Repeats) -> Iterator[Mrkdwn]:
    yield fmt("🔁 Seen {} times since {}", str(repeats.count), moment(repeats.since))
    count = len(repeats.services)
    if count > 1:
        named = [code(name, 120) for name in repeats.services[:MOST_NAMED]]
        more = (fmt("{} more", str(count - MOST_NAMED)),) if count > MOST_NAMED else ()
        yield fmt("stops {} services: {}", str(count), join(", ", (*named, *more)))


def _around(report: Report) -> Iterator[Mrkdwn]:
    if report.impact is not None and report.impact.headline:
        yield escape(report.impact.headline, 400)
    first, after, also = (len(report.causes_of(role)) for role in ("cause", "next", "also"))
    if first > 1:
        yield fmt("{} causes", str(first))
    if after:
        yield fmt("{} more to fix after that", str(after))
    if also:
        yield fmt("{} other {} found", str(also), "fault" if also == 1 else "faults")


def _page(report: Report) -> InteractiveElement | None:
    cause = report.cause
    if cause is not None and cause.console_url:
        return link(
            plain("Open in console", 75),
            f"{CONSOLE}.cause",
            cause.console_url,
            says=plain("Open what must change in the AWS console", 75),
        )
    task = report.task
    if not (task.arn and task.cluster and task.region) or task.source in ("service_events", "alert", "none"):
        return None
    url = console.task(task.region, task.cluster, task.arn.rsplit("/", 1)[-1])
    return link(plain("Open task in console", 75), f"{CONSOLE}.task", url or "")
