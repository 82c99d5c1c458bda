"""What stands folded away under the repair: a title that says how much there is, and the rest behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from diagnostics.finding import Cause, Fix, Report
from diagnostics.snapshot import Why
from handlers.text import Mrkdwn, code, code_block, escape, fmt, join, lines, plain, prose
from handlers.views.fix import fix_undo, whole_fix
from handlers.views.fold import TITLE, Fold
from handlers.views.message import CONTEXT, SECTION, Block, context, section
from handlers.views.network import path_fold, subnets_fold
from handlers.views.second_opinion import second_opinion_blocks
from handlers.views.words import fix_in_brief

_TEXT = 1200


@dataclass(frozen=True)
class Amount:
    """How much is shown of what is long; each row of `AMOUNTS` less than the one before, until the message fits.

    Attributes:
        causes: further causes with their repairs in full.
        ways: alternatives with their commands.
        rows: rows of a list.
    """

    causes: int
    ways: int
    rows: int


AMOUNTS = (
    Amount(2, 3, 60),
    Amount(2, 1, 30),
    Amount(1, 1, 15),
    Amount(1, 0, 10),
    Amount(0, 0, 6),
    Amount(0, 0, 3),
)


def folds(report: Report, causes: Sequence[Cause], room: Amount, *, spare: Iterable[str]) -> Iterator[Fold]:
    """Everything that explains the verdict.

    Args:
        causes: those whose repairs are told, the first of them in full elsewhere.
        spare: caveats that were said already.
    """
    if causes:
        yield _facts(causes[0], room)
    yield from _open_questions(report, room)
    yield from _more_causes(causes, room)
    if causes:
        yield from _other_ways(causes[0], room)
        undo = tuple(fix_undo(causes[0].fix))
        if undo:
            yield Fold(plain("Undo", TITLE), undo)
    yield from _error_texts(report)
    yield from path_fold(report)
    yield from subnets_fold(report)
    yield from _others(report, room)
    yield from _unread(report, room)
    opinion = tuple(second_opinion_blocks(report)) if report.verdict.outcome == "undecided" else ()
    if opinion:
        yield Fold(plain("What AWS can test itself", TITLE), opinion)
    yield from _caveats(report, frozenset(spare))
    ruled_out = report.ruled_out
    if ruled_out:
        rows = [fmt("✓ {}", prose(text, 200)) for text in ruled_out.values()]
        yield Fold(plain(f"Ruled out · {len(rows)}", TITLE), tuple(_list(rows, room.rows)))


# --- causes ------------------------------------------------------------------------------------------


def _facts(cause: Cause, room: Amount) -> Fold:
    count = len(cause.evidence)
    title = f"How we know · {count} {'fact' if count == 1 else 'facts'}"
    told = list(_list([_evidence(item.what, item.source) for item in cause.evidence], min(room.rows, 8)))
    told.append(context(_standing(cause)))
    return Fold(plain(title, TITLE), tuple(told), open=True)


def _evidence(what: str, source: str) -> Mrkdwn:
    return fmt("• {} ({})", prose(what, 500), escape(source, 100))


def _standing(cause: Cause) -> Mrkdwn:
    why = cause.why_ranked.rstrip(".")
    parts = [fmt("{}.", prose(why[:1].upper() + why[1:], 500)), code(cause.id, 120)]
    if cause.containers:
        parts.append(fmt("container {}", _codes(cause.containers)))
    if cause.resources:
        parts.append(fmt("concerns {}", _codes(cause.resources)))
    return lines((join(" · ", parts),), CONTEXT)


def _more_causes(causes: Sequence[Cause], room: Amount) -> Iterator[Fold]:
    for place, cause in enumerate(causes[1 : 1 + room.causes], 2):
        what = cause.short or fix_in_brief(cause.fix)
        blocks = (
            section(prose(cause.summary, 1200)),
            *whole_fix(fmt("Fix"), cause.fix),
            *_list([_evidence(item.what, item.source) for item in cause.evidence], 6),
        )
        yield Fold(plain(f"Fix {place}: {what}", TITLE), blocks)
    rest = causes[1 + room.causes :]
    if rest:
        title = f"Further causes · {len(rest)}"
        yield Fold(plain(title, TITLE), tuple(_list([brief(cause) for cause in rest], room.rows)))


def brief(cause: Cause) -> Mrkdwn:
    """A cause in two lines: what is wrong, and what to do."""
    return fmt(
        "• {} {}\n   Fix: {}", code(cause.id, 120), prose(cause.summary, 500), prose(cause.fix.text, 400)
    )


def _other_ways(cause: Cause, room: Amount) -> Iterator[Fold]:
    for place, way in enumerate(cause.alternatives[:4]):
        blocks = tuple(whole_fix(fmt("Another way"), way, commands=place < room.ways))
        yield Fold(plain(f"Or: {_title_of(way)}", TITLE), blocks)
    if len(cause.alternatives) > 4:
        rows = [fmt("• {}", prose(way.text, 300)) for way in cause.alternatives[4:]]
        yield Fold(plain(f"More ways · {len(rows)}", TITLE), tuple(_list(rows, room.rows)))


def _title_of(way: Fix) -> str:
    return way.title or fix_in_brief(way)


def _others(report: Report, room: Amount) -> Iterator[Fold]:
    for role, title in (
        ("next", "After that you will hit"),
        ("also", "Also found, though it did not stop this pull"),
    ):
        others = [item for item in report.causes if item.role == role]
        if others:
            rows = [brief(cause) for cause in others]
            yield Fold(plain(f"{title} · {len(rows)}", TITLE), tuple(_list(rows, room.rows)))


# --- what was said, and what is not known ------------------------------------------------------------


def _error_texts(report: Report) -> Iterator[Fold]:
    outcome = report.verdict.outcome
    texts = dict.fromkeys(symptom.text for symptom in report.verdict.symptoms if symptom.text.strip())
    stopped = report.task.stopped_reason
    if outcome == "not_a_pull_failure" and not texts and stopped:
        texts = {stopped: None}
    if texts:
        who = "the alert" if report.task.source == "alert" else "ECS"
        blocks = (*(section(code_block(text, _TEXT)) for text in tuple(texts)[:3]), *_service(report))
        yield Fold(
            plain(f"What {who} said", TITLE), blocks, open=outcome in ("undecided", "not_a_pull_failure")
        )
    elif told := tuple(_service(report)):
        yield Fold(plain("What ECS does", TITLE), told)


def _open_questions(report: Report, room: Amount) -> Iterator[Fold]:
    """What keeps an undecided verdict open, beside what could not be read."""
    if report.verdict.outcome != "undecided":
        return
    told = {fault for item in report.unavailable for fault in item.needed_by}
    rows = [
        fmt("• {} ({})", prose(reason, 400), _codes(faults))
        for reason, faults in report.not_known(but=told).items()
    ]
    if rows:
        title = f"What keeps this open · {len(rows)}"
        yield Fold(plain(title, TITLE), tuple(_list(rows, min(room.rows, 8))), open=True)


def _unread(report: Report, room: Amount) -> Iterator[Fold]:
    rows = [
        fmt(
            "• {}{}: {}{}",
            code(item.call, 100) if item.call else fmt("a fact"),
            fmt(" on {}", code(item.resource, 200)) if item.resource else fmt(""),
            prose(item.why, 300),
            fmt(" (needed for {})", _codes(item.needed_by)) if item.needed_by else fmt(""),
        )
        for item in report.unavailable
    ]
    if not rows:
        return
    title = plain(f"Could not look at · {len(rows)}", TITLE)
    blocks = list(_list(rows, room.rows))
    if any(item.reason.why is Why.DENIED for item in report.unavailable):
        blocks.append(context(fmt("Allow what is denied to the app's role, then press *Re-run checks*.")))
    yield Fold(title, tuple(blocks), open=report.verdict.outcome == "undecided")


def _caveats(report: Report, spare: frozenset[str]) -> Iterator[Fold]:
    told = [text for text in report.verdict.caveats if text not in spare]
    if told:
        rows = [fmt("⚠️ {}", prose(text, 600)) for text in told]
        title = f"Keep in mind · {len(rows)}"
        yield Fold(plain(title, TITLE), tuple(_list(rows, 8)), open=True)


def _service(report: Report) -> Iterator[Block]:
    """How the service is doing, and who started the task, beyond what stands in the parent message."""
    rows = [fmt("• {}", escape(note, 300)) for note in (report.impact.notes if report.impact else ())]
    by = report.task.started_by
    if by is not None:
        rows.append(fmt("• Started by {}. {}", escape(by.text, 300), escape(by.then, 400)))
    if rows:
        yield from _list(rows, 6)


# --- lists -------------------------------------------------------------------------------------------


def _list(rows: Sequence[Mrkdwn], most: int) -> Iterator[Block]:
    """Rows in as few sections as they fit in, three at most; the rest is counted."""
    left = list(rows[:most])
    for _ in range(3):
        taken: list[Mrkdwn] = []
        used = 0
        while left and used + len(left[0]) * 2 < SECTION:
            used += len(left[0]) + 1
            taken.append(left.pop(0))
        if taken:
            yield section(join("\n", taken))
    count = len(left) + max(len(rows) - most, 0)
    if count:
        yield context(fmt("… {} more", str(count)))


def _codes(names: Iterable[str]) -> Mrkdwn:
    every = tuple(names)
    shown = [code(name, 120) for name in every[:4]]
    left = len(every) - len(shown)
    return join(", ", (*shown, *((f"{left} more",) if left > 0 else ())))
