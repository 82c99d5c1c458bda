"""The app's modal and its Home, as one person has them before them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from demo.slack import Delivery, LocalSlack, User
from demo.slack.views import OpenView

Act = Callable[[dict[str, Any]], Awaitable[str | dict[str, Any] | None]]


class Surfaces:
    """What is drawn of them, and what a person does in them.

    Args:
        slack: the local Slack.
        me: whose they are.
        interact: waits for the acknowledgement of a delivery, and says what the person is told where none comes.
    """

    def __init__(
        self, slack: LocalSlack, me: User, interact: Callable[[Delivery], Awaitable[str | None]]
    ) -> None:
        self._slack, self._me, self._interact = slack, me, interact

    @property
    def actions(self) -> dict[str, Act]:
        """What a person does, by the name under which the page asks for it."""
        return {
            "home": self._open_home,
            "press": self._press,
            "choose": self._choose,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
        }

    def shown(self) -> dict[str, Any]:
        """What the page draws."""
        return {
            "modal": _shown(self._slack.views.modal(self._me)),
            "home": _shown(self._slack.views.home(self._me)),
        }

    async def _open_home(self, action: dict[str, Any]) -> str | None:
        return await self._interact(self._slack.views.open_home(user=self._me))

    async def _press(self, action: dict[str, Any]) -> str | None:
        home = bool(action.get("home"))
        if not home and self._slack.views.modal(self._me) is None:
            raise LookupError("the form is gone")
        return await self._interact(
            self._slack.views.press(str(action["action_id"]), home=home, user=self._me)
        )

    async def _choose(self, action: dict[str, Any]) -> str | None:
        """An option of a menu, for example {"text": …, "value": …}."""
        self._here()
        told = self._slack.views.fill(str(action["action_id"]), dict(action["option"]), user=self._me)
        return None if told is None else await self._interact(told)

    async def _options(self, action: dict[str, Any]) -> str | dict[str, Any] | None:
        self._here()
        views = self._slack.views
        delivery = views.suggest(str(action["action_id"]), str(action.get("typed") or ""), user=self._me)
        if problem := await self._interact(delivery):
            return problem
        return {"menu": delivery.acks[0].payload}

    async def _submit(self, action: dict[str, Any]) -> str | None:
        """With the texts that were typed, by the fields' action ids."""
        opened = self._here()
        views = self._slack.views
        for action_id, text in dict(action.get("texts") or {}).items():
            if text:
                views.fill(str(action_id), str(text), user=self._me)
            else:
                block_id, _ = opened.element(str(action_id))
                opened.values.pop(block_id, None)
        # The local Slack waits for the answer, and the answer comes through this loop.
        await asyncio.to_thread(lambda: views.submit(user=self._me))
        return None

    async def _close(self, action: dict[str, Any]) -> str | None:
        self._slack.views.close(user=self._me)
        return None

    def _here(self) -> OpenView:
        opened = self._slack.views.modal(self._me)
        if opened is None:
            raise LookupError("the form is gone")
        return opened


def _shown(opened: OpenView | None) -> dict[str, Any] | None:
    if opened is None:
        return None
    view = opened.shown
    return {
        **{name: view[name] for name in ("id", "hash", "type", "blocks")},
        **{name: view[name]["text"] for name in ("title", "submit", "close") if view.get(name)},
        "values": opened.values,
        "errors": opened.errors,
    }
