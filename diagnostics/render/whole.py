"""The whole report: the cause first, then how we know, what to do, and what could not be seen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diagnostics.finding import (
    BECAME,
    NOTHING_CHANGED,
    Cause,
    CauseRole,
    Evidence,
    Fix,
    LegSummary,
    NetworkSummary,
    Report,
)
from diagnostics.render.harmless import one_line as plain
from diagnostics.render.lines import command_lines, indented, linked, show, wrapped
from diagnostics.render.words import (
    BECAME_STYLES,
    LEGS,
    MARKS,
    ROLES,
    lower,
    rest_of,
    source_of,
    started_by,
)


def render_whole(report: Report, console: Console, *, links: bool) -> None:
    """Print all that the report says.

    Args:
        links: the terminal has hyperlinks; else addresses are printed.
    """
    _headline(report, console)
    for role in ROLES:
        _causes(report, role, console, links=links)
    _changes(report, console)
    _network(report, console)
    _undecided(report, console)
    _unavailable(report, console)
    _second_opinion(report, console, links=links)
    _ruled_out(report, console)
    for caveat in report.verdict.caveats:
        _line(console, caveat, mark="!", style="yellow")
    _footer(report, console)


# --- the parts, top to bottom ------------------------------------------------------------------------


def _headline(report: Report, console: Console) -> None:
    mark, style = MARKS[report.verdict.outcome]
    show(console, wrapped(Text(f"{mark} {plain(report.verdict.headline)}", style=style), console.width))
    task = report.task
    how = " ".join(filter(None, (task.launch_type, task.platform_version)))
    facts = [
        how,
        f"pulled by {report.pulled_by.principal}" if report.pulled_by.principal else "",
        report.impact.headline if report.impact else "",
        source_of(task) or "",
    ]
    for line in (task.arn or "", " · ".join(filter(None, facts))):
        if line:
            console.print(Text(f"  {plain(line)}", style="dim"), soft_wrap=True)
    for line in started_by(report.task):
        console.print(Text(f"  {plain(line)}", style="dim"), soft_wrap=True)
    for note in report.impact.notes if report.impact else ():
        console.print(Text(f"  {plain(note)}", style="dim"), soft_wrap=True)
    for symptom in report.verdict.symptoms:
        where = f"{symptom.container}: " if symptom.container else ""
        stage = f", at the {symptom.stage} stage" if symptom.stage else ""
        console.print()
        console.print(Text(f"  {where}{symptom.id}{stage}", style="bold"))
        _indented(console, Text(plain(symptom.text), style="dim"))


def _causes(report: Report, role: CauseRole, console: Console, *, links: bool) -> None:
    causes = report.causes_of(role)
    if not causes:
        return
    _title(console, ROLES[role])
    for cause in causes:
        _cause(cause, rest_of(cause, report.verdict.headline), console, links=links)


def _cause(cause: Cause, summary: str, console: Console, *, links: bool) -> None:
    full = cause.role != "also"
    head = Text("  ")
    head.append(cause.id, style="bold red" if cause.role == "cause" else "bold")
    head.append(f"  {cause.certainty}", style="dim")
    about = (*cause.containers, *cause.instances)
    if about:
        head.append(f"  {', '.join(map(plain, about))}", style="dim")
    console.print(head)
    if summary:
        _indented(console, Text(plain(summary)))
    _indented(console, Text(f"Because {lower(plain(cause.why_ranked))}", style="dim"))
    _evidence(cause.evidence, console)
    _indented(console, Text.assemble(("Fix  ", "bold green"), plain(cause.fix.text)))
    if full:
        _way(cause.fix, "causes[].fix", console)
    for place, other in enumerate(cause.alternatives):
        _indented(console, Text.assemble(("Another way: ", "bold green"), plain(other.title or "")))
        if full:
            _indented(console, Text(plain(other.text)))
            _way(other, f"causes[].alternatives[{place}]", console)
    _console(cause.console_url, console, links=links)
    console.print()


def _evidence(evidence: Iterable[Evidence], console: Console) -> None:
    for item in evidence:
        line = Text.assemble("· ", plain(item.what), (f"  ({plain(item.source)})", "dim"))
        _indented(console, line)


def _way(fix: Fix, where: str, console: Console) -> None:
    """One way to repair it: what to know before, the commands, and what there is to know after them."""
    if fix.warning:
        _indented(console, Text.assemble(("Before you run it  ", "bold yellow"), plain(fix.warning)))
    _command("", fix.cli, console)
    _command("Verify", fix.verify, console)
    if fix.expect is not None:
        shown = " / ".join(fix.expect.split("\n")) if fix.expect.strip() else "nothing"
        _indented(console, Text.assemble(("prints  ", "dim"), plain(shown)), 4)
    _command("Undo", fix.undo, console)
    if fix.undo_note:
        _indented(console, Text.assemble(("Undo  " if not fix.undo else "", "bold"), plain(fix.undo_note)))
    if fix.then:
        _indented(console, Text.assemble(("Then  ", "bold"), plain(fix.then)))
    others = [name for name, text in (("Terraform", fix.terraform), ("CloudFormation", fix.cloudformation)) if text]  # fmt: skip
    if others:
        console.print(Text(f"  As {' and '.join(others)}: --format json, {where}", style="dim"))


def _command(name: str, text: str | None, console: Console) -> None:
    """A command to paste: never wrapped, so that it stays one line for the shell."""
    if not text:
        return
    if name:
        console.print(Text(f"  {name}", style="bold"))
    show(console, command_lines(text))


def _console(url: str | None, console: Console, *, links: bool) -> None:
    """The page of the AWS console: a link where the terminal has them, else its address, in one piece."""
    if url:
        shown = linked("open it in the AWS console", url) if links else Text(plain(url))
        show(console, [Text("  Console  ") + shown])


def _changes(report: Report, console: Console) -> None:
    if report.changes is None:
        return
    _title(console, "Since the last run")
    if not report.became:
        console.print(f"  {NOTHING_CHANGED}")
    for became, changes in report.became.items():
        word, style = BECAME[became], BECAME_STYLES[became]
        for change in changes:
            where = f"  {', '.join(map(plain, change.resources))}" if change.resources else ""
            statuses = f"  ({change.was or 'not judged'} → {change.is_ or 'not judged'})"
            console.print(
                Text.assemble("  ", (f"{word:<21}", style), plain(change.fault), where, (statuses, "dim"))
            )
    console.print()


def _network(report: Report, console: Console) -> None:
    """The broken legs as short paths, and where subnets differ a grid of subnet and leg."""
    broken = [leg for leg in report.network.legs if leg.disposition != "reachable"]
    if not broken:
        return
    _title(console, "The network path")
    if report.network.headline:
        console.print(f"  {plain(report.network.headline)}")
    if len(report.network.subnets) > 1:
        console.print(Padding(_grid(report.network), (0, 0, 1, 2), expand=False))
    for legs in _by_stop(broken):
        first = legs[0]
        mark, style = LEGS[first.disposition]
        names = ", ".join(dict.fromkeys(leg.name for leg in legs))
        console.print(
            Text.assemble("  ", (f"{mark} {names}", style), (f"  from {plain(first.place)}", "dim"))
        )
        for hop in first.hops:
            _indented(console, Text(f"→ {plain(hop)}"), 4)
    console.print()


def _by_stop(legs: Iterable[LegSummary]) -> list[list[LegSummary]]:
    """Legs of one subnet that stop for the same reason, together."""
    grouped: dict[tuple[str, ...], list[LegSummary]] = {}
    for leg in legs:
        grouped.setdefault(
            (leg.subnet, leg.disposition, *(leg.faults or (leg.stopped_at or "",))), []
        ).append(leg)
    return list(grouped.values())


def _grid(network: NetworkSummary) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("subnet")
    for name in network.names:
        table.add_column(name, justify="center")
    for subnet in network.subnets:
        worst = (network.worst(subnet, name) for name in network.names)
        cells = [Text(*LEGS[item]) if item else Text("–", style="dim") for item in worst]
        one = next(leg for leg in network.legs if leg.subnet == subnet)
        table.add_row(plain(one.place) + (", where the task pulled" if one.used else ""), *cells)
    return table


def _undecided(report: Report, console: Console) -> None:
    """What stays unknown, where that matters: a confirmed cause does not need it."""
    if report.verdict.outcome not in ("undecided", "cause_found"):
        return
    not_known = report.not_known()
    if not not_known:
        return
    _title(console, "Not known")
    for reason, faults in not_known.items():
        line = Text.assemble("· ", plain(reason), (f"  ({', '.join(faults)})", "dim"))
        _indented(console, line)
    console.print()


def _unavailable(report: Report, console: Console) -> None:
    if not report.unavailable:
        return
    _title(console, "Could not look at")
    if report.denied is not None:
        _indented(console, Text(plain(report.denied.text), style="yellow"))
    for item in report.unavailable:
        what = item.call or "a fact"
        about = f" on {plain(item.resource)}" if item.resource else ""
        needed = f"  (for {', '.join(item.needed_by)})" if item.needed_by else ""
        _indented(
            console, Text.assemble("· ", (what, "bold"), about, f": {plain(item.why)}", (needed, "dim"))
        )
    console.print()


def _second_opinion(report: Report, console: Console, *, links: bool) -> None:
    """AWS's own runbook, where what can be read does not settle it."""
    told = report.second_opinion
    if told is None or report.verdict.outcome != "undecided":
        return
    _title(console, "What AWS can test itself")
    _indented(console, Text(plain(told.text)))
    _command("", told.cli, console)
    _console(told.console_url, console, links=links)
    console.print()


def _ruled_out(report: Report, console: Console) -> None:
    faults = report.ruled_out
    if faults:
        text = Text.assemble((f"Ruled out ({len(faults)})  ", "bold"), (", ".join(faults), "dim"))
        show(console, wrapped(text, console.width))
        console.print()


def _footer(report: Report, console: Console) -> None:
    shot = report.snapshot
    moment = shot.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    calls = f"Read at {moment} with {shot.api_calls} read-only calls in {shot.seconds:.1f} s"
    console.print(Text("; ".join(filter(None, (calls, shot.shared_in_words))) + ".", style="dim"))


def _indented(console: Console, text: Text, columns: int = 2) -> None:
    show(console, indented(text, console.width, columns))


def _title(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold underline"))


def _line(console: Console, text: str, *, mark: str, style: str) -> None:
    show(console, wrapped(Text.assemble((f"{mark} ", style), plain(text)), console.width))
    console.print()
