"""Many answers at once in a local Slack that takes no more than Slack promises, by a clock that nobody waits for."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.stores.sqlite import SqliteRuns
from demo.slack import Channel, LocalSlack
from diagnostics.finding import Report
from handlers.answers import AnswerForms
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE, EVENT
from handlers.pace import REMEMBERED, Pace, posts
from handlers.ports import Services
from handlers.running import JobOutcome, run_job
from handlers.thread import Thread
from handlers.views import notices
from tests.bot.conftest import Script
from tests.build import reports
from tests.handlers.timeline import Timeline

BEGAN = 1_800_000_000.0
WALL = "create-route"


@pytest.fixture
def time() -> Timeline:
    return Timeline()


@pytest.fixture
def slack(time: Timeline) -> Iterator[LocalSlack]:
    with LocalSlack(clock=lambda: BEGAN + time.now, paced=True) as running, running.in_process():
        yield running


@pytest.fixture
def runs(time: Timeline) -> Iterator[SqliteRuns]:
    store = SqliteRuns(":memory:", clock=lambda: BEGAN + time.now)
    yield store
    store.close()


def pace_of(time: Timeline, seed: int = 0, **changes: Any) -> Pace:
    return Pace(clock=time.clock, sleep=time.sleep, chance=random.Random(seed).random, **changes)


def process(time: Timeline, slack: LocalSlack, runs: SqliteRuns, pace: Pace, diagnosed: Script) -> Services:
    def slowly() -> Report:
        time.sleep(2)
        return reports.cause_found()

    diagnosed.steps = [slowly]
    return Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]),
        diagnose=diagnosed,
        runs=runs,
        fault=lambda _: None,
        lease=80,
        pace=pace,
        strict=True,
    )


def job(place: int, channel: Channel, user: str = "", response_url: str | None = None) -> Job:
    target = reports.TARGET.model_copy(update={"task_id": f"{place:032x}"})
    return Job(key=f"k{place}", kind=DIAGNOSE, target=target, channel=channel.id, user=user, response_url=response_url)  # fmt: skip


def work(time: Timeline, services: Services, jobs: list[Job], parallel: int) -> None:
    """Do jobs as a queue does, a few at a time."""
    line = deque(jobs)

    def one() -> None:
        while line:
            assert run_job(line.popleft(), services) is JobOutcome.SETTLED

    for _ in range(parallel):
        time.at(time.now, one)
    time.run()


def assert_parents_with_threads(slack: LocalSlack, count: int, channel: Channel | None = None) -> None:
    parents = slack.messages(channel)
    assert len(parents) == count
    for parent in parents:
        assert "cannot start: its subnet" in parent.plain
        assert WALL not in parent.plain
        (details,) = slack.thread(parent)
        assert WALL in details.plain


def refused(slack: LocalSlack) -> list[str | None]:
    return [call.error for call in slack.refusals()]


def test_ten_commands_in_one_channel(time: Timeline, slack: LocalSlack, runs: SqliteRuns) -> None:
    services = process(time, slack, runs, pace_of(time), Script())
    # Two people: one may have six checks a minute.
    people = [slack.user, slack.other_user] * 5
    urls = [slack._ways_back(one, slack.channel)["response_url"] for one in people]

    jobs = [job(n, slack.channel, people[n].id, url) for n, url in enumerate(urls)]
    work(time, services, jobs, 4)

    assert_parents_with_threads(slack, 10)
    assert not refused(slack)
    assert time.now < 30
    assert not [word for word in slack.ephemeral() if "Checking" in word.plain or WALL in word.plain]


@pytest.mark.parametrize("seed", range(5))
def test_ten_commands_in_five_processes_that_know_nothing_of_each_other(
    time: Timeline, slack: LocalSlack, runs: SqliteRuns, seed: int
) -> None:
    for place in range(5):
        services = process(time, slack, runs, pace_of(time, seed * 5 + place, patience=20), Script())
        for turn in range(2):
            person = (slack.user, slack.other_user)[turn]
            one = job(place * 2 + turn, slack.channel, person.id)
            time.at(0, lambda one=one, services=services: run_job(one, services))  # type: ignore[misc]
    time.run()

    assert len(slack.messages()) == 10
    assert not [message for message in slack.messages() if WALL in message.plain]
    for parent in slack.messages():
        assert slack.thread(parent) or "pullcheck.details" in parent.action_ids
    assert set(refused(slack)) == {"ratelimited"}


def test_two_hundred_services_fail_at_once(time: Timeline, slack: LocalSlack, runs: SqliteRuns) -> None:
    services = process(time, slack, runs, pace_of(time), Script())

    work(time, services, [job(n, slack.channel) for n in range(200)], 4)

    assert_parents_with_threads(slack, 200)
    assert not refused(slack)
    assert services.pace.remembered < 5


def test_a_person_among_them_sees_something_within_a_second(
    time: Timeline, slack: LocalSlack, runs: SqliteRuns
) -> None:
    """Nobody asked for the others, which wait for the channel's one message a second all the time."""
    services = process(time, slack, runs, pace_of(time), Script())
    events = [job(n, slack.channel).model_copy(update={"kind": EVENT}) for n in range(40)]
    line = deque(events)

    def one() -> None:
        while line:
            assert run_job(line.popleft(), services) is JobOutcome.SETTLED

    for _ in range(8):
        time.at(0.0, one)
    asked = (20.3, 31.05, 44.9)
    for place, moment in enumerate(asked):
        person = job(100 + place, slack.channel, slack.user.id)
        time.at(moment, lambda person=person: run_job(person, services))  # type: ignore[misc]
    time.run()

    mine = [item for item in slack.messages() if slack.user.id in item.plain]
    assert len(mine) == len(asked)
    for item, moment in zip(mine, asked, strict=True):
        assert float(item.ts) - BEGAN - moment <= 1.0
    assert len(slack.messages()) == len(events) + len(asked)
    assert not refused(slack)


@pytest.mark.parametrize(
    "trouble",
    [{"status": 503}, {"status": 502, "page": "<html>Bad gateway"}, {"error": "internal_error"}, {"dropped": True}],
    ids=["503", "page", "internal_error", "dropped"],
)  # fmt: skip
@pytest.mark.parametrize("asked", [True, False], ids=["a person", "an event"])
def test_slack_is_down_for_five_minutes(
    time: Timeline, slack: LocalSlack, runs: SqliteRuns, trouble: dict[str, Any], asked: bool
) -> None:
    script = Script()
    services = process(time, slack, runs, pace_of(time), script)
    url = slack._ways_back(slack.user, slack.channel)["response_url"] if asked else None
    one = job(0, slack.channel, slack.user.id if asked else "", url)
    slack.fail("*", times=None, seconds=300, **trouble)
    settled: list[float] = []

    def redelivered() -> None:
        for wait in (20, 60, 180, 300, 300):
            if run_job(one, services) is JobOutcome.SETTLED:
                settled.append(time.now)
                return
            time.sleep(wait)

    time.at(0, redelivered)
    time.run()

    assert len(script.asked) == 1
    if trouble.get("dropped"):
        # Slack may have taken what it did not answer, so nothing of it is said twice.
        assert len(slack.messages()) <= 1
        return
    assert settled
    assert_parents_with_threads(slack, 1)


def test_a_thousand_answers_in_fifty_channels(time: Timeline, slack: LocalSlack) -> None:
    pace = pace_of(time, patience=60)
    client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    channels = [slack.add_channel(f"c{n}") for n in range(50)]
    verdict, word = notices.refused("verdict"), notices.refused("details")
    reached: list[str] = []

    def answer(channel: Channel) -> None:
        thread = Thread(client, channel=channel.id, user="", pace=pace)
        thread.show(notices.checking(reports.TARGET, ""))
        reached.append(
            thread.answer(AnswerForms(verdict, lambda: (word,), lambda _: verdict, lambda _, __: word))
        )

    for n in range(1000):
        time.at(0, lambda n=n: answer(channels[n % 50]))  # type: ignore[misc]
    time.run()

    assert reached == ["channel"] * 1000
    assert not refused(slack)
    assert [len(slack.messages(channel)) for channel in channels] == [20] * 50
    assert pace.remembered == 52
    assert "Checking" not in " ".join(
        message.plain for channel in channels for message in slack.messages(channel)
    )


def test_lines_that_are_forgotten_do_not_pile_up(time: Timeline) -> None:
    pace = pace_of(time)
    for n in range(REMEMBERED * 2):
        assert pace.turn(posts(f"C{n}"), 0)

    assert pace.remembered == REMEMBERED
