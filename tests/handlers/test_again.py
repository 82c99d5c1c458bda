"""The same target asked again: who asks is led to the thread that there is, or gets an answer as if nobody had asked."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.stores.dynamodb import DynamoDbRuns, Table
from bot.stores.sqlite import SqliteRuns
from demo.slack import Channel, LocalSlack, Message, User
from diagnostics.finding import Report
from diagnostics.target import Target, parse
from handlers.again import OPEN_SECONDS, AskedBefore
from handlers.buttons import job_of
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE, EVENT, RERUN
from handlers.often import MOST
from handlers.ports import DiagnosisError, RunsStore, Services
from handlers.running import JobOutcome, announce, run_job
from handlers.saved_run import SavedRun
from handlers.views.values import read_value
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce, Script
from tests.build import TASK_ARN, reports

TASK_ID = "0123456789abcdef0123456789abcdef"


class Clock:
    """Time that passes when it is told to."""

    now = 1_795_600_000.0

    def __call__(self) -> float:
        return self.now


@dataclasses.dataclass
class World:
    """A local Slack with people who ask in it, one after the other."""

    slack: LocalSlack
    clock: Clock
    script: Script
    services: Services
    number: int = 0

    def job(self, text: str = TASK_ARN, user: User | None = None, channel: Channel | None = None, **more: Any) -> Job:  # fmt: skip
        self.number += 1
        who, where = user or self.slack.user, channel or self.slack.channel
        values: dict[str, Any] = {
            "target": parse(text),
            "user": who.id,
            "user_name": who.name,
            "channel": where.id,
            "response_url": self.slack._ways_back(who, where)["response_url"],
        }
        return Job(key=f"k{self.number}", kind=DIAGNOSE, **{**values, **more})

    def ask(self, text: str = TASK_ARN, user: User | None = None, channel: Channel | None = None, **more: Any) -> Job:  # fmt: skip
        job = self.job(text, user, channel, **more)
        assert run_job(job, self.services) is JobOutcome.SETTLED
        return job

    def told(self, channel: Channel | None = None) -> list[Message]:
        """What single people were told, in its order."""
        people = (self.slack.user, self.slack.other_user)
        found = (item for one in people for item in self.slack.ephemeral(one, channel))
        return sorted(found, key=lambda item: item.ts)

    def press(self, told: Message, user: User) -> Job:
        """The job of a press of Re-run in a message that one person sees."""
        self.number += 1
        value = read_value(told.element("pullcheck.rerun")["value"])
        assert value is not None
        body = {
            "trigger_id": str(self.number),
            "user": {"id": user.id, "name": user.name, "team_id": "T1"},
            "channel": {"id": self.slack.channel.id},
            "container": {"is_ephemeral": True, "message_ts": told.ts, "channel_id": told.channel},
            "response_url": self.slack._ways_back(user, self.slack.channel, told)["response_url"],
        }
        return job_of(
            body, RERUN, value.target, run_id=value.run_id, thread_ts=value.thread_ts, message_ts=value.message_ts
        )  # fmt: skip


STORES: dict[str, Callable[[Clock], RunsStore]] = {
    "sqlite": lambda clock: SqliteRuns(":memory:", clock=clock),
    "dynamodb": lambda clock: DynamoDbRuns(Table(MemoryDynamoDb(), "t", clock=clock)),
}


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as running:
        yield running


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(store: str, slack: LocalSlack) -> Iterator[World]:
    clock, script = Clock(), Script()
    runs = STORES[store](clock)
    services = Services(
        slack=WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]),
        diagnose=script,
        runs=runs,
        fault=lambda _: None,
        lease=80,
        pace=AtOnce(),
        strict=True,
        clock=clock,
    )
    yield World(slack, clock, script, services)
    if isinstance(runs, SqliteRuns):
        runs.close()


def test_the_same_task_asked_again_is_answered_with_a_link_to_who_asks_alone(world: World) -> None:
    slack = world.slack
    world.ask()
    (parent,) = slack.messages()
    world.clock.now += 150

    world.ask(user=slack.other_user)

    assert len(world.script.asked) == 1
    assert [item.ts for item in slack.messages()] == [parent.ts]
    (told,) = world.told()
    assert told.visible_to == slack.other_user.id
    assert f"was checked 2 minutes ago by {slack.user.name}" in told.plain
    assert parent.ts.replace(".", "") in told.text
    # A name as text: a mention calls a person each time.
    assert f"<@{slack.user.id}>" not in str(told.blocks) + told.text
    assert "pullcheck.rerun" in told.action_ids


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0, "less than a minute ago by"), (60, "1 minute ago by"), (1799, "29 minutes ago by")],
)
def test_it_says_how_long_ago(world: World, seconds: int, says: str) -> None:
    world.ask()
    world.clock.now += seconds

    world.ask(user=world.slack.other_user)

    assert says in world.told()[0].plain


def test_who_asked_themselves_is_told_so(world: World) -> None:
    world.ask()
    world.ask()

    (told,) = world.told()
    assert "was checked less than a minute ago for you" in told.plain


def test_a_rerun_from_there_answers_in_the_thread_that_there_is(world: World) -> None:
    slack = world.slack
    world.script.steps = [reports.cause_found, reports.after_fix]
    world.ask()
    world.ask(user=slack.other_user)
    (told,) = world.told()

    assert run_job(world.press(told, slack.other_user), world.services) is JobOutcome.SETTLED

    (parent,) = slack.messages()
    assert len(world.script.asked) == 2
    assert world.script.asked[1][1] is not None
    assert len(slack.thread(parent)) == 3
    assert "role-missing" in slack.thread(parent)[1].plain
    # Who asks next is told of the re-run, and of who pressed.
    world.clock.now += 60
    world.ask()
    assert f"1 minute ago by {slack.other_user.name}" in world.told()[-1].plain


def test_the_answer_to_an_alert_in_its_thread_is_found_there(world: World) -> None:
    """The thread is the alert's, and the verdict a reply in it."""
    slack = world.slack
    alert = slack.post(f"stopped: {TASK_ARN}")
    world.ask(thread_ts=alert.ts)
    verdict = slack.thread(alert)[0]

    world.ask(user=slack.other_user)

    (told,) = world.told()
    assert verdict.ts.replace(".", "") in told.text
    assert told.reply_to is None
    assert run_job(world.press(told, slack.other_user), world.services) is JobOutcome.SETTLED
    assert [item.ts for item in slack.messages()] == [alert.ts]
    assert slack.thread(alert)[0].ts == verdict.ts


def test_of_two_at_the_same_moment_one_is_led_to_the_other(world: World) -> None:
    slack = world.slack

    def meanwhile() -> Report:
        world.ask(user=slack.other_user)
        return reports.cause_found()

    world.script.steps = [meanwhile]
    world.ask()

    assert len(world.script.asked) == len(slack.messages()) == 1
    (told,) = world.told()
    assert f"is being checked by {slack.user.name}" in told.plain
    assert "pullcheck.rerun" not in told.action_ids
    assert slack.messages()[0].ts.replace(".", "") in told.text


def test_who_comes_before_the_first_message_is_there_waits_for_it(world: World) -> None:
    """Between the first one's taking the target and its message."""
    slack = world.slack
    first: list[str] = []
    asked = threading.Event()

    class Slowly(WebClient):
        def chat_postMessage(self, **arguments: Any) -> Any:
            if not first:
                first.append("posting")
                asked.wait(30)
            return super().chat_postMessage(**arguments)

    class Waits(AtOnce):
        def sleep(self, seconds: float) -> None:
            asked.set()
            thread.join(30)

    client = Slowly(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    thread = threading.Thread(target=lambda: run_job(one, dataclasses.replace(world.services, slack=client)))
    one = world.job()
    thread.start()
    slack.wait_for(lambda: first, what="the first one to begin")

    other = world.job(user=slack.other_user)
    pace = Waits()
    pace.sleep = lambda seconds: Waits.sleep(pace, seconds)  # type: ignore[method-assign]
    assert run_job(other, dataclasses.replace(world.services, pace=pace)) is JobOutcome.SETTLED

    assert len(world.script.asked) == len(slack.messages()) == 1
    assert f"by {slack.user.name}" in world.told()[0].plain


def test_who_waits_in_line_is_led_there_and_the_message_about_it_goes(world: World) -> None:
    slack = world.slack
    world.ask()
    waiting = announce(world.job(user=slack.other_user), 1, world.services)
    assert len(slack.messages()) == 2

    assert run_job(waiting, world.services) is JobOutcome.SETTLED

    assert len(slack.messages()) == len(world.script.asked) == 1
    assert "was checked" in world.told()[0].plain


# --- what is the same --------------------------------------------------------------------------------

ARN = "arn:aws:ecs:us-east-1:111122223333"
SAME = [
    (TASK_ARN, f"payments/{TASK_ID}"),
    (f"payments/{TASK_ID}", TASK_ARN),
    (TASK_ARN, f"https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/payments/tasks/{TASK_ID}"),
    (TASK_ARN, TASK_ARN.upper().replace("ARN:AWS:ECS:US-EAST-1", "arn:aws:ecs:us-east-1").replace("TASK/PAYMENTS", "task/payments")),
    (TASK_ARN, f"{ARN}:task/{TASK_ID}"),
    ("payments/api", "payments/api"),
    (f"{ARN}:service/payments/api", f"{ARN}:service/payments/api"),
    # AWS told the account and the Region of the first.
    ("payments/api", f"{ARN}:service/payments/api"),
]  # fmt: skip
OTHER = [
    (TASK_ARN, TASK_ARN.replace("111122223333", "444455556666")),
    (TASK_ARN, TASK_ARN.replace("us-east-1", "eu-west-1")),
    (TASK_ARN, TASK_ARN.replace("payments", "billing")),
    (TASK_ARN, TASK_ARN.replace("0123", "3210")),
    (TASK_ARN, f"billing/{TASK_ID}"),
    ("payments/api", "payments/web"),
    ("payments/api", "billing/api"),
    ("payments/api", f"{ARN}:service/payments/api".replace("1111", "4444")),
    # Which account and Region the short form means only AWS can tell.
    (f"{ARN}:service/payments/api", "payments/api"),
]


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize(("first", "second"), SAME)
def test_what_certainly_is_the_same(world: World, first: str, second: str) -> None:
    world.ask(first)
    world.ask(second, world.slack.other_user)

    assert len(world.script.asked) == 1
    assert "was checked" in world.told()[0].plain


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize(("first", "second"), OTHER)
def test_what_may_be_another_one_is_diagnosed_and_known_from_then_on(
    world: World, first: str, second: str
) -> None:
    world.ask(first)
    world.ask(second, world.slack.other_user)
    assert len(world.script.asked) == len(world.slack.messages()) == 2

    world.ask(first)
    assert len(world.script.asked) == 2
    # Both have a word of their own.
    world.ask(second)
    assert len(world.script.asked) == 2
    links = [told.text.partition("<")[2].partition("|")[0] for told in world.told()]
    assert len(set(links)) == 2


def test_another_channel_has_an_answer_of_its_own(world: World) -> None:
    elsewhere = world.slack.add_channel("elsewhere")
    world.ask()
    world.ask(channel=elsewhere)

    assert len(world.script.asked) == 2
    assert len(world.slack.messages(elsewhere)) == 1


def test_after_half_an_hour_it_is_checked_again(world: World) -> None:
    world.ask()
    world.clock.now += OPEN_SECONDS

    world.ask()

    assert len(world.script.asked) == len(world.slack.messages()) == 2


@pytest.mark.parametrize(("before", "asked"), [(reports.cause_found, 1), (reports.undecided, 1)])
def test_the_text_of_an_alert_about_a_task_that_aws_knows_changes_nothing(
    world: World, before: Any, asked: int
) -> None:
    world.script.steps = [before]
    world.ask()
    world.ask(alert_text="CannotPullContainerError: not found")

    assert len(world.script.asked) == asked


def test_the_text_of_an_alert_may_tell_what_aws_has_forgotten(world: World) -> None:
    def gone() -> Report:
        found = reports.undecided()
        return found.model_copy(update={"task": found.task.model_copy(update={"source": "none"})})

    world.script.steps = [gone]
    world.ask()
    world.ask(alert_text="CannotPullContainerError: not found")
    assert len(world.script.asked) == 2

    world.ask(alert_text="CannotPullContainerError: not found")
    assert len(world.script.asked) == 2


# --- where a link cannot be had ----------------------------------------------------------------------


def test_a_message_that_was_deleted_leads_nowhere(world: World) -> None:
    world.ask()
    world.slack.delete(world.slack.messages()[0])

    world.ask(user=world.slack.other_user)

    assert len(world.script.asked) == 2
    assert "cannot start: " in world.slack.messages()[0].plain
    # The next one is led there.
    world.ask()
    assert len(world.script.asked) == 2


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize("trouble", [{"error": "channel_not_found"}, {"status": 503}, {"dropped": True}])
def test_where_slack_gives_no_link_there_is_an_answer(world: World, trouble: dict[str, Any]) -> None:
    world.ask()
    world.slack.fail("chat.getPermalink", times=None, **trouble)

    world.ask(user=world.slack.other_user)

    assert len(world.script.asked) == len(world.slack.messages()) == 2


def test_where_the_person_cannot_be_told_there_is_an_answer(world: World) -> None:
    world.ask()
    world.slack.fail("chat.postEphemeral", "user_not_in_channel", times=None)

    world.ask(user=world.slack.other_user, response_url=None)

    assert len(world.script.asked) == len(world.slack.messages()) == 2


def test_an_answer_that_only_one_person_sees_leads_nobody_there(world: World) -> None:
    slack = world.slack
    private = slack.add_channel("private", bot=False, private=True)
    world.ask(channel=private)
    world.ask(user=slack.other_user, channel=private)

    assert len(world.script.asked) == 2
    assert [item.visible_to for item in world.told(private) if "cannot start: " in item.plain] == [
        slack.user.id,
        slack.other_user.id,
    ]


def test_what_could_not_be_checked_is_checked_when_it_is_asked_again(world: World) -> None:
    def unreachable() -> Report:
        raise DiagnosisError("the app could not reach AWS.")

    world.script.steps = [unreachable, reports.cause_found]
    world.ask()
    world.ask(user=world.slack.other_user)

    assert len(world.script.asked) == len(world.slack.messages()) == 2


def test_whose_worker_died_keeps_nobody_out(world: World) -> None:
    class Killed(BaseException):
        pass

    def killed() -> Report:
        raise Killed

    world.script.steps = [killed, reports.cause_found]
    first = world.job()
    with pytest.raises(Killed):
        run_job(first, world.services)
    world.clock.now += 81

    world.ask(user=world.slack.other_user)
    assert len(world.script.asked) == 2

    # Delivered again, it is answered, too.
    assert run_job(first, world.services) is JobOutcome.SETTLED
    assert all("cannot start: " in item.plain for item in world.slack.messages())


def test_a_store_that_cannot_tell_costs_nobody_an_answer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    runs = world.services.runs

    class Forgetful:
        def __getattr__(self, name: str) -> Any:
            return getattr(runs, name)

        def noted(self, key: str) -> str | None:
            if key.startswith("asked"):
                raise sqlite3.OperationalError("disk I/O error")
            return runs.noted(key)

    world.services = dataclasses.replace(world.services, runs=Forgetful())
    world.ask()

    assert "cannot start: " in world.slack.messages()[0].plain
    assert "could not be seen" in caplog.text


@pytest.mark.parametrize("store", ["sqlite"])
@pytest.mark.parametrize("note", ["", "{}", "nonsense", '{"state": "gone"}'])
def test_a_word_of_a_version_that_differs_is_none(
    world: World, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ask()
    monkeypatch.setattr(AskedBefore, "model_dump_json", lambda self, **_: note)
    world.clock.now += OPEN_SECONDS
    world.ask()
    monkeypatch.undo()

    world.ask()

    assert len(world.script.asked) == 3


# --- task events -------------------------------------------------------------------------------------


@dataclasses.dataclass
class OneGroup:
    """An open group of task events."""

    run: SavedRun

    def told(self, target: Target, channel: str, /) -> SavedRun | None:
        return self.run if channel == self.run.channel and target.service == "api" else None


def test_a_service_that_a_message_about_task_events_names_is_led_there(world: World) -> None:
    slack = world.slack
    asked = world.job()
    event = asked.model_copy(
        update={"kind": EVENT, "user": "", "user_name": "", "response_url": None, "run_as": "e1"}
    )
    now = datetime.fromtimestamp(world.clock.now, UTC)
    world.script.snapshot = world.script.snapshot.model_copy(update={"taken_at": now})
    run_job(event, world.services)
    run = world.services.runs.load("e1")
    assert run is not None
    world.services = dataclasses.replace(world.services, groups=OneGroup(run))
    world.clock.now += 240

    world.ask("payments/api")

    assert len(world.script.asked) == len(slack.messages()) == 1
    (told,) = world.told()
    assert "`payments/api` was checked 4 minutes ago automatically" in told.plain
    value = read_value(told.element("pullcheck.rerun")["value"])
    assert value is not None
    assert (value.run_id, value.message_ts) == ("e1", slack.messages()[0].ts)

    world.ask("payments/web")
    assert len(world.script.asked) == 2


# --- how often ---------------------------------------------------------------------------------------


def test_one_person_has_six_runs_a_minute(world: World) -> None:
    slack = world.slack
    tasks = [TASK_ARN.replace("0123456789", f"{number:010}") for number in range(9)]
    for task in tasks[:MOST]:
        world.ask(task)
    world.ask(tasks[MOST])

    assert len(world.script.asked) == len(slack.messages()) == MOST
    (told,) = world.told()
    assert "6 checks within a minute" in told.plain
    # A link is no run; others may ask.
    world.ask(tasks[0])
    assert "was checked" in world.told()[-1].plain
    world.ask(tasks[MOST], slack.other_user)
    assert len(world.script.asked) == MOST + 1
    world.clock.now += 61
    world.ask(tasks[MOST + 1])
    assert len(world.script.asked) == MOST + 2


def test_a_rerun_counts_and_what_it_replaced_stays(world: World) -> None:
    slack = world.slack
    for number in range(MOST):
        world.ask(TASK_ARN.replace("0123456789", f"{number:010}"))
    parent = slack.messages()[0]
    value = read_value(parent.element("pullcheck.rerun")["value"])
    assert value is not None
    rerun = Job(
        key="r", kind=RERUN, target=value.target, channel=slack.channel.id, user=slack.user.id, run_id=value.run_id,
        thread_ts=parent.ts, message_ts=parent.ts, replaces=True,
        response_url=slack._ways_back(slack.user, slack.channel, parent)["response_url"],
    )  # fmt: skip

    assert run_job(announce(rerun, 1, world.services), world.services) is JobOutcome.SETTLED

    assert len(world.script.asked) == MOST
    after = slack.messages()[0]
    assert "cannot start: " in after.plain
    assert "pullcheck.rerun" in after.action_ids
    assert "6 checks within a minute" in world.told()[-1].plain
