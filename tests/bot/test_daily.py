"""The day's audits in the whole bot: a setting, a timer, the queue, and a channel in a local Slack."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bot.services import compose
from bot.settings import Settings, SettingsError, read_settings
from demo.slack import LocalSlack
from tests.bot.conftest import AtOnce
from tests.build import audits

MakeSettings = Callable[..., Settings]


def test_nothing_is_audited_unless_a_setting_says_so(settings: Settings) -> None:
    parts = compose(settings)
    assert parts.daily is None
    parts.stop(1)


def test_a_days_audit_reaches_its_channel(slack: LocalSlack, make_settings: MakeSettings) -> None:
    settings = make_settings(
        pullcheck_daily_audit="prod", pullcheck_daily_audit_at="00:00",
        pullcheck_routes=json.dumps([{"cluster": "prod", "channel": slack.channel.id}]),
    )  # fmt: skip
    parts = compose(settings, strict=True, pace=AtOnce(), audit=lambda *_: audits.report())
    assert parts.daily is not None
    assert parts.daily.turn() == 1
    assert parts.daily.turn() == 0

    message = slack.wait_for(lambda: next(iter(slack.messages()), None), what="the day's audit")
    assert message is not None
    assert (
        "First audit of cluster prod of account 111122223333, eu-central-1: 3 things to know" in message.plain
    )
    assert parts.stop(10)


def test_it_needs_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "PULLCHECK_DAILY_AUDIT": "all",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(
        SettingsError, match="PULLCHECK_DAILY_AUDIT needs PULLCHECK_ROUTES, a JSON list of rules"
    ):
        read_settings()
