"""Builds the payloads that Slack sends for commands, shortcuts, buttons and events.

Slack: https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.slack.model import Channel, Message, User
from demo.slack.workspace import Workspace

APP_ID = "A0PULLCHECK"
VERIFICATION_TOKEN = "verification-token"


def channel_name(channel: Channel) -> str:
    """The name that payloads give a channel: private ones are not named."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def slash_command(
    workspace: Workspace,
    user: User,
    channel: Channel,
    command: str,
    text: str,
    *,
    response_url: str,
    trigger_id: str,
) -> dict[str, str]:
    """A slash command; all values are strings, as in a form."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if workspace.enterprise_id else "false",
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def message_action(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    callback_id: str,
    *,
    response_url: str,
    trigger_id: str,
) -> dict[str, Any]:
    """A message shortcut, with the whole message."""
    return {
        "type": "message_action",
        "token": VERIFICATION_TOKEN,
        "action_ts": workspace.next_ts(),
        **_common(workspace, user, channel, response_url, trigger_id),
        "callback_id": callback_id,
        "message_ts": message.ts,
        "message": message_object(workspace, message),
    }


def block_actions(
    workspace: Workspace,
    user: User,
    channel: Channel,
    message: Message,
    element: Mapping[str, Any],
    *,
    response_url: str,
    trigger_id: str,
) -> dict[str, Any]:
    """A press on a button. An ephemeral message is named by its container only, as in Slack."""
    action = {
        key: element[key]
        for key in ("type", "action_id", "block_id", "text", "value", "url", "style", "selected_option")
        if key in element
    }
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.is_ephemeral,
    }
    if message.reply_to is not None:
        container["thread_ts"] = message.reply_to
    payload = {
        "type": "block_actions",
        "token": VERIFICATION_TOKEN,
        **_common(workspace, user, channel, response_url, trigger_id),
        "container": container,
        "actions": [{**action, "action_ts": workspace.next_ts()}],
        "state": {"values": {}},
    }
    if not message.is_ephemeral:
        payload["message"] = message_object(workspace, message)
    return payload


def event_callback(workspace: Workspace, bot_user_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of the Events API, for this app's installation."""
    return {
        "type": "event_callback",
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "api_app_id": APP_ID,
        "event": dict(event),
        "event_id": f"Ev{workspace.serial():08d}",
        "event_time": int(workspace.now()),
        "is_ext_shared_channel": False,
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id,
                "team_id": None if workspace.enterprise_id else workspace.team_id,
                "user_id": bot_user_id,
                "is_bot": True,
                "is_enterprise_install": workspace.enterprise_id is not None,
            }
        ],
    }


def message_object(workspace: Workspace, message: Message) -> dict[str, Any]:
    """A message as the API shows it."""
    author = workspace.user(message.author)
    shown: dict[str, Any] = {
        "type": "message",
        "user": author.id,
        "ts": message.ts,
        "text": message.text,
        "team": workspace.team_id,
    }
    if author.bot_id is not None:
        shown |= {"bot_id": author.bot_id, "app_id": APP_ID}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.files:
        shown["files"] = [{key: item[key] for key in ("id", "name", "title")} for item in message.files]
    if message.attachments:
        shown["attachments"] = list(message.attachments)
    if message.reply_to is not None:
        shown["thread_ts"] = message.reply_to
    elif any(other.reply_to == message.ts for other in workspace.messages(message.channel)):
        shown["thread_ts"] = message.ts
    if message.edited_at is not None:
        shown["edited"] = {"user": author.id, "ts": message.edited_at}
    if "metadata" in message.arguments:
        shown["metadata"] = message.arguments["metadata"]
    return shown


def of_app_and_user(workspace: Workspace, user: User) -> dict[str, Any]:
    """What every interaction says of the installation and of the person.

    An app of a whole Enterprise organization is told of no workspace, and a person's is then the organization:
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    organization = workspace.enterprise_id
    return {
        "team": None if organization else {"id": workspace.team_id, "domain": workspace.team_domain},
        "enterprise": {"id": organization, "name": "Acme Org"} if organization else None,
        "is_enterprise_install": organization is not None,
        "api_app_id": APP_ID,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": organization or workspace.team_id,
        },
    }


def _common(
    workspace: Workspace, user: User, channel: Channel, response_url: str, trigger_id: str
) -> dict[str, Any]:
    return {
        **of_app_and_user(workspace, user),
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "response_url": response_url,
        "trigger_id": trigger_id,
    }
