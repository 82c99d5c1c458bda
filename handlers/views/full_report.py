"""The whole report as a text file: every cause, fact and command, nothing folded and nothing left out."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Cause, Fix, Report
from handlers.text import plain_lines
from handlers.views.words import effect, name_of

_RULE = "-" * 72


def file_name(report: Report, run_id: str) -> str:
    """What the file is called: letters, digits and hyphens."""
    name = "".join(char if char.isascii() and char.isalnum() else "-" for char in name_of(report)).strip("-")
    return f"pullcheck-{name[:60] or 'report'}-{run_id}.txt"


def full_report(report: Report) -> str:
    """The report as text."""
    return plain_lines("\n".join(_lines(report))) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"{effect(report)}."
    if effect(report) != report.verdict.headline.rstrip("."):
        yield report.verdict.headline
    yield ""
    yield from _task(report)
    for role, title in (
        ("cause", "CAUSE"),
        ("next", "AFTER THAT YOU WILL HIT"),
        ("also", "ALSO FOUND, THOUGH IT DID NOT STOP THIS PULL"),
    ):
        causes = [item for item in report.causes if item.role == role]
        for place, cause in enumerate(causes, 1):
            yield from _titled(f"{title} {place} of {len(causes)}" if len(causes) > 1 else title)
            yield from _cause(cause)
    yield from _said(report)
    yield from _network(report)
    yield from _known(report)


def _titled(title: str) -> Iterator[str]:
    yield from ("", _RULE, title, _RULE)


def _task(report: Report) -> Iterator[str]:
    task, shot = report.task, report.snapshot
    for name, value in (
        ("Task", task.arn),
        ("Service", task.service),
        ("Cluster", task.cluster),
        ("Account and Region", " ".join(part for part in (task.account_id, task.region) if part)),
        ("Launch type", task.launch_type),
        ("Stopped", task.stopped_at.isoformat() if task.stopped_at else None),
        ("Pulled by", report.pulled_by.principal),
        ("Service is at", report.impact.headline if report.impact else None),
        ("Started by", task.started_by.text if task.started_by else None),
    ):
        if value:
            yield f"{name}: {value}"
    for note in report.impact.notes if report.impact else ():
        yield f"- {note}"
    yield f"Checked: {shot.taken_at.isoformat()}, {shot.api_calls} read-only AWS calls in {shot.seconds:.1f} s"
    for caveat in report.verdict.caveats:
        yield f"Note: {caveat}"


def _cause(cause: Cause) -> Iterator[str]:
    yield f"{cause.id} ({cause.certainty}): {cause.summary}"
    yield f"Why: {cause.why_ranked}"
    for name, values in (
        ("Containers", cause.containers),
        ("Subnets", cause.subnets),
        ("Resources", cause.resources),
    ):
        if values:
            yield f"{name}: {', '.join(values)}"
    for item in cause.evidence:
        yield f"- {item.what} ({item.source})"
    if cause.console_url and cause.console_url.startswith("https://"):
        yield f"Console: {cause.console_url}"
    yield from _fix("FIX", cause.fix)
    for way in cause.alternatives:
        yield from _fix("ANOTHER WAY", way)


def _fix(title: str, fix: Fix) -> Iterator[str]:
    yield ""
    yield f"{title}: {fix.title}" if fix.title else title
    yield fix.text
    for name, text in (
        ("Before you run it", fix.warning),
        ("Run", fix.cli),
        ("See that it worked", fix.verify),
        ("It then prints", fix.expect),
        ("Undo", fix.undo),
        ("About undoing it", fix.undo_note),
        ("Then", fix.then),
        ("As Terraform", fix.terraform),
        ("As CloudFormation", fix.cloudformation),
    ):
        if text is not None:
            yield f"\n{name}:"
            yield text


def _said(report: Report) -> Iterator[str]:
    texts = dict.fromkeys(item.text for item in report.verdict.symptoms if item.text.strip())
    if report.task.stopped_reason:
        texts[report.task.stopped_reason] = None
    if texts:
        yield from _titled("WHAT WAS SAID")
        yield from texts


def _network(report: Report) -> Iterator[str]:
    if not report.network.legs:
        return
    yield from _titled("NETWORK PATHS")
    if report.network.headline:
        yield report.network.headline
    for leg in report.network.legs:
        yield f"\n{leg.name} to {leg.host} from {leg.place}: {leg.disposition.replace('_', ' ')}"
        yield from (f"  {place}. {hop}" for place, hop in enumerate(leg.hops, 1))


def _known(report: Report) -> Iterator[str]:
    yield from _titled(f"COULD NOT LOOK AT: {len(report.unavailable)}")
    for item in report.unavailable:
        where = f" on {item.resource}" if item.resource else ""
        needed = f" (needed for {', '.join(item.needed_by)})" if item.needed_by else ""
        yield f"- {item.call or 'a fact'}{where}: {item.why}{needed}"
    open_ = report.not_known()
    if open_:
        yield from _titled(f"NOT KNOWN: {len(open_)}")
        yield from (f"- {reason} ({', '.join(faults)})" for reason, faults in open_.items())
    if report.second_opinion is not None:
        yield from _titled("WHAT AWS CAN TEST ITSELF")
        yield from (report.second_opinion.text, report.second_opinion.cli)
    yield from _titled(f"RULED OUT: {len(report.ruled_out)}")
    yield from (f"- {text} ({fault})" for fault, text in report.ruled_out.items())
