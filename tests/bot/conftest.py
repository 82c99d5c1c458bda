"""A local Slack with the real app in it; diagnoses come from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.app import create_app
from bot.services import Parts, compose
from bot.settings import Settings
from bot.socket_mode import SocketModeBot
from demo.slack import LocalSlack, dispatch_to
from diagnostics.finding import Report
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target
from handlers.pace import Line, Pace
from handlers.ways import Listed
from tests.build import ACCOUNT, fargate, reports
from tests.local_slack.socket_mode import one_tls_context

# Nothing changes them, so that they are made once.
_found = cache(reports.cause_found)
_facts = cache(fargate)


class Run(NamedTuple):
    """A diagnosis."""

    snapshot: Snapshot
    report: Report


@dataclass
class Script:
    """Diagnoses as a test wants them: each call takes the next step, the last one stays."""

    steps: list[Callable[[], Report]] = field(default_factory=lambda: [_found])
    asked: list[tuple[Target, Snapshot | None]] = field(default_factory=list)
    newest: list[bool] = field(default_factory=list)
    snapshot: Snapshot = field(default_factory=_facts)

    def __call__(
        self,
        target: Target,
        previous: Snapshot | None,
        alert_text: str | None = None,
        newest: bool = False,
        /,
    ) -> Run:
        self.asked.append((target, previous))
        self.newest.append(newest)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return Run(self.snapshot, step())


class AtOnce(Pace):
    """No line for anybody, and what would take seconds takes none: for tests of what is said, not of when."""

    def __init__(self, patience: float = 30.0) -> None:
        super().__init__(clock=lambda: self.now, sleep=self._pass, patience=patience)
        self.now = 0.0

    def _pass(self, seconds: float) -> None:
        self.now += seconds

    def turn(self, line: Line, until: float, *, first: bool = False) -> bool:
        return self.now <= until

    def hold(self, line: Line, seconds: float) -> None:
        self.now += seconds + 0.1


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def make_settings(slack: LocalSlack, tmp_path: Path) -> Callable[..., Settings]:
    def make(**changes: object) -> Settings:
        values: dict[str, object] = {
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
            "pullcheck_database": tmp_path / "runs.sqlite3",
        }
        return Settings(**{**values, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


@pytest.fixture(params=["socket_mode", "signed_http"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass
class Shelf:
    """Places as a test wants them, and what was asked of them."""

    region: str | None = "us-east-1"
    accounts: tuple[str, ...] = ()
    named: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"payments": ("checkout-api", "refunds-worker"), "search": ()}
    )
    problem: str | None = None
    asked: list[tuple[object, ...]] = field(default_factory=list)
    prepared: tuple[object, ...] = ()

    def regions(self) -> tuple[str, ...]:
        return ("us-east-1", "eu-central-1", "eu-west-1")

    def prepare(self, region: str, account: str | None, by: str, /) -> None:
        self.prepared = (region, account, by)

    def clusters(self, region: str, account: str | None, by: str, /) -> Listed:
        self.asked.append((region, account, by))
        arns = tuple(f"arn:aws:ecs:{region}:{account or ACCOUNT}:cluster/{name}" for name in self.named)
        return Listed(() if self.problem else arns, self.problem)

    def services(self, region: str, account: str | None, cluster: str, by: str, /) -> Listed:
        self.asked.append((region, account, cluster, by))
        owner = f"arn:aws:ecs:{region}:{account or ACCOUNT}:service/{cluster}"
        return Listed(
            () if self.problem else tuple(f"{owner}/{name}" for name in self.named[cluster]), self.problem
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def start(slack: LocalSlack, script: Script, shelf: Shelf) -> Iterator[Callable[..., Parts]]:
    """Start the bot over a transport; it is stopped at the end."""
    ends: list[Callable[[], object]] = []

    def begin(settings: Settings, transport: str = "socket_mode") -> Parts:
        if transport == "socket_mode":
            bot = SocketModeBot(
                settings, diagnose=script, strict=True, pace=AtOnce(), places=shelf, stop_seconds=10
            )
            with one_tls_context():
                bot.start()
            ends.append(bot.stop)
            slack.wait_connected()
            return bot.parts
        parts = compose(settings, diagnose=script, strict=True, pace=AtOnce(), places=shelf)
        over = slack.over_http(dispatch_to(create_app(settings, parts.listening)))
        over.__enter__()
        ends.append(lambda: parts.stop(10))
        ends.append(lambda: over.__exit__(None, None, None))
        return parts

    yield begin
    for end in reversed(ends):
        end()
