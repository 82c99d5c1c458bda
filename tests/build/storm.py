"""A storm in simulated time: an emulated AWS that keeps to its rates, a local Slack that keeps to its pace, and the worker
function in as many environments as its queues give it.

What is real: boto3 and its retries, the diagnosis with its store and budget, the events, the worker, Bolt's Slack client over HTTP.
What is simulated: time, the two queues, the table's storage, and who calls the function.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.aws_lambda.work import ANSWER_SECONDS, ENOUGH, PARALLEL, PATIENCE, Worker
from bot.events.groups import EventGroups
from bot.events.handle import Events
from bot.events.incidents import Incidents
from bot.events.routes import Routes
from bot.events.told import ToldGroups
from bot.queues.sqs import SqsQueue
from bot.services import MARGIN, AwsDiagnoser
from bot.stores.dynamodb import DynamoDbRuns, Table
from demo.aws import REGION, EmulatedAws, Rates
from demo.slack import LocalSlack
from diagnostics.collect import AwsClients, Budget, FactStore
from diagnostics.collect.clients import CONFIG
from diagnostics.diagnose import Run
from diagnostics.faults import ALL_FAULTS
from diagnostics.snapshot import Snapshot
from diagnostics.target import Target, parse
from handlers.context import current
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE, RERUN
from handlers.pace import Pace
from handlers.ports import Services
from handlers.views.values import read_value
from tests.aws_lambda.cloud import TABLE, event_of
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.build.simulated import KilledError, Simulation

JOBS, EVENTS = "https://sqs/1/jobs", "https://sqs/1/events"
DEADLINE = 20.0
WINDOW = 1800.0
FUNCTION_SECONDS = 60.0
"""The worker's timeout."""
VISIBILITY = 6 * FUNCTION_SECONDS
MOST_RECEIVES = ENOUGH + 1
AT_ONCE = {JOBS: 5, EVENTS: 3}
"""How many environments each queue may keep busy, as the template says."""
BATCH = {JOBS: 1, EVENTS: 10}
AWS_SECONDS, SLACK_SECONDS, TABLE_SECONDS = 0.04, 0.12, 0.004
"""What a call takes."""


class SimulatedClients(AwsClients):
    """Clients of the emulated AWS with the product's own settings, whose requests go through `send`."""

    def __init__(self, aws: EmulatedAws, send: Callable[[], None]) -> None:
        keys = aws.credentials
        session = boto3.Session(
            aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key
        )

        def client(service: str, region_name: str, config: Any) -> Any:
            made = session.client(
                service, region_name=region_name, config=config, endpoint_url=aws.endpoint_url
            )
            made.meta.events.register("before-send", lambda **_: send())
            return made

        found = SimpleNamespace(
            region_name=aws.region,
            client=client,
            get_available_partitions=session.get_available_partitions,
            get_available_regions=session.get_available_regions,
            get_partition_for_region=session.get_partition_for_region,
        )
        super().__init__(lambda _: found, CONFIG)


class SlowTable:
    """A client of DynamoDB, whose calls take a while and fail while they are told to."""

    def __init__(self, memory: MemoryDynamoDb, clock: Simulation) -> None:
        self.memory = memory
        self.clock = clock
        self.throttled_until = 0.0
        self.refused = 0

    def __getattr__(self, method: str) -> Any:
        call = getattr(self.memory, method)

        def slow(**params: Any) -> Any:
            self.clock.sleep(TABLE_SECONDS)
            if self.clock() < self.throttled_until:
                self.refused += 1
                error = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "too fast"}}
                raise ClientError(error, method)
            return call(**params)

        return slow


class SimulatedSlack(WebClient):
    """The Web API of the local Slack, whose calls take a while; it may be down, or ask to wait."""

    def __init__(self, storm: Storm) -> None:
        super().__init__(token=storm.slack.bot_token, base_url=storm.slack.api_url, retry_handlers=[])
        self._storm = storm

    def api_call(self, api_method: str, **arguments: Any) -> Any:
        """Call a method. Raises SlackApiError where Slack refuses."""
        storm = self._storm
        storm.clock.sleep(SLACK_SECONDS)
        now = storm.clock()
        if now < storm.slack_down_until:
            raise self._refusal(503, "service_unavailable")
        if now < storm.slack_busy_until:
            # As Slack does: how long it will be.
            raise self._refusal(429, "ratelimited", {"Retry-After": f"{storm.slack_busy_until - now:.0f}"})
        return super().api_call(api_method, **arguments)

    def _refusal(self, status: int, error: str, headers: dict[str, str] | None = None) -> SlackApiError:
        self._storm.slack_refused += 1
        answer = {"ok": False, "error": error}
        response = SlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data=answer, headers=headers or {}, status_code=status
        )  # fmt: skip
        return SlackApiError("refused", response)  # type: ignore[no-untyped-call]


@dataclass(eq=False)
class Message:
    """A message of a queue."""

    number: int
    url: str
    body: str
    seen_at: float
    receives: int = 0
    gone: bool = False
    receipt: int = 0

    def record(self) -> dict[str, Any]:
        """As Lambda gets it."""
        return {
            "messageId": str(self.number),
            "receiptHandle": str(self.number),
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receives)},
            "eventSourceARN": f"arn:aws:sqs:{REGION}:1:{self.url.rpartition('/')[2]}",
        }


@dataclass(eq=False)
class Environment:
    """An environment of Lambda: it serves one batch at a time, and keeps what its process keeps."""

    worker: Worker
    store: FactStore
    pace: Pace
    pool: Any
    killed: bool = False


@dataclass
class Asked:
    """A diagnosis: who asked, and when it was begun and ended."""

    user: str
    target: Target
    began: float
    ended: float | None = None
    run: Run | None = None


@dataclass
class Storm:
    """Everything around the worker.

    Attributes:
        parallel: how many messages of a batch an environment works on at a time.
        messages: all that was ever sent.
        dead: what a queue gave up.
        asked: the diagnoses that were begun.
    """

    clock: Simulation
    aws: EmulatedAws
    slack: LocalSlack
    parallel: int = PARALLEL
    share: float = 0.5
    slack_down_until: float = 0.0
    slack_busy_until: float = 0.0
    slack_refused: int = 0
    aws_down_until: float = 0.0
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = SlowTable(MemoryDynamoDb(), self.clock)
        self.clients = SimulatedClients(self.aws, self._send)
        self.routes = Routes.of(json.dumps([{"channel": self.slack.channel.id}]))
        self._idle: list[Environment] = []
        self._busy = {JOBS: 0, EVENTS: 0}

    @property
    def rates(self) -> Rates:
        """What AWS was asked."""
        assert self.aws.rates is not None
        return self.aws.rates

    def _send(self) -> None:
        """A request to AWS takes a while, and does not get through where AWS is away."""
        self.clock.sleep(AWS_SECONDS)
        if self.clock() < self.aws_down_until:
            raise EndpointConnectionError(endpoint_url=self.aws.endpoint_url)

    # --- the queues, as far as the product calls them ----------------------------------------------------

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:
        """Send a message."""
        assert DelaySeconds <= 900
        self._put(QueueUrl, MessageBody, DelaySeconds)

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
        """Let a message be seen again."""
        message = self.messages[int(ReceiptHandle)]
        assert message.url == QueueUrl
        self._show(message, VisibilityTimeout)

    def _put(self, url: str, body: str, seconds: float) -> Message:
        message = Message(len(self.messages), url, body, 0.0)
        self.messages.append(message)
        self._show(message, seconds)
        return message

    def _show(self, message: Message, seconds: float) -> None:
        message.seen_at = self.clock() + seconds
        message.receipt += 1
        self.clock.start(lambda: self._pump(message.url), seconds, group=self)

    # --- who calls the function ----------------------------------------------------------------------------

    def _pump(self, url: str) -> None:
        """Give what is there to environments, as far as the queue may keep them busy."""
        while self._busy[url] < AT_ONCE[url] and (batch := self._receive(url)):
            self._busy[url] += 1
            environment = self._idle.pop() if self._idle else self._new()
            self.clock.start(partial(self._invoke, environment, url, batch), group=environment)

    def _receive(self, url: str) -> list[Message]:
        found: list[Message] = []
        for message in self.messages:
            if message.gone or message.url != url or message.seen_at > self.clock():
                continue
            if message.receives == MOST_RECEIVES:
                message.gone = True
                self.dead.append(message)
                continue
            message.receives += 1
            message.seen_at = self.clock() + VISIBILITY
            found.append(message)
            if len(found) == BATCH[url]:
                break
        return found

    def _invoke(self, environment: Environment, url: str, batch: list[Message]) -> None:
        until = self.clock() + FUNCTION_SECONDS
        ended: list[bool] = []
        self.clock.start(lambda: None if ended else self.kill(environment), FUNCTION_SECONDS, group=self)
        try:
            records = [message.record() for message in batch]
            failed = environment.worker.batch(records, lambda: until - self.clock())
        except KilledError:
            for message in batch:
                self._show(message, message.seen_at - self.clock())
            raise
        finally:
            ended.append(True)
            self._busy[url] -= 1
            self.clock.start(lambda: self._pump(url), group=self)
        for message in batch:
            message.gone = str(message.number) not in failed
        self._idle.append(environment)

    def kill(self, environment: Environment) -> None:
        """End an environment where it is."""
        environment.killed = True
        self.clock.kill(environment)

    def _new(self) -> Environment:
        clock, pool = self.clock, self.clock.pool()
        store = FactStore(pool, age=30.0, joins=True, budget=Budget(self.share, AT_ONCE[EVENTS]), clock=clock)
        pace = Pace(clock=clock, sleep=clock.sleep, chance=lambda: 0.5, patience=ANSWER_SECONDS - 2)
        table = Table(self.table, TABLE, clock=clock)
        runs = DynamoDbRuns(table)
        services = Services(
            slack=SimulatedSlack(self),
            diagnose=self._noted(AwsDiagnoser(self.clients, DEADLINE, store=store, patience=PATIENCE)),
            runs=runs,
            fault=ALL_FAULTS.get,
            lease=DEADLINE + MARGIN,
            pace=pace,
            strict=True,
        )
        queue = SqsQueue(self, EVENTS)
        groups, incidents = EventGroups(table, WINDOW), Incidents(table, WINDOW, services.lease)
        services = replace(services, groups=ToldGroups(runs, groups, incidents, clock), clock=clock)
        events = Events(
            services=services,
            runs=runs,
            groups=groups,
            incidents=incidents,
            routes=self.routes,
            tags=lambda event: {},
            queue=queue,
            clock=clock,
        )
        needed = DEADLINE + PATIENCE + ANSWER_SECONDS
        worker = Worker(services, events, SqsQueue(self, JOBS), queue, needed, self.parallel)
        environment = Environment(worker, store, pace, pool)
        self.environments.append(environment)
        return environment

    def _noted(self, diagnose: AwsDiagnoser) -> Callable[..., Run]:
        def noted(
            target: Target, previous: Snapshot | None, alert_text: str | None = None, newest: bool = False, /
        ) -> Run:
            now = current()
            asked = Asked(now.user if now else "", target, self.clock())
            self.asked.append(asked)
            asked.run = diagnose(target, previous, alert_text, newest)
            asked.ended = self.clock()
            return asked.run

        return noted

    # --- what happens ----------------------------------------------------------------------------------------

    def fails(self, task: Any, seconds: float = 0.0, **changes: Any) -> dict[str, Any]:
        """ECS says, after a while, that a task has stopped; the event."""
        rates, self.aws.rates = self.aws.rates, None
        event = event_of(task)
        self.aws.rates = rates
        event["time"] = datetime.fromtimestamp(self.clock() + seconds, UTC).isoformat()
        event["detail"] |= changes
        self.arrives(event, seconds)
        return event

    def arrives(self, event: dict[str, Any], seconds: float = 0.0) -> Message:
        """An event comes to the queue."""
        return self._put(EVENTS, json.dumps(event), seconds)

    def asks(self, arn: str, seconds: float = 0.0, key: str = "command 1") -> Message:
        """A person asks."""
        job = Job(
            key=key,
            kind=DIAGNOSE,
            target=parse(arn),
            channel=self.slack.channel.id,
            user=self.slack.user.id,
        )
        return self._put(JOBS, job.text(), seconds)

    def presses(self, action: str, seconds: float) -> None:
        """A person presses a button of the first message, as it is then."""

        def press() -> None:
            value = read_value(self.parents[0].element(action)["value"])
            assert value is not None
            job = Job(
                key=f"press {action}",
                kind=RERUN,
                target=value.target,
                channel=self.slack.channel.id,
                user=self.slack.user.id,
                run_id=value.run_id,
                message_ts=self.parents[0].ts,
                thread_ts=self.parents[0].ts,
            )
            self._put(JOBS, job.text(), 0.0)

        self.clock.start(press, seconds, group=self)

    def run(self, seconds: float = float("inf")) -> None:
        """Let time pass, until nothing happens any more unless so many seconds are given."""
        self.clock.run(self.clock() + seconds)

    # --- what came of it --------------------------------------------------------------------------------------

    @property
    def parents(self) -> tuple[Any, ...]:
        """The messages of the channel, without what stands in threads."""
        return tuple(self.slack.messages())

    def about(self, service: str) -> tuple[Any, ...]:
        """The messages of the channel whose title is about a service."""
        return tuple(item for item in self.parents if f"*{service} " in item.plain.partition("\n")[0])

    def first_seen(self, service: str) -> float:
        """When the channel first saw a message about a service; infinity where it never did."""
        return min((float(item.ts) for item in self.about(service)), default=float("inf"))

    @property
    def automatic(self) -> list[Asked]:
        """The diagnoses that nobody asked for."""
        return [item for item in self.asked if not item.user]

    @property
    def left(self) -> list[Message]:
        """What no environment settled."""
        return [item for item in self.messages if not item.gone]


@contextmanager
def simulated(clock: Simulation) -> Iterator[None]:
    """The product on a simulated clock, where it would wait for the machine's."""

    class Clock:
        def now(self) -> datetime:
            return datetime.fromtimestamp(clock(), UTC)

        def elapsed(self) -> float:
            return clock.elapsed()

    patches: Sequence[tuple[str, Any]] = (
        ("diagnostics.collect.collector.SimpleQueue", clock.inbox),
        ("diagnostics.collect.collector.SystemClock", Clock),
        ("bot.aws_lambda.work.ThreadPoolExecutor", clock.executor),
        ("botocore.endpoint.time", SimpleNamespace(sleep=clock.sleep)),
    )
    with ExitStack() as stack:
        for name, value in patches:
            stack.enter_context(mock.patch(name, value))
        yield


@contextmanager
def storm(aws: EmulatedAws, *, every: int = 0, **settings: Any) -> Iterator[Storm]:
    """A storm over an emulated AWS; its rates are enforced from `enforced` on."""
    with (
        Simulation(float(int(time.time()))) as clock,
        LocalSlack(clock=clock, paced=True) as slack,
        slack.in_process(),
        simulated(clock),
    ):
        aws.rates = Rates(clock.elapsed, every)
        yield Storm(clock, aws, slack, **settings)
        aws.rates = None
