"""An audit in plain lines, the worst first: a terminal prints them, a thread takes its headline from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from diagnostics.audit.changes import AuditChanges, Turned
from diagnostics.audit.model import AuditedKind, AuditFinding, AuditGap, AuditLevel, AuditReport

SECTIONS: dict[AuditLevel, str] = {
    "now": "Would fail now",
    "soon": "Will fail soon",
    "when_started": "Scaled to zero, would fail when started",
    "risk": "At risk",
}
_LEVELS: dict[AuditLevel, str] = {
    "now": "would fail now",
    "soon": "will fail",
    "when_started": "would fail when started",
    "risk": "at risk",
}
_KINDS: dict[AuditedKind, tuple[str, str]] = {
    "service": ("service", "services"),
    "rule": ("EventBridge rule", "EventBridge rules"),
    "schedule": ("schedule", "schedules"),
    "family": ("family of standalone tasks", "families of standalone tasks"),
}
_TURNED: dict[Turned, str] = {
    "new": "New",
    "worse": "Worse",
    "spread": "Now also for",
    "better": "Better",
    "gone": "No longer found",
    "not_seen": "Could not be judged this time",
}
MOST_NAMES = 6


def headline(report: AuditReport) -> str:
    """The answer in one line: `api: would fail now · worker, mailer: image expires in about 3 days by rule 2`."""
    parts = [f"{names(report, item.subjects)}: would fail now" for item in report.at("now")]
    parts += [f"{names(report, item.subjects)}: {item.clause}" for item in report.at("soon")]
    if parts:
        return " · ".join(dict.fromkeys(parts))
    asleep = dict.fromkeys(key for item in report.at("when_started") for key in item.subjects)
    if asleep:
        return f"{names(report, tuple(asleep))}: would fail when started (scaled to zero now)"
    if not report.subjects and not report.is_whole:
        return "Nothing could be judged."
    undecided = len(report.standing("undecided"))
    if undecided:
        return f"Nothing is known to fail; for {undecided} of {len(report.subjects)} it cannot be told."
    if not report.is_whole:
        return "Nothing is known to fail, but not everything was looked at."
    if not report.subjects:
        return "There is nothing that starts tasks."
    return f"Every next pull would work, now and in the next {_days(report.days)}."


def names(report: AuditReport, keys: Sequence[str], most: int = MOST_NAMES) -> str:
    """What people call the subjects; with their cluster where two of a name are looked at."""
    known = {item.key: item for item in report.subjects}
    said = []
    for key in keys[:most]:
        item = known.get(key)
        twins = [other for other in report.subjects if item and other.name == item.name]
        said.append(key if item is None or len(twins) > 1 or item.kind != "service" else item.name)
    return ", ".join(said) + (f" and {len(keys) - most} more" if len(keys) > most else "")


def lines(report: AuditReport) -> Iterator[str]:
    """The whole report."""
    yield headline(report)
    yield f"  {_scope(report)}"
    for level, title in SECTIONS.items():
        found = report.at(level)
        if found:
            yield ""
            yield title
            for item in found:
                yield from _finding(report, item)
    undecided = report.standing("undecided")
    if undecided:
        yield ""
        yield "Undecided"
        for subject in undecided:
            yield f"  {names(report, (subject.key,))}"
            for sentence in subject.open[:3]:
                yield f"      {sentence}"
    if report.cannot_tell:
        yield ""
        yield "What could not be read"
        for entry in report.cannot_tell:
            yield from _cannot_tell(report, entry)
    if report.missing:
        yield ""
        why = "before it was interrupted" if report.interrupted else "before the time was up"
        yield f"Not looked at {why} ({len(report.missing)})"
        yield f"  {', '.join(report.missing[:20])}{f' and {len(report.missing) - 20} more' if len(report.missing) > 20 else ''}"
    for caveat in report.caveats:
        yield ""
        yield caveat


def change_lines(report: AuditReport, changes: AuditChanges) -> Iterator[str]:
    """What changed since an earlier audit."""
    if not changes.changes:
        yield "Nothing changed since the audit before."
        return
    for item in changes.changes:
        yield f"{_TURNED[item.turned]}: {names(report, item.subjects)}: {_LEVELS[item.finding.level]}: {item.finding.clause}"


def _scope(report: AuditReport) -> str:
    counts = []
    for kind, (one, many) in _KINDS.items():
        number = sum(item.kind == kind for item in report.subjects)
        if number:
            counts.append(f"{number} {one if number == 1 else many}")
    nothing = "nothing that starts tasks" if report.is_whole else "nothing yet"
    what = ", ".join(counts) or nothing
    no_cluster = "no cluster" if report.is_whole else "clusters that were not listed"
    where = f"{', '.join(report.clusters[:5]) or no_cluster}{f' and {len(report.clusters) - 5} more' if len(report.clusters) > 5 else ''}"
    account = f" (account {report.account_id})" if report.account_id else ""
    return f"{what} in {where}, {report.region}{account}; {report.requests} requests, {report.seconds:.0f} s; looked {_days(report.days)} ahead."


def _finding(report: AuditReport, item: AuditFinding) -> Iterator[str]:
    yield f"  {names(report, item.subjects)}: {item.clause}  [{item.id}]"
    if item.summary.rstrip(".").lower() != item.clause.lower():
        yield f"      {item.summary}"
    if item.subnets:
        yield f"      in {', '.join(item.subnets)}"
    if item.advice:
        yield f"      {item.advice}"


def _cannot_tell(report: AuditReport, entry: AuditGap) -> Iterator[str]:
    name = entry.action or entry.why
    why = "is not allowed" if entry.denied else f"could not be read ({entry.why})"
    yield f"  {name} {why}" if entry.action else f"  {entry.why}"
    if entry.what:
        yield f"      not seen: {_listed(entry.what)}"
    if entry.subjects:
        yield f"      it cannot be told for {names(report, entry.subjects, 20)}"


def _listed(items: Iterable[str]) -> str:
    return "; ".join(items)


def _days(days: int) -> str:
    return f"{days} day{'s' if days != 1 else ''}"
