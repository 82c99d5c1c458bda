"""The ways in over HTTP: what the ingress may not read it has from the worker; what another app of AWS asks for is gated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from bot.aws_lambda import ingress, work
from bot.aws_lambda.places import LATE, WorkerPlaces
from demo.aws import REGION, Account
from handlers import ids
from tests.aws_lambda.cloud import Cloud, Context, receiver
from tests.aws_lambda.conftest import SCENARIO
from tests.aws_lambda.test_selfcheck import Lambda
from tests.bot.test_end_to_end import answered, told
from tests.build import TASK_ARN

WORKER = "pullcheck-test-worker"
PAGE = Path(__file__).parent.parent.parent / "docs" / "amazon-q.md"


@pytest.fixture
def both(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """The ingress behind its URL, which invokes the worker of this process."""
    cloud.make = work.make
    lambdas = Lambda({WORKER: lambda event, context: cloud.worker(event, context)})
    monkeypatch.setenv("PULLCHECK_WORKER", WORKER)
    monkeypatch.setattr(ingress, "WorkerPlaces", lambda _, worker, settings: WorkerPlaces(lambda _: lambdas, worker, settings))  # fmt: skip
    with cloud.slack.over_http(receiver(ingress.make())):
        yield cloud


# --- the modal -------------------------------------------------------------------------------------------


def test_a_modal_whose_menus_the_worker_fills(both: Cloud, account: Account) -> None:
    slack = both.slack
    slack.command("/pullcheck")
    assert slack.views.modal() is not None

    task = account.broken[SCENARIO.id].task
    cluster = next(
        item for item in slack.views.options(ids.CLUSTER, task.cluster) if item["value"] == task.cluster
    )
    slack.views.fill(ids.CLUSTER, cluster)
    ecs = both.aws.client("ecs")
    named = [arn.rpartition("/")[2] for arn in ecs.list_services(cluster=task.cluster)["serviceArns"]]
    assert sorted(item["value"] for item in slack.views.options(ids.SERVICE)) == sorted(named)
    service = slack.views.options(ids.SERVICE)[0]
    slack.views.fill(ids.SERVICE, service)
    slack.views.submit()

    (message,) = both.waiting()
    target = json.loads(message["Body"])["target"]
    assert (target["cluster"], target["service"], target["region"]) == (
        task.cluster,
        service["value"],
        REGION,
    )
    assert both.drain() == (1, 0)
    answered(slack)
    assert not slack.refusals()


class Hanging:
    """A client of Lambda whose function is not there in time."""

    def invoke(self, **_: Any) -> Any:
        raise ConnectTimeoutError(endpoint_url="https://lambda")


@pytest.mark.parametrize(
    "answer",
    [
        Hanging(),
        Lambda({}),
        Lambda({WORKER: {"errorType": "Runtime.ExitError"}}),
        Lambda({WORKER: lambda *_: {}}),
        Lambda({WORKER: lambda *_: ["arns"]}),
        Lambda({WORKER: lambda *_: {"arns": 1, "problem": None, "more": False}}),
    ],
    ids=["late", "not there", "failed", "says nothing", "a list", "no names"],
)
def test_a_worker_that_gives_no_list_leaves_a_sentence(answer: Any, cloud: Cloud) -> None:
    from bot.settings import read_settings

    settings = read_settings(socket_mode=False, slack_bot_token="xoxb-1", slack_signing_secret="0" * 32)
    places = WorkerPlaces(lambda _: answer, WORKER, settings)
    assert places.clusters(REGION, None, "U1").problem == LATE
    places.prepare(REGION, None, "U1")
    assert REGION in places.regions()


# --- mentions, the Home, explanations ------------------------------------------------------------------------


def test_a_mention_is_queued_and_answered_in_its_thread(both: Cloud, account: Account) -> None:
    slack = both.slack
    delivery = slack.mention(account.broken[SCENARIO.id].task.arn)
    slack.redeliver(delivery)

    assert both.drain()[0] >= 1

    (asked,) = slack.messages()
    assert "its subnet has no way to ECR" in slack.thread(asked)[0].plain
    assert len(slack.thread(asked)) == 2


def test_a_mention_without_a_target_is_answered_before_the_function_ends(both: Cloud) -> None:
    both.slack.mention("hello")
    assert "Which task?" in told(both.slack).plain
    assert not both.waiting()


def test_the_home_and_private_answers_come_from_the_worker(both: Cloud) -> None:
    slack = both.slack
    slack.views.open_home()
    slack.command("/pullcheck", "explain tag-notfound")
    assert slack.views.home() is None

    assert both.drain() == (2, 0)

    home = slack.views.home()
    assert home is not None
    assert "How to ask" in home.plain
    assert "Did you mean `tag-not-found`" in told(slack).plain


def test_a_step_is_done_by_the_worker(both: Cloud, account: Account) -> None:
    arn = account.broken[SCENARIO.id].task.arn
    run = both.slack.steps.run(ids.STEP, {"target": arn, "channel": both.slack.channel.id})
    assert run.state == "running"
    assert both.drain() == (1, 0)
    assert run.state == "completed"


# --- invocations -------------------------------------------------------------------------------------------


def invoke(cloud: Cloud, event: object, request: str = "request-1") -> Any:
    return cloud.worker(event, Context(request))  # type: ignore[arg-type]


def test_the_payload_of_the_page_starts_a_diagnosis(both: Cloud, account: Account) -> None:
    """docs/amazon-q.md shows the payload that Amazon Q Developer sends, with its variables filled in."""
    page = PAGE.read_text(encoding="utf-8")
    (text,) = re.findall(r"```json payload\n(.*?)```", page, re.DOTALL)
    event = json.loads(text)
    assert set(event) == {"pullcheck", "channel", "text"}
    event |= {"channel": both.slack.channel.id, "text": account.broken[SCENARIO.id].task.arn}

    said = invoke(both, event)
    again = invoke(both, event)

    assert said == again
    assert "is being checked" in said["answer"]
    assert both.drain() == (2, 0)
    assert "its subnet has no way to ECR" in answered(both.slack).plain
    assert "for a button on a notification" in answered(both.slack).plain
    assert len(both.slack.messages()) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"channel": "#incidents"}, "channel: String should match pattern"),
        ({"channel": 1}, "channel: Input should be a valid string"),
        ({"text": ""}, "text: String should have at least 1 character"),
        ({"text": "x" * 10_001}, "text: String should have at most 10000 characters"),
        ({"text": None}, "text: Input should be a valid string"),
        ({"text": "nonsense"}, "could be a cluster or a service"),
        ({"user": "U1"}, "user: Extra inputs are not permitted"),
        ({"pullcheck": "delete"}, "pullcheck: Input should be 'ask'"),
        ({"pullcheck": "names"}, "what: Field required"),
        ({"pullcheck": ["names"]}, "pullcheck: Input should be 'ask'"),
    ],
)
def test_an_invocation_that_is_not_as_it_should_be_gets_one_sentence(
    both: Cloud, change: dict[str, Any], says: str
) -> None:
    event = {"pullcheck": "ask", "channel": both.slack.channel.id, "text": TASK_ARN}
    said = invoke(both, {**event, **change})
    assert list(said) == ["error"]
    assert says in said["error"]
    assert not both.waiting()


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("PULLCHECK_ALLOWED_CHANNELS", "C0OTHER", "does not answer in this channel"),
        ("PULLCHECK_ALLOWED_USERS", "U1", "Only listed people"),
        ("PULLCHECK_ALLOWED_USERGROUPS", "S1", "Only listed people"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "999988887777", "not one that this app may look at"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "{channel}=999988887777", "for this channel"),
    ],
)
def test_an_invocation_passes_the_same_gate(
    both: Cloud, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, says: str
) -> None:
    channel = both.slack.channel.id
    monkeypatch.setenv(setting, value.format(channel=channel))
    said = invoke(both, {"pullcheck": "ask", "channel": channel, "text": TASK_ARN})
    assert says in said["error"]
    assert not both.waiting()


def test_a_list_is_given_as_strictly(both: Cloud, account: Account) -> None:
    event = {"pullcheck": "names", "what": "clusters", "region": REGION, "by": "U1"}
    clusters = both.aws.client("ecs").list_clusters()["clusterArns"]
    assert clusters
    assert sorted(invoke(both, event)["arns"]) == sorted(clusters)
    for change in ({"region": "x y"}, {"account": "1"}, {"cluster": "../x"}, {"what": "secrets"}):
        assert "error" in invoke(both, {**event, **change})


def test_a_stranger_reaches_none_of_it(both: Cloud) -> None:
    """What a function URL hands on has members of its own, and the ingress knows no such event."""
    function = ingress.make()
    event = {"pullcheck": "ask", "channel": both.slack.channel.id, "text": TASK_ARN}
    assert function(event, Context())["statusCode"] == 404
    assert not both.waiting()


def test_every_payload_fits_a_command_of_amazon_q() -> None:
    """A custom action's command has at most 5,000 characters in CloudFormation."""
    page = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^lambda invoke .*$", page, re.MULTILINE)
    assert commands
    for command in commands:
        assert len(command) <= 5000
        payload = re.search(r"--payload (\{.*\})", command)
        assert payload is not None
        assert set(json.loads(payload[1])) == {"pullcheck", "channel", "text"}
