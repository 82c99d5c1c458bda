"""Storms with Slack down for five minutes, on a clock that is told to pass: what they cost, and that all of it is heard."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.aws_lambda.work import Worker
from bot.events.groups import EventGroups
from bot.events.handle import PATIENCE, Events
from bot.events.routes import Routes
from bot.queues.sqs import SqsQueue
from bot.stores.dynamodb import DynamoDbRuns, Table
from demo.aws import ACCOUNT_ID, REGION
from demo.slack import LocalSlack
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import Services
from tests.aws_lambda.cloud import TABLE, task_event
from tests.bot.conftest import AtOnce, Script
from tests.build import reports

MOST_RECEIVES = 4
"""`maxReceiveCount` of the template."""
DOWN = 300.0
WINDOW = 300.0


class Clock:
    """Time that passes when it is told to."""

    now = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Sqs:
    """Queues whose messages are seen when their time has come, as far as the worker uses them."""

    clock: Clock
    due: list[tuple[float, int, str]] = field(default_factory=list)
    bodies: dict[str, tuple[str, str]] = field(default_factory=dict)
    receives: Counter[str] = field(default_factory=Counter)
    dead: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:
        assert DelaySeconds <= 900
        self.put(QueueUrl, MessageBody, self.clock() + DelaySeconds)

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        assert self.bodies[ReceiptHandle][0] == QueueUrl
        self._show(ReceiptHandle, self.clock() + VisibilityTimeout)

    def put(self, url: str, body: str, at: float) -> None:
        """Send a message that is seen at a time."""
        handle = str(next(self._numbers))
        self.bodies[handle] = (url, body)
        self._show(handle, at)

    def _show(self, handle: str, at: float) -> None:
        heapq.heappush(self.due, (at, next(self._numbers), handle))

    def next(self) -> dict[str, Any] | None:
        """The next message, when its time has come; `None` where there will be none."""
        while self.due:
            at, _, handle = heapq.heappop(self.due)
            self.clock.now = max(self.clock.now, at)
            if self.receives[handle] == MOST_RECEIVES:
                self.dead.append(self.bodies[handle][1])
                continue
            self.receives[handle] += 1
            url, body = self.bodies[handle]
            return {
                "messageId": handle,
                "receiptHandle": handle,
                "body": body,
                "attributes": {"ApproximateReceiveCount": str(self.receives[handle])},
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{url.rpartition('/')[2]}",
            }
        return None


class Api(WebClient):
    """The Web API of the local Slack, which is down until a moment of the clock."""

    def __init__(self, clock: Clock, **more: Any) -> None:
        super().__init__(**more)
        self.clock = clock
        self.down_until = 0.0
        self.error = "service_unavailable"
        self.refused = 0

    def api_call(self, api_method: str, **arguments: Any) -> Any:
        """Call a method, or be refused without any network."""
        if self.clock() >= self.down_until:
            return super().api_call(api_method, **arguments)
        self.refused += 1
        answer = {"ok": False, "error": self.error}
        status = 503 if self.error == "service_unavailable" else 200
        raise SlackApiError(
            "down",
            SlackResponse(
                client=self,
                http_verb="POST",
                api_url="",
                req_args={},
                data=answer,
                headers={},
                status_code=status,
            ),
        )


JOBS, EVENTS = "https://sqs/1/jobs", "https://sqs/1/events"


@dataclass
class World:
    """A worker with its queues."""

    slack: LocalSlack
    clock: Clock
    sqs: Sqs
    script: Script
    worker: Worker
    api: Api

    def down(self, seconds: float, error: str = "service_unavailable") -> None:
        self.api.down_until = self.clock() + seconds
        self.api.error = error

    def up(self) -> None:
        self.api.down_until = 0.0

    def run(self, until: float = float("inf")) -> None:
        """Let time pass until nothing waits any more."""
        while self.sqs.due and self.sqs.due[0][0] <= until:
            record = self.sqs.next()
            if record is not None:
                self.worker.batch([record], lambda: 60.0)

    def parents(self) -> int:
        return sum("Cause found" in item.plain for item in self.slack.messages())


@pytest.fixture
def world() -> Iterator[World]:
    clock, script = Clock(), Script()
    with LocalSlack() as slack, mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        table = Table(client, TABLE, clock=clock)
        runs, sqs = DynamoDbRuns(table), Sqs(clock)
        api = Api(clock, token=slack.bot_token, base_url=slack.api_url)
        pace = AtOnce()
        # What repeats a call for half a minute has tests of its own.
        pace.patience = 0.0
        services = Services(
            slack=api,
            diagnose=script,
            runs=runs,
            fault=lambda _: None,
            lease=80.0,
            pace=pace,
            strict=True,
        )
        events_queue = SqsQueue(sqs, EVENTS)
        events = Events(
            services=services,
            runs=runs,
            groups=EventGroups(table, WINDOW),
            routes=Routes.of(json.dumps([{"channel": slack.channel.id}])),
            tags=lambda event: {},
            queue=events_queue,
            clock=clock,
        )
        worker = Worker(services, events, SqsQueue(sqs, JOBS), events_queue, needed=30.0)
        yield World(slack, clock, sqs, script, worker, api)


def event(number: int, service: str) -> str:
    return json.dumps(task_event(f"{number:032x}", group=f"service:{service}"))


def person(world: World, key: str) -> str:
    return Job(
        key=key,
        kind=DIAGNOSE,
        target=reports.TARGET,
        channel=world.slack.channel.id,
        user=world.slack.user.id,
    ).text()


def test_one_service_fails_all_the_time_while_slack_is_down(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    for number in range(400):
        world.sqs.put(EVENTS, event(number + 1, "payments-api"), begin + number)

    world.run()

    assert len(world.script.asked) == 1
    assert world.parents() == 1
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) < MOST_RECEIVES
    (parent,) = world.slack.messages()
    assert len(world.slack.thread(parent)) == 1
    assert "Seen 400 times" in parent.plain
    # While Slack is down it is asked now and then, not once for each event; each try repeats what was not taken.
    assert world.api.refused <= 2 * (DOWN / PATIENCE + 10)


def test_many_services_fail_while_slack_is_down(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    for number in range(40):
        world.sqs.put(EVENTS, event(number + 1, f"service-{number}"), begin + number)

    world.run(begin + DOWN - 1)
    # Found out while the facts are fresh, and kept.
    assert len(world.script.asked) == 40
    assert world.parents() == 0
    world.run(begin + DOWN + 130)

    assert world.parents() == len(world.script.asked) == 40
    world.run()
    assert world.parents() == len(world.script.asked) == 40
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) < MOST_RECEIVES


def test_what_people_asked_meanwhile_is_found_out_once_and_told_when_slack_is_back(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    for number in range(20):
        world.sqs.put(JOBS, person(world, f"command {number}"), begin + number)

    world.run(begin + DOWN - 1)
    assert len(world.script.asked) == 20
    assert world.parents() == 0
    world.run(begin + DOWN + 130)

    assert world.parents() == len(world.script.asked) == 20
    world.run()
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) < MOST_RECEIVES


def test_after_slack_is_back_the_next_failure_is_heard(world: World) -> None:
    """Also where the message that was to come again is lost: the group passes its lead on."""
    world.down(DOWN)
    world.sqs.put(EVENTS, event(1, "payments-api"), world.clock())
    world.run(world.clock() + 1)
    world.sqs.due.clear()
    world.clock.now += WINDOW / 2
    world.up()

    world.sqs.put(EVENTS, event(2, "payments-api"), world.clock())
    world.run(world.clock() + 1)

    assert world.parents() == 1
    # What was found out for the first one stands for both.
    assert [target.task_id for target, _ in world.script.asked] == [f"{1:032x}"]
    # Delivered late, the first one finds it told.
    world.sqs.put(EVENTS, event(1, "payments-api"), world.clock())
    world.run()
    assert world.parents() == len(world.script.asked) == 1


def test_a_channel_without_the_app_is_heard_when_it_is_invited(world: World) -> None:
    world.down(1e9, "not_in_channel")
    world.sqs.put(EVENTS, event(1, "payments-api"), world.clock())
    world.run(world.clock() + 600)
    assert world.script.asked == []

    world.up()
    world.run(world.clock() + 130)

    assert world.parents() == len(world.script.asked) == 1


def test_after_an_hour_it_ends_with_the_dead_letters_and_comes_back_from_them(world: World) -> None:
    begin = world.clock()
    world.down(1e9)
    world.sqs.put(JOBS, person(world, "command 1"), begin)

    world.run()

    assert 3600 <= world.clock() - begin <= 6000
    (left,) = world.sqs.dead
    world.up()
    world.sqs.put(JOBS, left, world.clock())
    world.run()
    assert world.parents() == len(world.script.asked) == 1


def test_a_message_of_people_goes_back_to_the_queue_of_people(world: World) -> None:
    world.down(1e9)
    world.sqs.put(JOBS, person(world, "command 1"), world.clock())
    world.sqs.put(EVENTS, event(1, "payments-api"), world.clock())

    world.run(world.clock() + 1000)

    of_people = [body for url, body in world.sqs.bodies.values() if url == JOBS]
    others = [body for url, body in world.sqs.bodies.values() if url == EVENTS]
    assert {json.loads(body).get("user") for body in of_people} == {world.slack.user.id}
    assert {json.loads(body).get("user") for body in others} == {None, ""}
    assert len(of_people) > 2
    assert len(others) > 2
