"""Each way in, in a local Slack: the modal, private answers, mentions, the App Home, a workflow's step; all through one gate."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from bot.services import Parts
from bot.settings import Settings
from demo.slack import LocalSlack, Message
from handlers import ids
from tests.bot.conftest import Script, Shelf
from tests.bot.test_end_to_end import answered, told
from tests.build import ACCOUNT, TASK_ARN

Start = Callable[..., Parts]
MakeSettings = Callable[..., Settings]
LONG = "payments-" + "x" * 200


def opened(slack: LocalSlack) -> Any:
    slack.command("/pullcheck")
    view = slack.wait_for(slack.views.modal, what="the modal")
    assert view is not None
    return view


def pick(slack: LocalSlack, action_id: str, typed: str) -> None:
    """Choose the first option that is offered for what is typed, and wait until the modal shows what follows."""
    option = slack.views.options(action_id, typed)[0]
    before = slack.views.modal()
    assert before is not None
    seen = before.shown["hash"]
    delivery = slack.views.fill(action_id, option)
    if delivery is not None:
        slack.wait_ack(delivery)
        now = slack.views.modal()
        assert now is not None
        assert now.shown["hash"] != seen


# --- the modal ---------------------------------------------------------------------------------------


def test_a_service_is_chosen_and_checked_where_it_was_asked(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)
    view = opened(slack)
    assert "Choose a service" in view.plain

    pick(slack, ids.CLUSTER, "pay")
    pick(slack, ids.SERVICE, "ref")
    slack.views.submit()

    answered(slack)
    assert slack.views.modal() is None
    (target, _) = script.asked[0]
    assert (target.kind, target.cluster, target.service, target.region) == (
        "service",
        "payments",
        "refunds-worker",
        "us-east-1",
    )
    assert not slack.refusals()


def test_what_is_pasted_goes_first(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    start(settings, "signed_http")
    opened(slack)

    slack.views.fill(ids.TASK, f"  {TASK_ARN} ")
    slack.views.submit()

    answered(slack)
    assert [str(target) for target, _ in script.asked] == [TASK_ARN]


def test_menus_are_filtered_and_follow_what_is_chosen(
    slack: LocalSlack, start: Start, settings: Settings, shelf: Shelf
) -> None:
    start(settings, "signed_http")
    opened(slack)

    def offered(action_id: str, typed: str = "") -> list[str]:
        return [option["text"]["text"] for option in slack.views.options(action_id, typed)]

    assert offered(ids.CLUSTER) == ["payments", "search"]
    assert offered(ids.CLUSTER, "AY") == ["payments"]
    assert offered(ids.REGION, "eu") == ["eu-central-1", "eu-west-1"]
    assert offered(ids.SERVICE) == ["Paste the task below instead."]
    pick(slack, ids.CLUSTER, "payments")
    assert offered(ids.SERVICE, "api") == ["checkout-api"]
    pick(slack, ids.CLUSTER, "search")
    assert offered(ids.SERVICE) == ["Paste the task below instead."]
    pick(slack, ids.REGION, "eu-west")
    assert shelf.asked[-1] == ("us-east-1", None, "search", slack.user.id)
    assert offered(ids.CLUSTER) == ["payments", "search"]
    assert shelf.asked[-1] == ("eu-west-1", None, slack.user.id)
    assert offered(ids.SERVICE) == ["Paste the task below instead."]


def test_names_as_long_as_aws_lets_them_be(
    slack: LocalSlack, start: Start, settings: Settings, shelf: Shelf, script: Script
) -> None:
    shelf.named = {LONG: (f"{LONG}-api",), f"{LONG}y": ()}
    start(settings, "signed_http")
    opened(slack)

    pick(slack, ids.CLUSTER, LONG)
    pick(slack, ids.SERVICE, "api")
    slack.views.submit()

    answered(slack)
    assert (script.asked[0][0].cluster, script.asked[0][0].service) == (LONG, f"{LONG}-api")


@pytest.mark.parametrize(
    ("fill", "says"),
    [
        ({}, "Choose a cluster and a service, or paste a task below"),
        ({ids.CLUSTER: "payments"}, "Choose a service of this cluster too"),
        ({ids.TASK: "nonsense"}, "could be a cluster or a service"),
    ],
)
def test_what_is_missing_is_said_in_the_modal(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, fill: dict[str, str], says: str
) -> None:
    start(settings, "signed_http")
    opened(slack)
    for action_id, value in fill.items():
        if action_id == ids.TASK:
            slack.views.fill(action_id, value)
        else:
            pick(slack, action_id, value)

    slack.views.submit()

    view = slack.views.modal()
    assert view is not None
    assert says in "".join(view.errors.values())
    assert not script.asked


def test_a_list_that_aws_denies_says_so_in_a_sentence(
    slack: LocalSlack, start: Start, settings: Settings, shelf: Shelf
) -> None:
    shelf.problem = "AWS denies the app ecs:ListClusters. Paste the task below instead."
    start(settings, "signed_http")
    opened(slack)
    delivery = slack.views.suggest(ids.CLUSTER)
    answer = slack.wait_ack(delivery).payload
    assert answer is not None
    assert answer["option_groups"][0]["label"]["text"] == shelf.problem

    slack.views.fill(ids.CLUSTER, answer["option_groups"][0]["options"][0])
    slack.views.submit()

    view = slack.views.modal()
    assert view is not None
    assert "Choose a cluster and a service" in "".join(view.errors.values())


def test_a_service_of_the_cluster_that_was_chosen_before_is_not_taken(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    """The modal was not shown again, since Slack did not take that."""
    start(settings, "signed_http")
    opened(slack)
    pick(slack, ids.CLUSTER, "payments")
    pick(slack, ids.SERVICE, "checkout")
    slack.fail("views.update", "internal_error")
    slack.views.fill(ids.CLUSTER, slack.views.options(ids.CLUSTER, "search")[0])

    slack.views.submit()

    view = slack.views.modal()
    assert view is not None
    assert "Choose a service of this cluster too" in "".join(view.errors.values())
    assert not script.asked


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("expired_trigger_id", "did not take the form in time"),
        ("exchanged_trigger_id", "did not take the form in time"),
        ("internal_error", "could not be opened (internal_error)"),
    ],
)
def test_a_modal_that_slack_does_not_open_is_answered_with_a_sentence(
    slack: LocalSlack, start: Start, settings: Settings, error: str, says: str
) -> None:
    start(settings, "signed_http")
    slack.fail("views.open", error)

    slack.command("/pullcheck")

    assert says in told(slack).plain
    assert "/pullcheck payments/checkout-api" in told(slack).plain
    assert slack.views.modal() is None


def test_accounts_are_chosen_as_the_channel_allows(
    slack: LocalSlack, start: Start, make_settings: MakeSettings, shelf: Shelf, script: Script
) -> None:
    other = "222233334444"
    shelf.accounts = (ACCOUNT, other, "999988887777")
    start(make_settings(pullcheck_channel_accounts=f"{slack.channel.id}={ACCOUNT}+{other}"), "signed_http")
    view = opened(slack)
    _, menu = view.element(ids.ACCOUNT)
    assert [option["value"] for option in menu["options"]] == [ACCOUNT, other]

    slack.views.fill(ids.ACCOUNT, menu["options"][1])
    pick(slack, ids.CLUSTER, "payments")
    pick(slack, ids.SERVICE, "checkout")
    slack.views.submit()

    answered(slack)
    assert shelf.asked[0] == ("us-east-1", other, slack.user.id)
    target = script.asked[0][0]
    assert str(target) == f"arn:aws:ecs:us-east-1:{other}:service/payments/checkout-api"


def test_a_list_of_an_account_that_may_not_be_looked_at_is_not_shown(
    slack: LocalSlack, start: Start, make_settings: MakeSettings
) -> None:
    start(make_settings(pullcheck_allowed_accounts="999988887777"), "signed_http")
    opened(slack)
    answer = slack.wait_ack(slack.views.suggest(ids.CLUSTER)).payload
    assert answer is not None
    assert "payments" not in str(answer)
    assert "not one that this app may look at" in str(answer)


def test_where_the_app_is_no_member_the_modals_answer_is_for_the_person_alone(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http")
    channel = slack.add_channel("elsewhere", bot=False)
    slack.command("/pullcheck", channel=channel)
    slack.views.fill(ids.TASK, TASK_ARN)
    slack.views.submit()

    def seen() -> Message | None:
        return next(
            (item for item in slack.ephemeral(channel=channel) if "pullcheck.post" in item.action_ids), None
        )

    assert slack.wait_for(seen) is not None
    assert not slack.messages(channel)


def test_a_modal_of_a_version_before_is_answered(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    start(settings, "signed_http")
    view = opened(slack)
    view.shown["private_metadata"] = '{"channel": "C1", "colour": "red"}'
    slack.views.fill(ids.TASK, TASK_ARN)

    slack.views.submit()

    now = slack.views.modal()
    assert now is not None
    assert "older version" in "".join(now.errors.values())
    assert not script.asked


# --- private answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("help", "only reads"),
        ("list", "causes are looked for"),
        ("LIST ", "tag-not-found"),
        ("explain tag-not-found", "Why the pull fails"),
        ("explain  `tag-not-found`", "Why the pull fails"),
        ("explain tag-notfound", "Did you mean `tag-not-found`"),
        ("explain zzzzzzzz", "/pullcheck list` shows them all"),
        ("explain", "Which cause?"),
        ("explain <!channel>", "There is no cause `&lt;!channel&gt;`"),
        ("settings", "Seconds for a diagnosis"),
    ],
)
def test_private_answers(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, text: str, says: str, transport: str
) -> None:
    start(settings, transport)

    slack.command("/pullcheck", text)

    assert says in told(slack).plain
    assert not slack.messages()
    assert not script.asked
    assert not slack.refusals()


def test_no_secret_is_among_the_settings(
    slack: LocalSlack, start: Start, make_settings: MakeSettings
) -> None:
    secret = "5f1c-nobody-guesses-this"
    start(
        make_settings(
            pullcheck_target_role_name="pullcheck-read",
            pullcheck_external_id=secret,
            pullcheck_external_ids=f"{ACCOUNT}={secret}x",
            pullcheck_allowed_users=slack.user.id,
        ),
        "signed_http",
    )

    slack.command("/pullcheck", "settings")

    said = told(slack).plain
    assert "pullcheck-read" in said
    assert slack.user.id in said
    for hidden in (secret, slack.bot_token, slack.app_token, slack.signing_secret):
        assert hidden not in said


# --- mentions ------------------------------------------------------------------------------------------


def test_a_mention_in_a_thread_is_answered_in_that_thread(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    start(settings, transport)
    alert = slack.post("Something is wrong")

    slack.mention(f"what is it with `{TASK_ARN}`?", thread_ts=alert.ts)

    slack.wait_for(lambda: len(slack.thread(alert)) == 3)
    assert len(slack.messages()) == 1
    assert [str(target) for target, _ in script.asked] == [TASK_ARN]


def test_a_mention_in_a_channel_begins_its_thread(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http")

    slack.mention(TASK_ARN)

    (asked,) = slack.messages()
    slack.wait_for(lambda: len(slack.thread(asked)) == 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello there", "Which task? Name it after the mention"),
        ("", "Which task?"),
        (f"{TASK_ARN} and {TASK_ARN[:-1]}0", "names 2 tasks or services"),
    ],
)
def test_a_mention_without_one_target_gets_a_sentence_alone(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, text: str, says: str
) -> None:
    start(settings, "signed_http")

    slack.mention(text)

    assert says in told(slack).plain
    assert "@pullcheck" in told(slack).plain or "mention me" in told(slack).plain
    assert len(slack.messages()) == 1
    assert not script.asked


def test_a_mention_that_comes_twice_or_is_edited_is_done_once(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, transport: str
) -> None:
    parts = start(settings, transport)
    delivery = slack.mention(TASK_ARN)
    slack.wait_for(lambda: len(slack.thread(slack.messages()[0])) == 2)

    slack.redeliver(delivery)
    event = {**delivery.payload["event"], "edited": {"user": slack.user.id, "ts": "1.2"}}
    slack.wait_ack(slack.event(event))
    slack.wait_ack(slack.event({**event, "text": "<@U0PULLCHECK> never mind"}))

    assert parts.stop(10)
    assert len(script.asked) == 1
    assert len(slack.thread(slack.messages()[0])) == 2
    assert not slack.ephemeral()


@pytest.mark.parametrize("change", [{"bot_id": "B1"}, {"subtype": "bot_message"}, {"user": "U0PULLCHECK"}])
def test_mentions_by_apps_are_left_alone(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, change: dict[str, str]
) -> None:
    parts = start(settings, "signed_http")
    message = slack.post(f"<@{slack.bot.id}> {TASK_ARN}")
    event = {"type": "app_mention", "user": slack.user.id, "channel": slack.channel.id, "ts": message.ts, "text": message.text}  # fmt: skip

    delivery = slack.event({**event, **change})

    assert delivery.status == 200
    assert parts.stop(10)
    assert not script.asked
    assert not slack.ephemeral()


# --- the App Home --------------------------------------------------------------------------------------


def home(slack: LocalSlack, says: str) -> Any:
    def there() -> Any:
        view = slack.views.home()
        return view if view is not None and says in view.plain else None

    return slack.wait_for(there, what=f"a Home that says {says}")


def test_the_home_says_how_to_ask_and_lists_the_last_runs(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    start(settings, transport)
    slack.views.open_home()
    assert "None yet" in home(slack, "How to ask").plain
    slack.command("/pullcheck", TASK_ARN)
    parent = answered(slack)

    slack.views.open_home()

    said = home(slack, "archives/").plain
    assert f"https://acme.slack.com/archives/{slack.channel.id}/p{parent.ts.replace('.', '')}" in said
    assert "Settings in force" in said
    assert "Does everything work?" not in said
    slack.views.open_home(user=slack.other_user)
    slack.wait_for(lambda: slack.views.home(slack.other_user))
    theirs = slack.views.home(slack.other_user)
    assert theirs is not None
    assert "None yet" in theirs.plain


def test_the_form_opens_from_the_home(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    start(settings, "signed_http")
    conversation = slack.add_direct_message(slack.user)
    event = {"type": "app_home_opened", "user": slack.user.id, "channel": conversation.id, "tab": "home"}
    slack.event(event, user=slack.user)
    home(slack, "How to ask")

    slack.views.press(ids.ASK, home=True)
    slack.wait_for(slack.views.modal)
    slack.views.fill(ids.TASK, TASK_ARN)
    slack.views.submit()

    answered(slack, conversation)


def test_another_tab_of_the_app_publishes_nothing(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    parts = start(settings, "signed_http")
    slack.views.open_home(tab="messages")
    assert parts.stop(10)
    assert slack.views.home() is None


@pytest.mark.parametrize("how", ["setting", "slack"])
def test_administrators_see_whether_everything_works(
    slack: LocalSlack, start: Start, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    checks: list[int] = []

    def check(settings: Settings) -> Any:
        from bot.probes import Checked

        checks.append(1)
        return [
            Checked("SLACK_BOT_TOKEN", True, ""),
            Checked("ecs:DescribeTasks", False, "denied <!channel>"),
        ]

    monkeypatch.setattr("bot.services.check_slack", check)
    monkeypatch.setattr("bot.services.check_aws", lambda aws: [])
    if how == "slack":
        slack.methods.scopes |= {"users:read"}
        from dataclasses import replace

        slack.workspace.add_user(replace(slack.user, is_admin=True))
        start(make_settings(), "signed_http")
    else:
        start(make_settings(pullcheck_admins=slack.user.id), "signed_http")

    slack.views.open_home()

    said = home(slack, "1 of 2 fail").plain
    assert "`ecs:DescribeTasks`: denied &lt;!channel&gt;" in said
    slack.views.open_home()
    home(slack, "1 of 2 fail")
    slack.views.press(ids.CHECK, home=True)
    slack.wait_for(lambda: len(checks) == 2)
    slack.views.open_home(user=slack.other_user)
    slack.wait_for(lambda: slack.views.home(slack.other_user))
    theirs = slack.views.home(slack.other_user)
    assert theirs is not None
    assert "fail" not in theirs.plain


# --- a workflow's step -----------------------------------------------------------------------------------


def test_a_step_answers_in_the_channel_and_hands_its_outputs_on(
    slack: LocalSlack, start: Start, settings: Settings, transport: str
) -> None:
    start(settings, transport)

    run = slack.steps.run(ids.STEP, {"target": TASK_ARN, "channel": slack.channel.id})

    slack.wait_for(lambda: run.state != "running")
    assert run.state == "completed"
    assert run.outputs is not None
    assert set(run.outputs) == {"verdict", "cause", "fix"}
    assert "could not pull its image" in run.outputs["verdict"]
    assert run.outputs["cause"].startswith("route-no-egress: ")
    assert "aws ec2 create-route" in run.outputs["fix"]
    assert slack.thread(answered(slack))
    assert "for a workflow" in answered(slack).plain


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"target": TASK_ARN}, "Choose the channel"),
        ({"channel": "C1"}, "Which task or service?"),
        ({"channel": "C1", "target": "nonsense"}, "could be a cluster or a service"),
        ({"channel": "#incidents", "target": TASK_ARN}, "Choose the channel"),
    ],
)
def test_a_step_that_cannot_be_done_fails_with_a_sentence(
    slack: LocalSlack, start: Start, settings: Settings, script: Script, inputs: dict[str, str], says: str
) -> None:
    start(settings, "signed_http")
    run = slack.steps.run(ids.STEP, inputs)
    slack.wait_for(lambda: run.state != "running")
    assert run.state == "failed"
    assert says in str(run.error)
    assert not script.asked


def test_a_step_whose_channel_takes_nothing_still_hands_its_outputs_on(
    slack: LocalSlack, start: Start, settings: Settings
) -> None:
    start(settings, "signed_http")
    channel = slack.add_channel("elsewhere", bot=False)
    run = slack.steps.run(ids.STEP, {"target": TASK_ARN, "channel": channel.id})
    slack.wait_for(lambda: run.state != "running")
    assert run.state == "completed"


def test_a_step_fails_where_there_is_no_diagnosis(
    slack: LocalSlack, start: Start, settings: Settings, script: Script
) -> None:
    from handlers.ports import DiagnosisError

    def fails() -> Any:
        raise DiagnosisError("AWS did not answer.")

    script.steps = [fails]
    start(settings, "signed_http")
    run = slack.steps.run(ids.STEP, {"target": TASK_ARN, "channel": slack.channel.id})
    slack.wait_for(lambda: run.state != "running")
    assert (run.state, "AWS did not answer." in str(run.error)) == ("failed", True)


# --- one gate ------------------------------------------------------------------------------------------


def _command(slack: LocalSlack) -> str:
    slack.command("/pullcheck")
    return told(slack).plain


def _list(slack: LocalSlack) -> str:
    slack.command("/pullcheck", "list")
    return told(slack).plain


def _mention(slack: LocalSlack) -> str:
    slack.mention(TASK_ARN)
    return told(slack).plain


def _home(slack: LocalSlack) -> str:
    slack.views.open_home()
    view = slack.wait_for(slack.views.home)
    assert view is not None
    assert "Settings" not in view.plain
    return str(view.plain)


def _step(slack: LocalSlack) -> str:
    run = slack.steps.run(ids.STEP, {"target": TASK_ARN, "channel": slack.channel.id})
    slack.wait_for(lambda: run.state != "running")
    return str(run.error)


def _shortcut(slack: LocalSlack) -> str:
    slack.shortcut(ids.SHORTCUT, slack.post(TASK_ARN))
    return told(slack).plain


WAYS = [_command, _list, _mention, _home, _step, _shortcut]


LISTS = [
    ("pullcheck_allowed_teams", "T9", "workspace is not on the list"),
    ("pullcheck_allowed_users", "U9", "not on the list of people"),
    ("pullcheck_allowed_usergroups", "S9", "not tell it who is in one of the groups"),
    ("pullcheck_allowed_channels", "C9", "does not answer in this channel"),
]


@pytest.mark.parametrize(
    ("way", "setting", "value", "says"),
    [
        pytest.param(way, *rule, id=f"{way.__name__.strip('_')}-{rule[0]}")
        for way in WAYS
        for rule in LISTS
        # The Home is in no channel.
        if not (way is _home and rule[0] == "pullcheck_allowed_channels")
    ],
)
def test_every_way_in_passes_the_same_gate(
    slack: LocalSlack,
    start: Start,
    make_settings: MakeSettings,
    script: Script,
    way: Callable[[LocalSlack], str],
    setting: str,
    value: str,
    says: str,
) -> None:
    start(make_settings(**{setting: value}), "signed_http")

    assert says in way(slack)
    assert not script.asked
    assert not [message for message in slack.messages() if message.author == slack.bot.id]


def test_the_modal_passes_the_gate_of_its_channel_at_each_request(
    slack: LocalSlack, start: Start, make_settings: MakeSettings, script: Script
) -> None:
    """Slack names no channel in what comes from a modal; it was opened in one."""
    start(make_settings(pullcheck_allowed_channels=slack.channel.id), "signed_http")
    view = opened(slack)
    assert [option["value"] for option in slack.views.options(ids.CLUSTER, "pay")] == ["payments"]
    view.shown["private_metadata"] = '{"channel": "C9"}'
    slack.views.fill(ids.TASK, TASK_ARN)

    answer = slack.wait_ack(slack.views.suggest(ids.CLUSTER)).payload
    slack.views.submit()

    assert "does not answer in this channel" in str(answer)
    now = slack.views.modal()
    assert now is not None
    assert "does not answer in this channel" in now.plain
    assert not script.asked


def test_a_modal_and_a_step_of_an_allowed_channel_are_let_in(
    slack: LocalSlack, start: Start, make_settings: MakeSettings
) -> None:
    start(make_settings(pullcheck_allowed_channels=slack.channel.id), "signed_http")
    opened(slack)
    slack.views.fill(ids.TASK, TASK_ARN)
    slack.views.submit()
    assert slack.views.modal() is None
    answered(slack)
    run = slack.steps.run(ids.STEP, {"target": f"{TASK_ARN[:-1]}1", "channel": slack.channel.id})
    slack.wait_for(lambda: run.state != "running")
    assert run.state == "completed"


def test_every_run_has_its_line_whichever_way_it_came(
    slack: LocalSlack, start: Start, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "audit")
    parts = start(settings, "signed_http")
    slack.command("/pullcheck")
    slack.views.fill(ids.TASK, f"{TASK_ARN[:-1]}1")
    slack.views.submit()
    slack.mention(f"{TASK_ARN[:-1]}2")
    run = slack.steps.run(ids.STEP, {"target": f"{TASK_ARN[:-1]}3", "channel": slack.channel.id})
    slack.wait_for(lambda: run.state != "running")
    slack.command("/pullcheck", "list")
    assert parts.stop(10)

    lines = [record.members for record in caplog.records if record.name == "audit"]  # type: ignore[attr-defined]
    assert sorted(line["kind"] for line in lines) == ["diagnose", "diagnose", "workflow_step"]
    for line in lines:
        assert {
            "run_id",
            "team",
            "channel",
            "target",
            "account",
            "verdict",
            "causes",
            "seconds",
            "calls",
        } <= set(line)
