"""The answer that fits a screen: what it is, whom it hits, the command to paste, how to see that it worked, what comes next.

Evidence, the path, undo, other ways and ids stand in the whole text (`diagnostics.render.whole`). Where the rows are too many,
what is of least use to somebody who wants to paste a command goes first; the command itself is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from rich.cells import cell_len
from rich.text import Text

from diagnostics.finding import BECAME, NOTHING_CHANGED, Cause, Fix, Report
from diagnostics.render.harmless import one_line as plain
from diagnostics.render.lines import command_lines, indented, labelled, linked, rows_of, wrapped
from diagnostics.render.words import BECAME_STYLES, MARKS, lower, rest_of, source_of, started_by

MOST_ROWS = 24
"""Rows of the smallest usual terminal."""
LABEL = 8
"""Columns of the labels."""
MOST_SYMPTOM = 330
"""Characters of an error text that settles nothing; the whole text has all of it."""
MOST_REASONS = 3
MOST_CHANGES = 6
MORE = "--verbose"
_SAID = re.compile(r" \(“[^”]*”\)")


class _Part(StrEnum):
    """What can be left out, what is of least use first."""

    BLANKS = "blanks"
    WHERE = "where"
    ADDRESS = "address"
    SENTENCES = "sentences"
    """What the cause says beyond the headline, and why it is the cause."""
    FIX_TEXT = "fix text"
    """The fix's text, where its title and the command tell it."""
    NOTES = "notes"
    """What the service does beside its counts."""
    RUNBOOK = "runbook"
    LIST = "list"
    """What the whole text has more, beyond one row."""
    QUOTED = "quoted"
    """What AWS said, within a note."""
    VERIFY = "verify"
    """The command that shows that it worked: asking again shows it, too."""
    OTHERS = "others"
    THEN = "then"


def brief_lines(report: Report, width: int, *, links: bool, most: int = MOST_ROWS) -> list[Text]:
    """The lines of the answer, none of them to be wrapped.

    Args:
        report: what to show.
        width: columns of the terminal.
        links: the terminal has hyperlinks, so that an address needs no row.
        most: rows of the screen.
    """
    brief = _Brief(report, width, links)

    def fits(out: frozenset[_Part]) -> bool:
        rows = 0
        return all((rows := rows + rows_of(line, width)) <= most for line in brief.lines(out))

    out: frozenset[_Part] = frozenset()
    for part in _Part:
        if fits(out):
            break
        out |= {part}
    # One that was left out in vain comes back, what is of most use first.
    for part in reversed(_Part):
        if part in out and fits(out - {part}):
            out -= {part}
    return list(brief.lines(out))


class _Brief:
    def __init__(self, report: Report, width: int, links: bool) -> None:
        self.report, self.width, self.links = report, width, links
        self.ruled_out = len(report.ruled_out)
        self.not_known = list(report.not_known())
        self.out: frozenset[_Part] = frozenset()
        self.more: list[str] = []
        """What the whole text has that this one leaves out."""

    def lines(self, out: frozenset[_Part]) -> Iterator[Text]:
        """The answer without some parts."""
        self.out, self.more = out, []
        yield from self._headline()
        yield from self._blank()
        yield from self._causes()
        yield from self._changes()
        yield from self._undecided()
        for caveat in self.report.verdict.caveats:
            told = _SAID.sub("", caveat) if _Part.QUOTED in self.out else caveat
            yield from self._labelled("Note", Text(plain(told)), "yellow")
        yield from self._denied()
        yield from self._seen()
        yield from self._footer()

    # --- the parts, top to bottom ----------------------------------------------------------------------

    def _headline(self) -> Iterator[Text]:
        mark, style = MARKS[self.report.verdict.outcome]
        headline = Text(plain(self.report.verdict.headline), style=style)
        yield from labelled(Text(mark, style=style), headline, self.width, 2)
        facts = [self._where() if _Part.WHERE not in self.out else "", source_of(self.report.task) or ""]
        impact = self.report.impact
        if impact is not None:
            facts.append(impact.headline or "")
            facts.extend(impact.notes if _Part.NOTES not in self.out else ())
        told = ". ".join(_upper(plain(item)) for item in facts if item)
        if told:
            yield from indented(Text(f"{told}.", style="dim"), self.width)
        for sentence in started_by(self.report.task):
            yield from indented(Text(plain(sentence), style="dim"), self.width)

    def _where(self) -> str:
        task = self.report.task
        name = f"task {task.arn.rsplit('/', 1)[-1][:8]}" if task.arn else ""
        places = (
            f"cluster {task.cluster}" if task.cluster else "",
            task.region,
            task.account_id and f"account {task.account_id}",
        )
        return ", ".join(item for item in (name, *places) if item)

    def _causes(self) -> Iterator[Text]:
        causes = self.report.causes_of("cause")
        for number, cause in enumerate(causes, 1):
            yield from self._cause(cause, number, of=len(causes))
        for cause in self.report.causes_of("next"):
            yield from self._later("Next", "after that the pull stops at", cause)
        for cause in self.report.causes_of("also"):
            yield from self._later("Also", "found, but not what stopped this pull:", cause)

    def _cause(self, cause: Cause, number: int, of: int) -> Iterator[Text]:
        label = "Cause" if of == 1 else f"Cause {number}"
        head = Text.assemble((cause.id, "bold red"), f", {cause.certainty}")
        shared = [item for item in cause.subnets if item in cause.resources]
        if len(shared) > 1:
            head.append(f", in {_listed(map(plain, shared))}")
        if _Part.SENTENCES not in self.out:
            head.append(f": {lower(plain(cause.why_ranked))}")
        yield from self._labelled(label, head)
        rest = rest_of(cause, self.report.verdict.headline)
        if rest and (number > 1 or of > 1 or _Part.SENTENCES not in self.out):
            yield from self._labelled("", Text(plain(rest)))
        if number == 1:
            yield from self._way(cause.fix, cause.id)
            yield from self._others(cause.alternatives)
            yield from self._console(cause.console_url)
        else:
            yield from self._labelled("Fix", Text(plain(cause.fix.title or cause.fix.text)), "bold green")
            self.more.append("its commands" if of == 2 else "their commands")
        yield from self._blank()

    def _later(self, label: str, intro: str, cause: Cause) -> Iterator[Text]:
        where = f" ({', '.join(map(plain, cause.subnets))})" if cause.role == "also" and cause.subnets else ""
        text = Text.assemble(f"{intro} ", (cause.id, "bold"), where)
        if cause.role == "next" and _Part.NOTES not in self.out:
            text.append(f": {lower(plain(cause.summary))}")
        yield from self._labelled(label, text)

    def _about(self) -> str:
        task = self.report.task
        return f" about {plain(task.cluster)}/{plain(task.service)}" if task.cluster and task.service else ""

    def _way(self, fix: Fix, cause_id: str) -> Iterator[Text]:
        """The first way, its command whole; undo and the same as code are for later."""
        short = _Part.FIX_TEXT in self.out and fix.cli and fix.title
        yield from self._labelled(
            "Fix", Text(plain(fix.title if short and fix.title else fix.text)), "bold green"
        )
        if fix.warning:
            yield from self._labelled("Before", Text(plain(fix.warning)), "bold yellow")
        if fix.cli:
            yield from command_lines(fix.cli, 2)
        if fix.verify:
            if _Part.VERIFY in self.out and fix.cli:
                self.more.append("the command that verifies it")
                yield from self._labelled(
                    "Verify", Text(f"ask again{self._about()}: {cause_id} must be gone"), "bold"
                )
            else:
                shown = " / ".join((fix.expect or "").split("\n")) or "nothing"
                yield from self._labelled(
                    "Verify", Text(f"it worked where this prints {plain(shown)}"), "bold"
                )
                yield from command_lines(fix.verify, 2)
        if fix.then and _Part.THEN in self.out:
            self.more.append("what ECS does next")
        elif fix.then:
            yield from self._labelled("Then", Text(plain(fix.then)), "bold")
        if fix.undo or fix.undo_note:
            self.more.append("undo")

    def _others(self, ways: Sequence[Fix]) -> Iterator[Text]:
        if not ways:
            return
        titles = "; or ".join(lower(plain(way.title or way.text)) for way in ways)
        self.more.append("the other way" if len(ways) == 1 else f"{len(ways)} other ways")
        if _Part.OTHERS not in self.out:
            yield from self._labelled("Or", Text(titles), "bold")

    def _console(self, url: str | None) -> Iterator[Text]:
        if url and not self.links and _Part.ADDRESS not in self.out:
            yield from self._labelled("Console", Text(plain(url)))
        elif url and not self.links:
            self.more.append("the console page")

    def _changes(self) -> Iterator[Text]:
        if self.report.changes is None:
            return
        told = [(became, item) for became, items in self.report.became.items() for item in items]
        if not told:
            yield from self._labelled("Since", Text(NOTHING_CHANGED))
        for became, change in told[:MOST_CHANGES]:
            where = f" ({', '.join(map(plain, change.resources))})" if change.resources else ""
            text = Text.assemble(
                (BECAME[became].lower(), BECAME_STYLES[became]), f": {plain(change.fault)}{where}"
            )
            yield from self._labelled("Since", text)
        if len(told) > MOST_CHANGES:
            yield from self._labelled("", Text(f"and {len(told) - MOST_CHANGES} more"))

    def _undecided(self) -> Iterator[Text]:
        """What an answer that settles nothing rests on, and where to look next."""
        if self.report.verdict.outcome != "undecided":
            return
        for symptom in self.report.verdict.symptoms:
            text = plain(symptom.text)
            if len(text) > MOST_SYMPTOM:
                self.more.append("the whole error text")
                text = f"{text[:MOST_SYMPTOM].rstrip()} …"
            where = f"{plain(symptom.container)}: " if symptom.container else ""
            yield from self._labelled("Error", Text.assemble(where, (symptom.id, "bold"), f": {text}"))
        if self.report.denied is None:
            for reason in self.not_known[:MOST_REASONS]:
                yield from self._labelled("Unknown", Text(plain(reason)), "bold yellow")
        told = self.report.second_opinion
        if told is None or self.report.verdict.missing:
            return
        if _Part.RUNBOOK in self.out:
            self.more.append("what AWS's own runbook can test")
            return
        yield from self._labelled("Test", Text(plain(told.text)), "bold")
        yield from command_lines(told.cli, 2)
        yield from self._console(told.console_url)

    def _denied(self) -> Iterator[Text]:
        if self.report.denied is not None:
            yield from self._labelled("Denied", Text(plain(self.report.denied.text)), "bold yellow")

    def _seen(self) -> Iterator[Text]:
        """One line: how much was ruled out, and what was not seen."""
        shot = self.report.snapshot
        out = self.ruled_out
        found = (
            []
            if not out
            else [f"Ruled out: {out} {'other ' if self.report.causes else ''}cause{'' if out == 1 else 's'}"]
        )
        hidden = self._not_seen()
        found.append(f"Not seen: {hidden}" if hidden else "Not seen: nothing that matters")
        found.append(f"Read {shot.taken_at:%Y-%m-%d %H:%M} UTC")
        if shot.reused:
            found.append(f"{shot.reused} answers of another check")
        yield from wrapped(Text(". ".join(found) + ".", style="dim"), self.width)

    def _not_seen(self) -> str:
        if self.report.verdict.outcome not in ("undecided", "cause_found"):
            count = len(self.report.unavailable)
            return "" if not count else "1 thing" if count == 1 else f"{count} things"
        reasons = self.not_known
        if not reasons:
            return ""
        first = plain(reasons[0])
        if len(reasons) == 1 and len(first) < self.width - 60:
            return first
        return "1 thing" if len(reasons) == 1 else f"{len(reasons)} things"

    def _footer(self) -> Iterator[Text]:
        first = self.report.cause
        has = ["evidence"] if self.report.causes else []
        if any(leg.disposition != "reachable" for leg in self.report.network.legs):
            has.append("the network path")
        every = (*has, *dict.fromkeys(self.more), "all ids")
        if _Part.LIST in self.out:
            every = _in_one_row(every, self.width)
        text = Text(_more(every), style="dim")
        if first is not None and first.console_url and self.links:
            text.append(" · ")
            text.append_text(linked("AWS console", first.console_url, "dim"))
        yield from wrapped(text, self.width)

    # --- how a part is set -----------------------------------------------------------------------------

    def _blank(self) -> Iterator[Text]:
        if _Part.BLANKS not in self.out:
            yield Text("")

    def _labelled(self, label: str, text: Text, style: str = "bold") -> list[Text]:
        return labelled(Text(label, style=style), text, self.width, LABEL)


def _more(has: Iterable[str]) -> str:
    return f"More: add {MORE} ({_listed(has)})"


def _in_one_row(has: tuple[str, ...], width: int) -> tuple[str, ...]:
    """As many of them, with `more` behind them, as a row has room for."""
    for count in range(len(has), 0, -1):
        shown = has if count == len(has) else (*has[:count], "more")
        if cell_len(_more(shown)) <= width:
            return shown
    return ("more",)


def _listed(items: Iterable[str]) -> str:
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
