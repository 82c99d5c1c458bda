"""The Web API's methods, as far as the bot and its neighbours need them.

Slack: https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo.slack.content import read_content
from demo.slack.errors import SlackRefusal
from demo.slack.files import Files
from demo.slack.model import Channel, Message, User
from demo.slack.payloads import APP_ID, message_object
from demo.slack.steps import Steps
from demo.slack.views import Views
from demo.slack.workspace import Workspace

Arguments = Mapping[str, Any]
WebApiAnswer = dict[str, Any]

# The scope that each method asks of a bot token. Slack names the missing one in its answer.
SCOPES = {
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "conversations.info": "channels:read",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
}
DEFAULT_SCOPES = ("commands", "chat:write", "app_mentions:read")
"""Those that the app cannot do without; an optional one is granted where a test says so."""
APP_METHODS = frozenset({"apps.connections.open"})


@dataclass(frozen=True)
class Tokens:
    """The secrets of the one installed app."""

    bot: str = "xoxb-local-bot"
    app: str = "xapp-local-app"
    signing_secret: str = "10ca1510ca1510ca1510ca1510ca1510"


class Methods:
    """Answers one call of the Web API. Raises SlackRefusal where Slack would answer `ok: false`."""

    def __init__(
        self,
        workspace: Workspace,
        bot: User,
        tokens: Tokens,
        scopes: frozenset[str],
        open_socket: Callable[[], str],
        views: Views,
        steps: Steps,
        files: Files,
    ) -> None:
        self.workspace = workspace
        self.bot = bot
        self.tokens = tokens
        self.scopes = scopes
        self.revoked = False
        self.usergroups: dict[str, tuple[str, ...]] = {}
        self.files = files
        self._open_socket = open_socket
        self._steps = steps
        self._methods: dict[str, Callable[[Arguments], WebApiAnswer]] = {
            "api.test": lambda arguments: {"args": dict(arguments)},
            "apps.connections.open": lambda arguments: {"url": self._open_socket()},
            "auth.test": self.auth_test,
            "chat.delete": self.delete,
            "chat.getPermalink": self.permalink,
            "chat.postEphemeral": self.post_ephemeral,
            "chat.postMessage": self.post_message,
            "chat.update": self.update,
            "conversations.info": self.conversation,
            "functions.completeError": steps.fail,
            "functions.completeSuccess": steps.succeed,
            "files.completeUploadExternal": self.share_files,
            "files.getUploadURLExternal": self.offer_upload,
            "usergroups.users.list": self.usergroup,
            "users.info": self.user,
            "views.open": views.open,
            "views.publish": views.publish,
            "views.push": views.push_view,
            "views.update": views.update,
        }

    def call(self, method: str, token: str | None, arguments: Arguments) -> WebApiAnswer:
        if method not in self._methods:
            raise SlackRefusal("unknown_method", req_method=method)
        if method != "api.test":
            self._authorise(method, token)
        with self.workspace.changed:
            return {"ok": True, **self._methods[method](arguments)}

    def _authorise(self, method: str, token: str | None) -> None:
        if not token:
            raise SlackRefusal("not_authed")
        if token not in (self.tokens.bot, self.tokens.app) and not self._steps.gave(token):
            raise SlackRefusal("invalid_auth")
        if self.revoked:
            raise SlackRefusal("token_revoked")
        if (token == self.tokens.app) != (method in APP_METHODS):
            raise SlackRefusal("not_allowed_token_type")
        needed = SCOPES.get(method)
        if needed is not None and needed not in self.scopes:
            raise SlackRefusal("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))

    # Who and where

    def auth_test(self, arguments: Arguments) -> WebApiAnswer:
        return {
            "url": f"https://{self.workspace.team_domain}.slack.com/",
            "team": self.workspace.team_name,
            "team_id": self.workspace.team_id,
            **({"enterprise_id": self.workspace.enterprise_id} if self.workspace.enterprise_id else {}),
            "user": self.bot.name,
            "user_id": self.bot.id,
            "bot_id": self.bot.bot_id,
            "app_id": APP_ID,
            "is_enterprise_install": self.workspace.enterprise_id is not None,
        }

    def user(self, arguments: Arguments) -> WebApiAnswer:
        user = self.workspace.user(_required(arguments, "user"))
        return {
            "user": {
                "id": user.id,
                "team_id": self.workspace.team_id,
                "name": user.name,
                "real_name": user.real_name,
                "is_bot": user.bot_id is not None,
                "is_admin": user.is_admin,
                "is_owner": False,
                "deleted": False,
                "tz": "Etc/UTC",
                "profile": {"real_name": user.real_name, "display_name": user.name},
            }
        }

    def usergroup(self, arguments: Arguments) -> WebApiAnswer:
        found = self.usergroups.get(_required(arguments, "usergroup"))
        if found is None:
            raise SlackRefusal("no_such_subteam")
        return {"users": list(found)}

    def conversation(self, arguments: Arguments) -> WebApiAnswer:
        channel = self.workspace.channel(_required(arguments, "channel"))
        if channel.is_private and self.bot.id not in channel.members:
            raise SlackRefusal("channel_not_found")
        return {
            "channel": {
                "id": channel.id,
                "name": channel.name,
                "is_channel": not channel.is_im,
                "is_im": channel.is_im,
                "is_private": channel.is_private,
                "is_archived": channel.is_archived,
                "is_member": self.bot.id in channel.members,
                "num_members": len(channel.members),
                "topic": {"value": channel.topic},
            }
        }

    # Messages

    def post_message(self, arguments: Arguments) -> WebApiAnswer:
        channel = self._postable(arguments)
        content = read_content(arguments, self.workspace.refused_blocks)
        message = self.workspace.add(
            channel,
            self.bot.id,
            content.text,
            blocks=content.blocks or (),
            attachments=content.attachments or (),
            reply_to=self._thread(channel, arguments),
            arguments=dict(arguments),
        )
        return {
            "channel": channel.id,
            "ts": message.ts,
            "message": message_object(self.workspace, message),
            "response_metadata": {"warnings": []},
        }

    def post_ephemeral(self, arguments: Arguments) -> WebApiAnswer:
        channel = self._postable(arguments)
        reader = self.workspace.user(_required(arguments, "user"))
        if reader.id not in channel.members:
            raise SlackRefusal("user_not_in_channel")
        content = read_content(arguments, self.workspace.refused_blocks)
        message = self.workspace.add(
            channel,
            self.bot.id,
            content.text,
            blocks=content.blocks or (),
            attachments=content.attachments or (),
            reply_to=self._thread(channel, arguments),
            visible_to=reader.id,
            arguments=dict(arguments),
        )
        return {"message_ts": message.ts}

    def update(self, arguments: Arguments) -> WebApiAnswer:
        channel, message = self._own(arguments, "cant_update_message")
        content = read_content(arguments, self.workspace.refused_blocks)
        # Slack: new text without blocks removes the blocks that were there.
        blocks = () if content.blocks is None and "text" in arguments else content.blocks
        changed = self.workspace.edit(message, content.text, blocks, content.attachments, dict(arguments))
        return {
            "channel": channel.id,
            "ts": changed.ts,
            "text": changed.text,
            "message": message_object(self.workspace, changed),
        }

    def delete(self, arguments: Arguments) -> WebApiAnswer:
        channel, message = self._own(arguments, "cant_delete_message")
        self.workspace.remove(message)
        return {"channel": channel.id, "ts": message.ts}

    def permalink(self, arguments: Arguments) -> WebApiAnswer:
        channel = self.workspace.channel(_required(arguments, "channel"))
        ts = _required(arguments, "message_ts")
        if self.workspace.find(channel.id, ts) is None:
            raise SlackRefusal("message_not_found")
        path = f"archives/{channel.id}/p{ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": f"https://{self.workspace.team_domain}.slack.com/{path}"}

    # Files

    def offer_upload(self, arguments: Arguments) -> WebApiAnswer:
        return self.files.offer(_required(arguments, "filename"), int(_required(arguments, "length")))

    def share_files(self, arguments: Arguments) -> WebApiAnswer:
        channel = self._postable({**arguments, "channel": _required(arguments, "channel_id")})
        wanted = arguments.get("files") or ()
        shared = [self.files.share(str(item["id"]), str(item.get("title") or "")) for item in wanted]
        self.workspace.add(
            channel,
            self.bot.id,
            str(arguments.get("initial_comment") or ""),
            files=tuple(
                {
                    "id": file.id,
                    "name": file.name,
                    "title": file.title,
                    "text": (file.content or b"").decode(),
                }
                for file in shared
            ),
            reply_to=self._thread(channel, arguments),
            arguments=dict(arguments),
        )
        return {"files": [{"id": file.id, "title": file.title} for file in shared]}

    # What may be posted where

    def _postable(self, arguments: Arguments) -> Channel:
        channel = self.workspace.channel(_required(arguments, "channel"))
        member = self.bot.id in channel.members
        if channel.is_private and not member:
            raise SlackRefusal("channel_not_found")
        if channel.is_archived:
            raise SlackRefusal("is_archived")
        if not member and "chat:write.public" not in self.scopes:
            raise SlackRefusal("not_in_channel")
        return channel

    def _thread(self, channel: Channel, arguments: Arguments) -> str | None:
        """The parent that a reply names; a reply's own ts and a message that is gone are no parents."""
        ts = arguments.get("thread_ts")
        if ts is None:
            return None
        parent = self.workspace.find(channel.id, str(ts))
        if parent is None or parent.is_ephemeral or parent.reply_to is not None:
            raise SlackRefusal("thread_not_found")
        return parent.ts

    def _own(self, arguments: Arguments, otherwise: str) -> tuple[Channel, Message]:
        """The bot's own message that a call names. Ephemeral and response_url messages are out of reach."""
        channel = self.workspace.channel(_required(arguments, "channel"))
        if channel.is_archived:
            raise SlackRefusal("is_archived")
        message = self.workspace.find(channel.id, _required(arguments, "ts"))
        if message is None or message.is_ephemeral:
            raise SlackRefusal("message_not_found")
        if message.author != self.bot.id or message.origin != "api":
            raise SlackRefusal(otherwise)
        return channel, message


def _required(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if value is None or value == "":
        if name == "channel":
            raise SlackRefusal("channel_not_found")
        raise SlackRefusal("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
    return str(value)
