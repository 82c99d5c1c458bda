"""The repair as Terraform or CloudFormation, for those whose infrastructure is code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from diagnostics.finding import Fix, Report
from handlers.text import escape, fmt, prose
from handlers.views.fix import code_to_paste
from handlers.views.message import Block, MessageContent, section
from handlers.views.words import TEXT, cut, name_of

Language = Literal["Terraform", "CloudFormation"]
MOST = 8


def as_code(report: Report, language: Language) -> MessageContent:
    """Every repair of the causes that there is in a language, the smallest first."""
    ways = [
        (cause.short or cause.id, way)
        for cause in report.causes_of("cause")
        for way in (cause.fix, *cause.alternatives)
        if _code(way, language)
    ]
    name = name_of(report)
    blocks: list[Block] = []
    for why, way in ways[:MOST]:
        blocks.extend(_one(why, way, language))
    if len(ways) > MOST:
        blocks.append(section(fmt("… {} more in the full report", str(len(ways) - MOST))))
    if not blocks:
        blocks.append(section(fmt("There is no repair of {} as {}.", name, language)))
    return MessageContent(escape(cut(f"Fix for {name} as {language}", TEXT - 1) + ".", TEXT), tuple(blocks))


def _one(why: str, way: Fix, language: Language) -> Iterator[Block]:
    title = fmt("*{}, as {}* ({})", prose(cut(way.title or way.text, 200), 300), language, escape(why, 120))
    yield from code_to_paste(title, _code(way, language), most=3)


def _code(way: Fix, language: Language) -> str | None:
    return way.terraform if language == "Terraform" else way.cloudformation
