"""The local Slack as its users see it: a workspace in which tests and the demo act as people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from demo.slack import payloads
from demo.slack.deliveries import Deliveries, Receiver
from demo.slack.delivery import Ack, Delivery, SignedRequest
from demo.slack.files import Files
from demo.slack.in_process import shortened
from demo.slack.loopback import LoopbackServer
from demo.slack.methods import DEFAULT_SCOPES, Methods, Tokens
from demo.slack.model import Channel, Message, User
from demo.slack.pace import Limits
from demo.slack.response_urls import ResponseUrls
from demo.slack.script import AppCall, Script, Trouble
from demo.slack.steps import Steps
from demo.slack.triggers import Triggers
from demo.slack.views import Views
from demo.slack.web import Front, application
from demo.slack.workspace import Workspace

T = TypeVar("T")

TIMEOUT = 60.0


class LocalSlack:
    """One workspace with one installed app, served on loopback. See the package's docstring for a tour.

    `scopes` are those of the bot token; `clock` gives seconds since 1970; `port` 0 means any free one. With `paced`
    no more is taken than Slack promises to take: one message a second in a channel, and so on. `unknown_blocks` are types
    of blocks that this workspace refuses; with `enterprise` the app is installed for that whole organization.
    """

    def __init__(
        self,
        *,
        scopes: Sequence[str] = DEFAULT_SCOPES,
        clock: Callable[[], float] = time.time,
        port: int = 0,
        paced: bool = False,
        unknown_blocks: Sequence[str] = (),
        enterprise: str | None = None,
    ) -> None:
        self.workspace = Workspace(clock)
        self.workspace.refused_blocks = frozenset(unknown_blocks)
        self.workspace.enterprise_id = enterprise
        self.tokens = Tokens()
        self.bot = self.workspace.add_user(
            User("U0PULLCHECK", "pullcheck", "pullcheck", bot_id="B0PULLCHECK")
        )
        self.user = self.workspace.add_user(User("U0ALICE", "alice", "Alice Doe"))
        self.other_user = self.workspace.add_user(User("U0BOB", "bob", "Bob Roe"))
        self._calls: list[AppCall] = []
        self._script = Script()
        self._response_urls = ResponseUrls(self.workspace, self.bot)
        self._deliveries = Deliveries(
            self.workspace, self._response_urls, self.tokens.signing_secret, self._record
        )
        self._socket_mode = self._deliveries.socket_mode
        self.triggers = Triggers(self.workspace)
        self.views = Views(self.workspace, self.triggers, self.bot, self.user, self.workspace.refused_blocks)
        self.views.push = lambda kind, payload, who: self._deliveries.push(kind, payload, who, None)
        self.steps = Steps(self.workspace, self.bot.id)
        self.steps.push = lambda payload: self._deliveries.push("events_api", payload, None, None)
        self.methods = Methods(
            self.workspace,
            self.bot,
            self.tokens,
            frozenset(scopes),
            open_socket=self._socket_url,
            views=self.views,
            steps=self.steps,
            files=Files(self.workspace, lambda: self.url),
        )
        self._front = Front(
            self.methods, self._response_urls, self._script, self._record, Limits() if paced else None
        )
        self.application = application(self._front, self._socket_mode)
        self._server = LoopbackServer(self.application, port)
        self.channel = self.add_channel("incidents", topic="Where alerts arrive")

    # Life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen on 127.0.0.1. Raises OSError when the wanted port is taken."""
        self._server.start()

    def stop(self) -> None:
        """Hang up and stop listening. Close the app first: it would try to connect again."""
        self._server.stop(before=self._socket_mode.close)

    # What an app needs to know

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL, or `WebClient(base_url=…)`, must say."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.tokens.bot

    @property
    def app_token(self) -> str:
        return self.tokens.app

    @property
    def signing_secret(self) -> str:
        return self.tokens.signing_secret

    @property
    def team_id(self) -> str:
        return self.workspace.team_id

    # The world

    def add_channel(
        self,
        name: str,
        *,
        bot: bool = True,
        members: Sequence[User] | None = None,
        private: bool = False,
        archived: bool = False,
        topic: str = "",
    ) -> Channel:
        """Add a channel; `bot` says whether the app is in it, `members` (default: both people) who else is."""
        people = (self.user, self.other_user) if members is None else members
        return self.workspace.put_channel(
            Channel(
                id=f"C{self.workspace.serial():03d}{name.upper().replace('-', '')[:12]}",
                name=name,
                members=frozenset(user.id for user in people) | ({self.bot.id} if bot else frozenset()),
                is_private=private,
                is_archived=archived,
                topic=topic,
            )
        )

    def add_direct_message(self, user: User) -> Channel:
        """Add the conversation between a person and the app."""
        return self.workspace.put_channel(
            Channel(
                id=f"D{self.workspace.serial():03d}",
                name=user.name,
                members=frozenset({user.id, self.bot.id}),
                is_im=True,
            )
        )

    def add_user(self, name: str, *, bot: bool = False) -> User:
        """Add a person, or another app's bot."""
        suffix = f"{self.workspace.serial():03d}{name.upper().replace(' ', '')[:10]}"
        return self.workspace.add_user(User(f"U{suffix}", name, name, f"B{suffix}" if bot else None))

    def invite(self, channel: Channel, user: User | None = None) -> Channel:
        """Put somebody, the app by default, into a channel."""
        return self._with_members(channel, lambda members, user_id: members | {user_id}, user)

    def remove(self, channel: Channel, user: User | None = None) -> Channel:
        """Take somebody, the app by default, out of a channel."""
        return self._with_members(channel, lambda members, user_id: members - {user_id}, user)

    def archive(self, channel: Channel) -> Channel:
        return self.workspace.put_channel(replace(self._current(channel), is_archived=True))

    def advance(self, seconds: float) -> None:
        """Let the workspace's time pass at once; response_urls grow old."""
        self.workspace.advance(seconds)

    def revoke_tokens(self) -> None:
        """Uninstall the app: every later call is refused with `token_revoked`."""
        self.methods.revoked = True

    # People's doings

    def command(
        self, command: str, text: str = "", *, user: User | None = None, channel: Channel | None = None
    ) -> Delivery:
        """Type a slash command. Raises NotConnectedError when no app listens."""
        who, where = user or self.user, channel or self.channel
        payload = payloads.slash_command(
            self.workspace, who, where, command, text, **self._ways_back(who, where)
        )
        return self._deliveries.push("slash_commands", payload, who, where)

    def shortcut(
        self,
        callback_id: str,
        message: Message | str,
        channel: Channel | None = None,
        *,
        user: User | None = None,
    ) -> Delivery:
        """Choose a message shortcut on a message, or on the one with this ts."""
        who, where = user or self.user, channel or self.channel
        target = self._message(message, where)
        payload = payloads.message_action(
            self.workspace, who, where, target, callback_id, **self._ways_back(who, where, target)
        )
        return self._deliveries.push("interactive", payload, who, where)

    def click(
        self, message: Message, action_id: str, *, option: str | None = None, user: User | None = None
    ) -> Delivery:
        """Press a button of a message, or choose the option with this value of a menu.

        Raises LookupError when the message, as it stands now, has none.
        """
        who, where = user or self.user, self.workspace.channel(message.channel)
        target = self._message(message.ts, where)
        payload = payloads.block_actions(
            self.workspace,
            who,
            where,
            target,
            target.element(action_id) if option is None else target.choice(action_id, option),
            **self._ways_back(who, where, target),
        )
        return self._deliveries.push("interactive", payload, who, where)

    def mention(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        thread_ts: str | None = None,
    ) -> Delivery:
        """Write a message that mentions the app, and send it the `app_mention` event, for which it needs a scope."""
        assert "app_mentions:read" in self.methods.scopes, (
            "Slack sends no app_mention without app_mentions:read"
        )
        who, where = user or self.user, channel or self.channel
        message = self.post(f"<@{self.bot.id}> {text}", user=who, channel=where, thread_ts=thread_ts)
        shown = payloads.message_object(self.workspace, message)
        event = {**shown, "type": "app_mention", "channel": where.id, "event_ts": message.ts}
        return self.event(event, user=who, channel=where)

    def event(
        self, event: Mapping[str, Any], *, user: User | None = None, channel: Channel | None = None
    ) -> Delivery:
        """Send any event of the Events API."""
        payload = payloads.event_callback(self.workspace, self.bot.id, event)
        return self._deliveries.push("events_api", payload, user, channel)

    def post(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        blocks: Sequence[dict[str, Any]] = (),
        attachments: Sequence[dict[str, Any]] = (),
        thread_ts: str | None = None,
    ) -> Message:
        """Write a message as a person or another app; `text` is mrkdwn as Slack stores it."""
        return self.workspace.add(
            channel or self.channel,
            (user or self.user).id,
            text,
            blocks=blocks,
            attachments=attachments,
            reply_to=thread_ts,
            origin="person",
        )

    def delete(self, message: Message) -> None:
        """Delete a message, as its author or an administrator can."""
        self.workspace.remove(message)

    # Trouble

    def fail(
        self,
        method: str,
        error: str = "internal_error",
        *,
        channel: Channel | None = None,
        times: int | None = 1,
        status: int | None = None,
        retry_after: int | None = None,
        lost: bool = False,
        dropped: bool = False,
        page: str | None = None,
        seconds: float | None = None,
        after: int = 0,
    ) -> None:
        """Make the next calls of a method fail, in one channel or everywhere; `times=None` is for ever.

        `method` may be `response_url`, or `*` for all. `ratelimited` answers 429 with Retry-After (0 unless given); `lost`
        performs the call and breaks the connection before the answer, `dropped` breaks it at once; `page` answers HTML
        with the status; `seconds` of the workspace's time end it; `after` so many calls go well first.
        """
        limited = error == "ratelimited"
        self._script.add(
            Trouble(
                method,
                error,
                channel.id if channel else None,
                times,
                status if status is not None else 429 if limited else 200,
                (retry_after or 0) if limited else retry_after,
                lost,
                dropped,
                page,
                None if seconds is None else self.workspace.now() + seconds,
                after,
            )
        )

    def redeliver(self, delivery: Delivery, reason: str = "timeout") -> Delivery:
        """Send a payload again, as Slack does with an event that was not acknowledged."""
        return self._deliveries.again(delivery, reason)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect again, as Slack does every few hours."""
        self._socket_mode.disconnect(reason)

    def over_http(self, receiver: Receiver) -> AbstractContextManager[None]:
        """Inside, hand deliveries as signed HTTP requests to `receiver` instead of using Socket Mode."""
        return self._deliveries.over_http(receiver)

    def in_process(self) -> AbstractContextManager[None]:
        """Inside, calls that this process makes with urllib, as slack_sdk does, are answered without a socket."""
        return shortened(self.url, self._front)

    def signed(self, delivery: Delivery, *, timestamp: int | None = None) -> SignedRequest:
        """A delivery as a signed HTTP request; an old `timestamp` makes one that must be refused."""
        return self._deliveries.signed(delivery, timestamp)

    # What happened

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open now."""
        return self._socket_mode.connections

    @property
    def connections_opened(self) -> int:
        """How many Socket Mode connections were opened since the start."""
        return self._socket_mode.opened

    def wait_connected(self, opened: int = 1, timeout: float = TIMEOUT) -> None:
        """Wait until a connection is open and at least `opened` were opened since the start."""
        self.wait_for(
            lambda: self.connections > 0 and self.connections_opened >= opened, timeout, "a connection"
        )

    def wait_for(self, predicate: Callable[[], T], timeout: float = TIMEOUT, what: str = "") -> T:
        """Wait until the predicate gives something true and return that; it is asked after each change.

        Raises AssertionError with all messages when `timeout` seconds pass.
        """
        return self.workspace.wait_for(predicate, timeout, what)

    def wait_ack(self, delivery: Delivery, timeout: float = TIMEOUT) -> Ack:
        """Wait for the first acknowledgement of a delivery."""
        self.wait_for(lambda: delivery.acks, timeout, f"an acknowledgement of {delivery.kind}")
        return delivery.acks[0]

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that was sent to the app, in order."""
        return self._deliveries.sent

    def calls(self, method: str | None = None) -> tuple[AppCall, ...]:
        """The app's calls so far, of one method or all; `response_url` and `ack` are methods too."""
        with self.workspace.changed:
            return tuple(call for call in self._calls if method in (None, call.method))

    def refusals(self) -> tuple[AppCall, ...]:
        """The calls that were refused."""
        return tuple(call for call in self.calls() if not call.ok)

    def messages(self, channel: Channel | None = None) -> tuple[Message, ...]:
        """The messages that everyone sees in a channel, without replies."""
        return tuple(
            message
            for message in self.workspace.messages((channel or self.channel).id)
            if message.reply_to is None
        )

    def thread(self, parent: Message | str, channel: Channel | None = None) -> tuple[Message, ...]:
        """The replies to a message (or to the one with this ts), without itself, that everyone sees."""
        if isinstance(parent, Message):
            ts, channel_id = parent.ts, parent.channel
        else:
            ts, channel_id = parent, (channel or self.channel).id
        return tuple(message for message in self.workspace.messages(channel_id) if message.reply_to == ts)

    def ephemeral(self, user: User | None = None, channel: Channel | None = None) -> tuple[Message, ...]:
        """The messages that only this person sees in a channel and its threads."""
        who = (user or self.user).id
        return tuple(
            message
            for message in self.workspace.messages((channel or self.channel).id, who)
            if message.visible_to == who
        )

    def current(self, message: Message) -> Message | None:
        """The message as it stands now, or None when it is gone."""
        return self.workspace.find(message.channel, message.ts)

    # Inside

    def add_routes(self, add: Callable[[web.Application], None]) -> None:
        """Let a page add its routes; before the start only."""
        add(self.application)

    def call_soon(self, work: Callable[[], None]) -> None:
        """Run something in the server's loop, soon; from any thread."""
        self._server.call_soon(work)

    def _socket_url(self) -> str:
        return f"ws://127.0.0.1:{self._server.port}/socket?ticket={self._socket_mode.ticket()}"

    def _ways_back(self, user: User, channel: Channel, message: Message | None = None) -> dict[str, str]:
        key = self._response_urls.make(channel.id, user.id, message.ts if message else None)
        return {
            "response_url": f"{self.url}/response/{key}",
            "trigger_id": self.triggers.make(user.id),
        }

    def _record(self, call: AppCall) -> None:
        with self.workspace.changed:
            self._calls.append(call)
            self.workspace.touch()

    def _message(self, message: Message | str, channel: Channel) -> Message:
        ts = message.ts if isinstance(message, Message) else message
        found = self.workspace.find(channel.id, ts)
        if found is None:
            raise LookupError(f"there is no message {ts} in #{channel.name}\n{self.workspace.transcript()}")
        return found

    def _current(self, channel: Channel) -> Channel:
        return self.workspace.channel(channel.id)

    def _with_members(
        self,
        channel: Channel,
        change: Callable[[frozenset[str], str], frozenset[str]],
        user: User | None,
    ) -> Channel:
        current = self._current(channel)
        return self.workspace.put_channel(
            replace(current, members=change(current.members, (user or self.bot).id))
        )
