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
from demo.slack.methods import DEFAULT_SCOPES
from handlers import ids
from handlers.kinds import KINDS
from handlers.ports import Listening
from handlers.step_outputs import outputs_of
from tests.build import reports
from tools import slack_manifest

SCOPES = {
    "app_mentions:read", "channels:history", "chat:write", "chat:write.public", "commands", "files:write", "groups:history", "im:write",
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
    # The menus are heard twice: what they offer, and what is chosen; and so is the form: its button, and its end.
    heard = sorted((ids.ASK, ids.REGION, ids.CLUSTER))
    assert sorted(name for name in set(registered()) if registered().count(name) > 1) == heard
    assert sorted(set(registered())) == sorted(
        [
            ids.COMMAND,
            ids.SHORTCUT,
            *EVENTS,
            ids.STEP,
            ids.ASK,
            ids.CHECK,
            ids.ACCOUNT,
            ids.REGION,
            ids.CLUSTER,
            ids.SERVICE,
            ids.MORE,
            *(kind.button for kind in KINDS.values() if kind.button is not None),
            ids.CHOOSE_ACTIONS.pattern,
            ids.CONSOLE_ACTIONS.pattern,
        ]
    )


EVENTS = {"app_home_opened", "app_mention"}


def test_events_are_asked_for_only_where_something_listens(manifest: dict[str, Any]) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == EVENTS <= set(registered())
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is True


def test_scopes_are_those_that_the_code_needs(manifest: dict[str, Any]) -> None:
    scopes = manifest["oauth_config"]["scopes"]

    assert set(scopes["bot"]) == {"commands", "chat:write", "app_mentions:read"} == set(needed_scopes())
    assert set(scopes["bot_optional"]) == {
        "chat:write.public",
        "files:write",
        "usergroups:read",
        "users:read",
    }
    assert set(scopes["bot"]) | set(scopes["bot_optional"]) <= SCOPES


def test_each_scope_is_named_with_what_needs_it(manifest: dict[str, Any]) -> None:
    page = (MANIFEST.parent / "docs" / "slack.md").read_text(encoding="utf-8")
    scopes = manifest["oauth_config"]["scopes"]
    for scope in (*scopes["bot"], *scopes["bot_optional"]):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{scope}`")]
        what = row.split("|")[2].strip()
        assert len(what) > 20, scope
        assert ("without it" in row) == (scope in scopes["bot_optional"]), scope


def test_the_local_slack_grants_what_the_manifest_asks_for(manifest: dict[str, Any]) -> None:
    assert set(DEFAULT_SCOPES) == set(manifest["oauth_config"]["scopes"]["bot"])


def test_the_step_has_a_switch_of_its_own(manifest: dict[str, Any]) -> None:
    """It needs a paid plan and an app that is ready for organizations, so that Slack would refuse it elsewhere."""
    assert "functions" not in manifest
    made = slack_manifest.made(step=True)
    (name,) = made["functions"]
    assert name == ids.STEP
    step = made["functions"][name]
    assert step["title"] == "Diagnose an image pull"
    assert set(step["input_parameters"]) == {"target", "channel"}
    assert step["input_parameters"]["channel"]["type"] == "slack#/types/channel_id"
    assert all(item["is_required"] for item in step["input_parameters"].values())
    assert list(step["output_parameters"]) == list(outputs_of(reports.cause_found()))
    assert made["settings"]["org_deploy_enabled"] is True
    assert made["settings"]["function_runtime"] == "remote"
    assert set(made["settings"]["event_subscriptions"]["bot_events"]) == EVENTS | {"function_executed"}
    assert made["oauth_config"] == manifest["oauth_config"]


def test_an_organization_has_one_too(manifest: dict[str, Any]) -> None:
    made = slack_manifest.made(organization=True)
    assert made["settings"]["org_deploy_enabled"] is True
    assert made["settings"]["token_rotation_enabled"] is False
    assert made["features"] == manifest["features"]


def test_over_http_events_go_to_the_address_too() -> None:
    address = "https://x.lambda-url.eu-central-1.on.aws/"
    made = slack_manifest.made(address, step=True)
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["settings"]["interactivity"]["message_menu_options_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address
    assert made["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize("address", ["http://x", "x", "https://", "https://a b/"])
def test_an_address_that_slack_would_not_take(address: str) -> None:
    with pytest.raises(ValueError, match="is no https address"):
        slack_manifest.made(address)


def test_slack_run_finds_its_hooks_and_the_manifest() -> None:
    hooks = json.loads((MANIFEST.parent / ".slack" / "hooks.json").read_text(encoding="utf-8"))
    assert hooks["hooks"]["get-hooks"] == "python3 -m slack_cli_hooks.hooks.get_hooks"
    config = json.loads((MANIFEST.parent / ".slack" / "config.json").read_text(encoding="utf-8"))
    assert config["manifest"]["source"] == "local"
    # Its start hook runs a file of this name, with the tokens of the app that it made.
    assert (MANIFEST.parent / "app.py").is_file()
    assert not (MANIFEST.parent / ".slack" / "apps.json").exists()


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
