"""An audit in Slack: the worst first in one table, what cannot be told once, and what changed since the audit before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnostics.audit import AuditChange, AuditFinding, AuditGap, AuditProgress, AuditReport
from diagnostics.audit.model import LEVELS
from diagnostics.audit.text import headline, names
from diagnostics.target import Target
from handlers.text import Mrkdwn, Plain, code, escape, fmt, page, plain, prose, units
from handlers.views.message import Block, MessageContent, context, section, table
from handlers.views.notices import named, short_name

MOST_ROWS = 20
"""Findings of one table; the file has the others."""
LONGEST_TABLE = 8000
"""Characters of one table: Slack takes 10,000."""
LONGEST_TEXT = 900
"""Characters of the sentence that stands for the message where blocks are not shown."""
NAMES, WHY = 300, 300
MOST_ACTIONS = 8
HEADINGS = ("What it stops", "When", "Why")

_WHEN = {"now": "now", "soon": "soon", "when_started": "when started", "risk": "at risk"}
_TURNED = {
    "new": "New",
    "worse": "Worse",
    "spread": "Now also",
    "better": "Better",
    "gone": "No longer found",
    "not_seen": "Cannot be judged",
}


# --- while it is made ----------------------------------------------------------------------------------


def auditing(target: Target, by: Mrkdwn | None, step: AuditProgress | None = None) -> MessageContent:
    """An audit is under way; how far it is, and how long it takes as far as that can be told."""
    what = fmt("⏳ Auditing {}{}…", named(target), fmt(" for {}", by) if by is not None else "")
    if step is None:
        return _notice(what)
    if step.total is None:
        return _notice(fmt("{} Listing what runs: {} answers of AWS.", what, str(step.requests)))
    done = fmt("{} {} of {} looked at", what, str(step.done), str(step.total))
    if step.seconds_left is None or step.done >= step.total:
        return _notice(fmt("{}.", done))
    return _notice(fmt("{}, about {} left.", done, _duration(step.seconds_left)))


def being_audited(target: Target, by: Mrkdwn | None, link: str) -> MessageContent:
    """Somebody else's audit of the same is under way."""
    who = fmt(" for {}", by) if by is not None else fmt("")
    return _notice(fmt("⏳ {} is being audited{}: {}", named(target), who, page(link, "see it there")))


def not_audited(target: Target, sentence: str) -> MessageContent:
    """There is no audit, and why."""
    return _notice(fmt("⚠️ {} was not audited: {}", named(target), prose(sentence, 1500)))


def unconfirmed_audit(target: Target) -> MessageContent:
    """Slack may have taken an audit and did not say so."""
    return _notice(
        fmt("Slack has not confirmed the audit of {}. If you do not see it, ask for it again.", named(target))
    )


# --- what it says --------------------------------------------------------------------------------------


def audited(
    report: AuditReport, target: Target, *, by: Mrkdwn | None, note: Mrkdwn | None = None
) -> MessageContent:
    """The audit: its headline, a table of what is found, what cannot be told, and what was looked at."""
    said = sentence(report, target)
    shown = tuple(_fitting(_rows(report)))
    blocks: list[Block] = [section(fmt("*Audit of {}*\n{}", named(target), prose(headline_of(report), 2500)))]
    if shown:
        blocks.append(table((tuple(plain(item, 60) for item in HEADINGS), *shown)))
    left = len(report.findings) - len(shown)
    if left:
        blocks.append(context(fmt("… {} more, in the thread.", str(left))))
    blocks += cannot_tell(report)
    blocks.append(context(*(item for item in (_scope(report, by), note) if item is not None)))
    return MessageContent(said, tuple(blocks))


def sentence(report: AuditReport, target: Target) -> Mrkdwn:
    """The audit in one sentence, for notifications and screen readers."""
    return prose(f"Audit of {short_name(target)}: {headline_of(report).rstrip('.')}.", LONGEST_TEXT)


def headline_of(report: AuditReport) -> str:
    """The first few findings in words; the table has all."""
    few = [item for item in report.findings if item.level in LEVELS[:2]]
    if len(few) <= 3:
        return headline(report)
    now, soon = (len({key for item in report.at(level) for key in item.subjects}) for level in LEVELS[:2])
    parts = [*([f"{now} would fail now"] if now else []), *([f"{soon} will fail soon"] if soon else [])]
    first = few[0]
    why = "would fail now" if first.level == "now" else first.clause
    return (
        f"{' and '.join(parts)}, of {len(report.subjects)}; first {names(report, first.subjects, 3)}: {why}"
    )


def audit_file_name(target: Target, run_id: str) -> str:
    """What the file with the whole audit is called: letters, digits and hyphens."""
    name = "".join(char if char.isascii() and char.isalnum() else "-" for char in short_name(target)).strip(
        "-"
    )
    return f"pullcheck-audit-{name[:60] or 'cluster'}-{run_id}.txt"


def cannot_tell(report: AuditReport) -> Iterator[Block]:
    """What could not be read, once for each action, with those for which it cannot be told."""
    parts = [_unread(report, item) for item in report.cannot_tell[:MOST_ACTIONS]]
    left = len(report.cannot_tell) - len(parts)
    if left:
        parts.append(fmt("… {} more, in the file.", str(left)))
    if report.missing:
        why = "before it was interrupted" if report.interrupted else "before the time was up"
        parts.append(fmt("Not looked at {}: {}.", why, escape(_listed(report.missing, NAMES), NAMES + 50)))
    for place in range(0, len(parts), 10):
        yield context(*parts[place : place + 10])


def _unread(report: AuditReport, item: AuditGap) -> Mrkdwn:
    what = "; ".join(item.what)
    if item.subjects:
        told = fmt("it cannot be told for {}", escape(names(report, item.subjects), NAMES))
    else:
        told = fmt("not seen: {}", escape(what, NAMES))
    if item.action is None:
        return fmt("{}: {}", prose(item.why.rstrip("."), 300), told)
    if item.denied:
        return fmt("{} is not allowed: {}", code(item.action, 80), told)
    return fmt("{} could not be read ({}): {}", code(item.action, 80), prose(item.why.rstrip("."), 200), told)


def _scope(report: AuditReport, by: Mrkdwn | None) -> Mrkdwn:
    """What was looked at, for whom."""
    clusters = (
        f"{len(report.clusters)} clusters" if len(report.clusters) != 1 else f"cluster {report.clusters[0]}"
    )
    account = f"account {report.account_id}" if report.account_id else "an account that AWS did not name"
    told = fmt(
        "{} looked at in {}, {}, {}; {} days ahead; {} read-only requests in {}.",
        str(len(report.subjects)),
        escape(clusters, 100),
        escape(report.region, 40),
        escape(account, 60),
        str(report.days),
        str(report.requests),
        _duration(report.seconds),
    )
    return told if by is None else fmt("{} Asked by {}.", told, by)


def _rows(report: AuditReport) -> Iterator[tuple[Plain, ...]]:
    for item in report.findings[:MOST_ROWS]:
        yield (plain(names(report, item.subjects), NAMES), plain(when(item), 60), plain(item.clause, WHY))


def when(item: AuditFinding) -> str:
    """How near a finding is: by a date, by what is pushed, or in a word."""
    if item.level == "soon" and item.at is not None:
        return f"about {item.at:%Y-%m-%d}" if not item.certain else f"{item.at:%Y-%m-%d}"
    if item.level == "soon" and item.pushes is not None:
        return f"after {item.pushes} push{'es' if item.pushes != 1 else ''}"
    return _WHEN[item.level]


def _fitting(rows: Iterator[tuple[Plain, ...]]) -> Iterator[tuple[Plain, ...]]:
    used = 0
    for row in rows:
        used += sum(units(cell) for cell in row)
        if used > LONGEST_TABLE:
            return
        yield row


# --- what changed --------------------------------------------------------------------------------------


def changed(
    heading: str, rows: Sequence[tuple[str, AuditChange]], *, left: int, notes: Sequence[str]
) -> MessageContent:
    """What is different since the audit of the day before.

    Args:
        heading: what was audited and how much changed, a sentence.
        rows: the names of what is affected, with the change.
        left: changes that do not stand in it.
        notes: sentences that stand below.
    """
    shown = tuple(
        _fitting(
            (
                plain(f"{_TURNED[item.turned]}: {who}", NAMES),
                plain(_now_is(item), 60),
                plain(item.finding.clause, WHY),
            )
            for who, item in rows[:MOST_ROWS]
        )
    )
    first = "; ".join(f"{_TURNED[item.turned]}: {who}: {item.finding.clause}" for who, item in rows[:3])
    text = prose(f"{heading.rstrip('.')}: {first}." if first else heading, LONGEST_TEXT)
    blocks: list[Block] = [section(fmt("*{}*", prose(heading, 500)))]
    if shown:
        blocks.append(table((tuple(plain(item, 60) for item in HEADINGS), *shown)))
    left += len(rows) - len(shown)
    below = [prose(item, 1000) for item in notes]
    if left:
        below.append(
            fmt("… {} more changes: {} shows all that is found.", str(left), code("/pullcheck audit"))
        )
    if below:
        blocks.append(context(*below[:10]))
    return MessageContent(text, tuple(blocks))


def _now_is(item: AuditChange) -> str:
    if item.turned == "gone":
        return "no longer"
    return "not known" if item.turned == "not_seen" else when(item.finding)


# --- helpers -------------------------------------------------------------------------------------------


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def _listed(items: Sequence[str], most: int) -> str:
    told = ", ".join(items[:10])
    return f"{told[:most]}{f' and {len(items) - 10} more' if len(items) > 10 else ''}"


def _notice(text: Mrkdwn) -> MessageContent:
    return MessageContent(text, (section(text),))
