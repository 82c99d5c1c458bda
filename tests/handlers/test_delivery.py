"""What becomes of an answer: each error of Slack, at each method and each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError

from bot.metrics import MeasuredWebClient, Metrics
from demo.slack import LocalSlack
from handlers.answers import AnswerForms
from handlers.calls import retry_handlers
from handlers.response_posts import read_answer
from handlers.slack_errors import SlackFailure, answer_failed, failure_of
from handlers.text import Mrkdwn, fmt
from handlers.thread import Thread
from handlers.views import notices
from handlers.views.message import MessageContent, section
from tests.bot.conftest import AtOnce
from tests.build import reports

PAGE = "<html><body>upstream said <b>no</b> to hooks.example/secret</body></html>"
VERDICT, DETAILS, SHORT, ALONE = "the verdict", "the wall", "the verdict, with a button", "the wall for one"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


def message(text: str) -> MessageContent:
    return MessageContent(fmt("{}", text), (section(fmt("{}", text)),))


def answer() -> AnswerForms:
    def private(note: Mrkdwn | None, post: bool) -> MessageContent:
        return message(f"{ALONE}{' *post*' if post else ''} {note or ''}")

    return AnswerForms(message(VERDICT), lambda: (message(DETAILS),), lambda _: message(SHORT), private)


def thread(slack: LocalSlack, *, asked: bool = True, **where: Any) -> Thread:
    url = slack._ways_back(slack.user, slack.channel)["response_url"] if asked else None
    client = MeasuredWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=retry_handlers(), metrics=Metrics(print))  # fmt: skip
    user = slack.user.id if asked else ""
    return Thread(
        client, channel=slack.channel.id, user=user, response_url=url, strict=True, pace=AtOnce(), **where
    )


def seen(slack: LocalSlack) -> tuple[list[str], list[str], list[str]]:
    """What stands in the channel, in its threads, and before the person alone."""
    parents = [item.text for item in slack.messages()]
    replies = [reply.text for item in slack.messages() for reply in slack.thread(item)]
    return parents, replies, [item.text for item in slack.ephemeral()]


PASSES: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "502 with a page": {"status": 502, "page": PAGE},
    "503": {"status": 503},
    "504": {"status": 504, "page": PAGE},
    "200 with a page": {"page": PAGE},
    "internal_error": {"error": "internal_error"},
    "fatal_error": {"error": "fatal_error"},
    "update_failed": {"error": "update_failed"},
    "service_unavailable": {"error": "service_unavailable"},
    "request_timeout": {"error": "request_timeout"},
    "ratelimited": {"error": "ratelimited", "retry_after": 3},
    "taken, no answer": {"lost": True},
    "no answer": {"dropped": True},
}


@pytest.mark.parametrize("trouble", PASSES.values(), ids=PASSES)
@pytest.mark.parametrize("times", [1, 2, 4])
def test_an_update_is_made_again_until_slack_is_back(
    slack: LocalSlack,
    trouble: dict[str, Any],
    times: int,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = thread(slack)
    assert one.show(notices.checking(reports.TARGET, "U1")) == "channel"
    slack.fail("chat.update", times=times, **trouble)

    assert one.answer(answer()) == "channel"

    assert seen(slack) == ([VERDICT], [DETAILS], [])
    assert len(slack.calls("chat.update")) == times + 1
    assert "html" not in caplog.text
    errors = {json.loads(line).get("Error") for line in capsys.readouterr().out.splitlines()} - {None}
    expected = "RemoteDisconnected" if set(trouble) & {"lost", "dropped"} else trouble.get("error", f"http_{trouble.get('status', 200)}")  # fmt: skip
    assert errors <= {expected, "ConnectionResetError", "internal_error"}
    assert errors


@pytest.mark.parametrize("trouble", PASSES.values(), ids=PASSES)
def test_where_updates_fail_to_the_end_the_verdict_is_posted_and_the_progress_taken_away(
    slack: LocalSlack, trouble: dict[str, Any]
) -> None:
    one = thread(slack)
    one.show(notices.checking(reports.TARGET, "U1"))
    slack.fail("chat.update", times=None, **trouble)

    assert one.answer(answer()) == "channel"

    assert seen(slack) == ([VERDICT], [DETAILS], [])


@pytest.mark.parametrize("times", [1, None])
def test_a_message_that_slack_does_not_find_though_it_is_there_is_taken_away(
    slack: LocalSlack, times: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    one = thread(slack)
    one.show(notices.checking(reports.TARGET, "U1"))
    slack.fail("chat.update", "message_not_found", times=times)

    assert one.answer(answer()) == "channel"

    assert seen(slack) == ([VERDICT], [DETAILS], [])
    assert "taken away" not in caplog.text


CERTAIN = ("service_unavailable", "request_timeout", "ratelimited")


@pytest.mark.parametrize("trouble", PASSES.values(), ids=PASSES)
@pytest.mark.parametrize("stage", ["verdict", "details"])
def test_a_message_is_posted_again_only_where_slack_certainly_took_none(
    slack: LocalSlack, trouble: dict[str, Any], stage: str
) -> None:
    certain = trouble.get("error") in CERTAIN
    one = thread(slack)
    if stage == "details":
        one.show(notices.checking(reports.TARGET, "U1"))
    slack.fail("chat.postMessage", **trouble)

    reached = one.answer(answer())

    parents, replies, alone = seen(slack)
    posts = len(slack.calls("chat.postMessage")) - (stage == "details")
    if certain:
        assert (parents, replies, alone) == ([VERDICT], [DETAILS], [])
        assert posts == (3 if stage == "verdict" else 2)
    elif stage == "details":
        assert reached == "channel"
        assert parents == [SHORT]
        assert replies == ([DETAILS] if trouble.get("lost") else [])
        assert posts == 1
    else:
        assert reached == "response_url"
        assert parents == ([VERDICT] if trouble.get("lost") else [])
        assert posts == 1
        assert len(alone) == 1
        assert alone[0].startswith(f"{ALONE} *post* Only you can see this: Slack has not confirmed a message")


@pytest.mark.parametrize(("trouble", "parents"), [("lost", [VERDICT]), ("dropped", [])])
def test_what_slack_may_have_taken_is_not_said_to_everybody_again(
    slack: LocalSlack, trouble: str, parents: list[str]
) -> None:
    """Post to channel, whose verdict Slack took, or not, without an answer: the person alone is told."""
    slack.fail("chat.postMessage", **{trouble: True})

    assert thread(slack).answer(answer(), everybody=True) == "response_url"

    found, replies, alone = seen(slack)
    assert (found, replies, len(alone)) == (parents, [], 1)


REFUSALS = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action", "missing_scope", "token_revoked", "no_permission")  # fmt: skip


@pytest.mark.parametrize("error", REFUSALS)
@pytest.mark.parametrize("asked", [True, False], ids=["a person", "nobody"])
def test_where_the_channel_refuses_one_person_is_told_or_nothing_is_begun(
    slack: LocalSlack, error: str, asked: bool
) -> None:
    slack.fail("chat.postMessage", error, times=None)
    one = thread(slack, asked=asked)

    assert one.show(notices.checking(reports.TARGET, "U1")) == ("response_url" if asked else "unreachable")
    assert one.answer(answer()) == ("response_url" if asked else "nowhere")

    parents, replies, alone = seen(slack)
    assert (parents, replies) == ([], [])
    assert len(alone) == (2 if asked else 0)
    assert not any("Checking" in text for text in alone)
    if asked:
        assert ("*post*" in alone[1]) == (error != "is_archived")
    assert len(slack.calls("chat.postMessage")) == 1


@pytest.mark.parametrize("error", REFUSALS)
def test_a_channel_that_refuses_the_verdict_is_left_without_progress(slack: LocalSlack, error: str) -> None:
    one = thread(slack)
    one.show(notices.checking(reports.TARGET, "U1"))
    slack.fail("chat.update", error, times=None)

    assert one.answer(answer()) == "response_url"

    parents, replies, alone = seen(slack)
    assert (parents, replies) == ([], [])
    assert alone[0].startswith(ALONE)


def test_progress_is_given_up_where_it_would_have_to_wait(slack: LocalSlack) -> None:
    one = thread(slack)
    slack.fail("chat.postMessage", "ratelimited", retry_after=5)

    assert one.show(notices.checking(reports.TARGET, "U1")) == "response_url"
    assert one.answer(answer()) == "channel"

    parents, replies, alone = seen(slack)
    assert (parents, replies) == ([VERDICT], [DETAILS])
    assert alone == [str(notices.on_its_way().text)]


class _Response:
    def __init__(self, status: int, data: Any, headers: Any = None) -> None:
        self.status_code, self.data, self.headers = status, data, headers


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (SlackApiError("", _Response(200, {"error": "is_archived"})), SlackFailure("is_archived", "refused")),
        (SlackApiError("", _Response(200, {"error": PAGE})), SlackFailure("http_200", "unsure")),
        (SlackApiError("", _Response(200, {"error": "A" * 3})), SlackFailure("http_200", "unsure")),
        (SlackApiError("", _Response(200, {"error": "a" * 61})), SlackFailure("http_200", "unsure")),
        (SlackApiError("", _Response(200, {"error": ["x"]})), SlackFailure("http_200", "unsure")),
        (SlackApiError("", _Response(200, b"\x00")), SlackFailure("http_200", "unsure")),
        (SlackApiError("", _Response(302, b"")), SlackFailure("http_302", "not_done")),
        (SlackApiError("", _Response(403, {"error": PAGE})), SlackFailure("http_403", "refused")),
        (SlackApiError("", _Response(429, {}, {"Retry-After": "7"})), SlackFailure("http_429", "not_done", True, 7)),
        (SlackApiError("", _Response(429, {}, {"retry-after": "soon"})), SlackFailure("http_429", "not_done", True, 1)),
        (SlackApiError("", _Response(429, {}, {"Retry-After": "1e99"})), SlackFailure("http_429", "not_done", True, 3600)),
        (SlackApiError("", _Response(429, {}, {"Retry-After": "nan"})), SlackFailure("http_429", "not_done", True, 1)),
        (URLError("refused"), SlackFailure("URLError", "not_done", False)),
        (TimeoutError(PAGE), SlackFailure("TimeoutError", "unsure", False)),
        (RemoteDisconnected(PAGE), SlackFailure("RemoteDisconnected", "unsure", False)),
        (IncompleteRead(b"{"), SlackFailure("IncompleteRead", "unsure", False)),
        (ValueError(PAGE), SlackFailure("ValueError", "unsure", False)),
    ],
)  # fmt: skip
def test_what_an_error_means(error: Exception, failure: SlackFailure) -> None:
    assert failure_of(error) == failure


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "ok", None),
        (200, " ok\n", None),
        (200, "", None),
        (200, '{"ok":true}', None),
        (200, '{ "ok" : true, "warning": "x" }', None),
        (200, '{"ok":false,"error":"invalid_blocks"}', "invalid_blocks"),
        (200, '{"error":"channel_is_archived"}', "channel_is_archived"),
        (200, "[]", "http_200"),
        (200, PAGE, "http_200"),
        (200, "[" * 100_000, "http_200"),
        (404, "expired_url", "expired_url"),
        (404, '{"ok":false,"error":"used_url"}', "used_url"),
        (500, PAGE, "http_500"),
        (429, "", "http_429"),
    ],
)
def test_an_answer_of_a_response_url_is_read(status: int, body: str, code: str | None) -> None:
    failure = read_answer(status, body)

    assert (failure.code if failure else None) == code


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_servers_error_is_in_doubt_whatever_it_says(status: int) -> None:
    assert answer_failed(status, "channel_not_found").meaning == "unsure"
