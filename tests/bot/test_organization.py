"""An app that is installed once, for a whole Enterprise organization: one token, and requests that name no workspace.

Slack: https://docs.slack.dev/enterprise/organization-ready-apps/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.services import Parts
from bot.settings import Settings
from demo.slack import LocalSlack
from handlers import ids
from tests.bot.conftest import Script
from tests.bot.test_end_to_end import answered, told
from tests.build import TASK_ARN

Start = Callable[..., Parts]
ORGANIZATION = "E0ACME"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(enterprise=ORGANIZATION) as running:
        yield running


def test_every_way_in_works_with_the_one_installation(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)

    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    slack.click(parent, ids.RERUN)
    parent = answered(slack, replies=2)
    slack.command("/pullcheck")
    slack.wait_for(slack.views.modal)
    assert slack.views.options(ids.CLUSTER, "pay")
    slack.views.fill(ids.TASK, f"{TASK_ARN[:-1]}1")
    slack.views.submit()
    slack.wait_for(lambda: len(slack.messages()) == 2)
    alert = slack.post(f"{TASK_ARN[:-1]}2")
    slack.shortcut(ids.SHORTCUT, alert)
    slack.wait_for(lambda: len(slack.thread(alert)) == 2)
    slack.mention(f"{TASK_ARN[:-1]}3", thread_ts=alert.ts)
    slack.wait_for(lambda: len(slack.thread(alert)) == 5)
    slack.views.open_home()
    slack.wait_for(slack.views.home)
    run = slack.steps.run(ids.STEP, {"target": f"{TASK_ARN[:-1]}4", "channel": slack.channel.id})
    slack.wait_for(lambda: run.state == "completed")

    assert len(script.asked) == 6
    # Whether somebody administers the workspace is not known without an optional scope.
    assert {call.method for call in slack.refusals()} <= {"users.info"}
    payload = next(item.payload for item in slack.deliveries if item.payload.get("type") == "block_actions")
    assert (payload["team"], payload["user"]["team_id"]) == (None, ORGANIZATION)


def test_people_of_another_organization_are_refused(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a channel that is shared with them they can press what they see."""
    from demo.slack import payloads

    start(settings, "signed_http")
    alert = slack.post(TASK_ARN)
    ours = payloads.of_app_and_user

    def theirs(*given: Any) -> dict[str, Any]:
        found = ours(*given)
        return {**found, "user": {**found["user"], "team_id": "E0OTHER"}}

    monkeypatch.setattr(payloads, "of_app_and_user", theirs)
    slack.shortcut(ids.SHORTCUT, alert)

    assert "Your workspace is not on the list" in told(slack).plain
    assert not script.asked


def test_one_workspace_of_the_organization_can_be_named(
    slack: LocalSlack, start: Start, make_settings: Callable[..., Settings], script: Script
) -> None:
    start(make_settings(pullcheck_allowed_teams="T0SOMEOTHER"), "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    assert "Your workspace is not on the list" in told(slack).plain
    assert not script.asked
