"""Puts the parts together: settings and AWS clients in, everything that listeners and jobs need out."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from bot.app import accounts_of, web_client
from bot.queues.threads import ThreadQueue
from bot.settings import Settings
from bot.stores.sqlite import SqliteRuns
from diagnostics.checks import ALL_FAULTS
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.diagnose import Run, run
from diagnostics.snapshot import Snapshot
from diagnostics.target import EXAMPLE, Target
from handlers.jobs import Job, abandon, announce, run_job
from handlers.ports import Diagnoser, DiagnosisError, Listening, Services

log = logging.getLogger(__name__)

_UNREACHABLE = {
    "no_credentials": "the app has no valid AWS credentials. Its operator has to set them",
    "expired_credentials": "the app's AWS credentials have expired. Its operator has to renew them",
    "wrong_region": "Region {region} does not exist or is not enabled for this account. Check the Region of the task",
    "unreachable": "the app could not reach AWS in {region}. Try again; if it stays, its operator has to look at the network",
}
_MARGIN = 60.0
"""Seconds beyond the deadline after which a job counts as lost."""


@dataclass(frozen=True)
class AwsDiagnoser:
    """Diagnoses with real AWS clients; tells in a sentence for people in Slack why it could not."""

    aws: AwsClients
    deadline: float

    def __call__(self, target: Target, previous: Snapshot | None, /) -> Run:
        """The diagnosis.

        Raises:
            DiagnosisError: no Region is known, or AWS could not be reached at all.
        """
        try:
            return run(target, aws=self.aws, deadline=self.deadline, previous=previous)
        except RegionNeededError as error:
            raise DiagnosisError(
                f"which Region? Give the task's ARN, which names it, such as {EXAMPLE}."
            ) from error
        except AwsUnreachableError as error:
            log.warning("AWS could not be read: %s", error.message)
            where = target.region or "its Region"
            raise DiagnosisError(f"{_UNREACHABLE[error.kind].format(region=where)}.") from error


@dataclass(frozen=True)
class Parts:
    """What runs beside the app: the queue, the runs, and what listeners need."""

    queue: ThreadQueue
    runs: SqliteRuns
    listening: Listening
    services: Services

    def stop(self, timeout: float) -> bool:
        """Finish what was taken, for at most `timeout` seconds, and close; whether all of it was done."""
        done = self.queue.stop(timeout)
        self.runs.close()
        return done


def compose(
    settings: Settings,
    aws: AwsClients | None = None,
    *,
    diagnose: Diagnoser | None = None,
    strict: bool = False,
) -> Parts:
    """The parts of one process: threads as the queue, SQLite as the store.

    Args:
        settings: the settings.
        aws: who asks AWS; by default boto3 with its own settings.
        diagnose: makes diagnoses in place of AWS clients (in tests).
        strict: raise on a message that breaks Slack's limits (in tests).

    Raises:
        OSError, sqlite3.Error: the file for runs cannot be used.
    """
    runs = SqliteRuns(settings.pullcheck_database, retention_days=settings.pullcheck_retention_days)
    services = Services(
        slack=web_client(settings),
        diagnose=diagnose or AwsDiagnoser(aws or AwsClients(), settings.pullcheck_deadline),
        runs=runs,
        fault=ALL_FAULTS.get,
        new_id=lambda: secrets.token_hex(4),
        accounts=accounts_of(settings),
        lease=settings.pullcheck_deadline + _MARGIN,
        strict=strict,
    )

    def run_one(job: Job) -> None:
        run_job(job, services)

    def announce_one(job: Job, position: int) -> Job:
        return announce(job, position, services)

    def abandon_one(job: Job) -> None:
        abandon(job, services)

    queue = ThreadQueue(
        run_one,
        announce_one,
        abandon_one,
        parallel=settings.pullcheck_parallel,
        waiting=settings.pullcheck_waiting,
    )
    return Parts(queue, runs, Listening(queue, services.accounts), services)
