"""Serves the page: its files, what it shows, and what a person does on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from demo.page.shown_fix import fix_shown
from demo.page.surfaces import Surfaces
from demo.page.tasks import BrokenTask, OfferedWorld, Tasks
from demo.slack import Channel, Delivery, LocalSlack, Message, NotConnectedError, SlackRefusal, User

FILES = Path(__file__).parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

# The page needs nothing but its own files, and untrusted text must not be able to bring anything along.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

# Slack: an app that has not acknowledged after three seconds has failed, and the person is told so.
ACK_SECONDS = 3.0
PREVIEW = 1200
"""Characters of a file that are shown in its message."""
# A line now and then keeps the stream of changes alive and shows a browser that went away.
_KEEP_ALIVE_SECONDS = 15.0


@dataclass(frozen=True)
class Menu:
    """What the installed app offers: slash commands with their hints, message shortcuts with their names."""

    commands: Sequence[tuple[str, str, str]]
    shortcuts: Sequence[tuple[str, str]]

    @classmethod
    def of_manifest(cls, manifest: dict[str, Any]) -> Menu:
        """What an app manifest declares."""
        features = manifest["features"]
        return cls(
            commands=[
                (entry["command"], entry.get("usage_hint", ""), entry.get("description", ""))
                for entry in features.get("slash_commands", ())
            ],
            shortcuts=[
                (entry["callback_id"], entry["name"])
                for entry in features.get("shortcuts", ())
                if entry["type"] == "message"
            ],
        )


class Page:
    """One person's view of a local Slack. Create it before the local Slack starts; it adds its routes."""

    def __init__(
        self,
        slack: LocalSlack,
        menu: Menu,
        tasks: Sequence[BrokenTask] = (),
        worlds: Sequence[OfferedWorld] = (),
    ) -> None:
        self.slack = slack
        self.menu = menu
        self.tasks = Tasks(tasks, slack.workspace.touch, worlds)
        self.me = slack.user
        self.surfaces = Surfaces(slack, self.me, self._interact)
        self._slackbot = slack.workspace.add_user(
            User("USLACKBOT", "slackbot", "Slackbot", bot_id="B0SLACKBOT")
        )
        self._changed = asyncio.Event()
        self._closing = False
        slack.workspace.listeners.append(lambda: slack.call_soon(self._wake))
        slack.add_routes(self._add_routes)

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_get("/", self._file)
        app.router.add_get("/page/{name}", self._file)
        app.router.add_get("/demo/events", self._events)
        app.router.add_post("/demo/send", self._post(self._send))
        app.router.add_post("/demo/click", self._post(self._click))
        app.router.add_post("/demo/shortcut", self._post(self._shortcut))
        app.router.add_post("/demo/fix", self._post(self._fix))
        app.router.add_post("/demo/build", self._post(self._build))
        app.router.add_get("/demo/worlds", self._worlds)
        app.router.add_get("/demo/file/{id}", self._uploaded)
        for name, act in self.surfaces.actions.items():
            app.router.add_post(f"/demo/{name}", self._post(act))
        app.on_shutdown.append(self._close)

    # What is shown

    def state(self) -> dict[str, Any]:
        """Everything the page draws."""
        workspace = self.slack.workspace
        with workspace.changed:
            return {
                "me": self.me.id,
                "connected": self.slack.connections > 0,
                "team": workspace.team_name,
                "users": {
                    user.id: {
                        "name": user.name,
                        "real_name": user.real_name,
                        "is_app": user.bot_id is not None,
                    }
                    for user in workspace.users
                },
                "channels": [self._channel(channel) for channel in workspace.channels],
                "tasks": self.tasks.shown(),
                "building": self.tasks.building,
                **self.surfaces.shown(),
                "commands": [
                    {"command": command, "hint": hint, "description": description}
                    for command, hint, description in self.menu.commands
                ],
                "shortcuts": [
                    {"callback_id": callback_id, "name": name} for callback_id, name in self.menu.shortcuts
                ],
            }

    def _channel(self, channel: Channel) -> dict[str, Any]:
        return {
            "id": channel.id,
            "name": channel.name,
            "is_im": channel.is_im,
            "topic": channel.topic,
            "has_app": self.slack.bot.id in channel.members,
            "messages": [
                _shown(message) for message in self.slack.workspace.messages(channel.id, self.me.id)
            ],
        }

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The state now and after each change, as server-sent events."""
        answer = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await answer.prepare(request)
        sent = -1
        with suppress(ConnectionError):
            while not self._closing:
                changed = self._changed
                if self.slack.workspace.revision != sent:
                    sent = self.slack.workspace.revision
                    await answer.write(b"data: " + json.dumps(self.state()).encode() + b"\n\n")
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), _KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    await answer.write(b": still here\n\n")
        return answer

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "index.html")
        known = {path.name: path for path in FILES.iterdir()}
        if name not in known:
            raise web.HTTPNotFound(text="there is no such file")
        return web.Response(
            body=known[name].read_bytes(),
            content_type=TYPES[known[name].suffix],
            charset="utf-8",
            headers=HEADERS,
        )

    async def _worlds(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"worlds": self.tasks.offered()}, headers=HEADERS)

    async def _uploaded(self, request: web.Request) -> web.StreamResponse:
        """A file of a message that the person sees, as text."""
        workspace = self.slack.workspace
        for channel in workspace.channels:
            for message in workspace.messages(channel.id, self.me.id):
                for file in message.files:
                    if file["id"] == request.match_info["id"]:
                        return web.Response(text=file["text"], content_type="text/plain", headers=HEADERS)
        raise web.HTTPNotFound(text="there is no such file")

    # What a person does

    def _post(
        self, act: Callable[[dict[str, Any]], Awaitable[str | dict[str, Any] | None]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler of one kind of action; the text that `act` returns is shown to the person as a problem."""

        async def handle(request: web.Request) -> web.StreamResponse:
            # Another site's form cannot send this type without asking first, and it is never allowed to.
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType(text="send JSON")
            try:
                problem = await act(await request.json())
            except (LookupError, SlackRefusal, TypeError, ValueError) as error:
                return web.json_response({"problem": f"That did not work: {error}"}, status=400)
            except NotConnectedError:
                problem = "The app is not connected right now, so nobody heard that."
            answer = problem if isinstance(problem, dict) else {"problem": problem}
            return web.json_response({"problem": None, **answer}, headers=HEADERS)

        return handle

    async def _send(self, action: dict[str, Any]) -> str | None:
        channel = self.slack.workspace.channel(str(action["channel"]))
        text, thread = str(action["text"]).strip(), action.get("thread_ts")
        if not text:
            return None
        if not text.startswith("/"):
            await self._say(channel, text, thread)
            return None
        command, _, rest = text.partition(" ")
        if thread is not None:
            self._notice(channel, f"{command} is not supported in threads. Sorry!", thread)
        elif (command, rest.strip()) == ("/invite", f"@{self.slack.bot.name}"):
            self.slack.invite(channel)
        elif command not in {known for known, _, _ in self.menu.commands}:
            self._notice(channel, f"{command} is not a valid command.")
        else:
            try:
                delivery = self.slack.command(command, rest.strip(), user=self.me, channel=channel)
                failed = not await self._acknowledged(delivery)
            except NotConnectedError:
                self._notice(channel, f"{command} failed with the error “dispatch_failed”")
                return None
            if failed:
                self._notice(channel, f"{command} failed with the error “operation_timeout”")
        return None

    async def _say(self, channel: Channel, text: str, thread: str | None) -> None:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        name = f"@{self.slack.bot.name}"
        if not escaped.startswith(name) or self.slack.bot.id not in channel.members:
            self.slack.post(escaped, user=self.me, channel=channel, thread_ts=thread)
            return
        rest = escaped.removeprefix(name).strip()
        await self._acknowledged(self.slack.mention(rest, user=self.me, channel=channel, thread_ts=thread))

    async def _click(self, action: dict[str, Any]) -> str | None:
        message = self._message(action)
        return await self._interact(
            self.slack.click(message, str(action["action_id"]), option=action.get("option"), user=self.me)
        )

    async def _shortcut(self, action: dict[str, Any]) -> str | None:
        message = self._message(action)
        channel = self.slack.workspace.channel(message.channel)
        return await self._interact(
            self.slack.shortcut(str(action["callback_id"]), message, channel, user=self.me)
        )

    async def _interact(self, delivery: Delivery) -> str | None:
        if await self._acknowledged(delivery):
            return None
        return "The app did not answer within three seconds."

    async def _fix(self, action: dict[str, Any]) -> str | None:
        task = self.tasks.task(str(action["id"]))
        workspace = self.slack.workspace
        seen = [
            message
            for channel in workspace.channels
            for message in workspace.messages(channel.id, self.me.id)
        ]
        command = fix_shown(sorted(seen, key=lambda message: message.ts), task)
        if command is None:
            return f"No thread shows a fix for {task.service} yet: check it first. What is applied is the command that its thread shows."
        worked = await self.tasks.fix(task.id, command)
        return None if worked else "The command did not work; what it printed is beside the channel."

    async def _build(self, action: dict[str, Any]) -> str | dict[str, Any] | None:
        try:
            task = await self.tasks.build(str(action["id"]))
        except RuntimeError as error:
            return f"{error}."
        return {"id": task.id, "arn": task.arn}

    def _message(self, action: dict[str, Any]) -> Message:
        found = self.slack.workspace.find(str(action["channel"]), str(action["ts"]))
        if found is None or found.visible_to not in (None, self.me.id):
            raise LookupError("the message is gone")
        return found

    def _notice(self, channel: Channel, text: str, thread: str | None = None) -> None:
        """Words of Slack itself, for this person only."""
        self.slack.workspace.add(
            channel, self._slackbot.id, text, reply_to=thread, visible_to=self.me.id, origin="person"
        )

    # Waiting

    async def _acknowledged(self, delivery: Delivery) -> bool:
        async def wait() -> None:
            while not delivery.acks:
                await self._changed.wait()

        with suppress(TimeoutError):
            await asyncio.wait_for(wait(), ACK_SECONDS)
        return bool(delivery.acks)

    def _wake(self) -> None:
        before, self._changed = self._changed, asyncio.Event()
        before.set()

    async def _close(self, app: web.Application) -> None:
        self._closing = True
        self._wake()


def _shown(message: Message) -> dict[str, Any]:
    return {
        "ts": message.ts,
        "author": message.author,
        "text": message.text,
        "blocks": message.blocks,
        "files": [
            {"id": item["id"], "name": item["name"], "title": item["title"], "text": item["text"][:PREVIEW]}
            for item in message.files
        ],
        "thread_ts": message.reply_to,
        "ephemeral": message.is_ephemeral,
        "edited": message.edited,
        "revision": message.revision,
    }
