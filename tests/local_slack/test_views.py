"""Modals, the App Home and steps of workflows: what Slack refuses, and what it makes of an app's answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, Complete, Fail
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from demo.slack import LocalSlack, dispatch_to, triggers
from demo.slack.lint_views import lint_options, lint_view
from tests.local_slack.conftest import BUTTONS, section

INPUT = {
    "type": "input",
    "block_id": "place",
    "label": {"type": "plain_text", "text": "Cluster"},
    "element": {"type": "external_select", "action_id": "cluster", "min_query_length": 0},
}
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Go"},
    "blocks": [INPUT],
}
HOME: dict[str, Any] = {"type": "home", "blocks": [section("hello"), BUTTONS]}
PAYMENTS = {"text": {"type": "plain_text", "text": "payments"}, "value": "payments"}


@pytest.fixture
def app(slack: LocalSlack) -> Iterator[App]:
    """An app with a modal, a Home and a step, over signed HTTP."""
    app = App(
        client=WebClient(slack.bot_token, base_url=slack.api_url),
        signing_secret=slack.signing_secret,
        token_verification_enabled=False,
    )

    @app.command("/ask")
    def ask(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.options("cluster")
    def clusters(ack: Ack, payload: dict[str, Any]) -> None:
        found = [PAYMENTS] if payload["value"] in "payments" else []
        ack(options=found)

    @app.view("ask")
    def asked(ack: Ack, view: dict[str, Any]) -> None:
        chosen = view["state"]["values"].get("place", {}).get("cluster", {}).get("selected_option")
        if chosen is None:
            ack(response_action="errors", errors={"place": "choose one"})
        else:
            ack()

    @app.event("app_home_opened")
    def home(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=HOME)

    @app.action("again")
    def again(ack: Ack) -> None:
        ack()

    @app.function("step")
    def step(inputs: dict[str, Any], complete: Complete, fail: Fail) -> None:
        if inputs.get("target"):
            complete(outputs={"verdict": inputs["target"]})
        else:
            fail(error="no target")

    with slack.over_http(dispatch_to(app)):
        yield app


def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_a_modal_from_its_opening_to_its_end(slack: LocalSlack, app: App) -> None:
    slack.command("/ask")
    slack.wait_for(slack.views.modal)
    slack.views.submit()
    opened = slack.views.modal()
    assert opened is not None
    assert opened.errors == {"place": "choose one"}
    assert slack.views.options("cluster", "zzz") == []
    (option,) = slack.views.options("cluster", "pay")
    slack.views.fill("cluster", option)
    slack.views.submit()
    assert slack.views.modal() is None


@pytest.mark.parametrize(("seconds", "error"), [(3.5, "expired_trigger_id"), (1.0, None)])
def test_a_trigger_lives_three_seconds(
    seconds: float, error: str | None, slacks_trigger_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "LIFETIME", slacks_trigger_seconds)
    with LocalSlack(clock=lambda: 1000.0) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        trigger = slack.triggers.make(slack.user.id)
        slack.advance(seconds)
        if error is None:
            client.views_open(trigger_id=trigger, view=MODAL)
        else:
            assert refused(lambda: client.views_open(trigger_id=trigger, view=MODAL)) == error
            assert slack.views.modal() is None


def test_a_trigger_opens_one_view(slack: LocalSlack, client: WebClient) -> None:
    trigger = slack.triggers.make(slack.user.id)
    client.views_open(trigger_id=trigger, view=MODAL)
    assert refused(lambda: client.views_open(trigger_id=trigger, view=MODAL)) == "exchanged_trigger_id"
    assert refused(lambda: client.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"title": {"type": "plain_text", "text": "x" * 25}}, "/view/title/text"),
        ({"title": {"type": "mrkdwn", "text": "x"}}, "must be plain_text"),
        ({"title": None}, "missing required field: title"),
        ({"submit": None}, "missing required field: submit"),
        ({"submit": None, "blocks": [section("x")]}, None),
        ({"close": {"type": "plain_text", "text": ""}}, "/view/close/text"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"private_metadata": "x" * 3000}, None),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"blocks": [section("x")] * 101, "submit": None}, "no more than 100 items"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"type": "popup"}, "unsupported type: popup"),
        ({}, None),
    ],
)
def test_what_makes_a_view_bad(change: dict[str, Any], fault: str | None) -> None:
    view = {key: value for key, value in {**MODAL, **change}.items() if value is not None}
    faults = lint_view(view)
    assert (fault is None) == (faults == ())
    assert fault is None or any(fault in item for item in faults), faults


def test_a_view_over_its_size_and_a_home_in_a_modals_place(slack: LocalSlack, client: WebClient) -> None:
    trigger = slack.triggers.make(slack.user.id)
    assert refused(lambda: client.views_open(trigger_id=trigger, view=HOME)) == "invalid_arguments"
    large = {**MODAL, "blocks": [INPUT, *[section("x" * 2999) for _ in range(90)]]}
    assert refused(lambda: client.views_open(trigger_id=trigger, view=large)) == "view_too_large"
    client.views_open(trigger_id=trigger, view=MODAL)


def test_an_update_keeps_what_was_filled_in_and_refuses_an_old_hash(
    slack: LocalSlack, client: WebClient
) -> None:
    client.views_open(trigger_id=slack.triggers.make(slack.user.id), view=MODAL)
    opened = slack.views.modal()
    assert opened is not None
    slack.views.fill("cluster", PAYMENTS)
    name, seen = opened.shown["id"], opened.shown["hash"]

    client.views_update(view_id=name, hash=seen, view=MODAL)

    opened = slack.views.modal()
    assert opened is not None
    assert opened.values["place"]["cluster"]["selected_option"] == PAYMENTS
    assert refused(lambda: client.views_update(view_id=name, hash=seen, view=MODAL)) == "hash_conflict"
    other = {**MODAL, "blocks": [{**INPUT, "block_id": "elsewhere"}]}
    client.views_update(view_id=name, view=other)
    opened = slack.views.modal()
    assert opened is not None
    assert opened.values == {}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"options": [PAYMENTS], "option_groups": []},
        {"options": [PAYMENTS] * 2},
        {"options": [{**PAYMENTS, "value": str(number)} for number in range(101)]},
        {"options": [{**PAYMENTS, "value": "x" * 151}]},
        {"options": [{**PAYMENTS, "text": {"type": "plain_text", "text": "x" * 76}}]},
        {"option_groups": [{"label": {"type": "plain_text", "text": "none"}, "options": []}]},
    ],
)
def test_options_that_slack_does_not_show(answer: dict[str, Any]) -> None:
    assert lint_options(answer)


def test_the_home_of_each_person(slack: LocalSlack, app: App) -> None:
    slack.views.open_home()
    home = slack.wait_for(slack.views.home)
    assert home is not None
    assert home.plain.startswith("hello")
    assert slack.views.home(slack.other_user) is None
    assert slack.views.press("again", home=True).acks


def test_a_home_that_is_switched_off(slack: LocalSlack, client: WebClient) -> None:
    slack.views.home_enabled = False
    assert refused(lambda: client.views_publish(user_id=slack.user.id, view=HOME)) == "not_enabled"


def test_a_step_ends_once(slack: LocalSlack, app: App, client: WebClient) -> None:
    good, bad = slack.steps.run("step", {"target": "x"}), slack.steps.run("step", {})
    slack.wait_for(lambda: "running" not in (good.state, bad.state))
    assert (good.state, good.outputs) == ("completed", {"verdict": "x"})
    assert (bad.state, bad.error) == ("failed", "no target")
    again = refused(
        lambda: client.functions_completeError(function_execution_id=good.execution_id, error="x")
    )
    assert again == "execution_not_in_running_state"


def test_a_workspace_that_does_not_know_a_block_yet() -> None:
    folded = {
        "type": "container",
        "title": {"type": "plain_text", "text": "more"},
        "child_blocks": [section("x")],
    }
    with LocalSlack() as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        client.chat_postMessage(channel=slack.channel.id, text="x", blocks=[folded])
    with LocalSlack(unknown_blocks=["container"]) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        call = lambda: client.chat_postMessage(channel=slack.channel.id, text="x", blocks=[folded])  # noqa: E731
        assert refused(call) == "invalid_blocks"
        assert not slack.messages()


def test_no_mention_arrives_without_its_scope() -> None:
    with (
        LocalSlack(scopes=("chat:write",)) as slack,
        pytest.raises(AssertionError, match="app_mentions:read"),
    ):
        slack.mention("anybody?")


def test_views_keep_to_their_pace() -> None:
    with LocalSlack(paced=True, clock=lambda: 1000.0) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        for _ in range(100):
            client.views_publish(user_id=slack.user.id, view=HOME)
        with pytest.raises(SlackApiError) as caught:
            client.views_publish(user_id=slack.user.id, view=HOME)
        assert caught.value.response.status_code == 429
        assert int(caught.value.response.headers["Retry-After"]) == 60


def test_an_installation_of_a_whole_organization(client: WebClient) -> None:
    seen: list[dict[str, Any]] = []
    with LocalSlack(enterprise="E0ACME") as slack:
        app = App(
            client=WebClient(slack.bot_token, base_url=slack.api_url),
            signing_secret=slack.signing_secret,
            token_verification_enabled=False,
        )

        @app.command("/ask")
        def ask(ack: Ack, body: dict[str, Any]) -> None:
            seen.append(body)
            ack()

        @app.event("app_home_opened")
        def home(body: dict[str, Any]) -> None:
            seen.append(body)

        with slack.over_http(dispatch_to(app)):
            slack.command("/ask")
            slack.views.open_home()
            slack.wait_for(lambda: len(seen) == 2)
        command, event = seen
        assert (command["enterprise_id"], command["is_enterprise_install"]) == ("E0ACME", "true")
        assert event["authorizations"][0] == {
            "enterprise_id": "E0ACME",
            "team_id": None,
            "user_id": slack.bot.id,
            "is_bot": True,
            "is_enterprise_install": True,
        }
        answer = WebClient(slack.bot_token, base_url=slack.api_url).auth_test()
        assert (answer["is_enterprise_install"], answer["enterprise_id"]) == (True, "E0ACME")
