"""The demo as one object, and the only place of it that knows the product: emulated AWS, local Slack, page, and the bot between them."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.settings import read_settings
from bot.socket_mode import SocketModeBot
from demo.alerts import add_alert_bot, post_alert
from demo.aws import DEMO, Account, EmulatedAws, build_demo
from demo.aws.pushed import push_apart
from demo.command_line import CommandLine, find_cli
from demo.isolation import isolated_environment, set_environment
from demo.page import Menu, Page
from demo.slack import Channel, LocalSlack
from demo.worlds import Worlds

ROLE = "pullcheck-read"
"""What the bot assumes in the accounts of the worlds; the emulated AWS asks for no permission."""
# Without chat:write.public, so that a channel shows what the app does where it was not invited.
OPTIONAL_SCOPES = ("files:write", "users:read")
MANIFEST = Path(__file__).parent.parent / "manifest.json"


class Demo:
    """`with Demo() as demo:` has everything running inside; `demo.url` is the page.

    The bot gets what it would get from a person: settings in the environment, nothing else. What the
    environment said before is hidden while the demo runs, so that no real account or workspace is touched.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._stack = ExitStack()
        self.aws: EmulatedAws
        self.account: Account
        self.slack: LocalSlack

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"{self.slack.url}/"

    def _start(self, stack: ExitStack) -> None:
        """Start everything. Raises OSError when the port is taken, FileNotFoundError without the manifest."""
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pullcheck-demo-")))
        stack.enter_context(isolated_environment(folder))
        manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
        scopes = [*manifest["oauth_config"]["scopes"]["bot"], *OPTIONAL_SCOPES]
        self.slack = LocalSlack(scopes=scopes, port=self._port)
        self.aws = stack.enter_context(EmulatedAws())
        self.account = build_demo(self.aws)
        push_apart(self.account)
        cli = find_cli()
        worlds = Worlds(self.aws, CommandLine(folder / "shell", cli) if cli else None)
        standing = [worlds.standing(scenario, self.account) for scenario in DEMO]
        Page(self.slack, Menu.of_manifest(manifest), standing, list(worlds.offered()))
        self._fill()
        stack.enter_context(self.slack)
        set_environment(
            {
                **self.aws.environment(),
                "SLACK_BOT_TOKEN": self.slack.bot_token,
                "SLACK_APP_TOKEN": self.slack.app_token,
                "SLACK_API_URL": self.slack.api_url,
                "PULLCHECK_TARGET_ROLE_NAME": ROLE,
                "PULLCHECK_DATABASE": str(folder / "runs.sqlite3"),
            }
        )
        stack.enter_context(SocketModeBot(read_settings(), stop_seconds=5.0))
        self.slack.wait_connected()

    def _fill(self) -> None:
        """The other channels, the conversation with the app, and an alert for each broken task."""
        person = self.slack.workspace.add_user(replace(self.slack.user, is_admin=True))
        self.slack.workspace.put_channel(
            Channel(
                id=f"D{person.id[1:]}",
                name=self.slack.bot.name,
                members=frozenset({person.id, self.slack.bot.id}),
                is_im=True,
                topic="What you asked from its Home is answered here",
            )
        )
        self.slack.add_channel(
            "deploys", bot=False, topic="pullcheck was not invited here, so it answers without a thread"
        )
        bot = add_alert_bot(self.slack)
        for scenario in DEMO:
            task = self.account.broken[scenario.id].task
            post_alert(self.slack, bot, self.account.region, task.describe())
