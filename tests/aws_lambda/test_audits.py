"""The function that audits, on an emulated AWS: what people ask for, and every day's, cut by cluster and put together once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.aws_lambda import auditing, work
from bot.aws_lambda.settings import SettingsError
from bot.queues.fifo import FifoQueue
from demo.aws import ACCOUNT_ID, REGION
from demo.slack import Message
from diagnostics.audit import AuditReport
from diagnostics.target import Target
from handlers.jobs import Job
from handlers.kinds import AUDIT
from handlers.ports import DiagnosisError
from tests.aws_lambda.cloud import Cloud, Context, Handler, Killed, record
from tests.aws_lambda.conftest import Clock
from tests.bot.conftest import Script
from tests.build.audits import denied, finding, report

QUEUE = "audits.fifo"


def scheduled(day: str = "2026-11-24") -> str:
    """https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html"""
    return json.dumps(
        {
            "version": "0", "id": f"id-{day}", "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT_ID,
            "time": f"{day}T06:00:00Z", "region": REGION, "resources": [], "detail": {},
        }
    )  # fmt: skip


class Clusters:
    """Audits of clusters as a test wants them."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.seconds: list[float] = []
        self.found: dict[str | None, Callable[[], AuditReport]] = {}

    def __call__(self, seconds: float) -> Callable[[Target, Any], AuditReport]:
        def audit(target: Target, tell: Any) -> AuditReport:
            self.asked.append(target.cluster)
            self.seconds.append(seconds)
            if target.cluster in self.found:
                return self.found[target.cluster]()
            name = target.cluster or "prod"
            return report(finding("now", "shop", "api", cluster=name), cluster=name, account_id=ACCOUNT_ID)

        return audit


class AuditsCloud:
    """The queue of audits and what polls it."""

    def __init__(self, cloud: Cloud, clusters: Clusters, clock: Clock) -> None:
        self.cloud, self.clusters, self.clock = cloud, clusters, clock
        self.function: Handler = auditing.make(clusters, clock)
        self.url = f"{cloud.queue_url.rpartition('/')[0]}/{QUEUE}"

    def wake(self, day: str = "2026-11-24") -> None:
        """The schedule's word, as EventBridge gives it to the queue."""
        self.deliver(scheduled(day))

    def deliver(self, body: str, context: Context | None = None) -> list[str]:
        """Give a message to the function; the ids of those that come again."""
        answer = self.function(
            {"Records": [record({"MessageId": "1", "Body": body})]}, context or Context(seconds=900)
        )
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]

    def drain(self, lost: str = "") -> list[str]:
        """Deliver all that waits, in the order of its group; the bodies. One that holds `lost` is given up."""
        sqs, bodies = self.cloud.aws.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=1).get("Messages"):
            (message,) = messages
            bodies.append(message["Body"])
            if not lost or lost not in message["Body"]:
                assert self.deliver(message["Body"]) == []
            sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def told(self) -> tuple[Message, ...]:
        """What the channel hears, when the worker has done what it was sent."""
        self.cloud.drain()
        return tuple(self.cloud.slack.messages())


@pytest.fixture
def clusters() -> Clusters:
    return Clusters()


@pytest.fixture
def audited(
    cloud: Cloud, clusters: Clusters, clock: Clock, script: Script, monkeypatch: pytest.MonkeyPatch
) -> AuditsCloud:
    sqs = cloud.aws.client("sqs")
    url = sqs.create_queue(
        QueueName=QUEUE, Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    )["QueueUrl"]
    monkeypatch.setenv("PULLCHECK_AUDITS_QUEUE_URL", url)
    monkeypatch.setenv("PULLCHECK_DAILY_AUDIT", "all")
    cloud.make = lambda: work.make(script, clock, parallel=1)
    for name in ("batch", "prod"):
        cloud.aws.client("ecs").create_cluster(clusterName=name)
    return AuditsCloud(cloud, clusters, clock)


def test_a_day_is_cut_by_cluster_and_told_in_one_message(audited: AuditsCloud) -> None:
    audited.wake()
    audited.wake()
    bodies = [json.loads(item) for item in audited.drain()]

    assert [item.get("cluster", item["audit"]) for item in bodies] == ["batch", "prod", "end"]
    assert audited.clusters.asked == ["batch", "prod"]
    assert set(audited.clusters.seconds) == {600.0}
    (message,) = audited.told()
    # One resource that stops services of two clusters is one finding.
    assert "1 thing to know" in message.plain
    assert "batch/api, prod/api" in message.plain

    # The next day nothing changed.
    audited.clock.now += 86_400
    audited.wake("2026-11-25")
    audited.drain()
    assert audited.told() == (message,)


def test_a_cluster_that_is_given_up_is_missing_and_nothing_of_it_is_mended(audited: AuditsCloud) -> None:
    audited.wake()
    audited.drain()
    audited.told()
    audited.clock.now += 86_400
    audited.clusters.found["prod"] = lambda: report(finding("risk", "r", "search"), account_id=ACCOUNT_ID)
    audited.wake("2026-11-25")
    audited.drain(lost='"cluster":"batch"')

    told = "".join(item.plain for item in audited.told()[1:])
    assert "New: search" in told
    assert "No longer found" not in told
    assert "everything in batch" in told


def test_a_cluster_that_is_delivered_twice_is_audited_once(audited: AuditsCloud) -> None:
    audited.wake()
    bodies = audited.drain()
    for body in bodies:
        assert audited.deliver(body) == []
    assert audited.clusters.asked == ["batch", "prod"]
    assert len(audited.told()) == 1


def test_a_function_that_ends_in_the_middle_loses_nothing(audited: AuditsCloud) -> None:
    def killed() -> AuditReport:
        raise Killed

    audited.wake()
    audited.clusters.found["batch"] = killed
    sqs = audited.cloud.aws.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=audited.url, MaxNumberOfMessages=1)["Messages"]
    with pytest.raises(Killed):
        audited.deliver(message["Body"])
    del audited.clusters.found["batch"]
    sqs.change_message_visibility(
        QueueUrl=audited.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    audited.drain()

    assert audited.clusters.asked == ["batch", "batch", "prod"]
    assert "batch/api, prod/api" in audited.told()[0].plain


def test_where_nothing_can_be_audited_that_is_said(audited: AuditsCloud) -> None:
    def refused() -> AuditReport:
        raise DiagnosisError("the app has no valid AWS credentials.")

    audited.clusters.found = {"batch": refused, "prod": refused}
    audited.wake()
    audited.drain()
    (message,) = audited.told()
    assert "could not be made: the app has no valid AWS credentials." in message.plain


def test_clusters_that_cannot_be_listed_are_audited_at_once(
    audited: AuditsCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_listed", lambda scope, aws: None)
    audited.wake()
    audited.drain()
    assert audited.clusters.asked == [None]


def asked(cloud: Cloud) -> Job:
    target = Target(kind="cluster", cluster="prod")
    return Job(
        key="command 1.2", kind=AUDIT, target=target, channel=cloud.slack.channel.id, user=cloud.slack.user.id
    )


def test_what_people_ask_for_goes_to_the_function_and_is_answered_there(audited: AuditsCloud) -> None:
    cloud = audited.cloud
    cloud.aws.client("sqs").send_message(QueueUrl=cloud.queue_url, MessageBody=asked(cloud).text())
    assert cloud.drain() == (1, 0)
    assert not cloud.slack.messages()

    (body,) = audited.drain()
    assert json.loads(body)["key"] == "command 1.2"
    (message,) = cloud.slack.messages()
    assert "Audit of prod: api: would fail now." in message.text


def test_an_audit_ends_before_the_function_does(audited: AuditsCloud) -> None:
    body = asked(audited.cloud).text()
    assert audited.deliver(body, Context(seconds=300)) == []
    assert audited.clusters.seconds == [300 - auditing.SPARE]


def test_without_the_function_the_worker_audits_as_far_as_its_time_goes(
    cloud: Cloud, script: Script, clock: Clock
) -> None:
    """With real clients: the cluster is not there, which the answer says."""
    cloud.make = lambda: work.make(script, clock, parallel=1)
    cloud.aws.client("sqs").send_message(QueueUrl=cloud.queue_url, MessageBody=asked(cloud).text())
    assert cloud.drain() == (1, 0)
    (message,) = cloud.slack.messages()
    assert "There is no cluster prod" in message.plain


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"audit": "cluster"}',
        '{"audit": "end", "x": 1}',
        '{"detail-type": "Scheduled Event"}',
        '{"kind": "nothing"}',
    ],
)
def test_what_cannot_be_read_comes_again_and_ends_with_the_dead_letters(
    audited: AuditsCloud, body: str
) -> None:
    assert audited.deliver(body) == ["1"]


def test_what_is_missing_is_named(cloud: Cloud) -> None:
    with pytest.raises(SettingsError, match="missing: PULLCHECK_AUDITS_QUEUE_URL"):
        auditing.make()


def test_messages_of_one_account_are_of_one_group_and_those_of_people_of_another(
    audited: AuditsCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []

    class Client:
        def send_message(self, **arguments: Any) -> None:
            sent.append(arguments)

    queue = FifoQueue(Client(), "https://x/y.fifo")
    queue.send("1", group="a", once="1")
    queue.send("2", group="a", once="2")
    queue.submit(asked(audited.cloud))
    groups = [item["MessageGroupId"] for item in sent]
    assert groups[0] == groups[1] != groups[2]
    assert len({item["MessageDeduplicationId"] for item in sent}) == 3
    assert all(len(item["MessageDeduplicationId"]) <= 128 for item in sent)


def test_a_part_that_was_hidden_is_said(audited: AuditsCloud) -> None:
    audited.clusters.found["prod"] = lambda: report(
        finding("now", "shop", "api"), cannot_tell=(denied(),), account_id=ACCOUNT_ID
    )
    audited.wake()
    audited.drain()
    (message,) = audited.told()
    assert "It cannot be told for 1: prod/search." in message.plain
    assert "Not allowed: ecr:GetLifecyclePolicy." in message.plain
