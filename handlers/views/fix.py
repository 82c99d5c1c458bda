"""One way to repair a fault, ready to paste: what to run, what shows that it worked, what takes it back."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.finding import Fix
from handlers.text import Mrkdwn, code, code_blocks, fmt, join, prose, units
from handlers.views.message import SECTION, Block, context, section

_ROOM_FOR_WORDS = 900
TOO_LONG = "_This is too long for a Slack message; the full report has it._"


def fix_head(title: Mrkdwn, fix: Fix) -> Iterator[Block]:
    """The repair: a sentence, what to know before, and the command, in one section where they fit in one."""
    head = fmt("*{}*\n{}{}", title, prose(fix.text, 1200), _warning(fix))
    codes = _code(None, fix.cli, most=3)
    if len(codes) == 1 and units(head) + units(codes[0]) < SECTION:
        yield section(join("\n", (head, codes[0])), expand=True)
    else:
        yield from (section(text, expand=True) for text in (head, *codes))


def fix_check(fix: Fix) -> Iterator[Block]:
    """What shows that it worked, and how to see it."""
    if not fix.verify:
        return
    title = fmt("*See that it worked*")
    if fix.expect is not None:
        prints = code(fix.expect, 300) if fix.expect.strip() else fmt("nothing")
        title = fmt("*It worked when this prints* {}", prints)
    yield from (section(text) for text in _code(title, fix.verify))


def fix_then(fix: Fix) -> Iterator[Block]:
    """What ECS does by itself afterwards, and what a person must start."""
    if not fix.then:
        return
    command = code_blocks(fix.then_cli, SECTION - _ROOM_FOR_WORDS, 1) if fix.then_cli else None
    if command is None:
        yield context(fmt("*Then* {}", prose(fix.then, 800)))
    else:
        yield section(fmt("*Then* {}\n{}", prose(fix.then_words or "", 800), command[0]), expand=True)


def fix_undo(fix: Fix) -> Iterator[Block]:
    """What takes it back, or why nothing does."""
    yield from code_to_paste(None, fix.undo, most=2)
    if fix.undo_note:
        yield section(prose(fix.undo_note, 800))


def whole_fix(title: Mrkdwn, fix: Fix, *, commands: bool = True) -> Iterator[Block]:
    """All of it, for a place that folds it away; without `commands` only what it does."""
    if not commands:
        told = (
            fmt("\n_Its commands are in the full report: ⋯, then Full report as a file._")
            if fix.cli
            else fmt("")
        )
        yield section(fmt("*{}*\n{}{}{}", title, prose(fix.text, 600), _warning(fix), told))
        return
    yield from fix_head(title, fix)
    yield from fix_check(fix)
    if fix.undo or fix.undo_note:
        yield from code_to_paste(fmt("*Undo*"), fix.undo)
        if fix.undo_note:
            yield section(fmt("{}{}", fmt("") if fix.undo else fmt("*Undo*\n"), prose(fix.undo_note, 600)))
    yield from fix_then(fix)


def code_to_paste(title: Mrkdwn | None, text: str | None, *, most: int = 1) -> Iterator[Block]:
    """Code that people paste, under a title: whole, in a few blocks, or not at all."""
    yield from (section(part, expand=title is None) for part in _code(title, text, most=most))


def _code(title: Mrkdwn | None, text: str | None, *, most: int = 1) -> tuple[Mrkdwn, ...]:
    if not text:
        return ()
    lead = fmt("{}\n", title) if title else fmt("")
    blocks = code_blocks(text, SECTION - units(lead), most)
    if blocks is None:
        return (fmt("{}{}", lead, TOO_LONG),)
    return tuple(fmt("{}{}", fmt("") if place else lead, block) for place, block in enumerate(blocks))


def _warning(fix: Fix) -> Mrkdwn:
    return fmt("\n⚠️ *Before you run it:* {}", prose(fix.warning, 1200)) if fix.warning else fmt("")
