"""The report as Markdown for a ticket or a step summary: the cause first, then how we know and what to do.

Names and texts come from AWS and from whoever wrote a task definition. Outside of code nothing of them may act as Markdown, as
HTML, or as a mention, a reference or a link that GitHub makes by itself.
GitHub: https://github.github.com/gfm/ and https://docs.github.com/en/get-started/writing-on-github
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from diagnostics.finding import Cause, Fix, Outcomes, Report
from diagnostics.render.harmless import harmless, one_line
from diagnostics.render.titles import titles_of

MARKS: dict[Outcomes, str] = {
    "cause_found": "❌",
    "undecided": "❔",
    "nothing_wrong": "✅",
    "not_a_pull_failure": "✅",
    "task_gone": "❔",
}
LARGEST_SUMMARY = 1024 * 1024
"""Bytes of a step's summary; GitHub drops a larger one as a whole."""
_CUT = "\n\n_The rest is left out: a step summary holds 1 MiB._\n"

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")
_ACTS = re.compile(r"@\w|#\d|://|www\.|\bGH-\d", re.IGNORECASE)
"""What GitHub turns into a mention, a reference or a link outside of code, whatever is escaped in it."""
_AT_START = re.compile(r"^(\d*)([-+>#=.)])")
"""What makes a list, a heading or a quotation of a line that begins with it."""


def text(words: str) -> str:
    """Untrusted text as text of one line."""
    first, *others = one_line(words).split() or [""]
    return " ".join((_AT_START.sub(r"\1\\\2", _word(first)), *map(_word, others)))


def _word(word: str) -> str:
    return _SPECIAL.sub(r"\\\1", word) if _ACTS.search(word) is None else code(word)


def code(words: str) -> str:
    """Untrusted text as code of one line."""
    plain = one_line(words)
    fence = "`" * (_longest_run(plain) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain.strip() else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def block(words: str, language: str = "") -> str:
    """Untrusted text as a block of code, to be copied."""
    plain = harmless(words)
    fence = "`" * max(3, _longest_run(plain) + 1)
    return f"{fence}{language}\n{plain}\n{fence}"


def _longest_run(words: str) -> int:
    return max((len(run) for run in re.findall(r"`+", words)), default=0)


def link(label: str, address: str) -> str:
    """A link that we made ourselves, to a page of AWS."""
    safe = re.sub(
        r"[^A-Za-z0-9:/?#\[\]@!$&'*+,;=%._~-]", lambda found: f"%{ord(found[0]) & 0xFF:02X}", address
    )
    return f"[{text(label)}](<{safe}>)"


# --- the report --------------------------------------------------------------------------------------


def markdown(report: Report) -> str:
    """The whole report."""
    return "\n\n".join(_parts(report)) + "\n"


def step_summary(report: Report) -> str:
    """The report as a step's summary, cut where GitHub would drop it as a whole."""
    whole = markdown(report) + "\n"
    if len(whole.encode()) <= LARGEST_SUMMARY:
        return whole
    room, kept = LARGEST_SUMMARY - len(_CUT.encode()), ""
    for part in _parts(report):
        more = f"{kept}{part}\n\n"
        if len(more.encode()) > room:
            break
        kept = more
    return kept.rstrip() + _CUT


def _parts(report: Report) -> Iterator[str]:
    yield f"### {MARKS[report.verdict.outcome]} {text(report.verdict.headline)}"
    yield "\n".join(_facts(report))
    for symptom in report.verdict.symptoms:
        yield block(symptom.text)
    for role, title in titles_of(report).items():
        for place, cause in enumerate(report.causes_of(role)):
            if place == 0:
                yield f"#### {title}"
            yield from _cause(cause)
    not_known = report.not_known()
    if not_known and report.verdict.outcome in ("undecided", "cause_found"):
        yield "#### Not known"
        yield "\n".join(
            f"- {text(why)} ({', '.join(map(code, faults))})" for why, faults in not_known.items()
        )
    if report.unavailable:
        yield "#### Could not look at"
        yield "\n".join(_unread(report))
    if report.verdict.caveats:
        yield "\n".join(f"> {text(item)}\n>" for item in report.verdict.caveats).rstrip("\n>")
    yield f"<sub>Read at {report.snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC with {report.snapshot.api_calls} read-only calls.</sub>"


def _facts(report: Report) -> Iterator[str]:
    task = report.task
    where = [item for item in (task.cluster, task.service) if item]
    rows = (
        ("Task", task.arn),
        ("Task definition", task.task_definition),
        ("Service" if task.service else "Cluster", "/".join(where) or None),
        ("Account and Region", " ".join(filter(None, (task.account_id, task.region))) or None),
        ("Pulled by", report.pulled_by.principal),
        ("Running", report.impact.headline if report.impact else None),
    )
    for name, value in rows:
        if value:
            yield f"- {name}: {code(value)}"


def _cause(cause: Cause) -> Iterator[str]:
    about = ", ".join(code(name) for name in (*cause.containers, *cause.instances))
    yield f"**{text(cause.id)}** ({cause.certainty}){f': {about}' if about else ''}"
    yield text(cause.summary)
    yield "\n".join(
        (
            f"Because {text(cause.why_ranked)}.",
            "",
            *(f"- {text(item.what)} ({code(item.source)})" for item in cause.evidence),
        )
    )
    yield from _way(cause.fix, "Fix")
    for other in cause.alternatives:
        yield from _way(other, f"Another way: {other.title}" if other.title else "Another way")
    if cause.console_url:
        yield link("Show it in the console", cause.console_url)


def _way(fix: Fix, title: str) -> Iterator[str]:
    yield f"**{text(title)}.** {text(fix.text)}"
    if fix.warning:
        yield f"**Before you run it:** {text(fix.warning)}"
    if fix.cli:
        yield block(fix.cli, "bash")
    yield from _told("Verify", fix.verify)
    if fix.expect is not None:
        yield f"prints {code(fix.expect) if fix.expect.strip() else 'nothing'}"
    yield from _told("Undo", fix.undo)
    if fix.undo_note:
        yield text(fix.undo_note)
    if fix.then:
        yield f"**Then:** {text(fix.then)}"


def _told(title: str, command: str | None) -> Iterable[str]:
    return (f"{title}:\n\n{block(command, 'bash')}",) if command else ()


def _unread(report: Report) -> Iterator[str]:
    for item in report.unavailable:
        about = f" on {code(item.resource)}" if item.resource else ""
        yield f"- {code(item.call or 'a fact')}{about}: {text(item.why)}"
