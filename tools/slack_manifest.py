"""Prints the Slack app's manifest as an installation needs it: `python -m tools.slack_manifest [ADDRESS] [--workflow-step]`.

manifest.json is for Socket Mode and one workspace. Over HTTP Slack sends everything to an address. The step of the Workflow
Builder needs a paid plan and an app that is ready for organizations, so that it stands in no manifest that did not ask for it.
Slack: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MANIFEST = Path(__file__).parent.parent / "manifest.json"

STEP = "diagnose_image_pull"
_STEP = {
    "title": "Diagnose an image pull",
    "description": "Says why an Amazon ECS task could not pull its image, in a channel and to the next steps",
    "input_parameters": {
        "target": {
            "type": "string",
            "title": "Task or service",
            "description": "A task ARN, an ECS console link, cluster/task-id or cluster/service",
            "is_required": True,
            "hint": "arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef",
            "name": "target",
        },
        "channel": {
            "type": "slack#/types/channel_id",
            "title": "Channel",
            "description": "Where the answer is shown. The app must be in it",
            "is_required": True,
            "hint": "Choose a channel",
            "name": "channel",
        },
    },
    "output_parameters": {
        name: {
            "type": "string",
            "title": title,
            "description": description,
            "is_required": True,
            "name": name,
        }
        for name, title, description in (
            ("verdict", "Verdict", "What the diagnosis says, in a sentence"),
            ("cause", "Cause", "Each cause, one line each; empty where none was found"),
            ("fix", "Fix", "The first cause's repair, with its commands; empty where none was found"),
        )
    },
}


def made(address: str | None = None, *, step: bool = False, organization: bool = False) -> dict[str, Any]:
    """The manifest.

    Args:
        address: where Slack sends everything; `None` for Socket Mode.
        step: with the step of the Workflow Builder.
        organization: it can be installed for a whole Enterprise organization.

    Raises:
        ValueError: Slack takes no such address.
    """
    manifest: dict[str, Any] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    settings = manifest["settings"]
    if address is not None:
        parts = urlsplit(address)
        if parts.scheme != "https" or not parts.hostname or any(sign.isspace() for sign in address):
            raise ValueError(f"{address!r} is no https address")
        for command in manifest["features"]["slash_commands"]:
            command["url"] = address
        settings["interactivity"]["request_url"] = address
        # Without it the menus of the modal would stay empty.
        settings["interactivity"]["message_menu_options_url"] = address
        settings["event_subscriptions"]["request_url"] = address
        settings["socket_mode_enabled"] = False
    if step:
        manifest["functions"] = {STEP: _STEP}
        settings["event_subscriptions"]["bot_events"].append("function_executed")
        settings["function_runtime"] = "remote"
    settings["org_deploy_enabled"] = step or organization
    return manifest


def for_http(address: str) -> dict[str, Any]:
    """The manifest with everything sent to an address.

    Raises:
        ValueError: Slack takes no such address.
    """
    return made(address)


def main() -> int:
    """Print it; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.slack_manifest", description="Prints the Slack app's manifest."
    )
    parser.add_argument(
        "address", nargs="?", help="where Slack sends everything, https://…; not given: Socket Mode"
    )
    parser.add_argument(
        "--workflow-step",
        action="store_true",
        help="with the step of the Workflow Builder, which needs a paid plan",
    )
    parser.add_argument(
        "--organization",
        action="store_true",
        help="can be installed for a whole Enterprise organization",
    )
    given = parser.parse_args()
    if given.address is None and not (given.workflow_step or given.organization):
        parser.error(
            "give the address, such as https://abc.lambda-url.eu-central-1.on.aws/, or one of the options"
        )
    try:
        manifest = made(given.address, step=given.workflow_step, organization=given.organization)
    except ValueError as error:
        print(f"pullcheck: {error}", file=sys.stderr)
        return 2
    print(json.dumps(manifest, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
