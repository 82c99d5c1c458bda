"""The function that audits: what people ask for, and every day's, cut by cluster. It has fifteen minutes, and a queue of its own.

Its messages are jobs, EventBridge's own word that it is time, and what follows from that (`bot.daily.fan_out`). A message that is not
settled is reported, and SQS delivers it again; after the queue's last try it goes to the queue's own dead letters.
AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from bot.app import accounts_of
from bot.auditing import AUDIT_SECONDS
from bot.aws_lambda import Handler, selfcheck
from bot.aws_lambda.clients import PATIENT, OwnClients
from bot.aws_lambda.requests import request_id, seconds_left
from bot.aws_lambda.settings import read_lambda_settings, read_routes
from bot.daily.day import DailyAudits
from bot.daily.fan_out import ClusterAudit, DayEnd, FanOut
from bot.daily.scopes import AuditScope, read_scopes
from bot.daily.state import KeptAudits
from bot.daily.tags import service_tags
from bot.events.routes import Routes
from bot.logs import configure_logging
from bot.metrics import Metrics, to_stdout
from bot.queues.fifo import FifoQueue
from bot.queues.sqs import SqsQueue
from bot.services import AwsDiagnoser, diagnoser_of, services_of
from bot.settings import SettingsError
from bot.stores.dynamodb import DynamoDbRuns
from bot.stores.table import Table
from diagnostics.collect import FactStore, listing
from diagnostics.snapshot import known_value
from handlers.kinds import read_job
from handlers.pace import Pace
from handlers.ports import Auditor, Services
from handlers.running import JobOutcome, run_job

log = logging.getLogger(__name__)

SPARE = 60.0
"""Seconds of the function's time that are left for what follows an audit: Slack, the table, a cold start."""
AT_ONCE = 2
"""Environments of the function that may run beside each other, which divide the budget: deploy/audits.js."""
AGAIN = 60
"""Seconds after which a message that failed comes again."""
SCHEDULED = "Scheduled Event"
_LIST_SECONDS = 20.0


class UnreadableAuditError(Exception):
    """A message that is nothing we know; the text does not quote it."""


@dataclass(frozen=True)
class AuditWorker:
    """Does what messages say.

    Attributes:
        services: what doing a job needs.
        fan_out: makes a day's audits.
        auditor: audits for at most so many seconds.
        queue: where the messages come from.
    """

    services: Services
    fan_out: FanOut
    auditor: Callable[[float], Auditor]
    queue: FifoQueue

    def done(self, record: Mapping[str, Any], left: float) -> bool:
        """Do what a message says; true when it need not come again."""
        try:
            if self._do(record["body"], self.auditor(max(1.0, min(AUDIT_SECONDS, left - SPARE)))):
                return True
        except UnreadableAuditError as error:
            log.error("a message cannot be read: %s", error)
        except Exception:
            log.exception("a message could not be handled")
        try:
            self.queue.hide(record["receiptHandle"], AGAIN)
        except (BotoCoreError, ClientError) as error:
            log.warning("a message comes again only after the queue's own time: %s", type(error).__name__)
        return False

    def _do(self, body: str, auditor: Auditor) -> bool:
        value = _object(body)
        try:
            if value.get("detail-type") == SCHEDULED:
                self.fan_out.begin(str(value["time"])[:10])
            elif value.get("audit") == "cluster":
                self.fan_out.cluster(ClusterAudit.model_validate_json(body), auditor)
            elif value.get("audit") == "end":
                self.fan_out.end(DayEnd.model_validate_json(body))
            else:
                services = replace(self.services, audit=auditor)
                return run_job(read_job(body), services) is JobOutcome.SETTLED
        except (ValidationError, KeyError) as error:
            raise UnreadableAuditError(f"it is no audit ({type(error).__name__})") from None
        return True


def _object(body: str) -> Mapping[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableAuditError("it is not JSON") from None
    if not isinstance(value, dict):
        raise UnreadableAuditError("it is no JSON object")
    return value


def make(
    auditor: Callable[[float], Auditor] | None = None, clock: Callable[[], float] = time.time
) -> Handler:
    """The function, with its settings and secrets read.

    Args:
        auditor: makes audits in place of AWS clients (in tests).
        clock: seconds since 1970.

    Raises:
        SettingsError: the settings are incomplete.
    """
    always: dict[str, str] = {}
    configure_logging("INFO", "json", stream=sys.stdout, always=always)
    clients = OwnClients(PATIENT)
    settings, own = read_lambda_settings(clients)
    configure_logging(settings.pullcheck_log_level, "json", stream=sys.stdout, always=always)
    needed = {
        "PULLCHECK_TABLE": own.pullcheck_table,
        "PULLCHECK_AUDITS_QUEUE_URL": own.pullcheck_audits_queue_url,
    }
    if missing := [name for name, value in needed.items() if not value]:
        raise SettingsError(f"missing: {', '.join(missing)}")
    try:
        routes = Routes.of(read_routes(own, clients))
    except ValueError as error:
        raise SettingsError(f"PULLCHECK_ROUTES: {error}") from None
    table = Table(
        clients("dynamodb"), own.pullcheck_table or "", retention_days=settings.pullcheck_retention_days,
        clock=clock,
    )  # fmt: skip
    runs = DynamoDbRuns(table)
    queue = FifoQueue(clients("sqs"), own.pullcheck_audits_queue_url or "")
    jobs = SqsQueue(clients("sqs"), own.pullcheck_queue_url)
    aws = diagnoser_of(settings, among=AT_ONCE)
    services = services_of(settings, runs, aws, Metrics(to_stdout), pace=Pace(patience=20.0))
    daily = DailyAudits(
        kept=KeptAudits(table),
        routes=routes,
        tags=lambda subject: service_tags(subject, aws.clients),
        # The worker tells it, which tries for an hour.
        submit=jobs.submit,
        accounts=accounts_of(settings),
        clock=clock,
    )
    fan_out = FanOut(
        daily,
        read_scopes(settings.pullcheck_daily_audit),
        lambda scope: _listed(scope, aws),
        queue,
        table,
        runs,
    )
    work = AuditWorker(replace(services, clock=clock), fan_out, auditor or aws.auditor, queue)

    def audits(event: dict[str, Any], context: Any) -> dict[str, Any]:
        always["request_id"] = request_id(context)
        if selfcheck.asks(event):
            return selfcheck.answer(selfcheck.audits(settings, own, clients))
        failed: list[str] = []
        for record in event.get("Records", []):
            # In their order, and none after one that failed: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
            if failed or not work.done(record, seconds_left(context)):
                failed.append(record["messageId"])
        return {"batchItemFailures": [{"itemIdentifier": item} for item in failed]}

    return audits


def _listed(scope: AuditScope, aws: AwsDiagnoser) -> tuple[str, ...] | None:
    """The clusters of an account in a Region, by name; `None` where AWS does not list them."""
    region = scope.region or aws.aws.region
    if region is None:
        return None
    found = known_value(
        listing.clusters(region, scope.account, clients=aws.clients, store=FactStore(), wait=_LIST_SECONDS)
    )
    return None if found is None else tuple(sorted(arn.rpartition("/")[2] for arn in found))
