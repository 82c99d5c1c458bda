"""Jobs in the SQLite file, from before their acknowledgement until their answer, so that no end of the process loses one."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pydantic import ValidationError

from bot.stores.sqlite import SqliteRuns
from handlers.jobs import Job
from handlers.kinds import read_job

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeftJob:
    """A job that a process left behind when it ended.

    Attributes:
        job: the job as it stood.
        age: seconds since it was acknowledged.
        starts: how many processes took it up before and ended with it.
    """

    job: Job
    age: float
    starts: int


class SqliteJobs:
    """The jobs of the processes that share a file.

    Args:
        runs: the store of the same file; a job and its claim change hands together.
    """

    def __init__(self, runs: SqliteRuns) -> None:
        self._database = runs.database
        self._clock = runs.clock
        self._me = runs.database.alive.id if runs.database.alive else ""

    @property
    def lasting(self) -> bool:
        """True when jobs are still there after the process has ended."""
        return bool(self._me)

    def keep(self, job: Job) -> bool:
        """Keep a job that this process will do; false where somebody has it already."""
        with self._database.transaction() as connection:
            made = connection.execute(
                "INSERT OR IGNORE INTO jobs (key, job, taken_at, owner, starts) VALUES (?, ?, ?, ?, 0)",
                (job.key, job.text(), self._clock(), self._me),
            )
            return made.rowcount == 1

    def change(self, job: Job) -> None:
        """Keep a job as it stands now, with the message that shows it."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET job = ? WHERE key = ?", (job.text(), job.key))

    def drop(self, job: Job) -> None:
        """The job has its answer."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM jobs WHERE key = ?", (job.key,))

    def take_up(self) -> tuple[LeftJob, ...]:
        """The jobs that nobody alive has, oldest first; from now on this process has them."""
        if self._database.alive is None:
            return ()
        found: list[LeftJob] = []
        for owner in self._owners():
            with self._database.alive.dead(owner) as dead:
                if dead:
                    found += self._inherit(owner)
        return tuple(sorted(found, key=lambda left: -left.age))

    def _owners(self) -> list[str]:
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT DISTINCT owner FROM jobs WHERE owner <> ?", (self._me,))
            return [owner for (owner,) in rows.fetchall()]

    def _inherit(self, owner: str) -> list[LeftJob]:
        now = self._clock()
        found: list[LeftJob] = []
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT key, job, taken_at, starts FROM jobs WHERE owner = ?", (owner,)
            ).fetchall()
            connection.execute(
                "UPDATE jobs SET owner = ?, starts = starts + 1 WHERE owner = ?", (self._me, owner)
            )
            for key, job, taken_at, starts in rows:
                # Its claim is a dead process's: nobody has to wait for its end.
                connection.execute("UPDATE claims SET until = 0 WHERE key = ? AND until IS NOT NULL", (key,))
                try:
                    found.append(LeftJob(read_job(job), now - taken_at, starts))
                except ValidationError:
                    log.error("a job that was left behind is of a version that differs, and stays undone")
        return found
