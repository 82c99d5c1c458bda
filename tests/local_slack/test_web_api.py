"""The Web API refuses what Slack refuses, in Slack's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from demo.slack import LocalSlack
from demo.slack.methods import DEFAULT_SCOPES
from tests.local_slack.conftest import BUTTONS, section


def refused(call: Callable[[], object]) -> tuple[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        call()
    return caught.value.response["error"], caught.value.response


def test_the_app_learns_who_it_is(slack: LocalSlack, client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == (slack.bot.id, slack.team_id)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("xoxb-somebody-else", "invalid_auth"),
        ("", "not_authed"),
        ("xapp-local-app", "not_allowed_token_type"),
    ],
)
def test_a_wrong_token(slack: LocalSlack, token: str, error: str) -> None:
    assert refused(WebClient(token, base_url=slack.api_url).auth_test)[0] == error


def test_an_uninstalled_app(slack: LocalSlack, client: WebClient) -> None:
    slack.revoke_tokens()
    assert refused(client.auth_test)[0] == "token_revoked"


def test_a_missing_scope_is_named() -> None:
    with LocalSlack(scopes=["commands"]) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        error, answer = refused(lambda: client.chat_postMessage(channel=slack.channel.id, text="x"))
        assert (error, answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "commands")


def test_an_unknown_method(client: WebClient) -> None:
    assert refused(lambda: client.api_call("chat.shout"))[0] == "unknown_method"


# what the channel is like, the scopes beside the usual ones, the error or None
MEMBERSHIP = [
    ({}, (), None),
    ({"bot": False}, (), "not_in_channel"),
    ({"bot": False}, ("chat:write.public",), None),
    ({"bot": False, "private": True}, ("chat:write.public",), "channel_not_found"),
    ({"private": True}, (), None),
    ({"archived": True}, (), "is_archived"),
]


@pytest.mark.parametrize(("kind", "more_scopes", "error"), MEMBERSHIP)
def test_where_the_app_may_post(
    kind: dict[str, bool], more_scopes: tuple[str, ...], error: str | None
) -> None:
    with LocalSlack(scopes=("chat:write", *more_scopes)) as slack:
        channel = slack.add_channel("elsewhere", **kind)
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        for method, extra in (("chat.postMessage", {}), ("chat.postEphemeral", {"user": slack.user.id})):
            arguments = {"channel": channel.id, "text": "x", **extra}
            if error is None:
                assert client.api_call(method, json=arguments)["ok"]
            else:
                assert refused(lambda: client.api_call(method, json=arguments))[0] == error  # noqa: B023
        assert len(slack.messages(channel)) == (0 if error else 1)
        assert len(slack.ephemeral(channel=channel)) == (0 if error else 1)


@pytest.fixture
def reading() -> Iterator[tuple[LocalSlack, WebClient]]:
    """A local Slack whose app may read channels and people too."""
    with LocalSlack(scopes=(*DEFAULT_SCOPES, "channels:read", "users:read")) as slack:
        yield slack, WebClient(slack.bot_token, base_url=slack.api_url)


def test_membership_changes(reading: tuple[LocalSlack, WebClient]) -> None:
    slack, client = reading
    slack.remove(slack.channel)
    assert refused(lambda: client.chat_postMessage(channel=slack.channel.id, text="x"))[0] == "not_in_channel"
    assert client.conversations_info(channel=slack.channel.id)["channel"]["is_member"] is False
    slack.invite(slack.channel)
    client.chat_postMessage(channel="#incidents", text="x")
    assert [message.text for message in slack.messages()] == ["x"]
    slack.archive(slack.channel)
    assert refused(lambda: client.chat_postMessage(channel=slack.channel.id, text="x"))[0] == "is_archived"


def test_a_direct_message_is_found_by_its_person(slack: LocalSlack, client: WebClient) -> None:
    conversation = slack.add_direct_message(slack.user)
    client.chat_postMessage(channel=slack.user.id, text="x")
    assert [message.text for message in slack.messages(conversation)] == ["x"]


def test_an_ephemeral_message_is_for_one_member(slack: LocalSlack, client: WebClient) -> None:
    client.chat_postEphemeral(channel=slack.channel.id, user=slack.user.id, text="psst")
    assert slack.messages() == ()
    assert [message.text for message in slack.ephemeral()] == ["psst"]
    assert slack.ephemeral(slack.other_user) == ()
    stranger = slack.add_user("mallory")
    call = lambda: client.chat_postEphemeral(channel=slack.channel.id, user=stranger.id, text="x")  # noqa: E731
    assert refused(call)[0] == "user_not_in_channel"
    ts = slack.ephemeral()[0].ts
    assert (
        refused(lambda: client.chat_update(channel=slack.channel.id, ts=ts, text="x"))[0]
        == "message_not_found"
    )


# arguments, error
CONTENTS: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "no_text"),
    ({"text": " "}, "no_text"),
    ({"text": "x" * 40_001}, "msg_too_long"),
    ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
    ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
    ({"text": "x", "attachments": [{"blocks": [{"type": "blink"}]}]}, "invalid_blocks"),
    ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    ({"text": "x", "channel": "C404"}, "channel_not_found"),
]


@pytest.mark.parametrize(
    ("arguments", "error"), CONTENTS, ids=[f"{case[1]}-{n}" for n, case in enumerate(CONTENTS)]
)
def test_what_may_not_be_posted(
    slack: LocalSlack, client: WebClient, arguments: dict[str, Any], error: str
) -> None:
    whole = {"channel": slack.channel.id, **arguments}
    assert refused(lambda: client.api_call("chat.postMessage", json=whole))[0] == error
    assert slack.messages() == ()
    assert [call.error for call in slack.refusals()] == [error]


def test_bad_blocks_are_refused_with_the_place(slack: LocalSlack, client: WebClient) -> None:
    blocks = [section("fine"), section("")]
    _, answer = refused(lambda: client.chat_postMessage(channel=slack.channel.id, text="x", blocks=blocks))
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/1/text/text]"
    ]


def test_forms_carry_blocks_as_json(slack: LocalSlack, client: WebClient) -> None:
    client.api_call(
        "chat.postMessage",
        data={
            "channel": slack.channel.id,
            "blocks": '[{"type":"divider"}]',
            "text": "x",
            "token": slack.bot_token,
        },
    )
    assert slack.messages()[0].blocks[0]["type"] == "divider"


def test_threads(slack: LocalSlack, client: WebClient) -> None:
    parent = client.chat_postMessage(channel=slack.channel.id, text="parent")
    reply = client.chat_postMessage(channel=slack.channel.id, thread_ts=parent["ts"], text="reply")
    assert reply["message"]["thread_ts"] == parent["ts"]
    assert [message.text for message in slack.messages()] == ["parent"]
    assert [message.text for message in slack.thread(parent["ts"])] == ["reply"]
    call = lambda: client.chat_postMessage(channel=slack.channel.id, thread_ts=reply["ts"], text="x")  # noqa: E731
    assert refused(call)[0] == "thread_not_found"
    slack.delete(slack.messages()[0])
    call = lambda: client.chat_postMessage(channel=slack.channel.id, thread_ts=parent["ts"], text="x")  # noqa: E731
    assert refused(call)[0] == "thread_not_found"


def test_an_update_replaces_the_content_and_marks_it(slack: LocalSlack, client: WebClient) -> None:
    ts = client.chat_postMessage(
        channel=slack.channel.id, text="before", blocks=[section("before"), BUTTONS]
    )["ts"]
    before = slack.messages()[0]
    client.chat_update(channel=slack.channel.id, ts=ts, text="after", blocks=[section("after")])
    (after,) = slack.messages()
    assert (after.text, after.plain, after.action_ids, after.edited) == ("after", "after", (), True)
    assert (before.edited, before.action_ids) == (False, ("again", "console.task"))
    client.chat_update(channel=slack.channel.id, ts=ts, text="only text")
    assert slack.messages()[0].plain == "only text"


def test_an_app_changes_its_own_messages_only(slack: LocalSlack, client: WebClient) -> None:
    own = client.chat_postMessage(channel=slack.channel.id, text="mine")
    other = slack.post("theirs")
    arguments = {"channel": slack.channel.id, "ts": other.ts}
    assert refused(lambda: client.chat_update(**arguments, text="x"))[0] == "cant_update_message"
    assert refused(lambda: client.chat_delete(**arguments))[0] == "cant_delete_message"
    client.chat_delete(channel=slack.channel.id, ts=own["ts"])
    call = lambda: client.chat_update(channel=slack.channel.id, ts=own["ts"], text="x")  # noqa: E731
    assert refused(call)[0] == "message_not_found"
    assert [message.text for message in slack.messages()] == ["theirs"]


def test_message_ids_grow_even_when_the_clock_stands() -> None:
    with LocalSlack(clock=lambda: 1_700_000_000.25) as slack:
        ids = [slack.post(str(number)).ts for number in range(3)]
    assert ids == ["1700000000.250000", "1700000000.250001", "1700000000.250002"]


def test_rate_limits_answer_429(slack: LocalSlack, client: WebClient) -> None:
    slack.fail("chat.postMessage", "ratelimited", retry_after=7)
    error, answer = refused(lambda: client.chat_postMessage(channel=slack.channel.id, text="x"))
    assert (error, answer.status_code, answer.headers["retry-after"]) == ("ratelimited", 429, "7")
    client.chat_postMessage(channel=slack.channel.id, text="x")


def test_the_sdk_tries_again_after_a_rate_limit(slack: LocalSlack, client: WebClient) -> None:
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    slack.fail("chat.postMessage", "ratelimited")
    client.chat_postMessage(channel=slack.channel.id, text="x")
    assert [call.status for call in slack.calls("chat.postMessage")] == [429, 200]


def test_a_failure_can_be_for_one_channel_and_for_ever(slack: LocalSlack, client: WebClient) -> None:
    other = slack.add_channel("other")
    slack.fail("chat.postMessage", "restricted_action", channel=slack.channel, times=None)
    client.chat_postMessage(channel=other.id, text="x")
    for _ in range(3):
        call = lambda: client.chat_postMessage(channel=slack.channel.id, text="x")  # noqa: E731
        assert refused(call)[0] == "restricted_action"


def test_an_outage(slack: LocalSlack, client: WebClient) -> None:
    slack.fail("auth.test", "internal_error", status=500)
    _, answer = refused(client.auth_test)
    assert answer.status_code == 500


def test_a_lost_answer_leaves_the_message(slack: LocalSlack, client: WebClient) -> None:
    client.retry_handlers.clear()
    slack.fail("chat.postMessage", lost=True)
    with pytest.raises(OSError):
        client.chat_postMessage(channel=slack.channel.id, text="once")
    assert [message.text for message in slack.messages()] == ["once"]


def test_views_are_judged_and_kept(slack: LocalSlack, client: WebClient) -> None:
    view = {"type": "home", "blocks": [section("hello")]}
    client.views_publish(user_id=slack.user.id, view=view)
    home = slack.views.home()
    assert home is not None
    assert home.plain == "hello"
    bad = {"type": "home", "blocks": [section("")]}
    assert refused(lambda: client.views_publish(user_id=slack.user.id, view=bad))[0] == "invalid_arguments"


def test_people(reading: tuple[LocalSlack, WebClient]) -> None:
    slack, client = reading
    assert client.users_info(user=slack.user.id)["user"]["real_name"] == "Alice Doe"
    assert refused(lambda: client.users_info(user="U404"))[0] == "user_not_found"
