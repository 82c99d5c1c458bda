"""Does the work that waits on two queues: jobs of people on one; task events and what follows from them on the other.

A message that is not settled is reported, and SQS delivers it again; after the queue's last try it goes to the dead-letter
queue. AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from bot import telemetry
from bot.aws_lambda import Handler, selfcheck
from bot.aws_lambda.asked import Invocations
from bot.aws_lambda.clients import PATIENT, OwnClients
from bot.aws_lambda.requests import request_id, seconds_left
from bot.aws_lambda.settings import read_lambda_settings, read_routes
from bot.events.event import DETAIL_TYPE, TaskEvent
from bot.events.groups import EventGroups
from bot.events.handle import Done, Events
from bot.events.incidents import Incidents
from bot.events.recounts import RECOUNT, Recount
from bot.events.routes import Routes
from bot.events.tags import read_tags
from bot.events.told import ToldGroups
from bot.logs import configure_logging
from bot.metrics import Metrics, to_stdout
from bot.places import AwsPlaces
from bot.queues.again import seconds_until
from bot.queues.fifo import FifoQueue
from bot.queues.sqs import SqsQueue
from bot.services import AwsDiagnoser, diagnoser_of, parts_of, services_of
from bot.settings import SettingsError
from bot.stores.dynamodb import DynamoDbRuns
from bot.stores.table import Table
from diagnostics.collect import AwsClients
from handlers.jobs import Job
from handlers.kinds import read_job
from handlers.pace import Pace
from handlers.ports import Diagnoser, Newest, Services
from handlers.running import JobOutcome, run_job
from handlers.ways import Checkup

log = logging.getLogger(__name__)

ANSWER_SECONDS = 20.0
"""What a job may take beside its diagnosis: Slack, the table."""
PATIENCE = 15.0
"""Seconds that the budget of AWS's rates may hold an automatic diagnosis back beyond its deadline."""
PARALLEL = 4
"""Messages of one batch that are worked on at a time: what they ask of AWS they share."""
SOON = 20
"""Seconds after which a message that failed is tried again; later each time."""
LATEST = 300
LONGEST_DELAY = 900
"""Seconds. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html (DelaySeconds)"""
ENOUGH = 3
"""Deliveries of a message that nobody heard of after which it is sent as one of its own; the queue gives up after four."""


class UnreadableMessageError(Exception):
    """A message that is nothing we know; the text does not quote it."""


@dataclass(frozen=True)
class Worker:
    """Does what messages say.

    Attributes:
        services: what doing a job needs.
        events: handles task events.
        queue: where the jobs of people come from.
        events_queue: where everything else comes from.
        needed: seconds that must be left for a job to be begun.
        parallel: how many messages of a batch are worked on at a time.
        audits: where jobs go that take minutes; `None` where no function is there for them, and each is done as far as its time goes.
    """

    services: Services
    events: Events
    queue: SqsQueue
    events_queue: SqsQueue
    needed: float
    parallel: int = 1
    audits: FifoQueue | None = None

    def batch(self, records: list[dict[str, Any]], left: Callable[[], float]) -> list[str]:
        """Do a batch of messages, those of people first; the ids of those that are not settled.

        Args:
            records: as SQS gives them to Lambda.
            left: tells how many seconds the batch may still take.
        """
        ordered = sorted(records, key=lambda item: DETAIL_TYPE in item["body"])
        if self.parallel == 1 or len(ordered) == 1:
            return [item["messageId"] for item in ordered if not self._done(item, left)]
        with ThreadPoolExecutor(self.parallel, "pullcheck-message") as threads:
            done = list(threads.map(lambda item: self._done(item, left), ordered))
        return [item["messageId"] for item, settled in zip(ordered, done, strict=True) if not settled]

    def _done(self, record: Mapping[str, Any], left: Callable[[], float]) -> bool:
        """Do what a message says, if there is time for it; true when it need not come again."""
        if left() < self.needed:
            log.info("no time is left for a message; it is done later")
            settled = self._put_off(record)
        else:
            settled = self._settle(record)
        if not settled:
            self._come_again(record)
        return settled

    def _put_off(self, record: Mapping[str, Any]) -> bool:
        """Send a message again that was not begun, so that its place in a batch uses up none of its deliveries."""
        try:
            self._queue_of(record).send(record["body"], delay=SOON)
        except (BotoCoreError, ClientError) as error:
            log.warning("a message was not put off: %s", type(error).__name__)
            return False
        return True

    def _queue_of(self, record: Mapping[str, Any]) -> SqsQueue:
        """Where a message came from."""
        name = str(record.get("eventSourceARN", "")).rpartition(":")[2]
        return self.events_queue if name == self.events_queue.name else self.queue

    def _settle(self, record: Mapping[str, Any]) -> bool:
        try:
            done = self._do(read(record["body"]))
            if done.later:
                # As a message of its own, so that waiting uses up none of its deliveries.
                self._queue_of(record).send(record["body"], delay=done.later)
                return True
            return done.outcome is JobOutcome.SETTLED or self._sent_again(done, record)
        except UnreadableMessageError as error:
            log.error("a message cannot be read: %s", error)
        except Exception:
            log.exception("a message could not be handled")
        return False

    def _do(self, message: Job | TaskEvent | Recount) -> Done:
        if isinstance(message, TaskEvent):
            return self.events.handle(message)
        if isinstance(message, Recount):
            self.events.recount(message)
            return Done()
        if message.kind.long and self.audits is not None:
            self.audits.submit(message)
            return Done()
        return Done(run_job(message, self.services, last=seconds_until(message.tries) is None), message)

    def _sent_again(self, done: Done, record: Mapping[str, Any]) -> bool:
        """Put a job whose answer reached nobody on its queue, as a message of its own; true when that was done.

        That is done before the queue has delivered it as often as it does: where Slack is down, nothing shall end with
        the dead letters. A job that somebody else is at, or that was tried for an hour, is left to the queue.
        """
        if done.outcome is not JobOutcome.UNHEARD or done.job is None:
            return False
        early = done.job.tries == 0 and _receives(record) < ENOUGH
        return not early and self._queue_of(record).again(done.job)

    def _come_again(self, record: Mapping[str, Any]) -> None:
        """Have a message delivered before the visibility timeout of the whole queue is over: somebody waits."""
        try:
            self._queue_of(record).hide(
                record["receiptHandle"], min(SOON * 3 ** (_receives(record) - 1), LATEST)
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("a message comes again only after the queue's own time: %s", type(error).__name__)


def _receives(record: Mapping[str, Any]) -> int:
    """How often a message was delivered, this time too."""
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


def read(body: str) -> Job | TaskEvent | Recount:
    """What a message says.

    Raises:
        UnreadableMessageError: it is neither a job, nor a task event, nor one of our own.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableMessageError("it is not JSON") from None
    if not isinstance(value, dict):
        raise UnreadableMessageError("it is no JSON object")
    what, parse = _reader(value)
    try:
        return parse(body)
    except ValidationError as error:
        # Without the input: a job holds an address at which anybody may post.
        places = ", ".join(".".join(map(str, item["loc"])) for item in error.errors(include_input=False)[:5])
        raise UnreadableMessageError(f"{what} is wrong at {places}") from None


def _reader(value: Mapping[str, Any]) -> tuple[str, Callable[[str], Job | TaskEvent | Recount]]:
    """What a message is, and how it is read."""
    if "detail-type" in value:
        return "the event", TaskEvent.model_validate_json
    if value.get("kind") == RECOUNT:
        return "the recount", Recount.model_validate_json
    return "the job", read_job


def make(
    diagnose: Diagnoser | None = None,
    clock: Callable[[], float] = time.time,
    parallel: int = PARALLEL,
    newest: Newest | None = None,
) -> Handler:
    """The function, with its settings and secrets read.

    Args:
        diagnose: makes diagnoses in place of AWS clients (in tests).
        clock: seconds since 1970, for leases and groups.
        parallel: how many messages of a batch are worked on at a time.
        newest: looks at newest tasks in place of AWS clients (in tests).

    Raises:
        SettingsError: the settings are incomplete.
    """
    always: dict[str, str] = {}
    configure_logging("INFO", "json", stream=sys.stdout, always=always)
    clients = OwnClients(PATIENT)
    settings, own = read_lambda_settings(clients)
    configure_logging(settings.pullcheck_log_level, "json", stream=sys.stdout, always=always)
    telemetry.begin()
    needed = {
        "PULLCHECK_TABLE": own.pullcheck_table,
        "PULLCHECK_EVENTS_QUEUE_URL": own.pullcheck_events_queue_url,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise SettingsError(f"missing: {', '.join(missing)}")
    try:
        routes = Routes.of(read_routes(own, clients))
    except ValueError as error:
        where = "PULLCHECK_ROUTES_PARAMETER" if own.pullcheck_routes_parameter else "PULLCHECK_ROUTES"
        raise SettingsError(f"{where}: {error}") from None
    table = Table(
        clients("dynamodb"),
        own.pullcheck_table or "",
        retention_days=settings.pullcheck_retention_days,
        clock=clock,
    )
    runs = DynamoDbRuns(table)
    queue = SqsQueue(clients("sqs"), own.pullcheck_queue_url)
    events_queue = SqsQueue(clients("sqs"), own.pullcheck_events_queue_url or "")
    aws = diagnoser_of(settings, patience=PATIENCE, among=own.pullcheck_events_at_once)
    # What waits for Slack's pace must end within the function's time. Its environments know nothing of each other: what they
    # post to one channel at the same moment is told apart by Slack's Retry-After alone.
    pace = Pace(patience=ANSWER_SECONDS - 2)
    check = Checkup(lambda: parts_of(selfcheck.worker(settings, own, aws, clients)))
    services = services_of(
        settings, runs, diagnose or aws, Metrics(to_stdout), pace=pace, check=check,
        audit=aws.auditor(settings.pullcheck_deadline + PATIENCE), newest=newest or aws.newest,
        later=lambda job, seconds: queue.send(job.text(), delay=min(seconds, LONGEST_DELAY)),
    )  # fmt: skip
    asked = Invocations(settings, services.accounts, AwsPlaces(aws.aws, aws.roles, settings), queue)
    groups = EventGroups(table, own.pullcheck_group_seconds)
    incidents = Incidents(table, own.pullcheck_group_seconds, services.lease)
    services = replace(services, groups=ToldGroups(runs, groups, incidents, clock), clock=clock)
    events = Events(
        services=services,
        runs=runs,
        groups=groups,
        incidents=incidents,
        routes=routes,
        tags=lambda event: read_tags(event, _events_clients(aws), aws.store),
        queue=events_queue,
        clock=clock,
    )
    seconds = settings.pullcheck_deadline + PATIENCE + ANSWER_SECONDS
    url = own.pullcheck_audits_queue_url
    audits = FifoQueue(clients("sqs"), url) if url else None
    work = Worker(services, events, queue, events_queue, seconds, parallel, audits)

    def worker(event: dict[str, Any], context: Any) -> dict[str, Any]:
        always["request_id"] = request_id(context)
        if selfcheck.asks(event):
            return selfcheck.answer(selfcheck.worker(settings, own, aws, clients))
        if (answer := asked.answer(event, request_id(context))) is not None:
            return answer
        records = selfcheck.without_messages(event.get("Records", []))
        try:
            failed = work.batch(records, lambda: seconds_left(context))
        finally:
            # Between invocations the function is frozen, and its threads with it.
            telemetry.flush()
        return {"batchItemFailures": [{"itemIdentifier": item} for item in failed]}

    return worker


def _events_clients(aws: AwsDiagnoser) -> AwsClients:
    return aws.roles.clients("") if aws.roles else aws.aws
