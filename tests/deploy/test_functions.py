"""The deployed bot end to end on loopback: Slack to function URL, queue, worker, AWS, and back into the thread."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.metrics import Metrics
from demo.aws import DEMO, Account, TaskHandle, build_account, build_demo
from demo.slack import HttpAnswer, LocalSlack, Message, SignedRequest
from tests.deploy.test_policy import many, statements
from tests.deploy.world import CHANNEL_RULE, Deployed, RecordingAws, post_to
from tools.lambda_local import REGION, FunctionError, PollTurn, function_url, sqs_event, url_event

OTHER_ACCOUNT = "222233334444"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with RecordingAws() as aws:
        yield build_demo(aws)


@pytest.fixture(scope="module")
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(
    account: Account,
    slack: LocalSlack,
    task_root: Path,
    client: Path,
    template: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployed]:
    logs = tmp_path_factory.mktemp("lambda-logs")
    world = Deployed(account, slack, task_root, client, logs, template)
    world.environment["PULLCHECK_ROUTES"] = CHANNEL_RULE.format(channel=slack.channel.id)
    world.environment["PULLCHECK_ALLOWED_ACCOUNTS"] = f"{account.account_id},{OTHER_ACCOUNT}"
    world.environment["PULLCHECK_TARGET_ROLE_NAME"] = "pullcheck-read"
    world.environment["PULLCHECK_EXTERNAL_ID"] = "nobody-guesses-this"
    world.create()
    yield world
    world.close()


@pytest.fixture
def url(deployed: Deployed) -> Iterator[str]:
    with function_url(deployed.function("slack")) as address:
        yield address


@pytest.fixture
def channel(slack: LocalSlack, url: str) -> Iterator[None]:
    with slack.over_http(post_to(url)):
        yield


def broken(account: Account) -> tuple[TaskHandle, str]:
    """A task that could not pull, and the id of its cause."""
    scenario = DEMO[0]
    assert scenario.fault is not None
    return account.broken[scenario.id].task, scenario.fault


def answers(slack: LocalSlack) -> list[Message]:
    """The messages of the channel that show a verdict."""
    return [message for message in slack.messages() if "pullcheck.rerun" in message.action_ids]


def all_settled(turns: list[PollTurn], least: int = 1) -> bool:
    """Whether all messages were settled. On a slow machine an earlier test's count may come due among them."""
    return len(turns) >= least and all(turn == PollTurn(1, 0) for turn in turns)


def stopped_event(account: Account, task: TaskHandle, **changes: Any) -> dict[str, Any]:
    """Amazon ECS's event about a task as it stands now."""
    found = account.ecs.describe_tasks(cluster=task.cluster, tasks=[task.arn])["tasks"][0]
    detail = json.loads(json.dumps(found, default=lambda moment: moment.isoformat()))
    return {**detail, "version": 7, **changes}


# --- from Slack --------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def nothing_was_told(account: Account) -> None:
    """What other tests of this table asked, and were told of, counts no more: here it is the same cause again and again."""
    dynamodb = account.client("dynamodb")
    for item in dynamodb.scan(TableName="pullcheck")["Items"]:
        dynamodb.delete_item(TableName="pullcheck", Key={"pk": item["pk"]})


def test_a_signed_command_is_acknowledged_and_answered_in_a_thread(
    deployed: Deployed, slack: LocalSlack, account: Account, channel: None
) -> None:
    task, cause = broken(account)
    before = len(answers(slack))
    delivery = slack.command("/pullcheck", task.arn)
    assert delivery.status == 200
    assert deployed.waiting() == 1
    assert len(answers(slack)) == before
    assert deployed.drain() == [PollTurn(1, 0)]
    parent = answers(slack)[-1]
    assert "cannot start: " in parent.plain
    assert f"`{cause}`" in slack.thread(parent)[0].plain or cause in json.dumps(
        slack.thread(parent)[0].blocks
    )
    # Re-run and Explain work from what the table keeps, in a fresh environment too.
    deployed.forget("worker")
    assert slack.click(parent, "pullcheck.more", option="why").status == 200
    assert deployed.drain() == [PollTurn(1, 0)]
    assert "*How to fix it*" in slack.thread(parent)[-1].plain


@pytest.mark.parametrize(
    ("change", "status"), [("none", 200), ("other secret", 401), ("old", 401), ("no signature", 401)]
)
def test_only_slack_is_answered(
    deployed: Deployed, slack: LocalSlack, url: str, change: str, status: int
) -> None:
    with slack.over_http(lambda request: HttpAnswer(200)):
        delivery = slack.command("/pullcheck", "help")
    request = slack.signed(delivery, timestamp=int(time.time()) - (301 if change == "old" else 0))
    headers = {name.lower(): value for name, value in request.headers.items()}
    if change == "other secret":
        headers["x-slack-signature"] = "v0=" + "0" * 64
    if change == "no signature":
        del headers["x-slack-signature"]
    assert post_to(url)(SignedRequest(request.body, headers)).status == status
    assert deployed.waiting() == 0


def test_a_get_is_no_request_of_slack_s(deployed: Deployed) -> None:
    assert deployed.function("slack").invoke(url_event("/", {}, b"", "GET"))["statusCode"] == 404


def test_a_job_that_is_delivered_twice_is_answered_once(
    deployed: Deployed, slack: LocalSlack, account: Account, channel: None
) -> None:
    task, _ = broken(account)
    before = len(answers(slack))
    slack.command("/pullcheck", task.arn)
    sqs = account.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=deployed.queue_url, AttributeNames=["All"])["Messages"]
    event = sqs_event([message], deployed.queue_arn)
    for _ in range(2):
        assert deployed.function("worker").invoke(event) == {"batchItemFailures": []}
    sqs.delete_message(QueueUrl=deployed.queue_url, ReceiptHandle=message["ReceiptHandle"])
    assert len(answers(slack)) == before + 1


def test_a_worker_that_dies_in_the_middle_loses_nothing_and_posts_once(
    deployed: Deployed,
    slack: LocalSlack,
    account: Account,
    channel: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task, _ = broken(account)
    before, shown = len(answers(slack)), len(slack.messages())
    slack.command("/pullcheck", task.arn)
    sqs = account.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=deployed.queue_url, AttributeNames=["All"])["Messages"]
    event = sqs_event([message], deployed.queue_arn)
    # One that has answers in memory would not ask.
    deployed.forget("worker")
    dying = deployed.function("worker")

    def die(app: str, action: str) -> None:
        if (app, action) == ("worker", "ecs:DescribeTasks"):
            dying.kill()

    monkeypatch.setattr(account.aws, "before", die)
    with pytest.raises(FunctionError, match=r"Runtime\.ExitError"):
        dying.invoke(event)
    monkeypatch.undo()
    deployed.forget("worker")
    assert len(slack.messages()) == shown + 1
    assert len(answers(slack)) == before

    # While the dead worker's lease runs, nobody else takes the job up, and SQS keeps it.
    held = deployed.function("worker").invoke(event)
    assert held == {"batchItemFailures": [{"itemIdentifier": message["MessageId"]}]}
    end_leases(account)
    assert deployed.function("worker").invoke(event) == {"batchItemFailures": []}
    sqs.delete_message(QueueUrl=deployed.queue_url, ReceiptHandle=message["ReceiptHandle"])
    assert len(answers(slack)) == before + 1
    assert len(slack.messages()) == shown + 1


def end_leases(account: Account) -> None:
    """Let the time pass after which work of a dead worker is taken up again."""
    dynamodb = account.client("dynamodb")
    for item in dynamodb.scan(TableName="pullcheck")["Items"]:
        if "held_until" in item:
            dynamodb.put_item(TableName="pullcheck", Item={**item, "held_until": {"N": "0"}})


def test_a_message_that_nobody_can_read_goes_to_the_dead_letters(
    deployed: Deployed, account: Account
) -> None:
    sqs = account.client("sqs")
    sqs.send_message(QueueUrl=deployed.queue_url, MessageBody='{"kind": "nothing we know"}')
    tries = 0
    while deployed.waiting():
        for message in _again(sqs, deployed):
            failed = deployed.function("worker").invoke(sqs_event([message], deployed.queue_arn))
            assert failed == {"batchItemFailures": [{"itemIdentifier": message["MessageId"]}]}
            sqs.change_message_visibility(
                QueueUrl=deployed.queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
            tries += 1
    assert tries == 4
    (dead,) = sqs.receive_message(QueueUrl=deployed.dead_letters_url)["Messages"]
    assert dead["Body"] == '{"kind": "nothing we know"}'


def _again(sqs: Any, deployed: Deployed) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=deployed.queue_url, AttributeNames=["All"]
    ).get("Messages", [])
    return found


# --- from EventBridge --------------------------------------------------------------------------------


def test_a_task_event_explains_itself_in_the_channel_of_its_route(
    deployed: Deployed, slack: LocalSlack, account: Account
) -> None:
    task, cause = broken(account)
    before = len(answers(slack))
    detail = stopped_event(account, task)
    assert deployed.emit(detail)
    assert deployed.emit(detail)
    assert all_settled(deployed.drain(), 2)
    assert len(answers(slack)) == before + 1
    parent = answers(slack)[-1]
    assert f"`{cause}`" in slack.thread(parent)[0].plain


def test_a_task_event_that_is_muted_or_no_pull_is_settled_in_silence(
    deployed: Deployed, slack: LocalSlack, account: Account
) -> None:
    task, _ = broken(account)
    before = len(slack.messages())
    other = task.arn[:-4] + "beef"
    assert deployed.emit(stopped_event(account, task, taskArn=other, group="service:quiet-one"))
    assert deployed.emit(
        stopped_event(
            account,
            task,
            taskArn=other,
            group="service:else",
            stopCode="TaskFailedToStart",
            stoppedReason="Task failed to start",
            containers=[{"name": "app", "reason": "CannotStartContainerError: permission denied"}],
        )
    )
    assert all_settled(deployed.drain(), 2)
    assert len(slack.messages()) == before


def test_a_storm_of_one_service_is_one_diagnosis_and_one_message(
    deployed: Deployed, slack: LocalSlack, account: Account
) -> None:
    assert isinstance(account.aws, RecordingAws)
    task, _ = broken(account)
    before, made = len(slack.messages()), account.aws.made["worker", "ecs:DescribeTaskDefinition"]
    detail = stopped_event(account, task, group="service:storm")
    for number in range(40):
        deployed.emit({**detail, "taskArn": f"{task.arn[:-4]}{number:04x}"})
    assert all_settled(deployed.drain(), 40)
    assert len(slack.messages()) == before + 1
    assert account.aws.made["worker", "ecs:DescribeTaskDefinition"] <= made + 1


# --- another account ---------------------------------------------------------------------------------


def test_a_task_of_another_account_is_read_with_the_role_there(deployed: Deployed, slack: LocalSlack) -> None:
    aws = deployed.account.aws
    there = build_account(aws, REGION, OTHER_ACCOUNT)
    there.add_role("pullcheck-read")
    found = DEMO[0].break_it(there)
    before = len(answers(slack))
    assert isinstance(aws, RecordingAws)
    assert deployed.emit(stopped_event(there, found.task), account=OTHER_ACCOUNT)
    assert all_settled(deployed.drain())
    assert len(answers(slack)) == before + 1
    assert "cannot start: " in answers(slack)[-1].plain
    assert ("worker", "sts:AssumeRole") in aws.made


def test_an_account_that_is_not_listed_is_settled_in_silence(deployed: Deployed, slack: LocalSlack) -> None:
    task, _ = broken(deployed.account)
    before = len(slack.messages())
    detail = stopped_event(deployed.account, task)
    detail["taskArn"] = task.arn.replace(deployed.account.account_id, "999999999999")
    deployed.emit(detail, account="999999999999")
    assert all_settled(deployed.drain())
    assert len(slack.messages()) == before


# --- what it did, and what it said -------------------------------------------------------------------


@pytest.fixture(scope="module")
def used(deployed: Deployed, slack: LocalSlack, account: Account) -> Deployed:
    """The bot after a command, a task event, and another of the same group."""
    task, _ = broken(account)
    with function_url(deployed.function("slack")) as address, slack.over_http(post_to(address)):
        slack.command("/pullcheck", task.arn)
    for end in ("f00d", "feed"):
        deployed.emit(stopped_event(account, task, taskArn=task.arn[:-4] + end, group="service:used"))
    assert all_settled(deployed.drain())
    return deployed


def test_what_was_called_is_allowed_and_what_may_be_written_is_needed(
    used: Deployed, many_accounts: dict[str, Any]
) -> None:
    assert isinstance(used.account.aws, RecordingAws)
    made = used.account.aws.made
    # What Lambda itself does with the role is done by these tests.
    by_lambda = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
    for function, role in (("slack", "SlackRole"), ("worker", "WorkerRole")):
        allowed = {
            action
            for name, statement in statements(many_accounts)
            if name == role
            for action in many(statement["Action"])
        } | {"ssm:GetParameter"}
        # A transaction is allowed by what it consists of.
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
        parts = {"dynamodb:TransactWriteItems": "dynamodb:UpdateItem"}
        called = {parts.get(action, action) for app, action in made if app == function}
        assert called - allowed == set()
        own = {item for item in allowed if item.startswith(("dynamodb:", "sqs:", "ssm:GetParameter"))}
        only_in_trouble = {"sqs:ChangeMessageVisibility"}
        assert own - called - by_lambda - only_in_trouble == set()
    assert {action for app, action in made if app == "slack"} == {"ssm:GetParameter", "sqs:SendMessage"}


def test_the_logs_are_json_with_run_ids_and_hold_no_secret(used: Deployed, slack: LocalSlack) -> None:
    worker = (used.logs / "worker.log").read_text(encoding="utf-8")
    for text in (worker, (used.logs / "slack.log").read_text(encoding="utf-8")):
        for secret in (slack.bot_token, slack.signing_secret, "/response/", "hooks.slack.com"):
            assert secret not in text
    lines = [json.loads(line) for line in worker.splitlines() if line.strip()]
    metrics = [line for line in lines if "_aws" in line]
    assert {item["_aws"]["CloudWatchMetrics"][0]["Namespace"] for item in metrics} == {"pullcheck"}
    assert any(line.get("Runs") and line.get("run_id") for line in metrics)


def test_the_alarms_watch_metrics_that_the_bot_writes(used: Deployed, template: dict[str, Any]) -> None:
    names = {
        item["Properties"]["MetricName"]
        for item in template["Resources"].values()
        if item["Type"] == "AWS::CloudWatch::Alarm" and item["Properties"]["Namespace"] == "pullcheck"
    }
    lines: list[str] = []
    metrics = Metrics(lines.append)
    metrics.failed_run()
    metrics.slack_error("chat.postMessage", "channel_not_found")
    without_dimensions = {
        metric["Name"]
        for line in map(json.loads, lines)
        for directive in line["_aws"]["CloudWatchMetrics"]
        if [] in directive["Dimensions"]
        for metric in directive["Metrics"]
    }
    assert names == without_dimensions == {"FailedRuns", "SlackErrors"}
