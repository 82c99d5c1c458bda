"""The network part of the details: the leg that is broken, hop by hop, and a grid where subnets differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnostics.finding import LegSummary, NetworkSummary, Report
from handlers.text import Mrkdwn, code, code_block, fmt, lines, prose
from handlers.views.message import SECTION, Block, section

_WORDS = {"reachable": "ok", "blocked": "BLOCKED", "insufficient_information": "unknown"}
_ROWS = 20
_HOPS = 14


def network(report: Report) -> Iterator[Block]:
    """The first broken path that belongs to a cause, and which other legs are broken too."""
    legs = report.network.legs
    broken = [leg for leg in legs if leg.disposition == "blocked"]
    if broken:
        shown = _most_telling(report, broken)
        yield section(_path(shown))
    is_known = all(leg.disposition == "reachable" for leg in legs)
    if len(report.network.subnets) > 1 and not is_known:
        title = fmt("*Every subnet that a task may start in*")
        if report.network.headline:
            title = fmt("{}: {}", title, prose(report.network.headline, 400))
        yield section(fmt("{}\n{}", title, _grid(report.network)))


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
        rows.append(fmt("⛔ {}", prose(hops[-1], 400)))
    if len(leg.hops) > _HOPS:
        rows.append(fmt("… {} more steps", str(len(leg.hops) - _HOPS)))
    title = fmt(
        "*Where the way ends* ({} to {} from {})", leg.name, code(leg.host, 200), code(leg.subnet, 100)
    )
    return lines((title, *rows), SECTION, "more steps")


def _grid(summary: NetworkSummary) -> Mrkdwn:
    names, subnets = summary.names, summary.subnets
    label = {leg.subnet: leg.place for leg in summary.legs}
    width = max(len(text) for text in label.values())
    columns = [max(len(name), len("BLOCKED")) for name in names]
    rows = [
        "  ".join(
            ["subnet".ljust(width), *(name.ljust(size) for name, size in zip(names, columns, strict=True))]
        )
    ]
    for subnet in subnets[:_ROWS]:
        worst = (summary.worst(subnet, name) for name in names)
        words = (_WORDS[item] if item else "-" for item in worst)
        cells = [word.ljust(size) for word, size in zip(words, columns, strict=True)]
        rows.append("  ".join([label[subnet].ljust(width), *cells]).rstrip())
    if len(subnets) > _ROWS:
        rows.append(f"… {len(subnets) - _ROWS} more subnets")
    return code_block("\n".join(row.rstrip() for row in rows), SECTION - 100)
