"""Puts the parts together: settings and AWS clients in, everything that listeners and jobs need out."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.accounts import AssumedRoles, TargetRole
from bot.app import accounts_of
from bot.auditing import AwsAuditor
from bot.daily.timer import DailyTimer
from bot.daily.wiring import timer_of
from bot.events.polling import EventsPoller
from bot.in_force import in_force
from bot.metrics import MeasuredDiagnoser, Metrics, to_stdout
from bot.places import AwsPlaces
from bot.probes import Checked, check_aws, check_slack
from bot.queues.again import seconds_until
from bot.queues.threads import After, ThreadQueue
from bot.queues.threads import after as by_timer
from bot.settings import Settings
from bot.slack_clients import web_client
from bot.stores.chosen import STORE_ERRORS, Store, store_of
from bot.stores.jobs import LeftJob
from bot.task_events import groups_of, poller_of
from bot.unreachable import unreachable
from diagnostics.collect import AwsClients, AwsUnreachableError, FactStore, RegionNeededError, SharedBudget
from diagnostics.collect.newest import newest_task
from diagnostics.diagnose import Run, run
from diagnostics.faults import ALL_FAULTS
from diagnostics.snapshot import Fact, Snapshot, Task
from diagnostics.target import EXAMPLE, Target
from handlers.context import current
from handlers.jobs import Job
from handlers.pace import Pace
from handlers.ports import (
    Auditor,
    Diagnoser,
    DiagnosisError,
    Later,
    Listening,
    Newest,
    NoAuditor,
    NoLater,
    NoNewest,
    QueueClosedError,
    RunsStore,
    Services,
)
from handlers.running import JobOutcome, abandon, announce, rest, run_job
from handlers.ways import Asking, CheckedPart, Checkup, Places, WaysIn

log = logging.getLogger(__name__)

MARGIN = 60.0
"""Seconds beyond the deadline after which a job counts as lost."""
OLD = 900.0
"""Seconds after which a job that was left behind is apologised for instead of done. By then whoever waited has asked again
or gone on: an answer about other facts than theirs, out of nowhere, would mislead, and Slack takes answers at the address
that came with a command for half an hour only. An answer that was found before the end is given however old it is."""
MOST_STARTS = 3
"""Processes that may end with the same job before it is suspected to be the reason."""


@dataclass(frozen=True)
class AwsDiagnoser:
    """Diagnoses with real AWS clients; tells in a sentence for people in Slack why it could not.

    With `roles` each account is asked with the role that was made for it there, in the name of whoever asks. The diagnoses of
    a process share a `store` of what AWS answered; what nobody asked for is held back by its budget, for at most `patience`
    seconds beyond the deadline.
    """

    aws: AwsClients
    deadline: float
    roles: AssumedRoles | None = None
    store: FactStore = field(default_factory=FactStore)
    patience: float = 0.0
    budget: SharedBudget | None = None

    @property
    def clients(self) -> AwsClients:
        """Who asks where no person did."""
        return self.roles.clients("") if self.roles else self.aws

    def auditor(self, deadline: float | None = None) -> AwsAuditor:
        """Who audits with the same clients and out of the same budget; `deadline` in place of its own seconds."""
        made = AwsAuditor(self.aws, self.roles, budget=self.budget)
        return made if deadline is None else replace(made, deadline=deadline)

    def newest(self, target: Target, /) -> Fact[Task | None]:
        """The newest task of a service, asked out of the same budget.

        Raises:
            DiagnosisError: no Region is known, or AWS could not be reached at all.
        """
        now = current()
        clients = self.roles.clients(now.user if now else "") if self.roles else self.aws
        try:
            return newest_task(target, clients, deadline=self.deadline, store=FactStore(budget=self.budget))
        except RegionNeededError as error:
            raise DiagnosisError("no Region is known to look in.") from error
        except AwsUnreachableError as error:
            raise unreachable(error, target, self.roles) from error

    def __call__(
        self,
        target: Target,
        previous: Snapshot | None,
        alert_text: str | None = None,
        newest: bool = False,
        /,
    ) -> Run:
        """The diagnosis.

        Raises:
            DiagnosisError: no Region is known, or AWS could not be reached at all.
        """
        now = current()
        try:
            return run(
                target,
                aws=self.roles.clients(now.user if now else "") if self.roles else self.aws,
                deadline=self.deadline,
                previous=previous,
                alert_text=alert_text,
                store=self.store,
                fresh=now is not None and now.fresh,
                urgent=now is None or now.user != "",
                patience=self.patience,
                newest=newest,
            )
        except RegionNeededError as error:
            raise DiagnosisError(
                f"which Region? Give the task's ARN, which names it, such as {EXAMPLE}."
            ) from error
        except AwsUnreachableError as error:
            raise unreachable(error, target, self.roles) from error


PATIENCE = 300.0
"""Seconds that the budget may hold an automatic diagnosis back beyond its deadline, where no function's time ends."""


def diagnoser_of(
    settings: Settings, aws: AwsClients | None = None, *, patience: float = PATIENCE, among: int = 1
) -> AwsDiagnoser:
    """Who diagnoses, by the settings; `aws` goes before the role that they name. `among` so many processes like this one the
    budget of AWS's rates is divided."""
    deadline = settings.pullcheck_deadline
    budget = SharedBudget(settings.pullcheck_api_share, among)
    store = FactStore(age=settings.pullcheck_reuse_seconds, joins=True, budget=budget)
    name = settings.pullcheck_target_role_name
    if aws is None and name is not None:
        roles = AssumedRoles(
            TargetRole(name, settings.pullcheck_external_id, settings.pullcheck_external_ids)
        )
        return AwsDiagnoser(roles.own, deadline, roles, store, patience, budget)
    return AwsDiagnoser(aws or AwsClients(), deadline, store=store, patience=patience, budget=budget)


def services_of(
    settings: Settings,
    runs: RunsStore,
    diagnose: Diagnoser,
    metrics: Metrics,
    *,
    strict: bool = False,
    pace: Pace | None = None,
    check: Checkup | None = None,
    audit: Auditor | None = None,
    newest: Newest | None = None,
    later: Later | None = None,
    lasting: bool = True,
) -> Services:
    """What doing a job needs."""
    return Services(
        slack=web_client(settings, metrics=metrics),
        diagnose=MeasuredDiagnoser(diagnose, metrics),
        runs=runs,
        fault=ALL_FAULTS.get,
        accounts=accounts_of(settings),
        lease=settings.pullcheck_deadline + MARGIN,
        pace=Pace() if pace is None else pace,
        strict=strict,
        causes_page=settings.pullcheck_causes_url,
        ways=WaysIn(
            faults=lambda: ALL_FAULTS,
            in_force=in_force(settings),
            admins=settings.pullcheck_admins,
            check=check,
        ),
        audit=audit or NoAuditor(),
        newest=newest or NoNewest(),
        later=later or NoLater(),
        lasting=lasting,
    )


def parts_of(results: Iterable[Checked]) -> tuple[CheckedPart, ...]:
    """The lines of a check, for Slack."""
    return tuple(CheckedPart(item.what, item.works, item.says) for item in results)


@dataclass(frozen=True)
class Working:
    """Does jobs for the queue in this process.

    Attributes:
        services: what doing a job needs.
        lasting: whether jobs that wait are still there when the process has ended.
    """

    services: Services
    lasting: bool

    def run(self, job: Job, late: str | None, /) -> JobOutcome:
        """Do a job."""
        return run_job(job, self.services, late=late, last=seconds_until(job.tries) is None)

    def announce(self, job: Job, position: int, /) -> Job:
        """Tell people that a job has to wait; nobody where nobody asked."""
        return job if not job.user or job.kind.quiet else announce(job, position, self.services)

    def abandon(self, job: Job, /) -> None:
        """Tell people that the app stops, and what that means for the job; nobody where nobody asked."""
        if not job.user or job.kind.quiet:
            return
        if self.lasting:
            rest(job, self.services)
        else:
            abandon(job, self.services)


class LaterJobs:
    """Has jobs done later by a queue, which is made after what needs it."""

    def __init__(self) -> None:
        self.queue: ThreadQueue | None = None

    def __call__(self, job: Job, seconds: int, /) -> None:
        """Do a job after so many seconds.

        Raises:
            QueueClosedError: the app is stopping.
        """
        if self.queue is None:
            raise QueueClosedError
        self.queue.put_off(job, seconds)


def too_late(left: LeftJob) -> str | None:
    """Why a job that was left behind is not done any more, as a sentence; `None` where it is."""
    minutes = round(left.age / 60)
    if left.age > OLD and not left.job.kind.quiet:
        return f"the app was interrupted {minutes} minutes ago, before there was an answer. Try again if it still matters."
    if left.starts >= MOST_STARTS:
        return "the app was interrupted each time it came to this. Its operator should look at the log."
    return None


@dataclass(frozen=True)
class Parts:
    """What runs beside the app: the queue, the runs, what listeners need, and what takes task events and what audits every day,
    if anything does."""

    queue: ThreadQueue
    store: Store
    listening: Listening
    services: Services
    events: EventsPoller | None = None
    daily: DailyTimer | None = None

    def take_up(self) -> None:
        """Take up the jobs that a process left behind when it ended. What is too old is apologised for."""
        try:
            left_behind = self.store.jobs.take_up()
        except STORE_ERRORS:
            log.exception("it could not be seen whether jobs were left behind")
            return
        if left_behind:
            log.warning("%d jobs were left behind by a process that ended", len(left_behind))
        for left in left_behind:
            self.queue.take_up(left.job, too_late(left))

    def stop(self, timeout: float) -> bool:
        """Finish what was taken, for at most `timeout` seconds, and close; whether all of it was done."""
        until = time.monotonic() + timeout
        if self.daily is not None:
            self.daily.stop()
        if self.events is not None:
            self.events.leave()
        done = self.queue.stop(timeout)
        if self.events is not None:
            done = self.events.stop(max(0.0, until - time.monotonic())) and done
        if done:
            self.store.close()
        # Else what still runs notes how far it came, until the process ends.
        return done


def compose(
    settings: Settings,
    aws: AwsClients | None = None,
    *,
    diagnose: Diagnoser | None = None,
    strict: bool = False,
    pace: Pace | None = None,
    places: Places | None = None,
    audit: Auditor | None = None,
    newest: Newest | None = None,
    after: After | None = None,
) -> Parts:
    """The parts of one process: threads as the queue, and the store that is chosen.

    Args:
        settings: the settings.
        aws: who asks AWS; by default boto3 with its own settings.
        diagnose: makes diagnoses in place of AWS clients (in tests).
        strict: raise on a message that breaks Slack's limits (in tests).
        pace: Slack's pace, with a clock of its own (in tests).
        places: what the modal offers in place of what AWS lists (in tests).
        audit: makes audits in place of AWS clients (in tests).
        newest: looks at newest tasks in place of AWS clients (in tests).
        after: has something done later, with a clock of its own (in tests).

    Raises:
        OSError, sqlite3.Error, botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the store cannot be
            used.
    """
    store, later = store_of(settings), LaterJobs()
    metrics = Metrics(to_stdout) if settings.pullcheck_log_format == "json" else Metrics()
    by_aws = diagnoser_of(settings, aws)
    check = Checkup(lambda: parts_of((*check_slack(settings), *check_aws(by_aws.aws))))
    services = services_of(
        settings, store.runs, diagnose or by_aws, metrics, strict=strict, pace=pace, check=check,
        audit=audit or by_aws.auditor(), newest=newest or by_aws.newest, later=later,
        lasting=store.jobs.lasting,
    )  # fmt: skip
    if (groups := groups_of(settings, store, services.lease)) is not None:
        services = replace(services, groups=groups)
    queue = ThreadQueue(
        Working(services, store.jobs.lasting),
        store.jobs,
        parallel=settings.pullcheck_parallel,
        waiting=settings.pullcheck_waiting,
        later=after or by_timer,
    )
    later.queue = queue
    events = poller_of(settings, store, services, queue, by_aws.clients, by_aws.store)
    asking = Asking(places=places or AwsPlaces(by_aws.aws, by_aws.roles, settings))
    daily = timer_of(settings, store, services, queue.submit, by_aws.clients)
    return Parts(queue, store, Listening(queue, services.accounts, asking=asking), services, events, daily)
