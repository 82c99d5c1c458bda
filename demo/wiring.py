"""The demo as one object, and the only place of it that knows the product: emulated AWS, local Slack, page, and the bot between them."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.settings import read_settings
from bot.socket_mode import SocketModeBot
from demo.alerts import add_alert_bot, post_alert
from demo.aws import DEMO, Account, EmulatedAws, Scenario, build_demo
from demo.isolation import isolated_environment, set_environment
from demo.page import BrokenTask, Menu, Page
from demo.slack import LocalSlack

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
        self.slack = LocalSlack(scopes=manifest["oauth_config"]["scopes"]["bot"], port=self._port)
        self.aws = stack.enter_context(EmulatedAws())
        self.account = build_demo(self.aws)
        Page(self.slack, Menu.of_manifest(manifest), [self._broken(scenario) for scenario in DEMO])
        self._fill()
        stack.enter_context(self.slack)
        set_environment(
            {
                **self.aws.environment(),
                "SLACK_BOT_TOKEN": self.slack.bot_token,
                "SLACK_APP_TOKEN": self.slack.app_token,
                "SLACK_API_URL": self.slack.api_url,
                "PULLCHECK_DATABASE": str(folder / "runs.sqlite3"),
            }
        )
        stack.enter_context(SocketModeBot(read_settings(), stop_seconds=5.0))
        self.slack.wait_connected()

    def _broken(self, scenario: Scenario) -> BrokenTask:
        task = self.account.broken[scenario.id].task
        return BrokenTask(
            id=scenario.id,
            title=scenario.title,
            description=scenario.description,
            service=task.service or task.container,
            arn=task.arn,
            fix=lambda: scenario.fix(self.account),
        )

    def _fill(self) -> None:
        """The other channels, and an alert for each broken task."""
        self.slack.add_channel(
            "deploys", bot=False, topic="pullcheck was not invited here, so it answers without a thread"
        )
        bot = add_alert_bot(self.slack)
        for scenario in DEMO:
            task = self.account.broken[scenario.id].task
            post_alert(self.slack, bot, self.account.region, task.describe())
