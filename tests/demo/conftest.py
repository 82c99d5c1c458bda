"""A browser where there is one, a page with an echo app behind it, and the whole demo."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pytest
from selenium.webdriver import Chrome

from bot import services
from demo.page import BrokenTask, Menu, OfferedWorld, Page, Printed, page
from demo.slack import LocalSlack
from demo.wiring import Demo
from handlers import often
from tests.bot.conftest import AtOnce
from tests.demo.person import DESK, Person
from tests.local_slack.conftest import echo_app
from tests.local_slack.socket_mode import connected_app
from tools.browser import find_browser, headless

MENU = Menu(
    commands=[("/echo", "anything", "Say it again"), ("/silent", "", "")], shortcuts=[("quote", "Quote this")]
)


@dataclass
class Served:
    """A page, the local Slack under it, and a client that does what the page's script does."""

    slack: LocalSlack
    page: Page
    repaired: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.slack.url}/"

    def request(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", int(self.slack.url.rpartition(":")[2]), timeout=30
        )
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def act(self, action: str, **body: Any) -> str | None:
        """Do something on the page; returns the problem that it would show."""
        whole = {"channel": self.slack.channel.id, **body}
        _, _, answer = self.request(
            "POST", f"/demo/{action}", json.dumps(whole), {"Content-Type": "application/json"}
        )
        problem: str | None = json.loads(answer)["problem"]
        return problem


@pytest.fixture
def served() -> Iterator[Served]:
    slack = LocalSlack()
    repaired: list[str] = []

    def apply(command: str) -> Printed:
        repaired.append(command)
        return Printed(0, "done & <b>dusted</b>")

    def refuse(command: str) -> Printed:
        raise RuntimeError("AWS said no")

    def impossible() -> BrokenTask:
        raise RuntimeError("AWS said no")

    def broken(name: str, apply: Callable[[str], Printed]) -> BrokenTask:
        return BrokenTask(
            name, f"Of {name}", "…", f"service-{name}", f"arn:{name}", apply, [[f"id-of-{name}"]]
        )

    tasks = [
        broken("good", apply),
        broken("bad", refuse),
        broken("failing", lambda command: Printed(254, "AccessDenied")),
    ]
    worlds = [
        OfferedWorld(
            "new", "Routes", "A new world.", "It is built when it is chosen.", lambda: broken("new", apply)
        ),
        OfferedWorld("never", "Roles", "A world that cannot be.", "…", impossible),
    ]
    served = Served(slack, Page(slack, MENU, tasks, worlds), repaired)
    with slack:
        yield served


@pytest.fixture
def with_app(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    # Slack's three seconds are not the machine's: a busy one may take longer.
    monkeypatch.setattr(page, "ACK_SECONDS", 60.0)
    with connected_app(echo_app(served.slack), served.slack):
        yield served


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with (
        # One person asks more here in a minute than a person may, and nobody waits for Slack's pace.
        mock.patch.object(often, "MOST", 1000),
        mock.patch.object(services, "Pace", AtOnce),
        Demo() as demo,
    ):
        yield demo


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    paths = find_browser()
    if paths is None:
        pytest.skip("NO BROWSER: Chromium and chromedriver are needed to test the demo's page in a browser")
    with headless(paths, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def person(browser: Chrome) -> Iterator[Person]:
    person = Person(browser)
    person.size(DESK)
    person.scheme("light")
    yield person
    # A page that stays open would go on asking a server that is gone.
    browser.get("about:blank")


def open_page(person: Person, url: str) -> None:
    """Open the page, and wait until it shows the channel."""
    person.browser.get(url)
    person.see("#channel-name", "incidents")
