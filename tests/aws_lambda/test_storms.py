"""Storms with Slack down for five minutes, on a clock that is told to pass: what they cost, and that all of it is heard.

Slack takes no more than it promises to (`paced`), and the table is a dictionary (`memory_table`), which is compared with moto.
"""

from __future__ import annotations

import heapq
import itertools
import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import boto3
import pytest
from moto import mock_aws
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.aws_lambda.work import Worker
from bot.events.event import TaskEvent
from bot.events.groups import EventGroups
from bot.events.handle import PATIENCE, Events
from bot.events.incidents import TRY_AGAIN_SECONDS, Incidents
from bot.events.routes import Routes
from bot.queues.sqs import SqsQueue
from bot.stores.dynamodb import DynamoDbRuns, Table
from demo.aws import ACCOUNT_ID, REGION
from demo.slack import LocalSlack
from diagnostics.target import Target
from handlers.audit import MEMBERS
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.pace import Pace
from handlers.ports import Services
from handlers.saved_run import SavedRun
from tests.aws_lambda.cloud import TABLE, failing, task_event
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import Script
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

    def sleep(self, seconds: float) -> None:
        self.now += seconds


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

    def due_now(self) -> bool:
        """Something is to be seen without waiting."""
        return bool(self.due) and self.due[0][0] <= self.clock()

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


class Patience(Pace):
    """Slack's pace. What repeats a call for half a minute while Slack is down has tests of its own."""

    def __init__(self, clock: Clock, api: Api) -> None:
        self._api = api
        super().__init__(clock=clock, sleep=clock.sleep, chance=lambda: 0.0)

    @property  # type: ignore[override]
    def patience(self) -> float:
        """None while Slack is down."""
        return 0.0 if self.clock() < self._api.down_until else 18.0

    @patience.setter
    def patience(self, seconds: float) -> None:
        pass


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

    def run(self, until: float = float("inf"), batch: int = 1) -> None:
        """Let time pass until nothing waits any more; so many messages at most are given to the worker at once."""
        while self.sqs.due and self.sqs.due[0][0] <= until:
            records = [self.sqs.next()]
            while len(records) < batch and self.sqs.due_now():
                records.append(self.sqs.next())
            self.worker.batch([record for record in records if record is not None], lambda: 60.0)

    def parents(self) -> int:
        return sum("cannot start: " in item.plain for item in self.slack.messages())


@pytest.fixture
def world() -> Iterator[World]:
    clock, script = Clock(), Script()
    with LocalSlack(clock=clock, paced=True) as slack, slack.in_process():
        table = Table(MemoryDynamoDb(), TABLE, clock=clock)
        runs, sqs = DynamoDbRuns(table), Sqs(clock)
        api = Api(clock, token=slack.bot_token, base_url=slack.api_url)
        services = Services(
            slack=api,
            diagnose=script,
            runs=runs,
            fault=lambda _: None,
            lease=80.0,
            pace=Patience(clock, api),
            strict=True,
        )
        events_queue = SqsQueue(sqs, EVENTS)
        events = Events(
            services=services,
            runs=runs,
            groups=EventGroups(table, WINDOW),
            incidents=Incidents(table, WINDOW, services.lease),
            routes=Routes.of(json.dumps([{"channel": slack.channel.id}])),
            tags=lambda event: {},
            queue=events_queue,
            clock=clock,
        )
        worker = Worker(services, events, SqsQueue(sqs, JOBS), events_queue, needed=30.0)
        yield World(slack, clock, sqs, script, worker, api)


def event(number: int, service: str) -> str:
    return json.dumps(task_event(f"{number:032x}", group=f"service:{service}"))


def person(world: World, key: str, target: Target = reports.TARGET) -> str:
    return Job(
        key=key,
        kind=DIAGNOSE,
        target=target,
        channel=world.slack.channel.id,
        user=world.slack.user.id,
    ).text()


def test_a_thousand_events_of_one_service_cost_one_diagnosis_and_one_thread(world: World) -> None:
    begin = world.clock()
    for number in range(1000):
        # Ten at a time, as they come in a batch; now and then twice.
        for _ in range(1 + (number % 30 < number // 10 % 3)):
            world.sqs.put(EVENTS, event(number + 1, "payments-api"), begin + number // 10)

    world.run(batch=10)

    assert len(world.script.asked) == 1
    (parent,) = world.slack.messages()
    assert "· 1000 tasks" in parent.plain
    assert "10:04" in parent.plain
    assert len(world.slack.thread(parent)) == 1
    # The answer, and the count every half minute.
    assert len([call for call in world.slack.calls() if call.method.startswith("chat.")]) <= 3 + 5
    assert world.sqs.dead == []
    assert set(world.sqs.receives.values()) == {1}


def test_a_thousand_events_of_one_service_while_slack_is_down(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    for number in range(1000):
        world.sqs.put(EVENTS, event(number + 1, "payments-api"), begin + number * 0.5)

    world.run()

    assert len(world.script.asked) == 1
    assert world.parents() == 1
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) < MOST_RECEIVES
    (parent,) = world.slack.messages()
    assert len(world.slack.thread(parent)) == 1
    assert "· 1000 tasks" in parent.plain
    # While Slack is down it is asked now and then, not once for each event; each try repeats what was not taken.
    assert world.api.refused <= 2 * (DOWN / PATIENCE + 10)


def test_two_hundred_services_fail_while_slack_is_down(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    world.script.steps = [partial(reports.cause_at, f"rtb-{number}") for number in range(200)]
    for number in range(200):
        world.sqs.put(EVENTS, event(number + 1, f"service-{number}"), begin + number)

    world.run(begin + DOWN - 1)
    # Found out while the facts are fresh, and kept.
    assert len(world.script.asked) == 200
    assert world.parents() == 0
    world.run()

    # Two messages a service, one a second: nothing more is asked of Slack, and nothing of AWS.
    assert world.clock() <= begin + DOWN + 130 + 2 * 200
    assert world.slack.refusals() == ()
    assert world.parents() == len(world.script.asked) == 200
    assert all(len(world.slack.thread(item)) == 1 for item in world.slack.messages())
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) < MOST_RECEIVES


def test_who_comes_while_the_first_is_diagnosed_waits_for_it(world: World) -> None:
    def meanwhile() -> Any:
        for number in range(2, 301):
            world.sqs.put(EVENTS, json.dumps(failing(number, f"service-{number}")), world.clock())
        while world.sqs.due_now():
            message = world.sqs.next()
            assert message is not None
            assert world.worker.batch([message], lambda: 60.0) == []
        return reports.cause_at("rtb-1", "nat-1")

    world.script.steps = [meanwhile]
    world.sqs.put(EVENTS, json.dumps(failing(1, "service-1")), world.clock())
    world.run()

    assert len(world.script.asked) == world.parents() == 1
    (parent,) = world.slack.messages()
    assert "· 300 tasks" in parent.plain
    assert "stops 300 services: " in parent.plain
    assert "… and 297 more" in parent.plain
    assert parent.plain.count("payments/service-") == 3
    assert world.sqs.dead == []
    assert max(world.sqs.receives.values()) == 1


def test_what_people_asked_meanwhile_is_found_out_once_and_told_when_slack_is_back(world: World) -> None:
    begin = world.clock()
    world.down(DOWN)
    for number in range(20):
        task = reports.TARGET.model_copy(update={"task_id": f"{number:032x}"})
        # Not more than one person may have in a minute.
        world.sqs.put(JOBS, person(world, f"command {number}", task), begin + 11 * number)

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
    # Found out while the facts are fresh, and kept.
    assert len(world.script.asked) == 1
    assert world.parents() == 0

    world.up()
    world.run(world.clock() + 130)

    assert world.parents() == len(world.script.asked) == 1


def test_after_an_hour_it_ends_with_the_dead_letters_and_comes_back_from_them(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "audit")
    begin = world.clock()
    world.down(1e9)
    world.sqs.put(JOBS, person(world, "command 1"), begin)

    world.run()

    assert 3600 <= world.clock() - begin <= 6000
    (left,) = world.sqs.dead
    # The queue has delivered the last message four times, and the run has its one line.
    (line,) = [record.__dict__[MEMBERS] for record in caplog.records if record.name == "audit"]
    assert (line["verdict"], line["told"]) == ("cause_found", "nowhere")
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


# --- the table that these storms stand on ------------------------------------------------------------


def test_the_table_in_memory_does_as_moto_does() -> None:
    clock = Clock()
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        memory = MemoryDynamoDb()
        ours, theirs = (list(_use(Table(one, TABLE, clock=clock), clock)) for one in (memory, client))
        items = client.scan(TableName=TABLE)["Items"]

    assert ours == theirs
    assert _comparable(memory.items.values()) == _comparable(items)


def _comparable(items: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Items by their keys; a number is what it says, however it is written."""

    def value(given: Mapping[str, Any]) -> Any:
        ((kind, inner),) = given.items()
        return float(inner) if kind == "N" else bytes(inner) if kind == "B" else inner

    return {item["pk"]["S"]: {name: value(given) for name, given in item.items()} for item in items}


def _use(table: Table, clock: Clock) -> Iterator[object]:
    """Every call of the stores, with every answer of its condition."""
    clock.now = Clock.now
    runs, groups = DynamoDbRuns(table), EventGroups(table, WINDOW)
    for holder in (None, "me", "you", "me"):
        yield runs.claim("a", 60, holder)
    clock.now += 60
    yield runs.claim("a", 60, "you"), runs.claim("b", 60), runs.claim("b", 60, "me")
    runs.note("a", "a word")
    yield runs.noted("a"), runs.finished("a"), runs.noted("c")
    runs.settle(("a",), ("b", "c"))
    yield runs.finished("a"), runs.claim("a", 60), runs.claim("b", 60), runs.noted("a")
    runs.settle(("b",))
    for version in (5, 7, 6):
        sent = TaskEvent.model_validate({**task_event(version=version), "id": f"e{version}"})
        assert sent.target is not None
        facts = sent.facts(sent.target)
        yield runs.event_seen("0" * 32), runs.see_event(facts, version)
        runs.keep_event(facts, version)
    runs.event_done("1" * 32)
    yield runs.event_seen("1" * 32), runs.latest("0" * 32)
    since = TaskEvent.model_validate(task_event()).time
    first = groups.open("k", "t1", since, None)
    assert first is not None
    yield first, groups.open("k", "t2", since, None), groups.get("k"), groups.count(first)
    groups.tell(first, "C1")
    for at in (clock() + 30, clock() + 60):
        yield groups.plan_recount(first, at), groups.try_again(first)
    groups.recount_came(first)
    groups.was_shown(first)
    groups.was_heard(first)
    other = groups.open("o", "t9", since, None)
    assert other is not None
    stale = groups.get("k")
    assert stale is not None
    groups.count(first)
    # More was counted meanwhile; then it is found, and again by one who did not know.
    yield groups.find_home(stale, other)
    now = groups.get("k")
    assert now is not None
    yield groups.find_home(now, other), groups.get("o")
    found = groups.get("k")
    assert found is not None
    yield groups.find_home(found, other), groups.find_home(now, other), groups.get("o")
    groups.fail(other, "AWS is away")
    for services in (("b", "a"), ("a",), ("c",)):
        groups.name(other, *services)
    yield groups.get("k"), groups.get("o")
    incidents = Incidents(table, WINDOW, 60)
    yield incidents.look("l", first), incidents.look("l", other), incidents.look("l", first)
    incidents.settle("l", other, "shared")
    incidents.joined("l")
    yield incidents.look("l", first)
    cause = reports.no_route()
    for group in (first, other, first):
        yield incidents.claim(cause, "1", "r", "C", group)
    yield [incidents.claim(cause, "1", "r", "C", first, instead) for instead in ("x", "o", None)]
    yield [incidents.claim_failure("away", "1", "r", "C", group) for group in (first, other, first)]
    told = SavedRun(run_id="r1", target=reports.TARGET, channel="C", thread_ts="1.0", user="U")
    yield incidents.owner(told), list(incidents.asked(cause, "1", "r", "C"))
    incidents.own(told, first)
    incidents.was_asked(cause, "1", "r", "C", "r1")
    yield incidents.owner(told), list(incidents.asked(cause, "1", "r", "C"))
    incidents.settle("l", other, "failed")
    yield incidents.look("l", first)
    clock.now += TRY_AGAIN_SECONDS
    yield incidents.look("l", first)
    incidents.forget("l")
    yield incidents.look("l", other), incidents.claim(cause, "1", "r", "C", other)
    clock.now += 20 * WINDOW
    yield incidents.look("l", first), incidents.claim(cause, "1", "r", "C", first)
    old = groups.get("k")
    yield old, groups.open("k", "t3", since, old), groups.count(first), groups.get("k")
    clock.now += 60 * 86_400
    yield groups.get("k"), groups.open("k", "t4", since, None), runs.claim("a", 60)
    table.delete("claim#b")
