"""Jobs in the DynamoDB table, from before their acknowledgement until their answer: for a container whose disk goes with it.

| pk         | holds                                                                      |
|------------|----------------------------------------------------------------------------|
| `jobs`     | the keys of the jobs that have no answer                                   |
| `job#KEY`  | a job as JSON, when it was taken, which process has it, how many had it    |
| `alive#ID` | until when a process counts as alive                                       |

No operating system tells of a process on another machine that it has ended, so each says again and again that it lives.
"""

from __future__ import annotations

import logging
import secrets
import threading

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from bot.stores.jobs import LeftJob
from bot.stores.table import Table, number, text
from handlers.jobs import Job
from handlers.kinds import read_job

log = logging.getLogger(__name__)

BEAT = 2.0
"""Seconds between two signs of life."""
LEASE = 8.0
"""Seconds after the last of them for which a process counts as alive. What it had is taken up after that."""

_INDEX = "jobs"


class TableJobs:
    """The jobs of the processes that share a table.

    Args:
        table: the table; `beat` says that this process lives, and must be called again within `LEASE` seconds.
    """

    lasting = True
    """Jobs are still there when the process has ended."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._me = secrets.token_hex(8)
        self.beat()

    def beat(self) -> None:
        """Say that this process lives.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the table cannot be written to.
        """
        self._table.update(
            f"alive#{self._me}", "SET held_until = :until", until=number(self._table.clock() + LEASE)
        )

    def end(self) -> None:
        """This process ends: what it still has may be taken up at once."""
        self._table.delete(f"alive#{self._me}")

    def keep(self, job: Job) -> bool:
        """Keep a job that this process will do; false where somebody has it already."""
        now = self._table.clock()
        made = self._table.put(
            {
                "pk": text(f"job#{job.key}"),
                "job": text(job.text()),
                "taken_at": number(now),
                "owned_by": text(self._me),
                "starts": number(0),
            },
            "attribute_not_exists(pk) OR expires_at <= :now",
            now=number(now),
        )
        if made:
            self._index("ADD", job.key)
        return made

    def change(self, job: Job) -> None:
        """Keep a job as it stands now, with the message that shows it."""
        self._table.update(f"job#{job.key}", "SET job = :job", "attribute_exists(pk)", job=text(job.text()))

    def drop(self, job: Job) -> None:
        """The job has its answer."""
        self._table.delete(f"job#{job.key}")
        self._index("DELETE", job.key)

    def take_up(self) -> tuple[LeftJob, ...]:
        """The jobs that nobody alive has, oldest first; from now on this process has them."""
        index = self._table.get(_INDEX) or {}
        found = [self._inherit(key) for key in index.get("open", {}).get("SS", ())]
        return tuple(sorted((left for left in found if left is not None), key=lambda left: -left.age))

    def _inherit(self, key: str) -> LeftJob | None:
        item = self._table.get(f"job#{key}")
        if item is None:
            self._index("DELETE", key)
            return None
        owner = str(item["owned_by"]["S"])
        if owner == self._me or self._lives(owner):
            return None
        mine = self._table.update(
            f"job#{key}",
            "SET owned_by = :me, starts = starts + :one",
            "owned_by = :owner",
            me=text(self._me),
            one=number(1),
            owner=text(owner),
        )
        if not mine:
            return None
        # Its claim is a dead process's: nobody has to wait for its end. What is done stays done.
        self._table.update(
            f"claim#{key}",
            "SET held_until = :never REMOVE holder",
            "attribute_exists(held_until)",
            never=number(0),
        )
        try:
            job = read_job(item["job"]["S"])
        except ValidationError:
            log.error("a job that was left behind is of a version that differs, and stays undone")
            return None
        age = self._table.clock() - float(item["taken_at"]["N"])
        return LeftJob(job, age, int(item["starts"]["N"]))

    def _lives(self, process: str) -> bool:
        item = self._table.get(f"alive#{process}")
        return item is not None and float(item["held_until"]["N"]) > self._table.clock()

    def _index(self, change: str, key: str) -> None:
        self._table.update(
            _INDEX,
            f"SET changed_at = :now {change} #open :keys",
            names={"#open": "open"},
            now=number(self._table.clock()),
            keys={"SS": [key]},
        )


class Heart:
    """Says from time to time that this process lives, on a thread of its own, until it is stopped."""

    def __init__(self, jobs: TableJobs, beat: float = BEAT) -> None:
        self._jobs = jobs
        self._beat = beat
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pullcheck-alive", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(self._beat):
            try:
                self._jobs.beat()
            except (BotoCoreError, ClientError) as error:
                log.warning("the table was not told that this process lives: %s", type(error).__name__)

    def stop(self) -> None:
        """Stop, and let others take up what is left."""
        self._end.set()
        self._thread.join()
        try:
            self._jobs.end()
        except (BotoCoreError, ClientError) as error:
            log.warning("the table was not told that this process ends: %s", type(error).__name__)
