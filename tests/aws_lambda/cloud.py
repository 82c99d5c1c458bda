"""What the functions stand on, emulated: two queues, a table, secrets, and the parts of Lambda that call a function."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from demo.aws import ACCOUNT_ID, REGION, EmulatedAws, TaskHandle
from demo.slack import HttpAnswer, LocalSlack, SignedRequest

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

SECRETS = "/pullcheck/test/slack"
TABLE = "pullcheck-test"


class Killed(BaseException):
    """The worker's process ends here."""


@dataclass
class Context:
    """What Lambda tells a function."""

    aws_request_id: str = "request-1"
    seconds: float = 60.0

    def get_remaining_time_in_millis(self) -> int:
        """How long it may still take."""
        return int(self.seconds * 1000)


@dataclass
class Cloud:
    """The app's own resources in the emulated AWS."""

    aws: EmulatedAws
    slack: LocalSlack
    queue_url: str = ""
    events_queue_url: str = ""
    make: Callable[[], Handler] | None = None
    handler: Handler | None = None
    context: Context = field(default_factory=Context)

    def build(self, visibility: int = 0) -> None:
        """Make everything again."""
        sqs, dynamodb = self.aws.client("sqs"), self.aws.client("dynamodb")
        self.queue_url, self.events_queue_url = (
            sqs.create_queue(
                QueueName=f"{what}-{uuid.uuid4().hex[:8]}", Attributes={"VisibilityTimeout": str(visibility)}
            )["QueueUrl"]
            for what in ("jobs", "events")
        )
        if TABLE in dynamodb.list_tables()["TableNames"]:
            dynamodb.delete_table(TableName=TABLE)
        dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        value = {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_SIGNING_SECRET": self.slack.signing_secret}
        self.aws.client("ssm").put_parameter(
            Name=SECRETS, Value=json.dumps(value), Type="SecureString", Overwrite=True
        )

    def environment(self) -> Mapping[str, str]:
        """What serverless.yml gives the functions, and where this AWS and this Slack are."""
        return {
            **self.aws.environment(),
            "SLACK_API_URL": self.slack.api_url,
            "PULLCHECK_QUEUE_URL": self.queue_url,
            "PULLCHECK_EVENTS_QUEUE_URL": self.events_queue_url,
            "PULLCHECK_TABLE": TABLE,
            "PULLCHECK_SLACK_SECRETS": SECRETS,
            "PULLCHECK_ROUTES": json.dumps([{"channel": self.slack.channel.id}]),
            "PULLCHECK_LOG_FORMAT": "json",
            "PULLCHECK_GROUP_SECONDS": "300",
        }

    @property
    def worker(self) -> Handler:
        """The worker, made when it is first called: it logs to the stdout of that moment."""
        if self.handler is None:
            assert self.make is not None
            self.handler = self.make()
        return self.handler

    # --- the queue and what polls it -----------------------------------------------------------------

    def waiting(self) -> list[dict[str, Any]]:
        """The messages that are there now, received once more: those of people first."""
        return [message for url in (self.queue_url, self.events_queue_url) for message in self._waiting(url)]

    def _waiting(self, url: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        sqs = self.aws.client("sqs")
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]
        ).get("Messages"):
            known = {item["MessageId"] for item in found}
            new = [{**item, "queue": url} for item in messages if item["MessageId"] not in known]
            if not new:
                break
            found += new
        return found

    def drain(self) -> tuple[int, int]:
        """One turn of the event source mapping over all that waits: how many were settled, and how many were not."""
        settled = failed = 0
        for message in self.waiting():
            if self.worker({"Records": [record(message)]}, self.context)["batchItemFailures"]:
                failed += 1
            else:
                self.aws.client("sqs").delete_message(
                    QueueUrl=message["queue"], ReceiptHandle=message["ReceiptHandle"]
                )
                settled += 1
        return settled, failed

    def deliver(self, *bodies: object) -> list[str]:
        """Give messages to the worker as one batch; the ids of those that come again."""
        records = [
            record({"MessageId": str(place), "Body": body if isinstance(body, str) else json.dumps(body)})
            for place, body in enumerate(bodies)
        ]
        answer = self.worker({"Records": records}, self.context)
        return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def record(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as Lambda gets it. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message.get("ReceiptHandle", "none"),
        "body": message["Body"],
        "attributes": message.get("Attributes", {"ApproximateReceiveCount": "1"}),
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{message.get('queue', 'jobs').rpartition('/')[2]}",
        "awsRegion": REGION,
    }


def url_event(body: str, headers: Mapping[str, str], method: str = "POST") -> dict[str, Any]:
    """A request as a Function URL gives it: a form arrives in base64."""
    return {
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {"http": {"method": method, "path": "/", "sourceIp": "127.0.0.1"}},
        "body": base64.b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }


def receiver(function: Handler) -> Callable[[SignedRequest], HttpAnswer]:
    """A function behind its URL, for `LocalSlack.over_http`."""

    def receive(request: SignedRequest) -> HttpAnswer:
        answer = function(url_event(request.body, dict(request.headers)), Context())
        return HttpAnswer(answer["statusCode"], answer["body"])

    return receive


# --- task events -------------------------------------------------------------------------------------

NOT_FOUND = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
    f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/payments-api:9.9.9: not found"
)
IMAGE = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/payments-api:9.9.9"


def task_event(task_id: str = "0" * 32, /, **changes: Any) -> dict[str, Any]:
    """An event about a task of the service `payments-api` that could not pull; members of `detail` can be changed.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    """
    envelope: dict[str, Any] = {
        key: changes.pop(key) for key in ("account", "region", "time") if key in changes
    }
    account, region = envelope.get("account", ACCOUNT_ID), envelope.get("region", REGION)
    arn = f"arn:aws:ecs:{region}:{account}"
    detail = {
        "attachments": [],
        "clusterArn": f"{arn}:cluster/payments",
        "containers": [
            {
                "containerArn": f"{arn}:container/payments/{task_id}/1",
                "lastStatus": "STOPPED",
                "name": "app",
                "image": IMAGE,
                "reason": NOT_FOUND,
                "taskArn": f"{arn}:task/payments/{task_id}",
            }
        ],
        "cpu": "256",
        "createdAt": "2026-11-25T10:03:10.001Z",
        "desiredStatus": "STOPPED",
        "group": "service:payments-api",
        "launchType": "FARGATE",
        "lastStatus": "STOPPED",
        "memory": "512",
        "overrides": {
            "containerOverrides": [{"name": "app", "environment": [{"name": "KEY", "value": "hunter2"}]}]
        },
        "platformVersion": "1.4.0",
        "startedBy": "ecs-svc/1234567890123456789",
        "stopCode": "TaskFailedToStart",
        "stoppedAt": "2026-11-25T10:04:00.001Z",
        "stoppedReason": NOT_FOUND,
        "taskArn": f"{arn}:task/payments/{task_id}",
        "taskDefinitionArn": f"{arn}:task-definition/payments-api:7",
        "version": 5,
        **changes,
    }
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": account,
        "time": "2026-11-25T10:04:01Z",
        "region": region,
        "resources": [detail["taskArn"]],
        "detail": detail,
        **envelope,
    }


def event_of(task: TaskHandle) -> dict[str, Any]:
    """The event that ECS sends when a task of the emulated account stops: the task as DescribeTasks gives it."""
    event = task_event(task.id, account=task.account_id, region=task.region)
    event["detail"] = json.loads(json.dumps(task.describe(), default=_iso))
    event["resources"] = [task.arn]
    return event


def _iso(value: object) -> str:
    assert isinstance(value, datetime)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def lines(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of what was logged, one a line."""
    for line in text.splitlines():
        yield json.loads(line)


NO_WAY = (
    "ResourceInitializationError: unable to pull secrets or registry auth: operation error ECR: GetAuthorizationToken, exceeded "
    "maximum number of attempts, 3, https response error StatusCode: 0, RequestID: , request send failed, Post "
    '"https://api.ecr.us-east-1.amazonaws.com/": dial tcp 44.213.79.10:443: i/o timeout'
)


def failing(number: int, service: str, subnet: str = "subnet-a", **changes: Any) -> dict[str, Any]:
    """A task of a service in a subnet, to which ECR's API did not answer."""
    interface = {"type": "eni", "details": [{"name": "subnetId", "value": subnet}]}
    said = {"attachments": [interface], "stoppedReason": NO_WAY, **changes}
    event = task_event(f"{number:032x}", group=f"service:{service}", **said)
    event["detail"]["containers"][0] |= {"reason": None, "image": f"{service}:1"}
    return event
