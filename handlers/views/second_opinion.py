"""AWS's own runbook in the thread: what it can tell beyond what was read, and the command that starts it."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Report
from handlers.ids import CONSOLE
from handlers.text import plain, prose
from handlers.views.fix import code_to_paste
from handlers.views.message import Block, actions, link, section


def second_opinion_blocks(report: Report) -> Iterator[Block]:
    """Where AWS has a test of its own for this task: a sentence, the command, the page. pullcheck starts nothing."""
    told = report.second_opinion
    if told is None:
        return
    yield section(prose(told.text, 1200), expand=True)
    yield from code_to_paste(None, told.cli)
    page = link(
        plain("Open the runbook", 75),
        f"{CONSOLE}.runbook",
        told.console_url or "",
        says=plain("Open the runbook for this task in the AWS console", 75),
    )
    if page is not None:
        yield actions([page])
