"""The deployed bot on loopback: its functions from the built tree, an emulated AWS, a local Slack."""

from __future__ import annotations

import io
import json
import re
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from demo.aws import Account, EmulatedAws
from demo.slack import HttpAnswer, LocalSlack, SignedRequest
from tests.deploy.event_pattern import matches
from tools.lambda_local import REGION, Function, PollTurn, poll_once

SECRETS = "/pullcheck/test/slack"
CHANNEL_RULE = '[{{"service": "quiet-*", "channel": "mute"}}, {{"channel": "{channel}"}}]'

_SERVICE = re.compile(r"Credential=[^/]+/\d{8}/[a-z0-9-]+/(?P<service>[a-z0-9-]+)/aws4_request")
_APP = re.compile(r"\bapp/(?P<app>[a-z]+)")


class RecordingAws(EmulatedAws):
    """An emulated AWS that notes which function made which call, as an IAM action.

    `before` is told of each of them before it is answered.
    """

    def __init__(self) -> None:
        super().__init__(region=REGION)
        self.made: Counter[tuple[str, str]] = Counter()
        self.before: Callable[[str, str], None] | None = None

    def _front(self, moto: Any) -> Any:
        inner = super()._front(moto)

        def front(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            size = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(size) if size else b""
            environ["wsgi.input"] = io.BytesIO(body)
            app = _APP.search(environ.get("HTTP_USER_AGENT", ""))
            service = _SERVICE.search(environ.get("HTTP_AUTHORIZATION", ""))
            if app and service:
                target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
                action = target or parse_qs(body.decode()).get("Action", ["?"])[0]
                call = (app["app"], f"{service['service']}:{action}")
                self.made[call] += 1
                if self.before is not None:
                    self.before(*call)
            answer: Iterable[bytes] = inner(environ, start_response)
            return answer

        return front


@dataclass
class Deployed:
    """The stack's resources in the emulated AWS, and its functions, started when first used."""

    account: Account
    slack: LocalSlack
    task_root: Path
    client: Path
    logs: Path
    template: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)
    """Their URLs, by their names in the template."""
    _functions: dict[str, Function] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def create(self) -> None:
        """Make the queues, the table and the secrets, as the template says."""
        resources = self.template["Resources"]
        sqs, dynamodb = self.account.client("sqs"), self.account.client("dynamodb")
        self.dead_letters_url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        dead = self._arn_of(self.dead_letters_url)
        for name in ("Jobs", "Events"):
            properties = resources[name]["Properties"]
            redrive = {**properties["RedrivePolicy"], "deadLetterTargetArn": dead}
            self.queues[name] = sqs.create_queue(
                QueueName=properties["QueueName"],
                Attributes={
                    "VisibilityTimeout": str(properties["VisibilityTimeout"]),
                    "RedrivePolicy": json.dumps(redrive),
                },
            )["QueueUrl"]
        table = resources["Table"]["Properties"]
        dynamodb.create_table(
            TableName="pullcheck",
            **{name: table[name] for name in ("AttributeDefinitions", "KeySchema", "BillingMode")},
        )
        self.account.client("ssm").put_parameter(
            Name=SECRETS,
            Type="SecureString",
            Value=json.dumps(
                {"SLACK_BOT_TOKEN": self.slack.bot_token, "SLACK_SIGNING_SECRET": self.slack.signing_secret}
            ),
        )

    @property
    def queue_url(self) -> str:
        """Where the jobs of people wait."""
        return self.queues["Jobs"]

    @property
    def queue_arn(self) -> str:
        """Its ARN."""
        return self._arn_of(self.queue_url)

    def _arn_of(self, url: str) -> str:
        sqs = self.account.client("sqs")
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def function(self, name: str) -> Function:
        """A function with a warm environment; cold where it was killed or is new."""
        if name not in self._functions:
            properties = self.template["Resources"][f"{name.title()}LambdaFunction"]["Properties"]
            variables = properties["Environment"]["Variables"]
            known = {
                "PULLCHECK_QUEUE_URL": self.queue_url,
                "PULLCHECK_EVENTS_QUEUE_URL": self.queues["Events"],
                "PULLCHECK_TABLE": "pullcheck",
                "PULLCHECK_SLACK_SECRETS": SECRETS,
                "PULLCHECK_ALLOWED_ACCOUNTS": self.account.account_id,
            }
            environment = {
                **{key: value for key, value in variables.items() if isinstance(value, str)},
                **{key: value for key, value in known.items() if key in variables},
                "SLACK_API_URL": self.slack.api_url,
                **self.account.aws.environment(self.account.account_id, REGION),
                "AWS_SDK_UA_APP_ID": name,
                **self.environment,
            }
            self._functions[name] = self._stack.enter_context(
                Function(
                    properties["Handler"],
                    self.task_root,
                    self.client,
                    environment,
                    log=self.logs / f"{name}.log",
                    timeout=properties["Timeout"],
                )
            )
        return self._functions[name]

    def forget(self, name: str) -> None:
        """Let the next use of a function find a cold environment."""
        if name in self._functions:
            self._functions.pop(name).kill()

    def close(self) -> None:
        """End every function."""
        self._stack.close()

    def emit(self, detail: dict[str, Any], account: str | None = None) -> bool:
        """Put an event of Amazon ECS on the bus; whether the rule takes it. `account` is where it comes from.

        moto's events lack the account, and its matching does not look into lists, so both are ours.
        """
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "source": "aws.ecs",
            "detail-type": "ECS Task State Change",
            "account": account or self.account.account_id,
            "region": REGION,
            "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "resources": [detail["taskArn"]],
            "detail": detail,
        }
        rule = self.template["Resources"]["TaskStopped"]["Properties"]
        taken = matches(rule["EventPattern"], event)
        if taken:
            (target,) = rule["Targets"]
            url = self.queues[target["Arn"]["Fn::GetAtt"][0]]
            self.account.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))
        return taken

    def turn(self) -> PollTurn:
        """One message goes through the worker, one of people where there is any."""
        sqs, none = self.account.client("sqs"), PollTurn(0, 0)
        for url in self.queues.values():
            if (turn := poll_once(sqs, url, self._arn_of(url), self.function("worker"))) != none:
                return turn
        return none

    def drain(self) -> list[PollTurn]:
        """Messages go through the worker until none is to be seen."""
        turns: list[PollTurn] = []
        while (turn := self.turn()) != PollTurn(0, 0):
            turns.append(turn)
        return turns

    def waiting(self) -> int:
        """How many messages are on the queues, hidden ones too."""
        names = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        sqs = self.account.client("sqs")
        answers = [
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names) for url in self.queues.values()
        ]
        return sum(int(answer["Attributes"][name]) for answer in answers for name in names)


def post_to(url: str) -> Callable[[SignedRequest], HttpAnswer]:
    """A receiver for `LocalSlack.over_http` that posts to an address."""

    def receive(request: SignedRequest) -> HttpAnswer:
        sent = urllib.request.Request(url, request.body.encode(), dict(request.headers))
        try:
            with urllib.request.urlopen(sent, timeout=20) as answer:
                return HttpAnswer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return HttpAnswer(error.code, error.read().decode())

    return receive
