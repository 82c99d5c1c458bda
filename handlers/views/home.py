"""The App Home: how to ask, the reader's last runs, what is set, and for administrators whether everything works.

Slack: https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import HeaderBlock, PlainTextObject

from diagnostics.target import EXAMPLE
from handlers import ids
from handlers.recent import RecentRun
from handlers.text import Mrkdwn, code, escape, fmt, lines, moment, page, plain, prose
from handlers.views.catalogue import settings_blocks
from handlers.views.message import Block, actions, button, context, section
from handlers.views.modal import Chosen
from handlers.ways import CheckedPart, SettingInForce

MOST_FAILING = 20


def home(
    *,
    channel: str,
    runs: Sequence[tuple[RecentRun, str | None]],
    in_force: Sequence[SettingInForce],
    asks: bool,
    checked: Sequence[Block] = (),
) -> dict[str, Any]:
    """The whole Home of one person.

    Args:
        channel: their conversation with the app, in which a question that begins here is answered.
        runs: their last runs, each with the address of its answer where it has one.
        in_force: the settings.
        asks: the app can open its modal.
        checked: what `checked` made, for administrators.
    """
    return _view(channel, list(_blocks(runs, in_force, asks, checked)))


def closed(channel: str, sentence: str) -> dict[str, Any]:
    """The Home of somebody who may not ask: why not, and nothing else."""
    return _view(channel, [section(prose(sentence, 2000))])


def _view(channel: str, blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "type": "home",
        "callback_id": ids.HOME,
        "private_metadata": Chosen(channel=channel).text(),
        "blocks": [block.to_dict() for block in blocks],
    }


def _blocks(
    runs: Sequence[tuple[RecentRun, str | None]],
    in_force: Sequence[SettingInForce],
    asks: bool,
    checked: Sequence[Block],
) -> Iterator[Block]:
    yield _header("How to ask")
    yield section(
        fmt(
            "Pullcheck says why an Amazon ECS task could not pull its image. It only reads, and answers in a thread.\n"
            "• `{} TARGET`: a task ARN, an ECS console link, `cluster/task-id` or `cluster/service`\n"
            "• `{}` alone opens a form\n"
            "• `@pullcheck TARGET` in a channel or a thread\n"
            "• *Check this image pull* in the menu of a message, such as an alert\n"
            "• `{} audit CLUSTER`: which of its services could not start a task now, or soon\n"
            "• `{} list`, `{} explain ID`, `{} settings`, `{} help`\n"
            "For example {}",
            *([ids.COMMAND] * 7),
            code(f"{ids.COMMAND} {EXAMPLE}"),
        )
    )
    if asks:
        yield actions([button(plain("Check an image pull", 75), ids.ASK, style="primary")])
    yield _header("Your last runs")
    if runs:
        yield section(lines([_run(run, address) for run, address in runs], 2900))
    else:
        yield section(fmt("None yet. Ask in a channel, and the answer is listed here."))
    yield _header("Settings in force")
    yield from settings_blocks(in_force)
    if checked:
        yield _header("Does everything work?")
        yield from checked


def _run(run: RecentRun, address: str | None) -> Mrkdwn:
    name = code(run.name, 200) if address is None else page(address, run.name)
    when = fmt("") if run.at is None else fmt(" · {}", moment(run.at))
    return fmt("• {}: {}{}", name, prose(run.verdict, 300), when)


def checking() -> tuple[Block, ...]:
    """Whether everything works is being tried out."""
    return (section(fmt("⏳ Trying out tokens, scopes and each AWS read…")),)


def checked(results: Sequence[CheckedPart], at: datetime) -> tuple[Block, ...]:
    """The result of the check, for administrators."""
    failing = [item for item in results if not item.works]
    if failing:
        head = fmt("🔴 *{} of {} fail.*", str(len(failing)), str(len(results)))
    else:
        head = fmt("✅ *All {} work.*", str(len(results)))
    parts = [fmt("• {}: {}", code(item.what, 120), escape(item.says or "fails", 300)) for item in failing]
    listed = (section(lines(parts[:MOST_FAILING], 2900)),) if parts else ()
    again = button(
        plain("Check again", 75), ids.CHECK, says=plain("Check again whether everything works", 75)
    )
    return (
        section(head),
        *listed,
        context(fmt("Tried {}. Only administrators of this app see this.", moment(at))),
        actions([again]),
    )


def _header(text: str) -> Block:
    return HeaderBlock(text=PlainTextObject(text=plain(text, 150), emoji=False))
