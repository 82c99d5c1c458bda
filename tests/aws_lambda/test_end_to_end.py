"""From a signed request, or an event of ECS, over the queue to a thread: both functions, an emulated AWS, a local Slack."""

from __future__ import annotations

import pytest

from demo.aws import Account
from tests.aws_lambda.cloud import Cloud, event_of, lines
from tests.aws_lambda.conftest import SCENARIO
from tests.bot.test_end_to_end import answered


def test_a_command_is_answered_explained_repaired_and_gone(
    reachable: Cloud, account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud, slack = reachable, reachable.slack
    slack.command("/pullcheck", account.broken[SCENARIO.id].task.arn)
    assert not slack.messages()

    assert cloud.drain() == (1, 0)

    parent = answered(slack)
    assert "cannot start: " in parent.plain
    assert f"`{SCENARIO.fault}`" in slack.thread(parent)[0].plain

    slack.click(parent, "pullcheck.more", option="why")
    assert cloud.drain() == (1, 0)
    assert "*How to fix it*" in slack.thread(parent)[1].plain

    SCENARIO.fix(account)
    slack.click(parent, "pullcheck.rerun")
    assert cloud.drain() == (1, 0)
    parent = answered(slack, replies=3)
    assert f"✅ fixed `{SCENARIO.fault}`" in slack.thread(parent)[2].plain
    assert not slack.refusals()
    assert cloud.drain() == (0, 0)
    logged = capsys.readouterr().out
    assert "hooks" not in logged
    assert slack.bot_token not in logged
    assert slack.signing_secret not in logged
    outcomes = [line["Outcome"] for line in lines(logged) if "Outcome" in line]
    assert outcomes == ["cause_found", "nothing_wrong"]


def test_an_event_is_told_before_anybody_asks_and_known_when_the_task_is_gone(
    reachable: Cloud, account: Account
) -> None:
    cloud, slack = reachable, reachable.slack
    task = account.broken[SCENARIO.id].task
    event = event_of(task)
    assert cloud.deliver(event) == []

    parent = answered(slack)
    assert "cannot start: " in parent.plain
    assert "told by an event of ECS" in parent.plain

    task.expire()
    slack.click(parent, "pullcheck.rerun")
    assert cloud.drain() == (1, 0)
    parent = answered(slack, replies=2)
    assert slack.thread(parent)[1].plain.endswith(": nothing has changed.")

    # Here a link would be the answer.
    elsewhere = slack.add_channel("elsewhere")
    slack.command("/pullcheck", task.arn, channel=elsewhere)
    assert cloud.drain() == (1, 0)
    (asked,) = slack.messages(elsewhere)
    assert "cannot start: " in asked.plain
    assert f"`{SCENARIO.fault}`" in slack.thread(asked)[0].plain
    assert "last run" not in asked.plain


def test_an_event_that_comes_when_the_task_is_gone_is_diagnosed_from_what_it_says(
    cloud: Cloud, account: Account
) -> None:
    task = account.broken[SCENARIO.id].task
    event = event_of(task)
    task.expire()

    assert cloud.deliver(event) == []

    parent = answered(cloud.slack)
    assert "cannot start: " in parent.plain
    assert "last run" not in parent.plain
