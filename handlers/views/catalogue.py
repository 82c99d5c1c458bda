"""The private answers of `/pullcheck list`, `explain ID` and `settings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handlers.ids import COMMAND, CONSOLE
from handlers.text import Mrkdwn, code, fmt, join, lines, page, plain, prose
from handlers.views.message import Block, MessageContent, actions, context, link, section
from handlers.ways import SettingInForce

if TYPE_CHECKING:
    from diagnostics.finding import Fault

TOGETHER = 20
"""Faults in one section."""
SECTIONS = 40
LONGEST = 2900


def catalogue(faults: Mapping[str, Fault], *, causes_page: str | None) -> MessageContent:
    """Every cause that is looked for, in the order of a pull."""
    every = tuple(faults.values())
    text = fmt("{} causes are looked for, in the order of a pull.", str(len(every)))
    head = fmt("*{}* `{} explain ID` says why each stops a pull, and how it is repaired.", text, COMMAND)
    blocks: list[Block] = [section(head)]
    for begin in range(0, min(len(every), TOGETHER * SECTIONS), TOGETHER):
        shown = [
            fmt("{} {}", code(fault.id, 120), prose(fault.title, 160))
            for fault in every[begin : begin + TOGETHER]
        ]
        blocks.append(section(lines(shown, LONGEST)))
    if causes_page is not None:
        blocks.append(context(page(causes_page, "All of them, with what repairs them")))
    return MessageContent(text, tuple(blocks))


def explained(fault: Fault, *, causes_page: str | None) -> MessageContent:
    """One cause: what is healthy, why a pull fails without it, and how it is repaired."""
    text = fmt("{}: {}.", code(fault.id, 120), prose(fault.title.rstrip("."), 300))
    blocks: list[Block] = [
        section(fmt("*{}*\nWhat must hold: {}.", code(fault.id, 120), prose(fault.title.rstrip("."), 300))),
        section(fmt("*Why the pull fails*\n{}", prose(fault.why, 2500)), expand=True),
        section(fmt("*How to fix it*\n{}", prose(fault.how, 2500)), expand=True),
    ]
    if fault.text_only:
        blocks.append(context(fmt("AWS's API does not show this: only the error text does.")))
    if causes_page is not None:
        blocks.append(context(page(f"{causes_page}#{fault.id}", "In the list of causes")))
    row = link(
        plain("Read AWS's page", 75),
        f"{CONSOLE}.source",
        fault.source,
        says=plain(f"Read AWS's page about {fault.id}", 75),
    )
    if row is not None:
        blocks.append(actions([row]))
    return MessageContent(text, tuple(blocks))


def unknown(wanted: str, close: Sequence[str], example: str) -> MessageContent:
    """No cause has this id; the nearest that are there, or an example."""
    if not close:
        text = fmt(
            "There is no cause {}. `{} list` shows them all, such as {}.",
            code(wanted, 120),
            COMMAND,
            code(example),
        )
    else:
        meant = join(" or ", (code(item, 120) for item in close))
        text = fmt("There is no cause {}. Did you mean {}?", code(wanted, 120), meant)
    return MessageContent(text, (section(text),))


def settings_in_force(rows: Sequence[SettingInForce], refusal: Mrkdwn | None = None) -> MessageContent:
    """What is set, without secrets."""
    text = fmt("The settings of this app as they are in force.")
    note = () if refusal is None else (context(refusal),)
    return MessageContent(text, (section(fmt("*{}*", text)), *settings_blocks(rows), *note))


def settings_blocks(rows: Sequence[SettingInForce]) -> tuple[Block, ...]:
    """The settings, one line each."""
    shown = [fmt("*{}*: {}", row.name, prose(row.value, 500)) for row in rows]
    return tuple(
        section(lines(shown[begin : begin + TOGETHER], LONGEST)) for begin in range(0, len(shown), TOGETHER)
    )
