"""What Bolt and the listeners look into must be there and of its type, before they look.

A request that Slack signed is not a request that looks as Slack says: a field may be missing, or another type than its page
tells, and Bolt would raise in the middle. Members that nobody here looks into may be anything.
Slack: https://docs.slack.dev/reference/interaction-payloads/, https://docs.slack.dev/interactivity/implementing-slash-commands/,
https://docs.slack.dev/apis/events-api/#event-type-structure
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

DEEPEST = 64
"""How deep a body may be nested. Blocks of a message of Slack's take some fifteen levels."""

MOST_FIELDS = 200
"""How many fields a form may have. A command of Slack's has some fifteen, a payload is one."""
MOST_ESCAPES = 80_000
"""How many bytes of a form may be percent-encoded. Decoding them is what takes longest in a long form."""
MOST_OBJECTS = 20_000
MOST_MEMBERS = 50_000
"""How many objects, lists and commas a body may have. A message full of rich text has some thousands."""

MOST_LISTED = 100
"""How many actions, workspaces or response_urls a request may name. One of Slack's names one, or as many as a view has inputs."""

Id = Annotated[str, Field(pattern=r"^[!-~]{1,255}$")]
"""An id, a time stamp or a name of ours: printed characters, and no space."""
LongText = Annotated[str, Field(max_length=40_000)]
"""As long as the longest message of Slack's."""


class _Shape(BaseModel):
    # Built when the first request of its kind comes: a function that must start fast needs one of them.
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, defer_build=True)


class _Named(_Shape):
    """Anything that is named by its id, such as a channel."""

    id: Id | None = None


class _Given(_Named):
    id: Id


class _Team(_Named):
    enterprise_id: Id | None = None


class _SlackUser(_Given):
    team_id: Id | None = None


class _SlackMessage(_Shape):
    ts: Id | None = None
    thread_ts: Id | None = None


class _ShownMessage(_SlackMessage):
    ts: Id


class _SlackContainer(_Shape):
    message_ts: Id | None = None
    thread_ts: Id | None = None
    channel_id: Id | None = None
    is_ephemeral: bool | None = None


class _Action(_Shape):
    type: Id
    action_id: LongText
    block_id: LongText | None = None
    value: LongText | None = None


class _View(_Shape):
    type: Id
    id: Id | None = None
    hash: Id | None = None
    private_metadata: LongText | None = None
    state: dict[str, Any] | None = None
    callback_id: LongText | None = None
    team_id: Id | None = None
    app_installed_team_id: Id | None = None


class _Authorization(_Shape):
    enterprise_id: Id | None = None
    team_id: Id | None = None
    is_enterprise_install: bool | None = None


class _ResponseUrl(_Shape):
    response_url: LongText | None = None


class _Anywhere(_Shape):
    """Where Bolt looks in whatever body there is."""

    authorizations: Annotated[list[_Authorization], Field(max_length=MOST_LISTED)] | None = None
    channel_id: Id | None = None
    enterprise: Id | _Named | None = None
    enterprise_id: Id | None = None
    team_id: Id | None = None
    trigger_id: LongText | None = None
    response_url: LongText | None = None
    response_urls: Annotated[list[_ResponseUrl], Field(max_length=MOST_LISTED)] | None = None
    event: dict[str, Any] | None = None
    event_id: Id | None = None
    function_data: dict[str, Any] | None = None
    bot_access_token: LongText | None = None


class _Command(_Anywhere):
    command: LongText
    text: LongText | None = None
    trigger_id: LongText
    channel_id: Id
    user_id: Id


class _Interaction(_Anywhere):
    type: Id
    user: _SlackUser
    team: _Team | None = None
    channel: _Named | None = None
    container: _SlackContainer | None = None
    message: _SlackMessage | None = None
    view: _View | None = None


class _Press(_Interaction):
    trigger_id: LongText
    actions: Annotated[list[_Action], Field(min_length=1, max_length=MOST_LISTED)]


class _Shortcut(_Interaction):
    callback_id: LongText
    trigger_id: LongText


class _MessageShortcut(_Shortcut):
    message: _ShownMessage
    channel: _Given


class _OfView(_Interaction):
    view: _View


class _Options(_Interaction):
    action_id: LongText
    value: str | None = None


class _Inner(_Shape):
    """An event. Some name a person or a channel by a whole object."""

    type: Id
    user: Id | dict[str, Any] | None = None
    user_id: Id | None = None
    user_team: Id | None = None
    source_team: Id | None = None
    team: Id | _Named | None = None
    team_id: Id | None = None
    channel: Id | _Named | None = None
    channel_id: Id | None = None
    bot_id: Id | None = None
    text: str | None = None
    thread_ts: Id | None = None
    subtype: Id | None = None
    channel_type: Id | None = None
    message: dict[str, Any] | None = None
    previous_message: dict[str, Any] | None = None
    item: dict[str, Any] | None = None
    assistant_thread: dict[str, Any] | None = None
    enterprise: Id | _Named | None = None


class _Event(_Anywhere):
    type: Id
    event: _Inner  # type: ignore[assignment]
    event_id: Id
    is_ext_shared_channel: bool | None = None


class _Verification(_Shape):
    type: Id
    challenge: LongText


_KINDS: Mapping[str, type[_Shape]] = {
    "block_actions": _Press,
    "block_suggestion": _Options,
    "event_callback": _Event,
    "message_action": _MessageShortcut,
    "shortcut": _Shortcut,
    "url_verification": _Verification,
    "view_closed": _OfView,
    "view_submission": _OfView,
}


def kind_of(body: Mapping[str, Any]) -> str:
    """What kind of request it is: `command`, a type of Slack's that is known here, or `other`. Never text of the request."""
    if "type" in body:
        return body["type"] if isinstance(body["type"], str) and body["type"] in _KINDS else "other"
    return "command" if "command" in body else "other"


def misshapen(body: object) -> str | None:
    """Where a body is not as Slack says, `None` where it is. The words hold nothing of the body but names of members.

    A kind that is not known here is looked at by nobody, so it may look as it likes.
    """
    if not isinstance(body, dict):
        return "it is no object"
    if too_deep(body):
        return "it is nested too deep"
    kind = kind_of(body)
    shape = _Command if kind == "command" else _KINDS.get(kind)
    if shape is None:
        return None if isinstance(body.get("type"), str) or is_ssl_check(body) else "it has no type"
    try:
        shape.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{kind}: {place}: {first['type']}"
    return None


def overfull(body: bytes) -> bool:
    """True when a body, not parsed yet, has more members than anything of Slack's: parsing it would take long."""
    if not body.startswith(b"{") and (body.count(b"&") > MOST_FIELDS or body.count(b"%") > MOST_ESCAPES):
        return True
    opened = sum(body.count(mark) for mark in (b"{", b"[", b"%7B", b"%5B", b"%7b", b"%5b"))
    parted = sum(body.count(mark) for mark in (b",", b"%2C", b"%2c"))
    return opened > MOST_OBJECTS or parted > MOST_MEMBERS


def is_ssl_check(body: Mapping[str, Any]) -> bool:
    """True when Slack only wants to know that somebody is there.

    Slack: https://docs.slack.dev/interactivity/implementing-slash-commands/#validating-the-command
    """
    return body.get("ssl_check") == "1"


def too_deep(value: object) -> bool:
    """True when a value of JSON is nested deeper than anything of Slack's. Without recursion, which such a value would break."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)  # type: ignore[attr-defined]
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
