"""The first reply: the repair and how to see that it worked, at once; everything that explains it folded away below."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence

from diagnostics.finding import Cause, Report
from diagnostics.target import Target
from handlers.text import Mrkdwn, escape, fmt, join, page, plain
from handlers.views.fix import fix_check, fix_head, fix_then
from handlers.views.fold import TITLE, Fold
from handlers.views.folds import AMOUNTS, Amount, folds
from handlers.views.lint import BLOCKS
from handlers.views.message import Block, MessageContent, as_json, context, section
from handlers.views.parent import next_step, verdict_blocks
from handlers.views.parent_buttons import private_buttons
from handlers.views.size import MESSAGE, VISIBLE, visible_of, whole
from handlers.views.words import TEXT, cut, fix_in_brief, name_of, verdict_text

MOST_LINKS = 3


def details(
    report: Report, *, causes_page: str | None = None, causes: Sequence[Cause] | None = None
) -> MessageContent:
    """Everything that explains the verdict.

    Args:
        causes_page: where causes are explained.
        causes: those whose repairs are told, where that is not all of them.
    """
    told = report.causes_of("cause") if causes is None else tuple(causes)
    return MessageContent(_text(report, told), _fitting(report, told, causes_page, VISIBLE, BLOCKS))


def alone(
    report: Report,
    *,
    run_id: str,
    target: Target,
    by: Mrkdwn | None = None,
    causes_page: str | None = None,
    since: Mrkdwn | None = None,
) -> Callable[[Mrkdwn | None, bool], MessageContent]:
    """Verdict and details in one message, for one person: a function of a note that says why that person is told alone, and of
    whether they are offered to show it to the channel. What is long is made when it is first called, and once. `since` is what is different from an earlier run."""

    @functools.cache
    def fitting() -> tuple[Block, ...]:
        verdict = verdict_blocks(report, by=by)
        changed = (section(since),) if since is not None else ()
        return (
            *changed,
            *verdict,
            *_fitting(report, report.causes_of("cause"), causes_page, VISIBLE, BLOCKS - 6),
        )

    def private(note: Mrkdwn | None, post: bool) -> MessageContent:
        notes = () if note is None else (context(note),)
        row = private_buttons(report, run_id=run_id, target=target, post=post)
        return MessageContent(verdict_text(report), (*fitting(), *notes, row))

    return private


def _text(report: Report, causes: Sequence[Cause]) -> Mrkdwn:
    name = name_of(report)
    if not causes:
        return escape(f"How {cut(name, 60)} was checked, and what was found.", TEXT)
    return escape(cut(f"Fix for {name}: {fix_in_brief(causes[0].fix)}", TEXT - 1) + ".", TEXT)


def _fitting(
    report: Report, causes: Sequence[Cause], causes_page: str | None, seen: int, room: int
) -> tuple[Block, ...]:
    """The blocks, with as much of what is long as Slack takes in one message."""
    blocks: tuple[Block, ...] = ()
    for share in AMOUNTS:
        blocks = tuple(_blocks(report, causes, causes_page, seen, share))
        count, length = whole(as_json(block) for block in blocks)
        if count <= room and length <= MESSAGE:
            break
    return blocks


def _blocks(
    report: Report, causes: Sequence[Cause], causes_page: str | None, seen: int, share: Amount
) -> Iterator[Block]:
    """The blocks in their order; what there is no room for at first sight is folded away."""
    first = tuple(_first(report, causes))
    last = _footer(report, causes_page)
    hidden = tuple(folds(report, causes, share, spare=(next_step(report) or "",)))
    left = seen - visible_of((*first, last)) - sum(len(fold.title) for fold in hidden)
    yield from first
    shown, unseen = _in_sight(tuple(_after(causes)), left)
    yield from shown
    for fold in unseen:
        yield fold.block(closed=True)
    left -= visible_of(shown) + sum(len(fold.title) for fold in unseen)
    for fold in hidden:
        size = visible_of(fold.blocks)
        opened = fold.open and size <= left
        left -= size if opened else 0
        yield fold.block(closed=not opened)
    yield last


_Below = tuple[str, tuple[Block, ...]]
"""What stands under the repair, and the title under which it is folded away."""


def _in_sight(parts: Sequence[_Below], left: int) -> tuple[tuple[Block, ...], tuple[Fold, ...]]:
    """As many of the parts as there is room for, and the rest in one fold, whose title needs room as well."""
    count = len(parts)
    while True:
        shown = tuple(block for _, blocks in parts[:count] for block in blocks)
        rest = parts[count:]
        title = rest[0][0] if rest else ""
        if visible_of(shown) + len(title) <= left or not count:
            break
        count -= 1
    folded = tuple(block for _, blocks in rest for block in blocks)
    return shown, (Fold(plain(title, TITLE), folded),) if rest else ()


def _first(report: Report, causes: Sequence[Cause]) -> Iterator[Block]:
    if causes:
        count = len(report.causes_of("cause"))
        which = f"Fix 1 of {len(causes)}" if len(causes) > 1 else "Fix"
        named = f": {causes[0].short}" if count > 1 and causes[0].short else ""
        yield from fix_head(fmt("{} for {}{}", which, name_of(report), named), causes[0].fix)
    elif report.verdict.outcome == "nothing_wrong":
        yield section(
            fmt(
                "Every check of the path, the policies and the image of {} passes, so a pull started now should work.",
                name_of(report),
            )
        )
    elif report.verdict.outcome == "task_gone":
        yield section(fmt("Also make sure that the account, the Region and the cluster are the right ones."))
    elif report.verdict.outcome == "not_a_pull_failure":
        yield section(
            fmt(
                "The image was not what stopped {}, so nothing about the pull was judged to be the cause.",
                name_of(report),
            )
        )


def _after(causes: Sequence[Cause]) -> Iterator[_Below]:
    if not causes:
        return
    for title, blocks in (
        ("Verify, and what is next", tuple(fix_check(causes[0].fix))),
        ("What comes next", tuple(fix_then(causes[0].fix))),
    ):
        if blocks:
            yield title, blocks


def _footer(report: Report, causes_page: str | None) -> Block:
    shot = report.snapshot
    pages = _pages(report, causes_page) if causes_page else ()
    return context(
        fmt(
            "{} read-only AWS calls in {} s{}{}",
            str(shot.api_calls),
            f"{shot.seconds:.1f}",
            f"; {shot.shared_in_words}" if shot.shared_in_words else "",
            fmt(" · about {}", join(", ", pages)) if pages else "",
        )
    )


def _pages(report: Report, causes_page: str) -> tuple[Mrkdwn, ...]:
    """A link for each cause to where it is explained: `docs/causes.md` has an anchor for each."""
    ids = dict.fromkeys(cause.id for cause in report.causes[:MOST_LINKS])
    return tuple(page(f"{causes_page}#{name}", name) for name in ids)
