"""One line a run, whatever becomes of it, and one for each refusal on the way in; and words to one person that nobody heard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.app import create_app
from bot.queues.again import TRIES
from bot.services import Working
from bot.settings import Settings
from demo.slack import LocalSlack, Message, dispatch_to
from diagnostics.finding import Report
from handlers import audit, ids
from handlers.attempt import run_id_of
from handlers.jobs import Job
from handlers.kinds import DIAGNOSE, EXPLAIN, KINDS, RERUN, UNWATCH
from handlers.ports import Accounts, DiagnosisError, Listening, QueueFullError
from handlers.queueing import refusal_of
from handlers.running import STOPPING, JobOutcome, abandon, rest, run_job
from handlers.views import details
from handlers.views.details import alone
from handlers.views.parent import short
from tests.build import ACCOUNT, TASK_ARN, reports
from tests.handlers.matrix import EARLIER, WALL, Bench, Line, World, bench


@pytest.fixture(scope="module")
def here() -> Iterator[Bench]:
    with bench() as running:
        yield running


@pytest.fixture
def world(here: Bench) -> World:
    return World(here)


def job(world: World, **changes: Any) -> Job:
    values: dict[str, Any] = {
        "key": "k",
        "kind": DIAGNOSE,
        "target": reports.TARGET,
        "channel": world.channel.id,
        "user": world.slack.user.id,
        "team": "T1",
    }
    return Job(**{**values, **changes})


def lines(world: World) -> list[tuple[Any, ...]]:
    """Of each line about a run: what came of it, why, and whom that reached."""
    return [(line["verdict"], line.get("reason"), line["told"]) for line in world.audited()]


# --- one line a run ----------------------------------------------------------------------------------


def test_a_run_that_was_told(world: World) -> None:
    assert run_job(job(world), world.services) is JobOutcome.SETTLED

    assert world.audited() == [
        {
            "run_id": run_id_of(job(world)),
            "kind": "diagnose",
            "user": world.slack.user.id,
            "team": "T1",
            "channel": world.channel.id,
            "target": str(reports.TARGET),
            "account": ACCOUNT,
            "verdict": "cause_found",
            "causes": ["route-no-egress", "tag-not-found"],
            "seconds": 1.24,
            "calls": 34,
            "told": "channel",
        }
    ]


def test_a_run_that_came_too_late(world: World) -> None:
    run_job(job(world), world.services, late="the app was interrupted.")

    assert lines(world) == [("failed", "the app was interrupted.", "channel")]
    assert world.script.asked == []


def test_a_run_that_was_given_up_because_the_app_ends(world: World) -> None:
    abandon(job(world), world.services)

    assert lines(world) == [("failed", STOPPING, "channel")]


def test_a_run_that_waits_for_the_app_to_come_back_has_its_line_then(world: World) -> None:
    rest(job(world), world.services)
    assert lines(world) == []

    run_job(job(world), world.services)

    assert lines(world) == [("cause_found", None, "channel")]


def test_a_run_that_is_made_and_whose_answer_fails_is_one_line_that_says_both(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("a view that breaks")

    monkeypatch.setattr("handlers.diagnosing.answer_of", breaks)

    run_job(job(world), world.services)

    assert lines(world) == [("cause_found", "RuntimeError", "channel")]


def test_a_run_for_nobody(world: World) -> None:
    world.slack.fail("chat.postMessage", "not_in_channel", times=None)

    outcomes = [
        run_job(job(world, user="", tries=tries), world.services, last=tries == TRIES)
        for tries in (0, 1, TRIES)
    ]

    assert outcomes == [JobOutcome.UNHEARD] * 3
    assert lines(world) == [
        ("failed", "the channel takes no message, and there is nobody else to be told", "nowhere")
    ]
    assert world.script.asked == []


def test_a_run_that_is_told_when_slack_is_back_has_one_line_which_says_so(world: World) -> None:
    world.slack.fail("*", "service_unavailable", times=None)
    assert run_job(job(world), world.services) is JobOutcome.UNHEARD
    assert lines(world) == []
    world.slack._script.failures.clear()

    assert run_job(job(world, tries=1), world.services) is JobOutcome.SETTLED

    assert lines(world) == [("cause_found", None, "channel")]
    assert len(world.script.asked) == 1


def test_a_run_that_was_never_told_says_that_once_however_often_it_comes(world: World) -> None:
    world.slack.fail("*", "service_unavailable", times=None)
    for tries in (0, TRIES, TRIES, TRIES):
        outcome = run_job(job(world, tries=tries), world.services, last=tries == TRIES)
        assert outcome is JobOutcome.UNHEARD

    assert lines(world) == [("cause_found", None, "nowhere")]
    assert world.raised() == []


def test_a_queue_in_this_process_tells_which_try_is_the_last(world: World) -> None:
    world.slack.fail("*", "service_unavailable", times=None)
    working = Working(world.services, lasting=True)
    for tries in (0, TRIES - 1, TRIES):
        assert working.run(job(world, tries=tries), None) is JobOutcome.UNHEARD
        assert len(lines(world)) == (tries == TRIES)


def _cannot() -> Report:
    raise DiagnosisError("the app's AWS credentials have expired.")


@pytest.mark.parametrize(
    ("step", "allowed", "line"),
    [
        (_cannot, None, ("failed", "the app's AWS credentials have expired.", "channel")),
        (reports.cause_found, frozenset({"999988887777"}), ("refused", None, "channel")),
    ],
    ids=["failed", "refused"],
)
def test_a_run_without_a_verdict(
    world: World, step: Callable[[], Report], allowed: frozenset[str] | None, line: tuple[Any, ...]
) -> None:
    world.script.steps = [step]
    services = dataclasses.replace(world.services, accounts=Accounts(allowed))

    run_job(job(world), services)

    ((verdict, reason, told),) = lines(world)
    assert (verdict, told) == (line[0], line[2])
    assert reason == line[1] or (line[1] is None and "not one that this app may look at" in reason)


@pytest.mark.parametrize(
    # To stop a watch shows nothing of the account.
    "kind",
    [kind for kind in KINDS.values() if kind.needs_run and kind != UNWATCH],
    ids=lambda kind: kind.name,
)
def test_a_kept_run_of_an_account_that_may_no_longer_be_looked_at(world: World, kind: Any) -> None:
    world.keep()
    services = dataclasses.replace(world.services, accounts=Accounts(frozenset({"999988887777"})))

    run_job(job(world, kind=kind, run_id=EARLIER), services)

    (line,) = world.audited()
    assert (line["kind"], line["verdict"], line["account"]) == (kind.name, "refused", ACCOUNT)


# --- refused on the way in ---------------------------------------------------------------------------


def refusals(world: World) -> list[dict[str, Any]]:
    return [
        record.__dict__[audit.MEMBERS]
        for record in world.bench.logged.records
        if record.name == "audit" and record.getMessage() == audit.REFUSED
    ]


def do_command(slack: LocalSlack, message: Message, text: str) -> None:
    slack.command(ids.COMMAND, text)


def do_shortcut(slack: LocalSlack, message: Message, text: str) -> None:
    slack.shortcut(ids.SHORTCUT, slack.post(f"stopped: {text}"))


def do_press(slack: LocalSlack, message: Message, text: str) -> None:
    slack.click(message, ids.EXPLAIN)


WAYS = {"command": do_command, "message_action": do_shortcut, "block_actions": do_press}


@pytest.fixture
def ask(world: World) -> Callable[..., list[dict[str, Any]]]:
    """Ask in a way, with settings; the lines about refusals."""
    kept = world.keep()
    assert kept.report is not None
    message = world.stand(short(kept.report, run_id=EARLIER, target=kept.target))

    def do(way: str, accounts: Accounts, text: str = TASK_ARN, **changes: Any) -> list[dict[str, Any]]:
        slack = world.slack
        settings = Settings(
            slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
            slack_signing_secret=slack.signing_secret,  # type: ignore[arg-type]
            slack_api_url=slack.api_url,
            **changes,
        )
        with slack.over_http(dispatch_to(create_app(settings, Listening(world.bench.line, accounts)))):
            WAYS[way](slack, message, text)
        return refusals(world)

    return do


@pytest.mark.parametrize(("way", "kind"), list(zip(WAYS, ("diagnose", "diagnose", "explain"), strict=True)))
def test_who_asks_about_an_account_that_is_not_listed_has_a_line(
    world: World, ask: Callable[..., list[dict[str, Any]]], way: str, kind: str
) -> None:
    (line,) = ask(way, Accounts(frozenset({"999988887777"})))

    assert "not one that this app may look at" in line.pop("reason")
    assert line == {
        "kind": kind,
        "user": world.slack.user.id,
        "team": world.slack.team_id,
        "channel": world.channel.id,
        "target": str(reports.TARGET),
        "account": ACCOUNT,
    }
    assert world.bench.line.jobs == []


@pytest.mark.parametrize("way", WAYS)
def test_who_may_not_ask_has_a_line(world: World, ask: Callable[..., list[dict[str, Any]]], way: str) -> None:
    (line,) = ask(way, Accounts(), pullcheck_allowed_users="U0SOMEBODY")

    assert line.pop("reason")
    assert line == {
        "kind": way,
        "user": world.slack.user.id,
        "team": world.slack.team_id,
        "channel": world.channel.id,
    }
    assert world.bench.line.jobs == []


def test_what_asks_for_nothing_has_no_line(world: World, ask: Callable[..., list[dict[str, Any]]]) -> None:
    assert ask("command", Accounts(), text="xoxb-1 is not a task") == []
    assert ask("command", Accounts(), text="help") == []
    assert world.audited() == []


# --- words to one person -----------------------------------------------------------------------------


def deaf(world: World) -> None:
    """Nothing reaches a person alone."""
    world.slack.fail("chat.postEphemeral", "user_not_in_channel", times=None)


def again(world: World, first: Job) -> JobOutcome:
    world.slack._script.failures.clear()
    return run_job(first.model_copy(update={"tries": 1}), world.services)


def told(world: World) -> list[str]:
    return [message.plain for message in world.slack.ephemeral(channel=world.channel)]


def test_that_it_is_being_checked_already_counts_only_where_it_was_heard(world: World) -> None:
    kept = world.keep()
    assert kept.report is not None
    message = world.stand(short(kept.report, run_id=EARLIER, target=kept.target))
    twice = job(world, kind=RERUN, run_id=EARLIER, thread_ts=message.ts, message_ts=message.ts, replaces=True)
    place = f"again {world.channel.id} {message.ts}"
    assert world.runs.claim(place, 60, "somebody else")
    deaf(world)

    assert run_job(twice, world.services) is JobOutcome.UNHEARD

    # Also where the other one is done by then: it stands for both.
    world.runs.settle((), (place,))
    assert again(world, twice) is JobOutcome.SETTLED
    assert len(told(world)) == 1
    assert "being checked again already when you asked" in told(world)[0]
    assert world.script.asked == []


@pytest.mark.parametrize(
    ("run_id", "words"),
    [("gone", "no longer kept"), (EARLIER, "in this thread already")],
    ids=["gone", "there"],
)
def test_why_nothing_is_explained_counts_only_where_it_was_heard(
    world: World, run_id: str, words: str
) -> None:
    world.keep()
    world.runs.settle((f"explain {EARLIER}",))
    asked = job(world, kind=EXPLAIN, run_id=run_id)
    deaf(world)

    assert run_job(asked, world.services) is JobOutcome.UNHEARD

    assert again(world, asked) is JobOutcome.SETTLED
    (said,) = told(world)
    assert words in said


def test_who_is_not_heard_by_response_url_is_told_in_the_channel_alone(world: World) -> None:
    world.keep()
    url = world.slack._ways_back(world.slack.user, world.channel)["response_url"]
    world.slack.fail("response_url", status=500, times=None)

    outcome = run_job(job(world, kind=EXPLAIN, run_id="gone", response_url=url), world.services)

    assert outcome is JobOutcome.SETTLED
    assert len(told(world)) == 1


# --- once ---------------------------------------------------------------------------------------------


def test_details_are_fitted_to_slacks_limits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[int] = []
    real = details._fitting

    def counted(*given: Any) -> Any:
        fitted.append(1)
        return real(*given)

    monkeypatch.setattr(details, "_fitting", counted)
    private = alone(reports.cause_found(), run_id="0a1b", target=reports.TARGET)
    assert fitted == []

    notes = {private(None, post).payload()["blocks"][-1]["block_id"] for post in (True, False, True)}

    assert len(fitted) == len(notes) == 1
    assert WALL in str(private(None, False).payload())


class Full(Line):
    """A queue that takes nothing."""

    def submit(self, job: Job, /) -> int:
        raise QueueFullError


def test_a_queue_that_is_full_is_no_refusal_of_a_person(world: World) -> None:
    answer = refusal_of(job(world), Listening(Full()))

    assert answer is not None
    assert refusals(world) == []
