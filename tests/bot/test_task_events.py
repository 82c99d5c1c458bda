"""Task events in Socket Mode: taken from a queue, grouped in any store, and nothing lost where Slack, the queue or we fail."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from bot.events import handle
from bot.events.event import TaskEvent
from bot.events.handle import Done
from bot.events.polling import HIDDEN_SECONDS, LATEST, MOST, EventsPoller
from bot.queue_probes import check_events_queue
from bot.services import Parts, compose
from bot.settings import Settings
from bot.stores import chosen
from bot.task_events import poller_of, sqs_client
from demo.aws import ACCOUNT_ID, REGION
from demo.aws.remembered import remembering
from demo.slack import Channel, LocalSlack
from diagnostics.collect import AwsClients, FactStore
from diagnostics.finding import Report
from diagnostics.target import parse
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE
from handlers.ports import DiagnosisError
from handlers.running import JobOutcome, run_job
from tests.aws_lambda.cloud import TABLE, failing, task_event
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce, Script
from tests.build import reports

ROUTES = '[{{"channel": "{}"}}]'
ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT_ID}"


class Clock:
    """Time that passes when it is told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Spied:
    """A real client of SQS, and what it was asked."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.hidden: list[int] = []
        self.deleted = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def change_message_visibility(self, **arguments: Any) -> Any:
        self.hidden.append(arguments["VisibilityTimeout"])
        # What was put back is in sight again at once: nobody waits for a clock.
        return self._client.change_message_visibility(**{**arguments, "VisibilityTimeout": 0})

    def delete_message(self, **arguments: Any) -> Any:
        self.deleted += 1
        return self._client.delete_message(**arguments)


@dataclass
class World:
    """The parts of a bot in Socket Mode, a queue, and what takes events from it when it is told to."""

    slack: LocalSlack
    script: Script
    parts: Parts
    sqs: Spied
    url: str
    poller: EventsPoller
    planned: list[Callable[[], None]] = field(default_factory=list)

    def send(self, *bodies: object) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self.sqs.send_message(QueueUrl=self.url, MessageBody=text)

    def recount(self) -> None:
        """Let pass what the counts wait for."""
        planned, self.planned[:] = list(self.planned), []
        for act in planned:
            act()

    def left(self) -> int:
        """How many messages are in the queue, in sight or not."""
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def ask(self, text: str, channel: Channel | None = None) -> None:
        slack, channel = self.slack, channel or self.slack.channel
        url = slack._ways_back(slack.user, channel)["response_url"]
        job = Job(
            key=f"command {text}", kind=DIAGNOSE, target=parse(text), channel=channel.id, user=slack.user.id,
            response_url=url,
        )  # fmt: skip
        assert run_job(job, self.parts.services) is JobOutcome.SETTLED


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws(), remembering():
        yield


@pytest.fixture(params=["sqlite", "memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(
    store: str,
    aws: None,
    slack: LocalSlack,
    script: Script,
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    client = boto3.client("sqs", region_name=REGION)
    url = client.create_queue(QueueName="events")["QueueUrl"]
    more: dict[str, object] = {"pullcheck_database": ":memory:"} if store == "memory" else {}
    if store == "dynamodb":
        # In memory, which tests/aws_lambda/test_storms.py compares with moto.
        memory = MemoryDynamoDb()
        monkeypatch.setattr(chosen, "OwnClients", lambda config: lambda service: memory)
        more = {"pullcheck_store": "dynamodb", "pullcheck_table": TABLE}
    settings = make_settings(
        pullcheck_events_queue_url=url, pullcheck_routes=ROUTES.format(slack.channel.id), **more
    )
    parts = compose(settings, diagnose=script, strict=True, pace=AtOnce())
    planned: list[Callable[[], None]] = []
    sqs = Spied(client)
    poller = poller_of(
        settings, parts.store, parts.services, parts.queue, AwsClients(), FactStore(), client=sqs,
        later=lambda seconds, act: planned.append(act), parallel=0, poll=0,
    )  # fmt: skip
    assert poller is not None
    yield World(slack, script, parts, sqs, url, poller, planned)
    parts.stop(5)


def test_an_event_is_answered_before_anybody_asks_and_deleted(world: World) -> None:
    world.send(task_event("1" * 32))

    world.poller.turn()

    (parent,) = world.slack.messages()
    assert "cannot start" in parent.plain
    assert len(world.slack.thread(parent)) == 1
    assert world.left() == 0
    assert not world.sqs.hidden


def test_events_of_one_cause_are_one_message_that_counts_them(world: World) -> None:
    world.send(*(failing(number, name) for number, name in enumerate(("api", "web", "jobs", "web"), 1)))

    world.poller.turn()
    world.recount()

    assert [target.service for target, _ in world.script.asked] == ["api"]
    (parent,) = world.slack.messages()
    assert "· 4 tasks" in parent.plain
    assert "stops 3 services: " in parent.plain
    assert world.left() == 0


def test_a_cause_that_is_found_twice_is_told_once(world: World) -> None:
    world.script.steps = [partial(reports.cause_at, f"rtb-{number}", "nat-1") for number in (1, 2)]
    world.send(failing(1, "api"), failing(2, "web", "subnet-b"))

    world.poller.turn()

    assert len(world.script.asked) == 2
    assert len(world.slack.messages()) == 1


def test_an_event_that_comes_twice_is_told_once(world: World) -> None:
    event = task_event("1" * 32)
    world.send(event, event, task_event("2" * 32), task_event("2" * 32, version=6))

    world.poller.turn()
    world.recount()

    assert len(world.script.asked) == 1
    assert "· 2 tasks" in world.slack.messages()[0].plain


def test_who_comes_while_the_first_is_diagnosed_is_put_back_and_joins_it(world: World) -> None:
    def meanwhile() -> Report:
        world.send(failing(2, "web"))
        world.poller.turn()
        assert world.sqs.hidden == [handle.LOOK_AGAIN_SECONDS]
        return reports.cause_at("rtb-1")

    world.script.steps = [meanwhile]
    world.send(failing(1, "api"))
    world.poller.turn()
    assert world.left() == 1

    world.poller.turn()
    world.recount()

    assert len(world.script.asked) == 1
    assert "· 2 tasks" in world.slack.messages()[0].plain
    assert world.left() == 0


@pytest.mark.parametrize(
    "asked",
    [
        f"{ARN}:task/payments/{1:032x}",
        f"payments/{1:032x}",
        # Counted, and never diagnosed.
        f"{ARN}:task/payments/{2:032x}",
        f"{ARN}:service/payments/api",
        f"{ARN}:service/payments/web",
    ],
)
def test_who_asks_for_what_is_told_already_is_led_there(world: World, asked: str) -> None:
    facts = failing(1, "api")
    world.send(facts, failing(2, "web"))
    world.poller.turn()
    (parent,) = world.slack.messages()

    world.ask(asked)

    assert len(world.script.asked) == len(world.slack.messages()) == 1
    (told,) = world.slack.ephemeral()
    assert "automatically" in told.plain
    assert parent.ts.replace(".", "") in told.text


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize(
    "asked",
    [
        f"{ARN}:service/payments/jobs",
        f"{ARN}:service/billing/api",
        f"{ARN}:service/payments/api".replace("1111", "4444"),
        f"{ARN}:service/payments/api".replace(REGION, "eu-west-1"),
        f"{ARN}:task/payments/{1:032x}".replace("1111", "4444"),
        # Whose service of that name it is only AWS can tell.
        "payments/api",
    ],
)
def test_who_asks_for_anything_else_gets_an_answer(world: World, asked: str) -> None:
    world.send(failing(1, "api"))
    world.poller.turn()

    world.ask(asked)

    assert len(world.script.asked) == 2


@pytest.mark.parametrize("store", ["sqlite"])
def test_who_asks_in_another_channel_gets_an_answer_there(world: World) -> None:
    """What is told in one channel, people of another one may not be able to read."""
    world.send(failing(1, "api"))
    world.poller.turn()
    other = world.slack.add_channel("elsewhere")

    world.ask(f"{ARN}:task/payments/{1:032x}", other)

    assert len(world.script.asked) == 2
    assert len(world.slack.messages(other)) == 1
    assert not world.slack.ephemeral()


# --- a person was quicker, and what cannot be diagnosed -----------------------------------------------


def known_task(script: Script, event: dict[str, Any]) -> None:
    """Let the diagnoses be about the task of an event."""
    value = TaskEvent.model_validate(event).detail
    task = script.snapshot.task.model_copy(update={"value": value})
    script.snapshot = script.snapshot.model_copy(update={"task": task, "taken_at": datetime.now(UTC)})


def test_an_event_of_what_a_person_asked_for_is_counted_there(world: World) -> None:
    known_task(world.script, failing(1, "api"))
    world.script.steps = [partial(reports.cause_at, "rtb-1")]
    world.ask(f"{ARN}:task/payments/{1:032x}")
    world.send(failing(1, "api"), failing(2, "api"), failing(3, "web", "subnet-b"))

    world.poller.turn()
    world.recount()

    # The event's own task and another one of its service are not diagnosed again; another subnet is, and has the same cause.
    assert len(world.script.asked) == 2
    (parent,) = world.slack.messages()
    assert "· 3 tasks · stops 2 services: payments/api, payments/web" in parent.plain
    assert world.left() == 0


@pytest.mark.parametrize("store", ["sqlite"])
def test_where_a_person_was_told_of_something_else_an_event_has_its_own_message(world: World) -> None:
    known_task(world.script, failing(1, "api"))
    world.script.steps = [partial(reports.cause_at, f"rtb-{number}") for number in (1, 2)]
    world.ask(f"{ARN}:task/payments/{1:032x}")
    world.send(failing(2, "web"))

    world.poller.turn()

    assert len(world.slack.messages()) == 2


def no_role() -> Report:
    raise DiagnosisError("the app could not assume the role pullcheck-read in account 1.")


def test_what_cannot_be_diagnosed_is_told_of_once_and_counted(world: World) -> None:
    world.script.steps = [no_role]
    world.send(failing(1, "api"), failing(2, "web"), failing(3, "jobs", "subnet-b"), failing(4, "api"))

    world.poller.turn()
    world.recount()

    # One of each subnet.
    assert len(world.script.asked) == 2
    (only,) = world.slack.messages()
    assert "was not checked: the app could not assume the role pullcheck-read in account 1." in only.plain
    assert "· 4 tasks · stops 3 services: payments/api, payments/jobs, payments/web" in only.plain
    assert only.element("pullcheck.rerun")
    assert world.left() == 0


@pytest.mark.parametrize("store", ["sqlite"])
def test_two_reasons_are_two_messages_and_an_unforeseen_failure_is_one(world: World) -> None:
    def crash() -> Report:
        raise RuntimeError("not foreseen")

    world.script.steps = [no_role, crash, crash]
    world.send(*(failing(number, f"s{number}", f"subnet-{number}") for number in (1, 2, 3)))

    world.poller.turn()
    world.recount()

    first, second = world.slack.messages()
    assert "could not assume the role" in first.plain
    assert "something in the app failed" in second.plain
    assert "· 2 tasks · stops 2 services: payments/s2, payments/s3" in second.plain


# --- what goes wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize(
    "body",
    [
        "hunter2 is no JSON",
        "[" * 100_000,
        "[]",
        '{"detail-type": "ECS Task State Change", "hunter2": 1}',
        # Nobody who may write to this queue gets a diagnosis of their choice.
        json.dumps({"key": "hunter2", "kind": "diagnose", "target": reports.TARGET.model_dump(), "channel": "C1", "user": "U1"}),
        json.dumps({"kind": "recount", "key": "hunter2", "leader": "x"}),
    ],
    ids=["no JSON", "100,000 lists", "no object", "half an event", "a job", "a recount"],
)  # fmt: skip
def test_what_is_no_event_is_one_line_and_gone(
    world: World, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.send(body, task_event("1" * 32))

    world.poller.turn()

    assert world.left() == 0
    assert len(world.slack.messages()) == len(world.script.asked) == 1
    (line,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "is no event of an ECS task" in line.getMessage()
    assert "hunter2" not in caplog.text


class Queue:
    """A queue of one message that comes again and again, and what it is told."""

    def __init__(self, body: str) -> None:
        self.body = body
        self.times = 0
        self.said: list[int | str] = []
        self.error: Exception | None = None

    def receive_message(self, **_: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        if "deleted" in self.said:
            return {}
        self.times += 1
        attributes = {"ApproximateReceiveCount": str(self.times)}
        return {"Messages": [{"ReceiptHandle": str(self.times), "Body": self.body, "Attributes": attributes}]}

    def change_message_visibility(self, *, VisibilityTimeout: int, **_: Any) -> None:
        self.said.append(VisibilityTimeout)

    def delete_message(self, **_: Any) -> None:
        self.said.append("deleted")


def poller(queue: Queue, does: Callable[..., Done], **more: Any) -> EventsPoller:
    return EventsPoller(
        queue, "https://sqs/1/q", does, more.pop("again", lambda _: False), parallel=0, poll=0, **more
    )


def test_what_fails_comes_again_later_each_time_and_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    def fails(event: Any) -> Done:
        raise RuntimeError("no")

    queue = Queue(json.dumps(task_event()))
    one = poller(queue, fails)
    for _ in range(MOST + 1):
        one.turn()

    assert queue.said[:5] == [20, 60, 180, LATEST, LATEST]
    assert queue.said[-1] == "deleted"
    assert queue.times == MOST
    assert "given up after 50 deliveries" in caplog.text


def test_somebody_elses_work_is_put_back(caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue(json.dumps(task_event()))
    one = poller(queue, lambda _: Done(JobOutcome.BUSY))
    one.turn()

    assert queue.said == [20]


def test_what_is_worked_on_is_kept_from_others_while_it_takes() -> None:
    clock = Clock()
    queue = Queue(json.dumps(task_event()))

    def slowly(event: Any) -> Done:
        queue.said.append("begun")
        for _ in range(3):
            clock.now += HIDDEN_SECONDS / 2
            queue.error = EndpointConnectionError(endpoint_url="x")
            one.turn()
        return Done()

    one = poller(queue, slowly, clock=clock, pause=lambda seconds: None)
    one.turn()

    assert queue.said == ["begun", HIDDEN_SECONDS, HIDDEN_SECONDS, HIDDEN_SECONDS, "deleted"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ReceiveMessage"), "sqs:ChangeMessageVisibility"),
        (ClientError({"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue", "Message": "no"}}, "ReceiveMessage"), "There is no such queue"),
        (EndpointConnectionError(endpoint_url="https://sqs"), "EndpointConnectionError"),
    ],
    ids=["denied", "gone", "away"],
)  # fmt: skip
def test_a_queue_that_cannot_be_read_is_said_once_and_asked_less_and_less(
    error: Exception, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pauses: list[float] = []
    queue = Queue(json.dumps(task_event()))
    queue.error = error
    handled: list[Any] = []
    one = poller(queue, lambda event: handled.append(event) or Done(), pause=pauses.append)  # type: ignore[func-returns-value]

    for _ in range(9):
        one.turn()
    (line,) = caplog.records
    assert says in line.getMessage()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]

    queue.error = None
    one.turn()
    assert len(handled) == 1
    assert caplog.records[-1].getMessage() == "task events can be read again"
    # And the next time it is said, and asked soon, again.
    queue.error = error
    one.turn()
    assert pauses[-1] == 1
    assert says in caplog.records[-1].getMessage()


@pytest.mark.parametrize("store", ["sqlite"])
def test_an_answer_that_reaches_nobody_is_tried_for_an_hour_in_this_process(world: World) -> None:
    world.slack.fail("chat.postMessage", "restricted_action", times=None)
    world.send(task_event("1" * 32))
    for _ in range(2):
        world.poller.turn()
    assert world.sqs.hidden == [20, 60]
    world.slack._script.failures.clear()
    world.slack.fail("chat.postMessage", "restricted_action", times=1)

    world.poller.turn()

    assert world.left() == 0
    world.slack.wait_for(lambda: any("cannot start" in item.plain for item in world.slack.messages()))
    assert len(world.script.asked) == 1
    assert not [item for item in world.slack.messages() if "in line" in item.plain]


# --- threads -----------------------------------------------------------------------------------------


def test_who_stops_finishes_what_is_begun_and_gives_back_the_rest(aws: None) -> None:
    client = boto3.client("sqs", region_name=REGION)
    url = client.create_queue(QueueName="events")["QueueUrl"]
    for number in range(3):
        client.send_message(QueueUrl=url, MessageBody=json.dumps(task_event(f"{number:032x}")))
    begun, go_on = threading.Event(), threading.Event()
    handled: list[str] = []

    def slowly(event: Any) -> Done:
        begun.set()
        assert go_on.wait(30)
        handled.append(event.id)
        return Done()

    one = EventsPoller(client, url, slowly, lambda _: False, parallel=1, poll=0)
    one.start()
    assert begun.wait(30)
    assert not one.stop(0)
    go_on.set()
    assert one.stop(30)

    assert len(handled) == 1
    left = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    assert len(left) == 2


def test_the_bot_takes_events_while_it_is_connected(
    aws: None, slack: LocalSlack, script: Script, make_settings: Callable[..., Settings], start: Callable[..., Parts],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setitem(EventsPoller.__init__.__kwdefaults__, "poll", 1)
    client = boto3.client("sqs", region_name=REGION)
    url = client.create_queue(QueueName="events")["QueueUrl"]
    routes = ROUTES.format(slack.channel.id)
    parts = start(make_settings(pullcheck_events_queue_url=url, pullcheck_routes=routes))
    assert parts.events is not None

    client.send_message(QueueUrl=url, MessageBody=json.dumps(task_event("1" * 32)))

    slack.wait_for(lambda: any("cannot start" in item.plain for item in slack.messages()), what="an answer")


def test_none_are_taken_where_no_queue_is_named(slack: LocalSlack, settings: Settings) -> None:
    parts = compose(settings, diagnose=Script(), strict=True)

    assert parts.events is None
    assert parts.services.groups.told(reports.TARGET, slack.channel.id) is None
    parts.stop(5)


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT_ID}/q", "eu-west-1"),
        (f"https://sqs.cn-north-1.amazonaws.com.cn/{ACCOUNT_ID}/q", "cn-north-1"),
        (f"https://us-west-2.queue.amazonaws.com/{ACCOUNT_ID}/q", "us-west-2"),
        (f"http://127.0.0.1:4566/{ACCOUNT_ID}/q", REGION),
    ],
)
def test_the_region_is_the_queues(aws: None, url: str, region: str) -> None:
    assert sqs_client(url).meta.region_name == region


# --- --check -----------------------------------------------------------------------------------------


def test_the_check_tries_each_action_and_leaves_the_message_there(world: World, settings: Settings) -> None:
    world.send(task_event("1" * 32))
    named = settings.model_copy(update={"pullcheck_events_queue_url": world.url})

    results = list(check_events_queue(named))

    assert [(item.what, item.works) for item in results] == [
        ("sqs:ReceiveMessage", True),
        ("sqs:DeleteMessage", True),
        ("sqs:ChangeMessageVisibility", True),
    ]
    assert len(world.sqs.receive_message(QueueUrl=world.url)["Messages"]) == 1
    assert not list(check_events_queue(settings))


class Denied:
    """A queue that nobody may touch."""

    def __getattr__(self, name: str) -> Any:
        def call(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

        return call


def test_the_check_names_what_is_denied(settings: Settings) -> None:
    named = settings.model_copy(update={"pullcheck_events_queue_url": f"https://sqs/{ACCOUNT_ID}/q"})

    assert {(item.works, item.says) for item in check_events_queue(named, Denied())} == {
        (False, "AccessDenied")
    }
