"""One cause in the thread: what is wrong, how that is known, and the smallest safe fix, ready to paste."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Cause, Evidence, Fix
from handlers.ids import CONSOLE
from handlers.text import Mrkdwn, code, code_blocks, escape, fmt, join, lines, plain, prose, units
from handlers.views.message import CONTEXT, SECTION, Block, actions, context, link, section

_CERTAINTY = {"confirmed": "✔ Confirmed", "likely": "≈ Likely"}
_EVIDENCE = 8


def cause_blocks(cause: Cause, place: int) -> Iterator[Block]:
    """Everything about one cause. `place` keeps the ids of its buttons apart from those of others."""
    yield section(fmt("*Why the pull fails*\n{}", prose(cause.summary, 1500)), expand=True)
    yield context(_standing(cause))
    if cause.evidence:
        yield section(
            lines(
                (
                    fmt("*How we know*"),
                    *(_evidence(item) for item in cause.evidence[:_EVIDENCE]),
                    *_more(cause),
                ),
                SECTION,
            )
        )
    yield from fix_blocks(cause.fix)
    for other in cause.alternatives:
        yield from other_way(other)
    button = link(
        plain("Open in the AWS console", 75),
        f"{CONSOLE}.{place}",
        cause.console_url or "",
        says=plain(f"Open what must change for {cause.id} in the AWS console", 75),
    )
    if button is not None:
        yield actions([button])


def brief(cause: Cause) -> Mrkdwn:
    """A cause in two lines: what is wrong, and what to do."""
    return fmt(
        "• {} {}\n   Fix: {}", code(cause.id, 120), prose(cause.summary, 500), prose(cause.fix.text, 400)
    )


def fix_blocks(fix: Fix) -> Iterator[Block]:
    """The fix: a sentence, what to know before, the command, what shows that it worked, what takes it back, what comes then."""
    yield section(fmt("*Smallest safe fix*\n{}{}", prose(fix.text, 1200), _warning(fix)), expand=True)
    yield from (section(text, expand=expand) for text, expand in _steps(fix))
    as_code = [
        name for name, text in (("Terraform", fix.terraform), ("CloudFormation", fix.cloudformation)) if text
    ]
    if as_code:
        yield context(fmt("Also as {}: press *Explain*.", join(" and ", as_code)))


def other_way(fix: Fix) -> Iterator[Block]:
    """An alternative: in one section, which Slack folds where it is long, and in several where it does not fit in one."""
    head = fmt("*Another way: {}*\n{}{}", prose(fix.title or "", 200), prose(fix.text, 800), _warning(fix))
    parts = (head, *(text for text, _ in _steps(fix)))
    if sum(units(text) + 1 for text in parts) <= SECTION:
        yield section(join("\n", parts))
    else:
        yield from map(section, parts)


Part = tuple[Mrkdwn, bool]
"""A text that fits in a section, and whether it is never folded."""


def _steps(fix: Fix) -> Iterator[Part]:
    yield from _code(None, fix.cli, most=3)
    yield from _code(fmt("*See that it worked*"), fix.verify, after=_expected(fix))
    yield from _code(fmt("*Take it back*"), fix.undo, most=2)
    if fix.undo_note:
        yield fmt("{}{}", fmt("") if fix.undo else fmt("*Take it back*\n"), prose(fix.undo_note, 800)), False
    if fix.then:
        yield fmt("*Then*\n{}", prose(fix.then, 800)), False


def _warning(fix: Fix) -> Mrkdwn:
    return fmt("\n⚠️ *Before you run it:* {}", prose(fix.warning, 1200)) if fix.warning else fmt("")


def _expected(fix: Fix) -> Mrkdwn | None:
    if fix.expect is None:
        return None
    return fmt("It prints {}.", code(fix.expect, 400) if fix.expect.strip() else fmt("nothing"))


def code_to_paste(title: Mrkdwn | None, text: str | None, *, most: int = 1) -> Iterator[Block]:
    """Code that people paste, under a title: whole, in a few blocks, or not at all."""
    yield from (section(part, expand=expand) for part, expand in _code(title, text, most=most))


def _code(
    title: Mrkdwn | None, text: str | None, *, most: int = 1, after: Mrkdwn | None = None
) -> Iterator[Part]:
    if not text:
        return
    room = SECTION - sum(units(line) + 1 for line in (title, after) if line)
    blocks = code_blocks(text, room, most)
    if blocks is None:
        lead = fmt("{}\n", title) if title else fmt("")
        yield (
            fmt(
                "{}_This is too long for a Slack message; the command line prints it:_ `python -m diagnostics`",
                lead,
            ),
            False,
        )
        return
    for place, block in enumerate(blocks):
        above = (title,) if title and not place else ()
        below = (after,) if after and place == len(blocks) - 1 else ()
        yield join("\n", (*above, block, *below)), not title


def _standing(cause: Cause) -> Mrkdwn:
    parts = [
        fmt("{}", _CERTAINTY[cause.certainty]),
        code(cause.id, 120),
        fmt("because {}", prose(_lower(cause.why_ranked.rstrip(".")), 500)),
    ]
    if cause.containers:
        parts.append(fmt("container {}", join(", ", (code(name, 120) for name in cause.containers[:4]))))
    if cause.resources:
        shown = [code(name, 200) for name in cause.resources[:3]]
        left = len(cause.resources) - len(shown)
        parts.append(fmt("concerns {}", join(", ", (*shown, *((f"{left} more",) if left else ())))))
    return lines((join(" · ", parts),), CONTEXT)


def _evidence(item: Evidence) -> Mrkdwn:
    return fmt("• {} ({})", prose(item.what, 500), escape(item.source, 100))


def _more(cause: Cause) -> tuple[Mrkdwn, ...]:
    left = len(cause.evidence) - _EVIDENCE
    return (fmt("… {} more", str(left)),) if left > 0 else ()


def _lower(text: str) -> str:
    """Lower case at the beginning, unless an id or an abbreviation stands there."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
