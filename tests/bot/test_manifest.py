"""manifest.json says what the code registers, and follows the rules of Slack's schema.

The rules are those of https://github.com/slackapi/manifest-schema and some that it misses.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.app import create_app
from bot.probes import MANIFEST, needed_scopes
from bot.settings import Settings
from handlers import ids
from handlers.kinds import KINDS
from handlers.ports import Listening

SCOPES = {
    "app_mentions:read", "channels:history", "chat:write", "chat:write.public", "commands", "groups:history", "im:write",
    "usergroups:read", "users:read",
}  # fmt: skip
"""Scopes that exist; the schema takes any word."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return value


def registered() -> list[str]:
    """What the app listens to, as Bolt's matchers tell it."""

    class Nowhere:
        def submit(self, job: object, /) -> int:
            raise AssertionError

    app = create_app(Settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1"), Listening(Nowhere()))  # type: ignore[arg-type]
    found: list[str] = []
    for listener in app._listeners:
        for matcher in listener.matchers:
            for cell in matcher.func.__closure__ or ():
                value = cell.cell_contents
                if isinstance(value, str | re.Pattern):
                    found.append(value if isinstance(value, str) else value.pattern)
    return found


def test_every_command_and_shortcut_is_registered_and_the_reverse(manifest: dict[str, Any]) -> None:
    commands = [item["command"] for item in manifest["features"]["slash_commands"]]
    shortcuts = [item["callback_id"] for item in manifest["features"]["shortcuts"]]

    assert commands == [ids.COMMAND]
    assert shortcuts == [ids.SHORTCUT]
    assert len(set(registered())) == len(registered())
    assert sorted(registered()) == sorted(
        [
            ids.COMMAND,
            ids.SHORTCUT,
            *(kind.button for kind in KINDS.values() if kind.button is not None),
            ids.CHOOSE_ACTIONS.pattern,
            ids.CONSOLE_ACTIONS.pattern,
        ]
    )


def test_events_are_asked_for_only_where_something_listens(manifest: dict[str, Any]) -> None:
    assert "event_subscriptions" not in manifest["settings"]
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is True


def test_scopes_are_those_that_the_code_needs(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]

    assert set(scopes["bot"]) == {"commands", "chat:write"} == set(needed_scopes())
    assert set(scopes["bot_optional"]) == {"chat:write.public", "usergroups:read"}
    assert set(scopes["bot"]) | set(scopes["bot_optional"]) <= SCOPES


def test_a_direct_message_reaches_people(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["bot_user"]["display_name"] == "pullcheck"


@pytest.mark.parametrize(
    ("path", "longest"),
    [
        (("display_information", "name"), 35),
        (("display_information", "description"), 140),
        (("display_information", "long_description"), 4000),
        (("features", "bot_user", "display_name"), 80),
        (("features", "slash_commands", 0, "command"), 32),
        (("features", "slash_commands", 0, "description"), 2000),
        (("features", "slash_commands", 0, "usage_hint"), 1000),
        (("features", "shortcuts", 0, "name"), 24),
        (("features", "shortcuts", 0, "description"), 150),
        (("features", "shortcuts", 0, "callback_id"), 255),
    ],
)
def test_texts_fit(manifest: dict[str, Any], path: tuple[Any, ...], longest: int) -> None:
    value: Any = manifest
    for key in path:
        value = value[key]

    assert 0 < len(value) <= longest


def test_the_rest_of_the_schema(manifest: dict[str, Any]) -> None:
    assert set(manifest) == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert manifest["_metadata"] == {"major_version": 2, "minor_version": 0}
    assert len(manifest["display_information"]["long_description"]) >= 175
    assert re.fullmatch(r"#[0-9a-f]{6}", manifest["display_information"]["background_color"])
    command = manifest["features"]["slash_commands"][0]
    assert command["command"].startswith("/")
    assert command["should_escape"] is False
    assert manifest["features"]["shortcuts"][0]["type"] == "message"
