"""The whole app in a local Slack, over Socket Mode and over signed HTTP: what people type, press and read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.services import Parts
from bot.settings import Settings
from bot.stores.sqlite import SqliteRuns
from demo.slack import Channel, LocalSlack, Message
from diagnostics.finding import Report
from handlers import ids
from handlers.ports import DiagnosisError
from tests.bot.conftest import Script
from tests.build import ACCOUNT, TASK_ARN, reports

Start = Callable[..., Parts]
OTHER_ARN = TASK_ARN.replace("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
ALERT = f"ECS task stopped: <https://example.com|details> `{TASK_ARN}` CannotPullContainerError &amp; more"


def answered(slack: LocalSlack, channel: Channel | None = None, *, replies: int = 1) -> Message:
    """The parent message, once its thread has so many replies and its verdict stands: while work is under way it has no buttons."""

    def found() -> Message | None:
        for message in slack.messages(channel):
            # A service that can pull again is not looked at again by its failed task, but by its newest one.
            if len(slack.thread(message)) >= replies and {ids.RERUN, ids.NEWEST} & set(message.action_ids):
                return message
        return None

    message = slack.wait_for(found, what="an answer")
    assert message is not None
    return message


def told(slack: LocalSlack, count: int = 1) -> Message:
    """What the person alone was told last."""
    return slack.wait_for(
        lambda: len(slack.ephemeral()) >= count and slack.ephemeral(), what="a private word"
    )[-1]  # type: ignore[index]


def finished(slack: LocalSlack, channel: Channel) -> Message:
    """The answer that came without a thread: for one person, in a direct message, or as a verdict in the channel."""

    def found() -> Message | None:
        seen = (*slack.messages(channel), *slack.ephemeral(channel=channel))
        return next((item for item in seen if "pullcheck.rerun" in item.action_ids), None)

    message = slack.wait_for(found, what="an answer without a thread")
    assert message is not None
    return message


# --- the command -------------------------------------------------------------------------------------


def test_a_command_is_answered_in_a_thread(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    start(settings, transport)

    delivery = slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack)
    assert slack.wait_ack(delivery).payload is None
    assert "cannot start: " in parent.plain
    assert "its subnet has no way to ECR" in parent.plain
    assert parent.edited
    (reply,) = slack.thread(parent)
    assert "aws ec2 create-route" in reply.plain
    assert not slack.refusals()
    assert [call.method for call in slack.calls() if call.method.startswith("chat.")] == [
        "chat.postMessage",
        "chat.update",
        "chat.postMessage",
    ]


def test_a_cluster_whose_name_holds_the_word_payload(
    slack: LocalSlack, start: Start, settings: Settings, transport: str, script: Script
) -> None:
    start(settings, transport)

    slack.command("/pullcheck", TASK_ARN.replace("payments", "payload-api"))

    answered(slack)
    assert [target.cluster for target, _ in script.asked] == ["payload-api"]


def test_the_first_message_is_there_before_the_diagnosis(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    seen: list[str] = []

    def look() -> Report:
        seen.extend(message.plain for message in slack.messages())
        return reports.cause_found()

    script.steps = [look]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    answered(slack)
    assert len(seen) == 1
    assert "Checking" in seen[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("help", "only reads"),
        (" HELP ", "only reads"),
        ("nonsense", "could be a cluster or a service"),
        (f"{TASK_ARN} {OTHER_ARN}", "2 different targets"),
        ("arn:aws:ecs:us-east-1:123:task/a/b", "digits instead of 12"),
        ("<!channel> <@U1>", "No task or service"),
    ],
)
def test_what_is_no_task_is_answered_to_the_person_alone(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, text: str, says: str
) -> None:
    start(settings, "signed_http")

    slack.command("/pullcheck", text)

    assert says in told(slack).plain
    assert "<!channel>" not in told(slack).plain
    assert not slack.messages()
    assert not script.asked


def test_a_command_that_comes_twice_is_done_once(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)
    delivery = slack.command("/pullcheck", TASK_ARN)
    answered(slack)

    again = slack.redeliver(delivery)

    assert slack.wait_ack(again).payload is None
    assert len(script.asked) == 1
    assert len(slack.messages()) == 1


# --- the shortcut ------------------------------------------------------------------------------------


def test_the_shortcut_answers_in_the_thread_of_the_alert(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)
    alert = slack.post(ALERT, user=slack.add_user("CloudWatch", bot=True))

    slack.shortcut("check_image_pull", alert)

    slack.wait_for(lambda: len(slack.thread(alert)) == 2)
    verdict, details = slack.thread(alert)
    assert "cannot start: " in slack.wait_for(lambda: _with_rerun(slack, verdict)).plain
    assert "aws ec2 create-route" in details.plain
    assert slack.messages() == (slack.current(alert),)
    assert [str(target) for target, _ in script.asked] == [TASK_ARN]


def _with_rerun(slack: LocalSlack, message: Message) -> Message | None:
    now = slack.current(message)
    return now if now and "pullcheck.rerun" in now.action_ids else None


def test_the_shortcut_on_a_reply_answers_in_the_same_thread(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http")
    root = slack.post("Something is wrong")
    reply = slack.post(ALERT, thread_ts=root.ts)

    slack.shortcut("check_image_pull", reply)

    slack.wait_for(lambda: len(slack.thread(root)) == 3)
    assert len(slack.messages()) == 1


def test_a_message_without_a_task_is_answered_to_the_person_alone(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http")

    slack.shortcut("check_image_pull", slack.post("Lunch?"))

    assert "No ECS task or service was found" in told(slack).plain
    assert len(slack.messages()) == 1


def test_of_several_tasks_the_person_chooses(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)
    alert = slack.post(f"{TASK_ARN} and {OTHER_ARN}")
    slack.shortcut("check_image_pull", alert)
    question = told(slack)
    assert question.action_ids == ("pullcheck.choose.0", "pullcheck.choose.1", "pullcheck.choose.all")

    slack.click(question, "pullcheck.choose.1")

    slack.wait_for(lambda: len(slack.thread(alert)) == 2)
    assert [str(target) for target, _ in script.asked] == [OTHER_ARN]
    slack.wait_for(lambda: not slack.ephemeral())


def test_of_several_tasks_all_can_be_chosen(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    start(settings, "signed_http")
    alert = slack.post(f"{TASK_ARN} and {OTHER_ARN}")
    slack.shortcut("check_image_pull", alert)

    slack.click(told(slack), "pullcheck.choose.all")

    slack.wait_for(lambda: len(slack.thread(alert)) == 4)
    assert sorted(str(target) for target, _ in script.asked) == [TASK_ARN, OTHER_ARN]


# --- the buttons -------------------------------------------------------------------------------------


def test_a_rerun_answers_in_the_same_thread_and_says_what_changed(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    script.steps = [reports.cause_found, reports.after_fix]
    start(settings, transport)
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    before = parent.element("pullcheck.rerun")["value"]

    slack.click(parent, "pullcheck.rerun")

    parent = answered(slack, replies=3)
    assert "✅ fixed `route-no-egress`" in slack.thread(parent)[1].plain
    assert "its image's tag does not exist" in parent.plain
    assert parent.element("pullcheck.rerun")["value"] != before
    assert [previous for _, previous in script.asked] == [None, script.snapshot]
    assert len(slack.messages()) == 1


def test_a_rerun_after_a_restart_still_knows_the_earlier_run(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    start(settings, "signed_http").stop(10)
    parts = start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    parts.stop(10)
    start(settings, "signed_http")

    slack.click(parent, "pullcheck.rerun")

    answered(slack, replies=2)
    assert script.asked[-1][1] == script.snapshot


def test_while_it_runs_again_nobody_can_press_twice(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> Report:
        begun.set()
        assert go_on.wait(30)
        return reports.after_fix()

    script.steps = [reports.cause_found, slowly]
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    slack.click(parent, "pullcheck.rerun")
    assert begun.wait(30)
    running = slack.current(parent)
    assert running is not None
    assert "Re-running" in running.plain
    assert not running.action_ids

    late = parent.element("pullcheck.rerun")
    slack.workspace.edit(running, running.text, [{"type": "actions", "elements": [late]}])
    slack.click(running, "pullcheck.rerun", user=slack.other_user)

    assert "checked again already" in slack.wait_for(lambda: slack.ephemeral(slack.other_user))[0].plain
    go_on.set()
    answered(slack, replies=2)
    assert len(script.asked) == 2


def test_explain_says_why_and_how_once(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    start(settings, transport)
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)

    slack.click(parent, "pullcheck.more", option="why")

    parent = answered(slack, replies=2)
    explained = slack.thread(parent)[1].plain
    assert "How to fix it" in explained
    assert "tag-not-found" in explained
    slack.click(parent, "pullcheck.more", option="why")
    assert "in this thread already" in told(slack).plain
    assert len(slack.thread(parent)) == 2


def test_explain_of_a_run_that_is_no_longer_kept(slack: LocalSlack, start: Start, settings: Settings) -> None:
    parts = start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    assert isinstance(parts.store.runs, SqliteRuns)
    with parts.store.runs.database.transaction() as connection:
        connection.execute("DELETE FROM runs")

    slack.click(parent, "pullcheck.more", option="why")

    assert "no longer kept" in told(slack).plain


@pytest.mark.parametrize("action", ["console.cause"])
def test_a_button_that_opens_the_console_is_acknowledged(
    slack: LocalSlack, start: Start, settings: Settings, transport: str, action: str
) -> None:
    start(settings, transport)
    slack.command("/pullcheck", TASK_ARN)

    delivery = slack.click(answered(slack), action)

    assert slack.wait_ack(delivery).payload is None


# --- where Slack refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize("private", [False, True])
def test_where_the_app_is_no_member_the_person_is_answered_alone(
    slack: LocalSlack, start: Start, settings: Settings, private: bool, transport: str
) -> None:
    channel = slack.add_channel("quiet", bot=False, private=private)
    start(settings, transport)

    slack.command("/pullcheck", TASK_ARN, channel=channel)

    answer = finished(slack, channel)
    assert answer.visible_to == slack.user.id
    assert "aws ec2 create-route" in answer.plain
    assert "the app is not in this channel" in answer.plain
    assert "/invite" in answer.plain
    assert not slack.messages(channel)
    assert not [word for word in slack.ephemeral(channel=channel) if "Checking" in word.plain]


def posted(slack: LocalSlack, channel: Channel) -> Message:
    """What the channel was shown."""
    return slack.wait_for(lambda: slack.messages(channel), what="a message in the channel")[0]


def test_post_to_channel_shows_the_verdict_and_show_details_the_rest_to_one_person(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    channel = slack.add_channel("quiet", bot=False)
    start(settings, transport)
    slack.command("/pullcheck", TASK_ARN, channel=channel)
    answer = finished(slack, channel)

    slack.click(answer, "pullcheck.post")

    shown = posted(slack, channel)
    assert "cannot start: " in shown.plain
    assert "Posted by Alice Doe" in shown.plain or f"Posted by <@{slack.user.id}>" in shown.plain
    assert "create-route" not in shown.plain
    slack.click(answer, "pullcheck.post")
    slack.wait_for(
        lambda: [m for m in slack.ephemeral(channel=channel) if "posted to this channel already" in m.plain]
    )
    slack.click(shown, "pullcheck.details", user=slack.other_user)
    (details,) = slack.wait_for(lambda: slack.ephemeral(slack.other_user, channel))
    assert "aws ec2 create-route" in details.plain
    assert slack.messages(channel) == (shown,)


def test_post_to_channel_begins_a_thread_where_the_app_was_invited_meanwhile(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    channel = slack.add_channel("quiet", bot=False)
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN, channel=channel)
    answer = finished(slack, channel)
    slack.invite(channel)

    slack.click(answer, "pullcheck.post")

    shown = posted(slack, channel)
    (reply,) = slack.wait_for(lambda: slack.thread(shown))
    assert "create-route" in reply.plain
    assert "Posted by" in shown.plain
    assert "pullcheck.details" not in shown.action_ids


@pytest.mark.parametrize("button", ["pullcheck.post", "pullcheck.details"])
@pytest.mark.parametrize(
    ("trouble", "says"),
    [("forgotten", "no longer kept"), ("account", "may look at"), ("channel", "belongs to another channel")],
)
def test_a_kept_answer_is_shown_only_where_it_belongs(
    slack: LocalSlack,
    start: Start,
    make_settings: Callable[..., Settings],
    script: Script,
    button: str,
    trouble: str,
    says: str,
) -> None:
    channel = slack.add_channel("quiet", bot=False)
    parts = start(make_settings(), "signed_http")
    slack.command("/pullcheck", "payments/payments-api", channel=channel)
    answer = finished(slack, channel)
    value = answer.element("pullcheck.post")["value"]
    other = slack.add_channel("other")
    where = other if trouble == "channel" else channel
    message = slack.workspace.add(
        where,
        slack.bot.id,
        "x",
        blocks=[{"type": "actions", "elements": [{"type": "button", "action_id": button, "value": value, "text": {"type": "plain_text", "text": "x"}}]}],
    )  # fmt: skip
    if trouble == "forgotten":
        with parts.store.runs.database.transaction() as connection:
            connection.execute("DELETE FROM runs")
    if trouble == "account":
        parts.stop(10)
        start(make_settings(pullcheck_allowed_accounts="999988887777"), "signed_http")

    slack.click(message, button)

    slack.wait_for(lambda: [m for m in slack.ephemeral(channel=where) if says in m.plain])
    assert slack.messages(where) == (message,)


def test_a_rerun_of_an_answer_to_one_person_replaces_it(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    script.steps = [reports.cause_found, reports.after_fix]
    channel = slack.add_channel("quiet", bot=False)
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN, channel=channel)
    answer = finished(slack, channel)

    slack.click(answer, "pullcheck.rerun")

    slack.wait_for(lambda: "✅ fixed" in (slack.current(answer) or answer).plain)
    assert not slack.messages(channel)


def test_a_rerun_of_a_verdict_that_was_posted_to_the_channel_replaces_it(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    script.steps = [reports.cause_found, reports.after_fix]
    channel = slack.add_channel("quiet", bot=False)
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN, channel=channel)
    slack.click(finished(slack, channel), "pullcheck.post")
    shown = posted(slack, channel)

    slack.click(shown, "pullcheck.rerun")

    slack.wait_for(lambda: "✅ fixed" in (slack.current(shown) or shown).plain)
    (now,) = slack.messages(channel)
    assert "create-route" not in now.plain
    assert "pullcheck.details" in now.action_ids


@pytest.mark.parametrize("gone", [False, True])
def test_the_shortcut_where_the_app_is_no_member(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, gone: bool
) -> None:
    """A thread that is known is answered in; if the alert was deleted meanwhile, the channel is left."""
    channel = slack.add_channel("quiet", bot=False)
    alert = slack.post(ALERT, channel=channel)

    def diagnosis() -> Report:
        if gone:
            slack.delete(alert)
        return reports.cause_found()

    script.steps = [diagnosis]
    start(settings, "signed_http")

    slack.shortcut("check_image_pull", alert, channel=channel)

    def found() -> list[Message]:
        alone = slack.ephemeral(channel=channel)
        return [message for message in alone if "create-route" in message.plain]

    (answer,) = slack.wait_for(found)
    assert answer.reply_to == (None if gone else alert.ts)


@pytest.mark.parametrize(
    "error", ["is_archived", "restricted_action", "missing_scope", "token_revoked", "internal_error"]
)
def test_whatever_slack_says_the_answer_comes_once(
    slack: LocalSlack, start: Start, settings: Settings, error: str
) -> None:
    slack.fail("chat.postMessage", error, times=None)
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    answer = finished(slack, slack.channel)
    assert "aws ec2 create-route" in answer.plain
    assert answer.visible_to == slack.user.id
    assert not slack.messages()
    assert len([word for word in slack.ephemeral() if "create-route" in word.plain]) == 1


def test_when_the_response_url_has_expired_too_it_comes_as_a_direct_message(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    channel = slack.add_channel("quiet", bot=False)
    direct = slack.add_direct_message(slack.user)
    slack.fail("response_url", "expired_url", status=404, times=None)
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN, channel=channel)

    answer = finished(slack, direct)
    assert "direct message" in answer.plain
    assert not slack.messages(channel)


def test_when_slack_asks_to_wait_the_message_is_sent_again(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    slack.fail("chat.postMessage", "ratelimited")
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    answered(slack)
    assert len(slack.messages()) == 1


def test_when_slack_finds_the_details_too_long_they_come_in_two_messages(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    def too_long() -> Report:
        slack.fail("chat.postMessage", "msg_blocks_too_long")
        return reports.cause_found()

    script.steps = [too_long]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack, replies=2)
    first, second = slack.thread(parent)
    assert "create-route" in first.plain
    assert "read-only AWS calls" in second.plain


def test_when_slack_finds_the_verdict_invalid_its_sentence_is_shown(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    slack.fail("chat.update", "invalid_blocks")
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    slack.wait_for(lambda: [m for m in slack.messages() if slack.thread(m)])
    (parent,) = slack.messages()
    assert parent.plain.startswith("payments-api cannot start: ")
    assert not parent.blocks


def test_a_parent_that_was_deleted_meanwhile_is_posted_again(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    def delete_it() -> Report:
        slack.delete(slack.messages()[0])
        return reports.cause_found()

    script.steps = [delete_it]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack)
    assert "cannot start: " in parent.plain
    assert len(slack.messages()) == 1
    assert [(call.method, call.error) for call in slack.refusals()] == [
        ("chat.update", "message_not_found"),
        ("chat.delete", "message_not_found"),
    ]


def test_the_app_is_removed_from_the_channel_meanwhile(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    channel = slack.add_channel("private", private=True)

    def remove_it() -> Report:
        slack.remove(channel)
        return reports.cause_found()

    script.steps = [remove_it]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN, channel=channel)

    answer = slack.wait_for(lambda: [m for m in slack.messages(channel) if "cannot start: " in m.plain])
    assert len(answer) == 1


def test_details_that_slack_took_without_saying_so_are_not_posted_twice(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    def lose_the_details() -> Report:
        slack.fail("chat.postMessage", lost=True)
        return reports.cause_found()

    script.steps = [lose_the_details]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack)
    slack.wait_for(lambda: "pullcheck.details" in (slack.current(parent) or parent).action_ids)
    assert len(slack.thread(parent)) == 1
    (now,) = slack.messages()
    assert "create-route" not in now.plain


@pytest.mark.parametrize("error", ["restricted_action", "internal_error"])
def test_a_verdict_whose_details_slack_refuses_offers_them_to_who_asks(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, error: str
) -> None:
    def refuse_the_details() -> Report:
        slack.fail("chat.postMessage", error)
        return reports.cause_found()

    script.steps = [refuse_the_details]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    parent = slack.wait_for(lambda: [m for m in slack.messages() if "pullcheck.details" in m.action_ids])[0]
    assert slack.messages() == (parent,)
    assert "create-route" not in parent.plain
    assert not slack.thread(parent)
    slack.click(parent, "pullcheck.details")
    assert "create-route" in told(slack).plain


def test_a_verdict_that_slack_took_without_saying_so_is_shown_again(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    slack.fail("chat.update", lost=True)
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    parent = answered(slack)
    assert len(slack.calls("chat.update")) == 2
    assert len(slack.thread(parent)) == 1


@pytest.mark.parametrize("trouble", [{"lost": True}, {"error": "restricted_action"}])
def test_an_explanation_leaves_the_verdict_standing_whatever_happens(
    slack: LocalSlack, start: Start, settings: Settings, trouble: dict[str, Any]
) -> None:
    parts = start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    slack.fail("chat.postMessage", **trouble)

    slack.click(parent, "pullcheck.more", option="why")

    def explained() -> list[Message]:
        everything = slack.workspace.messages(slack.channel.id, slack.user.id)
        return [message for message in everything if "How to fix it" in message.plain]

    slack.wait_for(explained)
    assert parts.queue.stop(10)
    assert slack.current(parent) == parent
    assert len(explained()) == 1


# --- failures ----------------------------------------------------------------------------------------


def test_a_diagnosis_that_cannot_be_made_is_said_in_a_sentence(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    def expired() -> Report:
        raise DiagnosisError("the app's AWS credentials have expired.")

    script.steps = [expired, reports.cause_found]
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    failed = slack.wait_for(lambda: [m for m in slack.messages() if "have expired" in m.plain])[0]

    slack.click(failed, "pullcheck.rerun")

    assert "cannot start: " in answered(slack).plain


def test_a_crash_is_said_with_an_id_that_the_log_has(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    def crash() -> Report:
        raise RuntimeError("secret internals")

    script.steps = [crash]
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    failed = slack.wait_for(lambda: [m for m in slack.messages() if "the id " in m.plain])[0]
    failure_id = failed.plain.split("the id ")[1][:8]
    assert f"failure {failure_id}" in caplog.text
    assert "secret internals" in caplog.text
    assert "secret internals" not in str(slack.calls())


def test_a_rerun_that_fails_leaves_the_verdict_standing(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    def crash() -> Report:
        raise RuntimeError

    script.steps = [reports.cause_found, crash, reports.after_fix]
    start(settings, "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    slack.click(answered(slack), "pullcheck.rerun")

    parent = answered(slack, replies=2)
    assert "cannot start: " in parent.plain
    assert "Not checked again" in slack.thread(parent)[1].plain

    slack.click(parent, "pullcheck.rerun")
    parent = answered(slack, replies=4)
    assert "✅ fixed" in slack.thread(parent)[2].plain


def test_nothing_that_could_be_used_by_others_is_logged(
    slack: LocalSlack, start: Start, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = slack.add_channel("quiet", bot=False)
    direct = slack.add_direct_message(slack.user)
    slack.fail("response_url", "expired_url", status=404)
    start(settings, "signed_http")

    slack.command("/pullcheck", TASK_ARN, channel=channel)

    finished(slack, direct)
    assert slack.bot_token not in caplog.text
    assert "/response/" not in caplog.text


# --- who may ask, and how much at a time -------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "allowed", "says"),
    [
        ("pullcheck_allowed_users", "U0BOB", "list of people"),
        ("pullcheck_allowed_users", "", "list of people"),
        ("pullcheck_allowed_teams", "T1", "Your workspace"),
        ("pullcheck_allowed_channels", "C1,C2", "does not answer in this channel"),
        ("pullcheck_allowed_accounts", "999988887777", "Account 111122223333"),
        ("pullcheck_allowed_accounts", "", "Account 111122223333"),
    ],
)
@pytest.mark.parametrize("way", ["command", "shortcut", "button"])
def test_who_is_not_on_the_list_is_told_so(
    slack: LocalSlack,
    start: Start,
    make_settings: Callable[..., Settings],
    script: Script,
    variable: str,
    allowed: str,
    says: str,
    way: str,
) -> None:
    parts = start(make_settings(), "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)
    parts.stop(10)
    start(make_settings(**{variable: allowed}), "signed_http")

    if way == "command":
        slack.command("/pullcheck", TASK_ARN)
    elif way == "shortcut":
        slack.shortcut("check_image_pull", slack.post(ALERT))
    else:
        slack.click(parent, "pullcheck.rerun")

    assert says in told(slack).plain
    assert len(script.asked) == 1


def test_who_is_on_every_list_is_answered(
    slack: LocalSlack, start: Start, make_settings: Callable[..., Settings]
) -> None:
    allowed = make_settings(
        pullcheck_allowed_users=f"U9, {slack.user.id}",
        pullcheck_allowed_teams=slack.team_id,
        pullcheck_allowed_channels=slack.channel.id,
        pullcheck_allowed_accounts=f"{ACCOUNT},999988887777",
    )
    start(allowed, "signed_http")

    slack.command("/pullcheck", TASK_ARN)

    answered(slack)


@pytest.mark.parametrize(
    ("account", "says"), [("999988887777", "Account 999988887777"), (None, "could not be established")]
)
def test_an_account_that_only_aws_names_is_checked_before_anything_is_said(
    slack: LocalSlack,
    start: Start,
    make_settings: Callable[..., Settings],
    script: Script,
    account: str | None,
    says: str,
) -> None:
    script.snapshot = script.snapshot.model_copy(update={"account_id": account})
    start(make_settings(pullcheck_allowed_accounts=ACCOUNT), "signed_http")

    slack.command("/pullcheck", "payments/payments-api")

    refused = slack.wait_for(lambda: [m for m in slack.messages() if says in m.plain])[0]
    assert "payments-api could not pull" not in refused.plain
    assert not slack.thread(refused)


def test_those_that_have_to_wait_are_told_their_place(
    slack: LocalSlack, start: Start, make_settings: Callable[..., Settings], script: Script
) -> None:
    go_on = threading.Event()

    def slowly() -> Report:
        assert go_on.wait(30)
        return reports.cause_found()

    script.steps = [slowly]
    start(make_settings(pullcheck_parallel=1, pullcheck_waiting=2), "signed_http")
    for number in range(3):
        slack.command("/pullcheck", TASK_ARN.replace("0123", f"{number:04}"))

    def shown() -> list[str]:
        return [message.plain for message in slack.messages()]

    slack.wait_for(lambda: len(shown()) == 3)
    assert sorted(text.split(" in line")[0][-3:] for text in shown() if "in line" in text) == ["1st", "2nd"]
    slack.command("/pullcheck", TASK_ARN)
    assert "Too many" in told(slack).plain
    go_on.set()
    slack.wait_for(lambda: sum("cannot start: " in text for text in shown()) == 3)
    assert len(slack.messages()) == 3


def test_who_comes_while_the_app_stops_is_told_so(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http").queue.stop(5)

    slack.command("/pullcheck", TASK_ARN)

    assert "being restarted" in told(slack).plain


def test_those_whose_turn_never_came_are_told_so(
    slack: LocalSlack, start: Start, make_settings: Callable[..., Settings], script: Script
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> Report:
        begun.set()
        assert go_on.wait(30)
        return reports.cause_found()

    script.steps = [slowly]
    parts = start(make_settings(pullcheck_parallel=1), "signed_http")
    slack.command("/pullcheck", TASK_ARN)
    assert begun.wait(30)
    slack.command("/pullcheck", OTHER_ARN)
    slack.wait_for(lambda: [m for m in slack.messages() if "in line" in m.plain])

    assert not parts.queue.stop(0)

    assert [m for m in slack.messages() if "being restarted" in m.plain]
    go_on.set()
    answered(slack)
