"""Modals and the App Home: what the app opens, and what people do in it.

Slack: https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/surfaces/app-home,
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.slack import payloads
from demo.slack.delivery import Delivery, DeliveryKind
from demo.slack.errors import SlackRefusal
from demo.slack.lint_views import lint_options, lint_view, too_large
from demo.slack.model import User
from demo.slack.triggers import Triggers
from demo.slack.workspace import Workspace

Push = Callable[[DeliveryKind, dict[str, Any], User], Delivery]
"""Sends a payload of a kind to the app, in somebody's name."""
STACK = 3
"""Views that may lie on one another."""


@dataclass
class OpenView:
    """A view as one person has it before them.

    Attributes:
        shown: the view, with the ids that Slack makes up.
        values: what was filled in, by block and action, as payloads show it.
        errors: what the app answered to the last submission, by block.
    """

    shown: dict[str, Any]
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> str:
        """Every text in it, one piece a line."""
        return "\n".join(_texts([self.shown.get("title"), self.shown["blocks"], self.shown.get("submit")]))

    def element(self, action_id: str) -> tuple[str, dict[str, Any]]:
        """A block's id and the element in it. Raises LookupError."""
        for block in self.shown["blocks"]:
            for element in (
                *block.get("elements", ()),
                *filter(None, (block.get("element"), block.get("accessory"))),
            ):
                if element.get("action_id") == action_id:
                    return block["block_id"], element
        raise LookupError(f"no element {action_id!r} in the view:\n{self.plain}")


class Views:
    """The views of all people, and what they do with them."""

    def __init__(
        self,
        workspace: Workspace,
        triggers: Triggers,
        bot: User,
        alice: User,
        refused: frozenset[str] = frozenset(),
    ) -> None:
        self.workspace = workspace
        self.triggers = triggers
        self.home_enabled = True
        self.push: Push | None = None
        self._bot = bot
        self._alice = alice
        self._refused = refused
        self._open: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}

    # What the app calls

    def open(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`views.open`."""
        view = self._judged(arguments, "modal")
        user = self.triggers.use(str(arguments.get("trigger_id") or ""))
        self._open[user] = [OpenView(self._stored(view))]
        return {"view": self._open[user][0].shown}

    def push_view(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`views.push`."""
        view = self._judged(arguments, "modal")
        user = self.triggers.use(str(arguments.get("trigger_id") or ""))
        stack = self._open.get(user)
        if not stack:
            raise SlackRefusal("not_found")
        if len(stack) >= STACK:
            raise SlackRefusal("push_limit_reached")
        stack.append(OpenView(self._stored(view)))
        return {"view": stack[-1].shown}

    def update(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`views.update`; what was filled in stays where block and action are the same."""
        view = self._judged(arguments, "modal")
        for stack in self._open.values():
            for place, opened in enumerate(stack):
                if opened.shown["id"] == arguments.get("view_id"):
                    if arguments.get("hash") not in (None, opened.shown["hash"]):
                        raise SlackRefusal("hash_conflict")
                    stack[place] = self._changed(opened, view)
                    return {"view": stack[place].shown}
        raise SlackRefusal("not_found")

    def publish(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`views.publish`."""
        if not self.home_enabled:
            raise SlackRefusal("not_enabled")
        view = self._judged(arguments, "home")
        user = self.workspace.user(str(arguments.get("user_id") or "")).id
        before = self._homes.get(user)
        if before is not None and arguments.get("hash") not in (None, before.shown["hash"]):
            raise SlackRefusal("hash_conflict")
        self._homes[user] = OpenView(self._stored(view))
        return {"view": self._homes[user].shown}

    def _judged(self, arguments: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        view = arguments.get("view")
        if faults := lint_view(view, refused=self._refused):
            raise SlackRefusal("invalid_arguments", messages=faults)
        assert isinstance(view, Mapping)
        if view["type"] != kind:
            raise SlackRefusal("invalid_arguments", messages=[f"[ERROR] the view must be a {kind}"])
        if too_large(view):
            raise SlackRefusal("view_too_large")
        return view

    def _stored(self, view: Mapping[str, Any], view_id: str | None = None) -> dict[str, Any]:
        """A view with what Slack adds to it."""
        self.workspace.touch()
        return {
            "private_metadata": "",
            "callback_id": "",
            **view,
            "id": view_id or f"V{self.workspace.serial():08d}",
            "hash": f"{self.workspace.serial()}.hash",
            "team_id": self.workspace.team_id,
            "app_installed_team_id": self.workspace.team_id,
            "app_id": payloads.APP_ID,
            "bot_id": self._bot.bot_id,
            "blocks": list(self.workspace.with_ids(view["blocks"])),
        }

    def _changed(self, opened: OpenView, view: Mapping[str, Any]) -> OpenView:
        shown = self._stored(view, opened.shown["id"])
        there = {block["block_id"] for block in shown["blocks"]}
        return OpenView(shown, {name: kept for name, kept in opened.values.items() if name in there})

    # What people see and do

    def modal(self, user: User | None = None) -> OpenView | None:
        """The modal that a person has before them."""
        with self.workspace.changed:
            stack = self._open.get((user or self._alice).id)
            return stack[-1] if stack else None

    def home(self, user: User | None = None) -> OpenView | None:
        """A person's App Home as it was published last."""
        with self.workspace.changed:
            return self._homes.get((user or self._alice).id)

    def options(self, action_id: str, typed: str = "", *, user: User | None = None) -> list[dict[str, Any]]:
        """What a menu of external data offers. Raises AssertionError where Slack would say "no results" of the answer."""
        delivery = self.suggest(action_id, typed, user=user)
        self.workspace.wait_for(lambda: delivery.acks, 60, "options")
        answer = delivery.acks[0].payload
        faults = lint_options(answer)
        assert not faults, f"Slack takes no such options: {faults} {answer}"
        assert answer is not None
        if "options" in answer:
            return list(answer["options"])
        return [option for group in answer["option_groups"] for option in group["options"]]

    def suggest(self, action_id: str, typed: str = "", *, user: User | None = None) -> Delivery:
        """Type into a menu of external data."""
        who, opened = user or self._alice, self._before(user)
        block_id, _ = opened.element(action_id)
        payload = {
            **self._common("block_suggestion", who, opened),
            "action_id": action_id,
            "block_id": block_id,
            "value": typed,
        }
        return self._push("interactive", payload, who)

    def fill(
        self, action_id: str, value: str | dict[str, Any], *, user: User | None = None
    ) -> Delivery | None:
        """Fill in a field: a text, or an option. Tells the app where the block says so."""
        who, opened = user or self._alice, self._before(user)
        block_id, element = opened.element(action_id)
        state: dict[str, Any] = {"type": element["type"]}
        state["value" if isinstance(value, str) else "selected_option"] = value
        opened.values.setdefault(block_id, {})[action_id] = state
        block = next(item for item in opened.shown["blocks"] if item["block_id"] == block_id)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return self._act(who, opened, {"action_id": action_id, "block_id": block_id, **state})

    def press(self, action_id: str, *, home: bool = False, user: User | None = None) -> Delivery:
        """Press a button in a modal or in the App Home."""
        who = user or self._alice
        opened = self.home(who) if home else self.modal(who)
        assert opened is not None, "there is no such view"
        block_id, element = opened.element(action_id)
        kept: dict[str, Any] = {
            key: element[key] for key in ("type", "action_id", "text", "value", "url") if key in element
        }
        return self._act(who, opened, kept | {"block_id": block_id})

    def submit(self, *, user: User | None = None) -> Delivery:
        """Submit the modal; what the app answers becomes of it."""
        who, opened = user or self._alice, self._before(user)
        payload = self._common("view_submission", who, opened)
        delivery = self._push("interactive", payload, who)
        self.workspace.wait_for(lambda: delivery.acks, 60, "the answer to a submission")
        self._answered(who, opened, delivery.acks[0].payload or {})
        return delivery

    def close(self, *, user: User | None = None) -> None:
        """Close the modal, as Escape or its cross does; the app hears of it only where a view asks to, which ours do not."""
        with self.workspace.changed:
            self._open.pop((user or self._alice).id, None)
            self.workspace.touch()

    def open_home(self, *, user: User | None = None, tab: str = "home") -> Delivery:
        """Open the app's Home (or another of its tabs): the app hears of it."""
        who = user or self._alice
        event = {
            "type": "app_home_opened",
            "user": who.id,
            "channel": f"D{who.id[1:]}",
            "tab": tab,
            "event_ts": self.workspace.next_ts(),
        }
        return self._push("events_api", payloads.event_callback(self.workspace, self._bot.id, event), who)

    def _answered(self, who: User, opened: OpenView, answer: Mapping[str, Any]) -> None:
        with self.workspace.changed:
            action = answer.get("response_action")
            if action == "errors":
                blocks = {item["block_id"] for item in opened.shown["blocks"] if item["type"] == "input"}
                errors = dict(answer["errors"])
                assert errors, "no errors"
                assert errors.keys() <= blocks, f"errors for blocks that take none: {errors}"
                opened.errors = errors
            elif action == "update":
                assert not lint_view(answer["view"], refused=self._refused), lint_view(answer["view"])
                self._open[who.id][-1] = OpenView(self._stored(answer["view"], opened.shown["id"]))
            elif action == "clear":
                self._open.pop(who.id, None)
            else:
                assert action is None, f"the local Slack does not know the answer {action}"
                self._open[who.id].pop()
            self.workspace.touch()

    def _act(self, who: User, opened: OpenView, action: dict[str, Any]) -> Delivery:
        payload = self._common("block_actions", who, opened)
        payload["container"] = {"type": "view", "view_id": opened.shown["id"]}
        payload["actions"] = [{**action, "action_ts": self.workspace.next_ts()}]
        return self._push("interactive", payload, who)

    def _common(self, kind: str, who: User, opened: OpenView) -> dict[str, Any]:
        view = {**opened.shown, "state": {"values": json.loads(json.dumps(opened.values))}}
        payload = {
            "type": kind,
            "token": payloads.VERIFICATION_TOKEN,
            **payloads.of_app_and_user(self.workspace, who),
            "view": view,
        }
        if kind != "block_suggestion":
            payload["trigger_id"] = self.triggers.make(who.id)
        if kind == "view_submission":
            payload["response_urls"] = []
        return payload

    def _before(self, user: User | None) -> OpenView:
        opened = self.modal(user)
        assert opened is not None, "no modal is open"
        return opened

    def _push(self, kind: DeliveryKind, payload: dict[str, Any], who: User) -> Delivery:
        assert self.push is not None
        return self.push(kind, payload, who)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for key in (
            "title", "label", "text", "fields", "element", "elements", "accessory", "hint", "placeholder", "options",
            "initial_option",
        ):  # fmt: skip
            inner = value.get(key)
            if isinstance(inner, Mapping | list):
                yield from _texts(inner)
