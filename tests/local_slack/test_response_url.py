"""A response_url works five times within 30 minutes, with or without membership."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from demo.slack import HttpAnswer, LocalSlack
from tests.local_slack.conftest import BUTTONS, section


@pytest.fixture
def deaf(slack: LocalSlack) -> Iterator[LocalSlack]:
    """A local Slack whose app acknowledges everything and does nothing."""
    with slack.over_http(lambda request: HttpAnswer(200)):
        yield slack


@pytest.fixture
def hook(deaf: LocalSlack) -> WebhookClient:
    return WebhookClient(deaf.command("/echo", "x").response_url)


def test_five_uses(deaf: LocalSlack, hook: WebhookClient) -> None:
    answers = [hook.send(text=str(number)) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert "used_url" in answers[-1].body
    assert [message.text for message in deaf.ephemeral()] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(("seconds", "status"), [(29 * 60, 200), (30 * 60, 404)])
def test_thirty_minutes(deaf: LocalSlack, hook: WebhookClient, seconds: float, status: int) -> None:
    deaf.advance(seconds)
    answer = hook.send(text="late")
    assert answer.status_code == status
    assert ("expired_url" in answer.body) == (status == 404)


def test_membership_does_not_matter(deaf: LocalSlack) -> None:
    elsewhere = deaf.add_channel("elsewhere", bot=False, private=True)
    hook = WebhookClient(deaf.command("/echo", "x", channel=elsewhere).response_url)
    assert hook.send(text="for you").status_code == 200
    assert hook.send(text="for all", response_type="in_channel").status_code == 200
    assert [message.text for message in deaf.ephemeral(channel=elsewhere)] == ["for you"]
    assert [message.text for message in deaf.messages(elsewhere)] == ["for all"]


def test_bad_content_is_refused_and_does_not_count(deaf: LocalSlack, hook: WebhookClient) -> None:
    answer = hook.send(text="x", blocks=[section("")])
    assert (answer.status_code, "invalid_blocks" in answer.body) == (400, True)
    assert hook.send(text="").status_code == 400
    assert [hook.send(text="x").status_code for _ in range(5)] == [200] * 5


def test_an_unknown_address(deaf: LocalSlack) -> None:
    assert WebhookClient(f"{deaf.url}/response/T0/nothing").send(text="x").status_code == 404


def test_the_app_cannot_update_such_a_message(
    deaf: LocalSlack, hook: WebhookClient, client: WebClient
) -> None:
    hook.send(text="x", response_type="in_channel")
    (message,) = deaf.messages()
    answer = client.api_call
    with pytest.raises(Exception, match="cant_update_message"):
        answer("chat.update", json={"channel": message.channel, "ts": message.ts, "text": "y"})


def test_a_press_replaces_or_deletes_its_message(deaf: LocalSlack, hook: WebhookClient) -> None:
    hook.send(text="first", blocks=[section("first"), BUTTONS])
    (message,) = deaf.ephemeral()
    press = deaf.click(message, "again")
    assert press.payload["container"]["is_ephemeral"]
    assert "message" not in press.payload
    again = WebhookClient(press.response_url)
    again.send(text="second", replace_original=True)
    assert [(found.text, found.ts) for found in deaf.ephemeral()] == [("second", message.ts)]
    again.send(text="beside it")
    assert [found.text for found in deaf.ephemeral()] == ["second", "beside it"]
    again.send(delete_original=True)
    assert [found.text for found in deaf.ephemeral()] == ["beside it"]


def test_an_answer_may_go_into_a_thread(deaf: LocalSlack) -> None:
    alert = deaf.post("the task stopped")
    hook = WebhookClient(deaf.shortcut("quote", alert).response_url)
    hook.send_dict({"text": "in the thread", "thread_ts": alert.ts, "response_type": "in_channel"})
    assert [message.text for message in deaf.thread(alert)] == ["in the thread"]
    assert hook.send_dict({"text": "x", "thread_ts": "1.000001"}).status_code == 400


def test_somebody_elses_message_is_not_replaced(deaf: LocalSlack) -> None:
    alert = deaf.post("the task stopped")
    WebhookClient(deaf.shortcut("quote", alert).response_url).send(text="mine", replace_original=True)
    assert [message.text for message in deaf.messages()] == ["the task stopped"]
    assert [message.text for message in deaf.ephemeral()] == ["mine"]


def test_a_rate_limited_address(deaf: LocalSlack, hook: WebhookClient) -> None:
    deaf.fail("response_url", "ratelimited", retry_after=3)
    answer = hook.send(text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert [call.error for call in deaf.calls("response_url")] == ["ratelimited"]
