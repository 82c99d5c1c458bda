"""From the command over signed HTTP to the repaired task, with an emulated AWS behind the real app.

Two of the five usual causes; all of them are tried over Socket Mode in `tests/demo`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.app import create_app
from bot.services import compose
from bot.settings import Settings
from demo.aws import DEMO, Account, EmulatedAws, Scenario, build_demo
from demo.slack import LocalSlack, dispatch_to
from diagnostics.collect import AwsClients
from tests.bot.conftest import AtOnce
from tests.bot.test_end_to_end import answered


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with EmulatedAws(sockets=False) as aws:
        yield build_demo(aws)


@pytest.fixture
def slack_with_app(
    account: Account,
    slack: LocalSlack,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LocalSlack]:
    for name, value in account.aws.environment().items():
        monkeypatch.setenv(name, value)
    # How busy the machine is must change no answer.
    settings = make_settings(pullcheck_deadline=300)
    parts = compose(settings, AwsClients(), strict=True, pace=AtOnce())
    with slack.over_http(dispatch_to(create_app(settings, parts.listening))):
        yield slack
    parts.stop(30)


@pytest.mark.parametrize("scenario", DEMO[:2], ids=lambda scenario: scenario.id)
def test_a_cause_is_named_explained_repaired_and_gone(
    account: Account, slack_with_app: LocalSlack, scenario: Scenario
) -> None:
    slack = slack_with_app
    slack.command("/pullcheck", account.broken[scenario.id].task.arn)
    parent = answered(slack)
    (details,) = slack.thread(parent)
    assert "cannot start: " in parent.plain
    assert f"`{scenario.fault}`" in details.plain

    slack.click(parent, "pullcheck.more", option="why")
    slack.wait_for(lambda: len(slack.thread(parent)) == 2)
    assert "*How to fix it*" in slack.thread(parent)[1].plain

    scenario.fix(account)
    slack.click(parent, "pullcheck.rerun")
    parent = answered(slack, replies=3)
    assert f"✅ fixed `{scenario.fault}`" in slack.thread(parent)[2].plain
    assert "can pull again* · fixed " in parent.plain
    assert not slack.refusals()
