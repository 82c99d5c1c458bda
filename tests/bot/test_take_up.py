"""Nothing that was acknowledged is lost in Socket Mode: whoever starts takes up what nobody alive holds."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from slack_sdk import WebClient

from bot.services import MOST_STARTS, OLD, Working, compose, too_late
from bot.settings import Settings
from bot.stores.jobs import LeftJob, SqliteJobs
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack, Message
from diagnostics.faults import ALL_FAULTS
from diagnostics.target import parse
from handlers.jobs import Job, Kind
from handlers.kinds import DIAGNOSE, EXPLAIN, RERUN
from handlers.ports import RunsStore, Services
from tests.bot.conftest import Script
from tests.build import reports
from tests.build.runs import job, saved_run
from tests.handlers.test_kill_points import Clock, Fuse, Fused, KilledError

EARLIER = "0a1b"


@dataclass
class Machine:
    """A machine with one file and one Slack, on which processes start and are killed."""

    path: Path
    slack: LocalSlack
    clock: Clock

    def process(self, new: Job | None, fuse: Fuse) -> bool:
        """A process that takes up what it finds, then acknowledges a new job and does it; false where it was killed."""
        runs = SqliteRuns(self.path, clock=self.clock)
        jobs = SqliteJobs(runs)
        services = Services(
            slack=cast(WebClient, Fused(WebClient(self.slack.bot_token, base_url=self.slack.api_url), fuse)),
            diagnose=Fused(Scripted(), fuse).diagnose,
            runs=cast(RunsStore, Fused(runs, fuse)),
            fault=ALL_FAULTS.get,
            pace=self.clock.pace(),
            strict=True,
        )
        kept = Fused(jobs, fuse)
        working = Working(services, lasting=True)
        try:
            for left in kept.take_up():
                working.run(left.job, too_late(left))
                kept.drop(left.job)
            if new is not None:
                kept.keep(new)
                working.run(new, None)
                kept.drop(new)
        except KilledError:
            return False
        finally:
            # What the system does when a process ends: its lock is gone. Nothing is written down any more.
            runs.close()
        return True

    def holding(self, words: str) -> list[Message]:
        channel = self.slack.channel.id
        return [item for item in self.slack.workspace.messages(channel) if words in item.plain]


class Scripted:
    """Diagnoses."""

    def __init__(self) -> None:
        self.diagnose = Script()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    numbers = itertools.count()
    with LocalSlack() as slack:

        def fresh() -> Machine:
            number = next(numbers)
            slack.channel = slack.add_channel(f"c{number}")
            return Machine(tmp_path / f"{number}.sqlite3", slack, Clock())

        yield fresh


def asked(machine: Machine, kind: Kind) -> Job:
    """A job that somebody asks for, with what is there before."""
    ts = None
    if kind is not DIAGNOSE:
        runs = SqliteRuns(machine.path, clock=machine.clock)
        made = Script()(reports.TARGET, None)
        runs.save(saved_run(EARLIER, made.snapshot, channel=machine.slack.channel.id, report=made.report))
        runs.close()
        client = WebClient(machine.slack.bot_token, base_url=machine.slack.api_url)
        ts = str(
            client.chat_postMessage(channel=machine.slack.channel.id, text="The verdict of before")["ts"]
        )
    return job(
        kind=kind,
        channel=machine.slack.channel.id,
        user=machine.slack.user.id,
        thread_ts=ts,
        message_ts=ts if kind.replaces else None,
        run_id=EARLIER if ts else None,
    )


@pytest.mark.parametrize("kind", [DIAGNOSE, RERUN, EXPLAIN], ids=lambda kind: kind.name)
def test_killed_after_any_call_the_next_start_answers_at_once(
    machine: Callable[[], Machine], kind: Kind
) -> None:
    """The clock stands still: no lease has to end first."""
    first = machine()
    fuse = Fuse()
    assert first.process(asked(first, kind), fuse)
    answer = "How to fix it" if kind is EXPLAIN else "cannot start: "
    assert len(first.holding(answer)) == 1
    for point in range(fuse.calls.index("keep") + 1, len(fuse.calls) + 1):
        here = machine()
        new = asked(here, kind)
        assert not here.process(new, Fuse(point))
        now = here.clock.now

        assert here.process(None, Fuse())

        assert here.clock.now - now < 10
        if kind is EXPLAIN and fuse.calls[point - 1] == "note":
            private = here.slack.ephemeral(channel=here.slack.channel)
            assert any("ask for it again" in item.plain for item in private)
        else:
            assert len(here.holding(answer)) == 1, point
        # Nothing is left to do, and nothing is done again.
        before = len(here.slack.calls())
        assert here.process(None, Fuse())
        assert len(here.slack.calls()) == before, point


def test_a_process_that_lives_keeps_its_jobs(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    one, other = SqliteRuns(path), SqliteRuns(path)
    mine, theirs = SqliteJobs(one), SqliteJobs(other)
    assert mine.keep(job("a"))
    assert not theirs.keep(job("a"))
    assert theirs.keep(job("b"))

    assert mine.take_up() == theirs.take_up() == ()

    other.close()
    assert [left.job.key for left in mine.take_up()] == ["b"]
    assert mine.take_up() == ()
    one.close()
    third = SqliteRuns(path)
    assert sorted(left.job.key for left in SqliteJobs(third).take_up()) == ["a", "b"]
    third.close()
    assert [item.name for item in tmp_path.iterdir() if "alive" in item.name] == []


_DIES = """
import os, signal, sys
from bot.stores.jobs import SqliteJobs
from bot.stores.sqlite import SqliteRuns
from tests.bot.test_take_up import job
runs = SqliteRuns(sys.argv[1])
SqliteJobs(runs).keep(job("a"))
assert runs.claim("a", 3600)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_was_killed_is_noticed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    ended = subprocess.run([sys.executable, "-c", _DIES, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    runs = SqliteRuns(path)

    (left,) = SqliteJobs(runs).take_up()

    assert left.job == job("a")
    assert left.starts == 0
    # Its claim, which runs for an hour, is a dead process's.
    assert runs.claim("a", 60)
    runs.close()


@pytest.mark.parametrize(
    ("age", "starts", "says"),
    [
        (0, 0, None),
        (OLD, MOST_STARTS - 1, None),
        (OLD + 1, 0, "interrupted 15 minutes ago"),
        (7200, 0, "interrupted 120 minutes ago"),
        (0, MOST_STARTS, "each time"),
    ],
)
def test_what_is_too_late_is_decided_by_age(age: float, starts: int, says: str | None) -> None:
    found = too_late(LeftJob(job(), age, starts))

    assert found is None if says is None else says in (found or "")


def test_a_job_counts_how_many_processes_ended_with_it(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    runs = SqliteRuns(path)
    SqliteJobs(runs).keep(job())
    runs.close()
    seen = []
    for _ in range(3):
        runs = SqliteRuns(path)
        seen += [left.starts for left in SqliteJobs(runs).take_up()]
        runs.close()

    assert seen == [0, 1, 2]


def test_an_old_job_is_apologised_for_in_its_thread(machine: Callable[[], Machine]) -> None:
    here = machine()
    fuse = Fuse()
    here.process(asked(here, DIAGNOSE), fuse)
    here = machine()
    assert not here.process(asked(here, DIAGNOSE), Fuse(fuse.calls.index("diagnose") + 1))
    (begun,) = here.holding("Checking")
    here.clock.now += OLD + 60

    assert here.process(None, Fuse())

    (apology,) = here.slack.messages()
    assert apology.ts == begun.ts
    assert "interrupted 16 minutes ago" in apology.plain
    assert "pullcheck.rerun" in apology.action_ids


def test_an_answer_that_was_found_is_given_however_old(machine: Callable[[], Machine]) -> None:
    here = machine()
    fuse = Fuse()
    here.process(asked(here, DIAGNOSE), fuse)
    here = machine()
    assert not here.process(asked(here, DIAGNOSE), Fuse(fuse.calls.index("save") + 1))
    here.clock.now += OLD * 10

    assert here.process(None, Fuse())

    assert len(here.holding("cannot start: ")) == 1


def test_the_whole_app_takes_up_what_was_left(
    slack: LocalSlack, settings: Settings, start: Callable[..., object]
) -> None:
    """Waiting and begun, with the message that showed it: all of them are answered where they were shown.

    They are about two tasks: who asks for what is looked at already is shown where.
    """
    dead = compose(settings, diagnose=Script())
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    shown = str(client.chat_postMessage(channel=slack.channel.id, text="in line")["ts"])
    for key, ts in (("a", None), ("b", shown)):
        dead.store.jobs.keep(
            job(
                key,
                target=parse(f"payments/{key * 32}"),
                channel=slack.channel.id,
                user=slack.user.id,
                message_ts=ts,
                thread_ts=ts,
            )
        )
    dead.store.runs.close()

    start(settings)

    slack.wait_for(lambda: sum("cannot start: " in item.plain for item in slack.messages()) == 2)
    assert len(slack.messages()) == 2
    os.stat(settings.pullcheck_database)
