"""The modal of `/pullcheck` alone: which service of which cluster, or a task as it is pasted.

Slack: https://docs.slack.dev/surfaces/modals, and for menus whose options the app gives:
https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_sdk.models.blocks import (
    Block,
    ExternalDataSelectElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from diagnostics.target import EXAMPLE
from handlers import ids
from handlers.text import Plain, fmt, plain
from handlers.views.message import MessageContent, section

LABEL = 75
"""Characters of an option's text, and of a group's label."""
VALUE = 150
"""Characters of an option's value. A cluster's name, and a service's, may have 255."""
MOST_OPTIONS = 100
PASTED = 2000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}", re.ASCII)
"""A Region, or a name of a cluster or a service.
AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
NOTHING = "-"
"""The value of an option that says why there is no list."""

ACCOUNT_BLOCK = "account"
REGION_BLOCK = "region"
CLUSTER_BLOCK = "cluster"
SERVICE_BLOCK = "service"
TASK_BLOCK = "task"


class Chosen(BaseModel):
    """What a modal knows: where it was asked for, and what was chosen in it. Stands in its private metadata.

    Attributes:
        channel: where the command was typed, and the answer goes.
        response_url: the command's own, for an answer where the app is no member.
        account: `None` for that of the app.
        region: where the cluster is.
        cluster: the name, or what stands for one that is too long (`token_of`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    response_url: str | None = None
    account: str | None = None
    region: str | None = None
    cluster: str | None = None

    def text(self) -> str:
        """As it stands in the view."""
        return self.model_dump_json(exclude_none=True)


def read_chosen(view: Mapping[str, Any]) -> Chosen | None:
    """What a view of ours knows; `None` for any other view."""
    if view.get("callback_id") not in (ids.ASK, ids.HOME):
        return None
    try:
        return Chosen.model_validate_json(str(view.get("private_metadata") or ""))
    except ValidationError:
        return None


def token_of(name: str) -> str:
    """What stands for a name in an option's value: itself, or a digest of one that is too long."""
    return name if len(name) <= VALUE else f"#{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def modal(chosen: Chosen, *, accounts: Sequence[str]) -> dict[str, Any]:
    """The modal.

    Args:
        chosen: what is known already.
        accounts: those to choose from; none where there is no choice.
    """
    return dict(
        View(
            type="modal",
            callback_id=ids.ASK,
            title=_plain("Check an image pull", 24),
            submit=_plain("Check", 24),
            close=_plain("Cancel", 24),
            private_metadata=chosen.text(),
            blocks=list(_blocks(chosen, accounts)),
        ).to_dict()
    )


def _blocks(chosen: Chosen, accounts: Sequence[str]) -> Iterator[Block]:
    yield section(
        fmt(
            "Choose a service: its newest stopped task is checked. Or paste a task below. Nothing is changed in AWS."
        )
    )
    if len(accounts) > 1:
        options = [_option(account, account) for account in accounts[:MOST_OPTIONS]]
        yield InputBlock(
            block_id=ACCOUNT_BLOCK,
            label=_plain("AWS account", 100),
            element=StaticSelectElement(
                action_id=ids.ACCOUNT,
                options=options,
                initial_option=next((item for item in options if item.value == chosen.account), options[0]),
            ),
            dispatch_action=True,
        )
    yield InputBlock(
        block_id=_block_id(REGION_BLOCK, chosen.account),
        label=_plain("Region", 100),
        element=_menu(
            ids.REGION,
            "Choose a Region",
            _option(chosen.region, chosen.region) if chosen.region else None,
        ),
        dispatch_action=True,
    )
    # A menu whose list is another one now is another menu, so that Slack forgets what was chosen in it.
    yield InputBlock(
        block_id=_block_id(CLUSTER_BLOCK, chosen.account, chosen.region),
        label=_plain("Cluster", 100),
        element=_menu(ids.CLUSTER, "Type to find a cluster"),
        dispatch_action=True,
        optional=True,
    )
    yield InputBlock(
        block_id=service_block(chosen),
        label=_plain("Service", 100),
        element=_menu(ids.SERVICE, "Type to find a service"),
        optional=True,
    )
    yield InputBlock(
        block_id=TASK_BLOCK,
        label=_plain("Or paste a task", 100),
        hint=_plain("A task ARN, an ECS console link, cluster/task-id or cluster/service", 200),
        element=PlainTextInputElement(
            action_id=ids.TASK, placeholder=_plain(EXAMPLE, 150), max_length=PASTED
        ),
        optional=True,
    )


def _menu(action_id: str, placeholder: str, initial: Option | None = None) -> ExternalDataSelectElement:
    return ExternalDataSelectElement(
        action_id=action_id,
        placeholder=_plain(placeholder, 150),
        min_query_length=0,
        initial_option=initial,
    )


def service_block(chosen: Chosen) -> str:
    """The block of the services that go with what is chosen."""
    return _block_id(SERVICE_BLOCK, chosen.account, chosen.region, chosen.cluster)


def _block_id(name: str, *of: str | None) -> str:
    digest = hashlib.sha256("\n".join(part or "" for part in of).encode()).hexdigest()[:8]
    return f"{name}.{digest}"


def options(names: Sequence[str], *, more: bool = False) -> dict[str, Any]:
    """What a menu offers: names, as an acknowledgement has them.

    Args:
        names: those that fit what was typed.
        more: there are more than were listed at all.
    """
    held = [name for name in dict.fromkeys(names) if _NAME.fullmatch(name)]
    shown = [_option(name, token_of(name)).to_dict() for name in held[:MOST_OPTIONS]]
    if not shown:
        return no_options("Nothing fits what you typed. Paste the task below instead.")
    if not more and len(held) <= MOST_OPTIONS:
        return {"options": shown}
    label = f"The first {len(shown)}. Type more of the name, or paste it below."
    return {"option_groups": [{"label": _plain(label, LABEL).to_dict(), "options": shown}]}


def no_options(sentence: str) -> dict[str, Any]:
    """A menu without a list: a sentence in place of it. Slack takes no group without an option."""
    first, rest = _halves(str(plain(sentence, 2 * LABEL)) or "There is no list.")
    group = {
        "label": _plain(first, LABEL).to_dict(),
        "options": [_option(rest or "Paste the task below instead.", NOTHING).to_dict()],
    }
    return {"option_groups": [group]}


def _halves(sentence: str) -> tuple[str, str]:
    """A sentence in two parts, each as long as a menu shows; the second may be empty."""
    if len(sentence) <= LABEL:
        return sentence, ""
    first = sentence[:LABEL].rpartition(" ")[0] or sentence[:LABEL]
    return first, sentence[len(first) :].strip()


def _option(text: str, value: str) -> Option:
    return Option(text=_plain(_shortened(text), LABEL), value=value)


def _shortened(text: str) -> str:
    """A name that fits: the middle goes, since names differ at both ends."""
    return text if len(text) <= LABEL else f"{text[:36]}…{text[-36:]}"


def _plain(text: str, limit: int) -> PlainTextObject:
    shown: Plain = plain(text, limit)
    return PlainTextObject(text=shown, emoji=False)


def as_view(message: MessageContent) -> dict[str, Any]:
    """A message as a modal that says only that."""
    return {
        "type": "modal",
        "title": _plain("Check an image pull", 24).to_dict(),
        "close": _plain("Close", 24).to_dict(),
        "blocks": message.payload()["blocks"],
    }
