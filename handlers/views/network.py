"""The network part of the details: the leg that is broken, hop by hop, and a table where subnets differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnostics import console
from diagnostics.finding import LegSummary, Report
from handlers.text import Mrkdwn, Plain, code, fmt, lines, plain, prose
from handlers.views.fold import TITLE, Fold
from handlers.views.message import SECTION, context, section, table

_WORDS = {"reachable": "ok", "blocked": "BLOCKED", "insufficient_information": "unknown"}
_ROWS = 20
_HOPS = 14


def path_fold(report: Report) -> Iterator[Fold]:
    """The first broken path that belongs to a cause."""
    broken = [leg for leg in report.network.legs if leg.disposition == "blocked"]
    if broken:
        shown = _most_telling(report, broken)
        yield Fold(plain(_title(report, shown), TITLE), (section(_path(shown)),))


def subnets_fold(report: Report) -> Iterator[Fold]:
    """Which way is open from which subnet, where that is not the same everywhere."""
    summary = report.network
    subnets, is_known = summary.subnets, all(leg.disposition == "reachable" for leg in summary.legs)
    if len(subnets) < 2 or is_known:
        return
    place = {leg.subnet: leg.place for leg in summary.legs}
    rows = [_row("Subnet", summary.names)]
    for subnet in subnets[:_ROWS]:
        worst = (summary.worst(subnet, name) for name in summary.names)
        rows.append(_row(place[subnet], [_WORDS[item] if item else "–" for item in worst]))
    blocks = [table(rows)]
    if summary.headline:
        blocks.insert(0, section(prose(summary.headline, 400)))
    if len(subnets) > _ROWS:
        blocks.append(context(fmt("… {} more subnets", str(len(subnets) - _ROWS))))
    title = f"Every subnet that a task may start in · {len(subnets)}"
    yield Fold(plain(title, TITLE), tuple(blocks))


def _row(first: str, rest: Sequence[str]) -> tuple[Plain, ...]:
    return tuple(plain(text, 100) for text in (first, *rest))


def _title(report: Report, leg: LegSummary) -> str:
    cause = report.cause
    if (
        cause is None
        or not cause.console_url
        or cause.id not in (*leg.faults, *(() if leg.faults else (cause.id,)))
    ):
        return f"Path: where the way to {leg.host} ends"
    return f"Path: stops at the {console.opens(cause.console_url)}"


def _most_telling(report: Report, broken: Sequence[LegSummary]) -> LegSummary:
    """The broken leg from a subnet of the cause, else from the subnet that was used, else the first."""
    cause = report.cause
    wanted = (
        *(cause.subnets if cause else ()),
        *((report.pulled_by.subnet,) if report.pulled_by.subnet else ()),
    )
    return min(broken, key=lambda leg: wanted.index(leg.subnet) if leg.subnet in wanted else len(wanted))


def _path(leg: LegSummary) -> Mrkdwn:
    hops = leg.hops[:_HOPS]
    rows = [fmt("→ {}", prose(hop, 400)) for hop in hops[:-1]]
    if hops:
        rows.append(fmt("⛔ ends here: {}", prose(hops[-1], 400)))
    if len(leg.hops) > _HOPS:
        rows.append(fmt("… {} more steps", str(len(leg.hops) - _HOPS)))
    title = fmt("{} to {} from {}", leg.name, code(leg.host, 200), code(leg.subnet, 100))
    return lines((title, *rows), SECTION, "more steps")
