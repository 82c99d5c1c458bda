"""An unchanged Bolt app over Socket Mode and over signed HTTP: the same people's doings, the same thread."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from demo.slack import HttpAnswer, LocalSlack, NotConnectedError, SignedRequest, dispatch_to
from tests.local_slack.socket_mode import connected_app


@pytest.fixture(params=["socket", "http"])
def either(request: pytest.FixtureRequest, slack: LocalSlack, app: App) -> Iterator[LocalSlack]:
    if request.param == "http":
        with slack.over_http(dispatch_to(app)):
            yield slack
        return
    with connected_app(app, slack):
        yield slack


def test_a_command_is_acknowledged_and_answered_in_a_thread(either: LocalSlack) -> None:
    delivery = either.command("/echo", "arn:aws:ecs:…/task & <more>")
    assert either.wait_ack(delivery).payload == {"text": "heard arn:aws:ecs:…/task & <more>"}
    parent = either.wait_for(lambda: [message for message in either.messages() if message.edited])[0]
    assert parent.text == "arn:aws:ecs:…/task & <more>, done"
    (reply,) = either.thread(parent)
    assert reply.plain == "*details*\nAgain\nConsole"
    assert [message.text for message in either.ephemeral()] == ["heard arn:aws:ecs:…/task & <more>"]
    assert either.refusals() == ()


def test_a_shortcut_carries_the_whole_message(either: LocalSlack) -> None:
    alert = either.post("the task stopped", user=either.add_user("CloudWatch", bot=True))
    delivery = either.shortcut("quote", alert)
    either.wait_ack(delivery)
    (reply,) = either.wait_for(lambda: either.thread(alert))
    assert reply.text == "quoted: the task stopped"
    assert delivery.payload["message_ts"] == alert.ts


def test_a_press_answers_through_the_response_url(either: LocalSlack) -> None:
    either.command("/echo", "x")
    parent = either.wait_for(lambda: [message for message in either.messages() if message.edited])[0]
    (reply,) = either.thread(parent)
    press = either.click(reply, "again")
    either.wait_for(lambda: (found := either.current(reply)) and found.text == "once more")
    assert press.payload["message"]["thread_ts"] == parent.ts
    assert press.payload["actions"][0]["value"] == "once more"
    with pytest.raises(LookupError, match="no element 'again'"):
        either.click(reply, "again")


def test_a_link_button_is_sent_too(either: LocalSlack) -> None:
    either.command("/echo", "x")
    parent = either.wait_for(lambda: [message for message in either.messages() if message.edited])[0]
    assert either.wait_ack(either.click(either.thread(parent)[0], "console.task")).payload is None


def test_a_mention_reaches_the_app(either: LocalSlack) -> None:
    alert = either.post("the task stopped")
    either.mention("please", thread_ts=alert.ts)
    assert either.wait_for(lambda: either.thread(alert)[1:])[0].text == "you called"


def test_an_event_can_be_delivered_again(either: LocalSlack) -> None:
    delivery = either.mention("please")
    either.wait_ack(delivery)
    again = either.redeliver(delivery)
    either.wait_ack(again)
    assert (again.retry_attempt, again.retry_reason) == (1, "timeout")
    assert again.payload["event_id"] == delivery.payload["event_id"]
    (mention,) = either.messages()
    replies = either.wait_for(lambda: (found := either.thread(mention))[1:] and found)
    assert sorted(reply.text for reply in replies) == ["you called", "you called again, 1"]


def test_what_nobody_listens_for_is_not_acknowledged(slack: LocalSlack, app: App) -> None:
    with slack.over_http(dispatch_to(app)):
        delivery = slack.command("/unheard")
    assert (delivery.status, delivery.acks) == (404, [])


def test_nobody_is_connected(slack: LocalSlack) -> None:
    with pytest.raises(NotConnectedError):
        slack.command("/echo", "x")


def test_the_app_comes_back_after_a_refresh(connected: LocalSlack) -> None:
    connected.disconnect()
    connected.wait_connected(opened=2)
    connected.wait_ack(connected.command("/echo", "x"))


def test_bad_text_in_an_acknowledgement_is_on_record(slack: LocalSlack) -> None:
    body = json.dumps({"blocks": [{"type": "blink"}]})
    with slack.over_http(lambda request: HttpAnswer(200, body)):
        slack.command("/echo", "x")
    assert [(call.method, call.error) for call in slack.refusals()] == [("ack", "invalid_blocks")]


@pytest.mark.parametrize(("age", "status"), [(0, 200), (301, 401)])
def test_an_old_signature_is_refused_by_the_app(slack: LocalSlack, app: App, age: int, status: int) -> None:
    kept: list[SignedRequest] = []

    def keep(request: SignedRequest) -> HttpAnswer:
        kept.append(request)
        return HttpAnswer(200)

    with slack.over_http(keep):
        delivery = slack.command("/echo", "x")
    moment = int(kept[0].headers["x-slack-request-timestamp"])
    assert dispatch_to(app)(slack.signed(delivery, timestamp=moment - age)).status == status


@pytest.mark.parametrize(
    "headers",
    [{"Host": "slack.example"}, {"Origin": "https://slack.example"}],
    ids=["rebound name", "other page"],
)
def test_other_sites_are_turned_away(slack: LocalSlack, headers: dict[str, str]) -> None:
    request = urllib.request.Request(f"{slack.api_url}api.test", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert caught.value.code == 403
    caught.value.close()


def test_a_socket_address_works_once(slack: LocalSlack) -> None:
    answer = WebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app_token)
    address = answer["url"].replace("ws://", "http://")
    statuses = []
    for url in (address, address, f"{slack.url}/socket?ticket=guessed"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url, timeout=30)
        statuses.append(caught.value.code)
        caught.value.close()
    # 400: let in, but this client does not speak WebSocket.
    assert statuses == [400, 403, 403]


def test_waiting_in_vain_shows_the_messages(slack: LocalSlack) -> None:
    slack.post("here I am")
    with pytest.raises(AssertionError, match="here I am"):
        slack.wait_for(lambda: slack.messages()[1:], timeout=0, what="a second message")
